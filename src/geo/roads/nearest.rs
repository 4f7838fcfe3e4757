//! The nearest in time over the network: ranked in a straight line first, then the first of those refined.

use super::Roads;
use super::toward::{Reached, Toward};
use crate::domain::{Point, Way};
use crate::geo::nearest::nearest;
use crate::geo::travel::travel_s;
use crate::geo::{Candidate, CellIndex, Spot};

/// So many of the nearest in a straight line are looked at, or `k` where that is more. Whoever is not among them and yet
/// sooner over the roads is overlooked: in a town a handful of streets changes places among the first few, and a river
/// among the first ten.
pub const REFINED: usize = 24;

/// A way over the roads takes hardly ever longer than so many times what the straight line is reckoned at.
const LIKELY_TIMES: u64 = 2;

/// The first `k` by (`eta_s`, tie, key), in this order, of those the filter gives a tie-break for, none later than
/// `limit_s`. Without roads that of `nearest`, exactly. With them: of the first `REFINED` by straight line (or `k`),
/// exactly those who are the soonest, each over the network where it reaches them and in a straight line where it does
/// not; the limit, too, is of that time. Nobody is asked for a way who could not be among the first `k` even in a straight
/// line at the network's greatest speed.
pub fn nearest_by_road<K: Ord + Clone, T: Ord>(
    index: &CellIndex<K>,
    roads: Option<&Roads>,
    target: Point,
    k: usize,
    limit_s: Option<u64>,
    eligible: impl FnMut(&K) -> Option<T>,
) -> Vec<Candidate<K, T>> {
    let Some(roads) = roads.filter(|_| k > 0) else { return nearest(index, target, k, limit_s, eligible) };
    let toward = roads.toward(target);
    let mut found: Vec<Candidate<K, T>> = Vec::with_capacity(k.min(REFINED) + 1);
    for by_line in nearest(index, target, k.max(REFINED), None, eligible) {
        let spot = index.get(&by_line.key).expect("who was found is in");
        let worst_s = found.get(k - 1).map(|it| it.eta_s).or(limit_s);
        let best_s = roads.at_least_s(by_line.distance_m, spot.travel).min(by_line.eta_s);
        if worst_s.is_some_and(|worst_s| best_s > worst_s) {
            continue;
        }
        let refined = refine(by_line, &toward, spot, worst_s);
        let Some(refined) = refined.filter(|it| worst_s.is_none_or(|worst_s| it.eta_s <= worst_s)) else { continue };
        let at = found.partition_point(|it| *it < refined);
        found.insert(at, refined);
        found.truncate(k);
    }
    found
}

/// `None` where the way takes longer than `worst_s`. A way is looked for within what is likely first, which is done the
/// sooner.
fn refine<K, T>(
    by_line: Candidate<K, T>,
    toward: &Toward<'_>,
    Spot { point, travel }: Spot,
    worst_s: Option<u64>,
) -> Option<Candidate<K, T>> {
    let set_off_s = travel_s(0, travel);
    let worst_ms = worst_s.map_or(u64::MAX, |it| it.saturating_sub(set_off_s).saturating_mul(1_000));
    let likely_ms = (by_line.eta_s - set_off_s).saturating_mul(LIKELY_TIMES * 1_000).min(worst_ms);
    let found = match toward.way_within(point, travel, likely_ms) {
        Reached::Later if likely_ms < worst_ms => toward.way_within(point, travel, worst_ms),
        found => found,
    };
    match found {
        Reached::After(way_ms) => {
            Some(Candidate { eta_s: set_off_s + way_ms.div_ceil(1_000), way: Way::Road, ..by_line })
        }
        Reached::NoRoad => Some(by_line),
        Reached::Later => None,
    }
}
