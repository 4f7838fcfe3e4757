//! The nearest five in time among 1k, 10k and 100k, one move for each search, against brute force and an R*-tree that
//! is moved alike (straight line, one way of travelling: less work than ours).

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::{CellIndex, Spot, eta_s, nearest};

use super::verdict;

const K: usize = 5;
type Star = GeomWithData<[f64; 2], u32>;

pub fn run(quick: bool) {
    println!("\n== the nearest five among moving responders, one move a search ==");
    let mut first = None;
    for count in [1_000, 10_000, 100_000] {
        let mut rng = StdRng::seed_from_u64(7);
        let spots: Vec<Spot> = (0..count).map(|number| spot(&mut rng, number)).collect();
        let ours = ours(&spots, if quick { 2_000 } else { 20_000 });
        let brute = brute(&spots, if quick { 20 } else { 200_000 / count + 10 });
        let star = star(&spots, if quick { 2_000 } else { 20_000 });
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

fn each(rounds: usize, mut round: impl FnMut(&mut StdRng)) -> Duration {
    let mut rng = StdRng::seed_from_u64(11);
    let began = Instant::now();
    (0..rounds).for_each(|_| round(&mut rng));
    began.elapsed() / rounds as u32
}

fn ours(spots: &[Spot], rounds: usize) -> Duration {
    let mut index = CellIndex::new();
    for (key, spot) in (0_u32..).zip(spots) {
        index.put(key, *spot);
    }
    each(rounds, |rng| {
        let key = rng.random_range(0..spots.len());
        index.put(key as u32, Spot { point: somewhere(rng), travel: spots[key].travel });
        black_box(nearest(&index, somewhere(rng), K, None, |_| Some(0_u32)));
    })
}

fn brute(spots: &[Spot], rounds: usize) -> Duration {
    let mut spots = spots.to_vec();
    each(rounds, |rng| {
        let key = rng.random_range(0..spots.len());
        spots[key].point = somewhere(rng);
        let target = somewhere(rng);
        let mut all: Vec<(u64, usize)> =
            spots.iter().enumerate().map(|(key, it)| (eta_s(it.point, target, it.travel), key)).collect();
        all.select_nth_unstable(K);
        all.truncate(K);
        all.sort_unstable();
        black_box(all);
    })
}

fn star(spots: &[Spot], rounds: usize) -> Duration {
    let flat = |point: Point| [point.lat(), point.lon() * 0.861];
    let mut places: Vec<[f64; 2]> = spots.iter().map(|it| flat(it.point)).collect();
    let mut tree: RTree<Star> =
        RTree::bulk_load((0_u32..).zip(&places).map(|(key, place)| Star::new(*place, key)).collect());
    each(rounds, |rng| {
        let key = rng.random_range(0..spots.len());
        tree.remove(&Star::new(places[key], key as u32));
        places[key] = flat(somewhere(rng));
        tree.insert(Star::new(places[key], key as u32));
        let target = flat(somewhere(rng));
        black_box(tree.nearest_neighbor_iter(target).take(K).map(|it| it.data).collect::<Vec<u32>>());
    })
}
