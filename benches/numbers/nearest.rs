//! The nearest five in time among 1k, 10k and 100k, one move for each search, against brute force and R*-trees that are
//! moved and filtered alike: one tree for each way of travelling, whose nearest are merged by time, which is the same
//! question; and one for all that knows nothing of time and answers an easier one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::{CellIndex, Spot, eta_s, nearest, travel_s};

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
        let [ours, star, timeless] = medians(rounds, [&mut ours(&spots), &mut star(&spots), &mut timeless(&spots)]);
        let brute =
            each(if quick { 20 } else { 200_000 / count + 10 }, &mut StdRng::seed_from_u64(11), &mut brute(&spots));
        let us = |duration: Duration| duration.as_secs_f64() * 1e6;
        println!(
            "{count:>6}: {:.1} µs; brute force {:.1} µs ({:.0} ×); rstar {:.1} µs ({:.2} ×, target no worse) {}; \
             rstar by distance alone, an easier question, {:.1} µs ({:.2} ×) {}",
            us(ours),
            us(brute),
            us(brute) / us(ours),
            us(star),
            us(star) / us(ours),
            verdict(ours <= star),
            us(timeless),
            us(timeless) / us(ours),
            verdict(ours <= timeless)
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

/// All are asked the same, by chance from the same seed.
fn medians<const N: usize>(rounds: usize, mut contenders: [&mut dyn FnMut(&mut StdRng); N]) -> [Duration; N] {
    let mut chances: [StdRng; N] = std::array::from_fn(|_| StdRng::seed_from_u64(11));
    let mut turns: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(TURNS));
    for _ in 0..TURNS {
        for ((took, rng), contender) in turns.iter_mut().zip(&mut chances).zip(&mut contenders) {
            took.push(each(rounds, rng, *contender));
        }
    }
    turns.map(|mut took| {
        took.sort_unstable();
        took[TURNS / 2]
    })
}

fn each(rounds: usize, rng: &mut StdRng, round: &mut dyn FnMut(&mut StdRng)) -> Duration {
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

/// Metres on a plane that touches the county.
fn flat(point: Point) -> [f64; 2] {
    const M_PER_DEGREE: f64 = 111_195.0;
    [point.lat() * M_PER_DEGREE, point.lon() * M_PER_DEGREE * 0.861]
}

/// Those of some ways of travelling, and where each is.
struct Trees {
    trees: Vec<RTree<Star>>,
    places: Vec<[f64; 2]>,
}

impl Trees {
    /// Everybody stands in the tree of `number % trees`.
    fn of(spots: &[Spot], trees: usize) -> Self {
        let places: Vec<[f64; 2]> = spots.iter().map(|it| flat(it.point)).collect();
        let stars = |tree: usize| (tree..places.len()).step_by(trees).map(|key| Star::new(places[key], key as u32));
        Self { trees: (0..trees).map(|tree| RTree::bulk_load(stars(tree).collect())).collect(), places }
    }

    fn shift(&mut self, key: usize, to: Point) {
        let of_it = key % self.trees.len();
        let tree = &mut self.trees[of_it];
        tree.remove(&Star::new(self.places[key], key as u32));
        self.places[key] = flat(to);
        tree.insert(Star::new(self.places[key], key as u32));
    }

    fn near(tree: &RTree<Star>, to: [f64; 2]) -> impl Iterator<Item = (f64, u32)> {
        let near = tree.nearest_neighbor_iter_with_distance_2(to).map(|(star, m2)| (m2, star.data));
        near.filter(|(_, key)| jobs_if_eligible(*key).is_some())
    }
}

/// The same question: the first five by time of all ways of travelling.
fn star(spots: &[Spot]) -> impl FnMut(&mut StdRng) {
    let mut them = Trees::of(spots, Travel::ALL.len());
    move |rng| {
        let key = rng.random_range(0..them.places.len());
        them.shift(key, somewhere(rng));
        let to = flat(somewhere(rng));
        let mut soonest: Vec<(u64, u32)> = Vec::with_capacity(Travel::ALL.len() * K);
        for (tree, travel) in them.trees.iter().zip(Travel::ALL) {
            let timed = Trees::near(tree, to).map(|(m2, key)| (travel_s(m2.sqrt().ceil() as u64, travel), key));
            soonest.extend(timed.take(K));
        }
        soonest.sort_unstable();
        soonest.truncate(K);
        black_box(soonest);
    }
}

/// An easier question: the first five by distance alone.
fn timeless(spots: &[Spot]) -> impl FnMut(&mut StdRng) {
    let mut them = Trees::of(spots, 1);
    move |rng| {
        let key = rng.random_range(0..them.places.len());
        them.shift(key, somewhere(rng));
        black_box(Trees::near(&them.trees[0], flat(somewhere(rng))).take(K).collect::<Vec<_>>());
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
