//! Ways over a road network: preparing it, one way, and a rank of ten, beside plain Dijkstra and the straight line.
//! Manhattan where `../shared` is at hand; else a grid of one-way streets of the same size.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::roads::{Draft, Segment, speeds::time_ms};
use tidewatch::geo::{CellIndex, Roads, Spot, nearest_by_road};
use tidewatch::roads::read_tables;

use crate::contest::{ms, quantile};

const K: usize = 10;

/// As many people as one district sends.
const PEOPLE: u32 = 500;

/// Streets and avenues of the made-up town: about as many nodes as Manhattan.
const SIDE: u32 = 128;

pub fn run(quick: bool) {
    println!("\n== ways over a road network ==");
    let rounds = if quick { 200 } else { 5_000 };
    let (name, draft) = network();
    let began = Instant::now();
    let (roads, kept) = Roads::prepare(draft.clone());
    let prepared = began.elapsed();
    let bytes = roads.to_bytes();
    let began = Instant::now();
    black_box(Roads::from_bytes(&bytes).expect("it was written just now"));
    println!(
        "{name}: {} nodes, prepared for three modes in {:.0} ms, {:.1} MB, read in {:.0} ms",
        kept.nodes.kept,
        ms(prepared),
        bytes.len() as f64 / 1e6,
        ms(began.elapsed())
    );
    let places = &draft.nodes;
    let pairs = pairs(rounds, places);
    let floor = distribution(pairs.iter().take(rounds / 20 + 10), &mut plain(&draft));
    let ours = distribution(pairs.iter(), &mut |from, to| {
        black_box(roads.toward(to).way_ms(from, Travel::Car));
    });
    println!("floor: plain Dijkstra {}", shown(&floor));
    println!("a way: {}, {:.0} × at the median", shown(&ours), times(&floor, &ours));
    rank(&roads, places, &pairs);
}

fn rank(roads: &Roads, places: &[Point], pairs: &[(Point, Point)]) {
    let (mut rng, mut index) = (StdRng::seed_from_u64(3), CellIndex::new());
    for key in 0..PEOPLE {
        let point = places[rng.random_range(0..places.len())];
        index.put(key, Spot { point, travel: Travel::ALL[key as usize % 3] });
    }
    let ranked = |roads: Option<&Roads>| {
        distribution(pairs.iter(), &mut |_, to| {
            black_box(nearest_by_road(&index, roads, to, K, None, |_| Some(0)));
        })
    };
    let (line, road) = (ranked(None), ranked(Some(roads)));
    println!("rank of {K} among {PEOPLE} in a straight line: {}", shown(&line));
    println!("rank of {K} among {PEOPLE} over the roads: {}, {:.0} × at the median", shown(&road), times(&road, &line));
}

fn network() -> (&'static str, Draft) {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/manhattan");
    match read_tables(&tables.join("nodes.csv.gz"), &tables.join("arcs.csv.gz")) {
        Ok(read) => ("Manhattan", read.draft),
        Err(_) => ("a made-up town", town()),
    }
}

/// One-way by turns, as in the real one; no two streets take the same time.
fn town() -> Draft {
    let mut rng = StdRng::seed_from_u64(5);
    let mut draft = Draft::default();
    for (north, east) in (0..SIDE).flat_map(|north| (0..SIDE).map(move |east| (north, east))) {
        let (lat, lon) = (40.70 + f64::from(north) * 9e-4, -74.02 + f64::from(east) * 9e-4);
        draft.nodes.push(Point::from_degrees(lat, lon).expect("a place in the town"));
        let here = north * SIDE + east;
        for (to, along, one_way) in [(here + 1, east, north % 2), (here + SIDE, north, east % 2)] {
            if along + 1 < SIDE {
                let speed = |base: u64| Some(time_ms(100_000, base));
                let there = [speed(1_200), speed(4_160), speed(rng.random_range(5_000..12_000))];
                let back = [there[0], there[1], there[2].filter(|_| one_way == 0)];
                draft.segments.push(Segment { a: here, b: to, there, back, joinable: true });
            }
        }
    }
    draft
}

fn pairs(rounds: usize, places: &[Point]) -> Vec<(Point, Point)> {
    let mut rng = StdRng::seed_from_u64(11);
    let mut place = || places[rng.random_range(0..places.len())];
    (0..rounds).map(|_| (place(), place())).collect()
}

/// From node to node by car, without a hierarchy and without joining: less work than ours.
fn plain(draft: &Draft) -> impl FnMut(Point, Point) {
    let mut out: Vec<Vec<(u32, u64)>> = vec![Vec::new(); draft.nodes.len()];
    for it in &draft.segments {
        let car = Travel::Car as usize;
        out[it.a as usize].extend(it.there[car].map(|ms| (it.b, u64::from(ms.get()))));
        out[it.b as usize].extend(it.back[car].map(|ms| (it.a, u64::from(ms.get()))));
    }
    let numbers: BTreeMap<Point, u32> = draft.nodes.iter().copied().zip(0..).collect();
    let mut best = vec![u64::MAX; out.len()];
    move |from, to| {
        let (from, to) = (numbers[&from], numbers[&to]);
        best.fill(u64::MAX);
        let mut open = BinaryHeap::from([Reverse((0, from))]);
        while let Some(Reverse((ms, node))) = open.pop() {
            if node == to {
                black_box(ms);
                return;
            }
            for (head, more) in &out[node as usize] {
                if ms + more < best[*head as usize] {
                    best[*head as usize] = ms + more;
                    open.push(Reverse((ms + more, *head)));
                }
            }
        }
    }
}

fn distribution<'a>(
    pairs: impl Iterator<Item = &'a (Point, Point)>,
    round: &mut impl FnMut(Point, Point),
) -> Vec<Duration> {
    let timed = pairs.map(|(from, to)| {
        let began = Instant::now();
        round(*from, *to);
        began.elapsed()
    });
    let mut all: Vec<Duration> = timed.collect();
    all.sort_unstable();
    all
}

fn shown(sorted: &[Duration]) -> String {
    let us = |permille| quantile(sorted, permille).as_secs_f64() * 1e6;
    format!("p50 {:.1} µs, p99 {:.1} µs", us(500), us(990))
}

fn times(slow: &[Duration], fast: &[Duration]) -> f64 {
    quantile(slow, 500).as_secs_f64() / quantile(fast, 500).as_secs_f64()
}
