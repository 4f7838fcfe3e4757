//! The nearest in time, whatever they travel by: a total order, and the same answer as asking everybody.
//! Does not know who is eligible; the caller's filter says so, and may listen to who is turned down.

use super::balls::first_of_least;
use super::cell_index::CellIndex;
use super::cell_tree::{Branch, CellTree, Content};
use super::seat::Seat;
use super::soonest::Soonest;
use super::sphere::{Place, Rough, arc_m};
use super::travel::travel_s;
use crate::domain::{Point, Travel, Way};

/// So many more than `k` are in the first window, since who is first by a bound need not be first for sure, and some are
/// not eligible.
const SPARE: usize = 4;

/// Entries in the first window at most, however many are asked for.
const WINDOW: usize = 64;

/// One who was found. The order of rank is that of the fields: time, then the caller's tie-break, then the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate<K, T> {
    pub eta_s: u64,
    pub tie: T,
    pub key: K,
    pub distance_m: u64,
    pub way: Way,
}

/// The first `k` by (`eta_s`, tie, key), in this order, of those the filter gives a tie-break for, none later than
/// `limit_s`. Each walk through the cells brings the next few by what they cannot be faster than, until nobody in the
/// rest could be in time to be one of them: at worst, where hardly anybody is eligible, all entries in a few walks.
///
/// The filter is asked at most once about an entry, and about everybody who is as near as the last candidate, or within
/// `limit_s` if there are fewer than `k`; else about hardly anybody, and whom depends on rounding: who records the ones
/// turned down keeps only those that are near for sure.
pub fn nearest<K: Ord + Clone, T: Ord>(
    index: &CellIndex<K>,
    target: Point,
    k: usize,
    limit_s: Option<u64>,
    eligible: impl FnMut(&K) -> Option<T>,
) -> Vec<Candidate<K, T>> {
    if k == 0 {
        return Vec::new();
    }
    let target = Place::from(target);
    let rough = Rough::from(target);
    let room = k.saturating_add(SPARE).min(WINDOW);
    let mut best = Best { k, worst_s: limit_s.unwrap_or(u64::MAX), found: Vec::with_capacity(room), eligible };
    let mut next = Some(Soonest::new(room));
    while let Some(window) = next {
        let mut walk = Walk { rough, window: window.limited_to(rough_s(best.worst_s)) };
        walk.roots(index.tree());
        let (window, after) = walk.window.close();
        next = after;
        // First all of them, so that the memory is waited for once and not by each in turn.
        let measured = window.map(|(at_least_s, number)| {
            let stand = index.stand(number);
            (at_least_s, stand, stand.place.chord2_m2(&target))
        });
        for (at_least_s, stand, chord2_m2) in measured.collect::<Vec<_>>() {
            if at_least_s > rough_s(best.worst_s) {
                return best.found;
            }
            best.offer(&stand.key, stand.travel(), arc_m(chord2_m2));
        }
    }
    best.found
}

/// A walk through the cells, down and back up.
struct Walk {
    rough: Rough,
    window: Soonest,
}

impl Walk {
    fn roots(&mut self, tree: &CellTree) {
        let mut roots: Vec<_> = tree.roots().map(|root| (root.at_least_s(&self.rough), root)).collect();
        roots.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (at_least_s, root) in roots {
            if at_least_s <= self.window.until_s() {
                self.cell(root.content());
            }
        }
    }

    fn cell(&mut self, content: &Content) {
        match content {
            Content::Leaf(seats) => self.leaf(seats),
            Content::Branch(branch) => self.branch(branch),
        }
    }

    /// Children from the soonest on. They are not sorted: after the first few the rest is mostly left out.
    fn branch(&mut self, branch: &Branch) {
        let mut at_least_s = branch.balls.parted_at_least_s(&self.rough);
        loop {
            let soonest = first_of_least(&at_least_s);
            if at_least_s[soonest] > self.window.until_s() || at_least_s[soonest] == f32::INFINITY {
                return;
            }
            at_least_s[soonest] = f32::INFINITY;
            self.cell(branch.child(soonest));
        }
    }

    fn leaf(&mut self, seats: &[Seat]) {
        for seat in seats {
            let at_least_s = seat.at_least_s(&self.rough);
            if at_least_s <= self.window.until_s() {
                self.window.offer(at_least_s, seat.number());
            }
        }
    }
}

/// No less.
fn rough_s(s: u64) -> f32 {
    (s as f32).next_up()
}

/// The first `k` so far, in order.
struct Best<K, T, F> {
    k: usize,
    /// The k-th best so far, or the limit: later than this is of no use.
    worst_s: u64,
    found: Vec<Candidate<K, T>>,
    eligible: F,
}

impl<K: Ord + Clone, T: Ord, F: FnMut(&K) -> Option<T>> Best<K, T, F> {
    fn offer(&mut self, key: &K, travel: Travel, distance_m: u64) {
        let eta_s = travel_s(distance_m, travel);
        if eta_s > self.worst_s {
            return;
        }
        let Some(tie) = (self.eligible)(key) else { return };
        let at = self.found.partition_point(|it| (it.eta_s, &it.tie, &it.key) < (eta_s, &tie, key));
        if at == self.k {
            return;
        }
        self.found.truncate(self.k - 1);
        self.found.insert(at, Candidate { eta_s, tie, key: key.clone(), distance_m, way: Way::Line });
        if let Some(last) = self.found.get(self.k - 1) {
            self.worst_s = last.eta_s;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use h3o::{LatLng, Resolution};
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::geo::{Spot, distance_m, eta_s};

    #[test]
    fn a_car_from_afar_beats_a_walk_from_near() {
        let mut index = CellIndex::new();
        index.put(1, spot(30.53, 120.69, Travel::Foot));
        index.put(2, spot(30.55, 120.69, Travel::Car));
        let found = nearest(&index, point(30.54, 120.6901), 2, None, |_| Some(0));
        assert_eq!(found, [candidate(301, 2, 1_112), candidate(1_311, 1, 1_112)]);
    }

    #[test]
    fn of_those_equally_late_the_one_with_fewer_jobs_then_the_first_id() {
        let mut index = CellIndex::new();
        for key in 0..40 {
            index.put(key, spot(30.53, 120.69, Travel::Ebike));
        }
        let found = nearest(&index, point(30.53, 120.69), 3, None, |key| Some(*key < 30));
        assert_eq!(found.iter().map(|it| it.key).collect::<Vec<_>>(), [30, 31, 32]);
    }

    #[test]
    fn nobody_is_found_among_none_beyond_the_limit_or_where_none_is_eligible() {
        let (mut index, here) = (CellIndex::new(), point(30.53, 120.69));
        assert!(nearest(&index, here, 5, None, |_: &u32| Some(0)).is_empty());
        index.put(1, spot(30.53, 120.69, Travel::Foot));
        assert!(nearest(&index, here, 0, None, |_| Some(0)).is_empty());
        assert!(nearest(&index, here, 5, Some(59), |_| Some(0)).is_empty());
        assert!(nearest(&index, here, 5, None, |_| None::<u32>).is_empty());
        assert_eq!(nearest(&index, here, 5, Some(60), |_| Some(0)), [candidate(60, 1, 0)]);
    }

    #[test]
    fn of_a_whole_county_only_the_neighbourhood_is_asked() {
        let mut index = CellIndex::new();
        for key in 0..10_000 {
            let (lat, lon) = (30.4 + f64::from(key / 100) * 0.0027, 120.5 + f64::from(key % 100) * 0.0031);
            index.put(key, spot(lat, lon, Travel::Car));
        }
        let mut asked = 0;
        let found = nearest(&index, point(30.53, 120.69), 5, None, |_| {
            asked += 1;
            Some(0)
        });
        assert_eq!(found.len(), 5);
        assert!(asked < 50, "asked {asked} of 10000 for 5");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn the_answer_is_that_of_asking_everybody(
            world in any_world(),
            k in 1_usize..12,
            limit_s in proptest::option::of(60_u64..20_000),
            spread in 1_u32..5,
        ) {
            let filter = |key: &u32| (!key.is_multiple_of(spread + 1)).then_some(key % spread);
            let mut asked = BTreeMap::new();
            let found = nearest(&world.index, world.target, k, limit_s, |key| {
                *asked.entry(*key).or_insert(0) += 1;
                filter(key)
            });
            prop_assert_eq!(&found, &asking_everybody(&world, k, limit_s, filter));
            let horizon_s = if found.len() < k { limit_s.unwrap_or(u64::MAX) } else { found[k - 1].eta_s };
            for (key, at) in &world.spots {
                let times = asked.get(key).copied().unwrap_or(0);
                let near = eta_s(at.point, world.target, at.travel) <= horizon_s;
                prop_assert!(times == 1 || times == 0 && !near, "{key} was asked about {times} times");
            }
        }

        #[test]
        fn it_does_not_matter_who_came_first(world in any_world(), k in 1_usize..12) {
            let mut backwards = CellIndex::new();
            for (key, at) in world.spots.iter().rev() {
                backwards.put(*key, *at);
            }
            let tie = |key: &u32| Some(key % 2);
            prop_assert_eq!(
                nearest(&world.index, world.target, k, None, tie),
                nearest(&backwards, world.target, k, None, tie)
            );
        }
    }

    /// An index with a history, and what a plain map says is in it.
    #[derive(Debug)]
    struct World {
        index: CellIndex<u32>,
        spots: BTreeMap<u32, Spot>,
        target: Point,
    }

    /// Crowded and empty places at once, some of them where the grid or the degrees are odd.
    fn any_world() -> impl Strategy<Value = World> {
        let spot = (any_point(), select(&Travel::ALL)).prop_map(|(point, travel)| Spot { point, travel });
        let step = (0_u32..150, proptest::option::weighted(0.8, spot));
        (proptest::collection::vec(step, 0..400), any_point(), any::<Index>()).prop_map(|(steps, elsewhere, pick)| {
            let (mut index, mut spots) = (CellIndex::new(), BTreeMap::new());
            for (key, step) in steps {
                let (was, now) = match step {
                    Some(spot) => (spots.insert(key, spot), index.put(key, spot)),
                    None => (spots.remove(&key), index.remove(&key)),
                };
                assert_eq!(was, now);
            }
            let occupied = spots.values().map(|at| at.point).nth(pick.index(spots.len().max(1)));
            let target = if pick.index(2) == 0 { occupied.unwrap_or(elsewhere) } else { elsewhere };
            World { index, spots, target }
        })
    }

    fn any_point() -> impl Strategy<Value = Point> {
        let pentagon = Resolution::Zero.pentagons().next().map(LatLng::from).unwrap();
        let around = |lat: f64, lon: f64, by: f64| {
            (-by..by, -by..by).prop_map(move |(north, east)| {
                let lon = (lon + east + 540.0).rem_euclid(360.0) - 180.0;
                point((lat + north).clamp(-90.0, 90.0), lon)
            })
        };
        prop_oneof![
            4 => around(30.53, 120.69, 0.15),
            4 => around(30.53, 120.69, 0.002),
            2 => (0..4).prop_map(|n| point(30.53 + f64::from(n) * 1e-4, 120.69)),
            2 => around(pentagon.lat(), pentagon.lng(), 0.5),
            2 => around(-16.8, 180.0, 0.1),
            1 => around(89.9, 0.0, 0.5),
            1 => around(-90.0, 0.0, 40.0),
            1 => around(0.0, 0.0, 90.0),
        ]
    }

    fn asking_everybody(
        world: &World,
        k: usize,
        limit_s: Option<u64>,
        filter: impl Fn(&u32) -> Option<u32>,
    ) -> Vec<Candidate<u32, u32>> {
        let reached = world.spots.iter().filter_map(|(key, at)| {
            let (eta_s, distance_m) = (eta_s(at.point, world.target, at.travel), distance_m(at.point, world.target));
            let in_time = eta_s <= limit_s.unwrap_or(u64::MAX);
            in_time.then(|| filter(key)).flatten().map(|tie| Candidate {
                eta_s,
                tie,
                key: *key,
                distance_m,
                way: Way::Line,
            })
        });
        let mut all: Vec<_> = reached.collect();
        all.sort();
        all.truncate(k);
        all
    }

    fn candidate(eta_s: u64, key: u32, distance_m: u64) -> Candidate<u32, u32> {
        Candidate { eta_s, tie: 0, key, distance_m, way: Way::Line }
    }

    fn point(lat: f64, lon: f64) -> Point {
        Point::from_degrees(lat, lon).unwrap()
    }

    fn spot(lat: f64, lon: f64, travel: Travel) -> Spot {
        Spot { point: point(lat, lon), travel }
    }
}
