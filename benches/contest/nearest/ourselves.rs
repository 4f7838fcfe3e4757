//! Ourselves, and the two that need nothing but this process: a full scan, and R*-trees.

use tidewatch::geo::{CellIndex, Spot, eta_s, nearest};

use super::planes::{by_distance, by_time, jobs_if_eligible};
use super::stars::Stars;
use super::{Contender, Entrant, Field, K, Near};

/// Ourselves first.
pub fn known() -> Vec<Entrant> {
    let entrant = |name, near, target, enter: fn(&Field) -> Contender| Entrant {
        name,
        near,
        target,
        rounds: |_| 10_000,
        enter: Box::new(enter),
    };
    let mut all = vec![
        entrant("ours", Near::ByTime, None, ours),
        entrant("brute force", Near::ByTime, None, brute),
        entrant("rstar", Near::ByTime, Some(1.0), by_time::<Stars>),
        entrant("rstar by distance alone, easier", Near::ByDistance, Some(1.0), by_distance::<Stars>),
    ];
    // Half a second among a hundred thousand.
    all[1].rounds = |people| 200_000 / people + 10;
    all
}

fn ours(field: &Field) -> Contender {
    let mut index = CellIndex::new();
    for (key, spot) in (0_u32..).zip(&field.spots) {
        index.put(key, *spot);
    }
    let travels: Vec<_> = field.spots.iter().map(|it| it.travel).collect();
    Box::new(move |asked| {
        index.put(asked.key, Spot { point: asked.moved_to, travel: travels[asked.key as usize] });
        let found = nearest(&index, asked.place, K, None, |key| jobs_if_eligible(*key));
        found.into_iter().map(|it| it.key).collect()
    })
}

fn brute(field: &Field) -> Contender {
    let mut spots = field.spots.clone();
    Box::new(move |asked| {
        spots[asked.key as usize].point = asked.moved_to;
        let timed = |(spot, key): (&Spot, u32)| (eta_s(spot.point, asked.place, spot.travel), key);
        let mut all: Vec<(u64, u32)> = spots.iter().zip(0..).map(timed).collect();
        all.select_nth_unstable(K);
        all.truncate(K);
        all.sort_unstable();
        all.into_iter().map(|(_, key)| key).collect()
    })
}
