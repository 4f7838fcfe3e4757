//! Joint matching of waiting incidents over candidate responders, beside the dense method of another hand on the same
//! costs and with the same sum.

use std::hint::black_box;
use std::time::Instant;

use pathfinding::prelude::{Matrix, kuhn_munkres_min};
use rand::{SeedableRng, rngs::StdRng};
use tidewatch::dispatch::matching::{Row, least_cost};
use tidewatch::domain::Travel;
use tidewatch::geo::{CellIndex, Spot, eta_s, nearest};

use super::nearest::somewhere;
use super::{Spread, TURNS, ms, verdict};

/// A row that gets none costs more than all ways together, and a column that it did not name far more.
const WITHOUT: i64 = 1 << 30;
const NEVER: i64 = 1 << 40;

pub fn run(quick: bool) {
    println!("\n== joint matching, the least sum of arrival times ==");
    for (rows, columns, near, target_ms) in [(200, 1_000, 20, 2.0), (1_000, 1_000, 10, 10.0)] {
        let table = table(rows, columns, near);
        let (ours, found) = spread(TURNS, || least_cost(&table, columns));
        let dense = dense(&table, columns);
        let (other, (sum, _)) = spread(if quick { 1 } else { TURNS }, || kuhn_munkres_min(&dense));
        assert_eq!(costs(&table, &found), sum, "both find the least sum");
        println!("{rows} × {columns}, {near} nearest");
        println!("  {:<34} {ours:.2} ms (target {target_ms} ms) {}", "ours", verdict(ours.median < target_ms));
        println!("  {:<34} {other:.1} ms; {:.0} ×", "pathfinding, kuhn_munkres", other.median / ours.median);
    }
}

/// Incidents and responders in a county of 30 km by 30 km, and the `near` of each incident who are the soonest there.
fn table(rows: usize, columns: usize, near: usize) -> Vec<Row> {
    let mut rng = StdRng::seed_from_u64(7);
    let mut index = CellIndex::new();
    for column in 0..columns as u32 {
        index.put(column, Spot { point: somewhere(&mut rng), travel: Travel::ALL[column as usize % 3] });
    }
    let row = |_| {
        let place = somewhere(&mut rng);
        let found = nearest(&index, place, near, None, |_| Some(()));
        let cost = |id: u32| index.get(&id).map_or(0, |it| eta_s(it.point, place, it.travel) as i64);
        Row { edges: found.iter().map(|it| (it.key, cost(it.key))).collect(), without: WITHOUT }
    };
    (0..rows).map(row).collect()
}

/// With a column of its own for each row that goes without.
fn dense(rows: &[Row], columns: usize) -> Matrix<i64> {
    let mut costs = Matrix::new(rows.len(), columns + rows.len(), NEVER);
    for (number, row) in rows.iter().enumerate() {
        row.edges.iter().for_each(|(column, cost)| costs[(number, *column as usize)] = *cost);
        costs[(number, columns + number)] = row.without;
    }
    costs
}

fn costs(rows: &[Row], found: &[Option<u32>]) -> i64 {
    let cost = |(row, column): (&Row, &Option<u32>)| {
        column.map_or(row.without, |column| {
            row.edges.iter().find(|(it, _)| *it == column).expect("a column that the row named").1
        })
    };
    rows.iter().zip(found).map(cost).sum()
}

/// In milliseconds, with what the last turn found.
fn spread<T>(turns: usize, mut turn: impl FnMut() -> T) -> (Spread, T) {
    let mut times = Vec::with_capacity(turns);
    let mut last = None;
    for _ in 0..turns {
        let began = Instant::now();
        last = Some(black_box(turn()));
        times.push(ms(began.elapsed()));
    }
    (Spread::of(times), last.expect("there is one turn at least"))
}
