//! The nearest five in time among 1k, 10k and 100k, one move for each search, against brute force and an R*-tree that
//! is moved and filtered alike (straight line, one way of travelling: less work than ours).

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::{CellIndex, Spot, eta_s, nearest};

use super::verdict;

const K: usize = 5;

/// Turns of each contender, one after the other, of which the median counts: a busy machine is busy for both.
const TURNS: usize = 9;

type Star = GeomWithData<[f64; 2], u32>;

pub fn run(quick: bool) {
    println!("\n== the nearest five among moving responders, one move a search ==");
    let rounds = if quick { 300 } else { 10_000 };
    let mut first = None;
    for count in [1_000, 10_000, 100_000] {
        let mut rng = StdRng::seed_from_u64(7);
        let spots: Vec<Spot> = (0..count).map(|number| spot(&mut rng, number)).collect();
        let (ours, star) = medians(rounds, ours(&spots), star(&spots));
        let brute =
            each(if quick { 20 } else { 200_000 / count + 10 }, &mut StdRng::seed_from_u64(11), &mut brute(&spots));
        let us = |duration: Duration| duration.as_secs_f64() * 1e6;
        println!(
            "{count:>6}: {:.1} µs; brute force {:.1} µs ({:.0} ×); rstar {:.1} µs ({:.2} ×, target no worse) {}",
            us(ours),
            us(brute),
            us(brute) / us(ours),
            us(star),
            us(star) / us(ours),
            verdict(ours <= star)
        );
        let base = *first.get_or_insert(ours);
        if count == 100_000 {
            let times = ours.as_secs_f64() / base.as_secs_f64();
            println!("100k costs {times:.2} × 1k (target 2 ×) {}", verdict(times <= 2.0));
        }
    }
}

fn spot(rng: &mut StdRng, number: usize) -> Spot {
    Spot { point: somewhere(rng), travel: Travel::ALL[number % 3] }
}

/// In a county of 30 km by 30 km.
fn somewhere(rng: &mut StdRng) -> Point {
    let (lat, lon) = (rng.random_range(30.35..30.62), rng.random_range(120.50..120.81));
    Point::from_degrees(lat, lon).expect("a place in the county")
}

/// Both are asked the same, by chance from the same seed.
fn medians(
    rounds: usize,
    mut one: impl FnMut(&mut StdRng),
    mut other: impl FnMut(&mut StdRng),
) -> (Duration, Duration) {
    let [mut ones, mut others] = [StdRng::seed_from_u64(11), StdRng::seed_from_u64(11)];
    let turns = (0..TURNS).map(|_| (each(rounds, &mut ones, &mut one), each(rounds, &mut others, &mut other)));
    let (mut one, mut other): (Vec<_>, Vec<_>) = turns.unzip();
    one.sort_unstable();
    other.sort_unstable();
    (one[TURNS / 2], other[TURNS / 2])
}

fn each(rounds: usize, rng: &mut StdRng, round: &mut impl FnMut(&mut StdRng)) -> Duration {
    let began = Instant::now();
    (0..rounds).for_each(|_| round(rng));
    began.elapsed() / rounds as u32
}

/// Everybody is, but neither contender can know beforehand.
fn jobs_if_eligible(key: u32) -> Option<u32> {
    black_box((key < u32::MAX).then_some(0))
}

fn ours(spots: &[Spot]) -> impl FnMut(&mut StdRng) {
    let mut index = CellIndex::new();
    for (key, spot) in (0_u32..).zip(spots) {
        index.put(key, *spot);
    }
    move |rng| {
        let key = rng.random_range(0..spots.len());
        index.put(key as u32, Spot { point: somewhere(rng), travel: spots[key].travel });
        black_box(nearest(&index, somewhere(rng), K, None, |key| jobs_if_eligible(*key)));
    }
}

fn star(spots: &[Spot]) -> impl FnMut(&mut StdRng) {
    let flat = |point: Point| [point.lat(), point.lon() * 0.861];
    let mut places: Vec<[f64; 2]> = spots.iter().map(|it| flat(it.point)).collect();
    let mut tree: RTree<Star> =
        RTree::bulk_load((0_u32..).zip(&places).map(|(key, place)| Star::new(*place, key)).collect());
    move |rng| {
        let key = rng.random_range(0..places.len());
        tree.remove(&Star::new(places[key], key as u32));
        places[key] = flat(somewhere(rng));
        tree.insert(Star::new(places[key], key as u32));
        let near = tree.nearest_neighbor_iter(flat(somewhere(rng))).map(|it| it.data);
        black_box(near.filter(|key| jobs_if_eligible(*key).is_some()).take(K).collect::<Vec<u32>>());
    }
}

fn brute(spots: &[Spot]) -> impl FnMut(&mut StdRng) {
    let mut spots = spots.to_vec();
    move |rng| {
        let key = rng.random_range(0..spots.len());
        spots[key].point = somewhere(rng);
        let target = somewhere(rng);
        let mut all: Vec<(u64, usize)> =
            spots.iter().enumerate().map(|(key, it)| (eta_s(it.point, target, it.travel), key)).collect();
        all.select_nth_unstable(K);
        all.truncate(K);
        all.sort_unstable();
        black_box(all);
    }
}
