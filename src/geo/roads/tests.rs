//! Small networks by chance against plain Dijkstra and asking everybody; what is stored; where places are joined.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::joint::{Joint, Plane};
use super::*;
use crate::geo::nearest::nearest;
use crate::geo::{Candidate, CellIndex, Spot, eta_s};

#[test]
fn a_way_is_walked_ridden_and_walked_again() {
    // East along 30.5°, 957.88 m in 100 s by car; both places are 55 m north of it, a quarter and three quarters along.
    let roads = street([None, None, ms(100_000)], [None; 3]);
    let (from, to) = (at(30.5005, 120.6025), at(30.5005, 120.6075));
    let off_road_ms = (55_598_u64 * 1_000).div_ceil(1_200);
    assert_eq!(roads.toward(to).way_ms(from, Travel::Car), Some(50_000 + 2 * off_road_ms));
    assert_eq!(roads.toward(to).eta_s(from, Travel::Car), Some(120 + 50 + 93));
    let leg = Leg::between(Some(&roads), from, to, Travel::Car);
    assert_eq!(leg, Leg { eta_s: 263, distance_m: 480, way: Way::Road });
}

#[test]
fn where_no_road_of_the_mode_is_near_ways_are_straight_lines() {
    let roads = street([None, None, ms(100_000)], [None, None, ms(100_000)]);
    let (here, far) = (at(30.5, 120.605), at(30.5055, 120.605));
    for (from, to, travel) in [(here, far, Travel::Car), (far, here, Travel::Car), (here, here, Travel::Foot)] {
        assert_eq!(roads.toward(to).way_ms(from, travel), None);
        let expected = Leg { eta_s: eta_s(from, to, travel), distance_m: distance_m(from, to), way: Way::Line };
        assert_eq!(Leg::between(Some(&roads), from, to, travel), expected);
        assert_eq!(Leg::between(None, from, to, travel), expected);
    }
}

#[test]
fn a_one_way_street_is_no_way_back_and_so_no_part_of_a_network() {
    let mut draft = square();
    draft.nodes.push(at(30.52, 120.62));
    draft.segments.push(Segment { a: 0, b: 4, there: [ms(9); 3], back: [None, ms(9), None], joinable: true });
    let (roads, kept) = Roads::prepare(draft);
    assert_eq!(kept.nodes, Share { given: 5, kept: 5 });
    assert_eq!(kept.segments.map(|it| (it.given, it.kept)), [(5, 4), (5, 5), (5, 4)]);
    let [to, from] = [at(30.52, 120.62), at(30.51, 120.61)];
    assert!(roads.toward(to).way_ms(from, Travel::Ebike).is_some());
    assert_eq!(roads.toward(to).way_ms(from, Travel::Car), None);
}

#[test]
fn a_roundabout_is_driven_round() {
    let roads = Roads::prepare(square()).0;
    let way_ms = |from, to| roads.toward(to).way_ms(from, Travel::Car);
    let [first, second] = [at(30.5, 120.6), at(30.5, 120.61)];
    assert_eq!((way_ms(first, second), way_ms(second, first)), (Some(1_000), Some(3_000)));
    // On the same street: on the way with it, all the way round against it.
    let [west, east] = [at(30.5, 120.6025), at(30.5, 120.6075)];
    assert_eq!((way_ms(west, east), way_ms(east, west)), (Some(500), Some(3_500)));
}

#[test]
fn what_is_stored_is_what_was_prepared_and_what_is_damaged_is_refused() {
    let roads = Roads::prepare(square()).0;
    let bytes = roads.to_bytes();
    assert_eq!(Roads::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    assert_eq!(Roads::prepare(square()).0.to_bytes(), bytes);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let refused = Roads::from_bytes(&damaged).unwrap_err();
        match at {
            0..8 => assert!(matches!(refused, BadRoads::Foreign { .. }), "{refused}"),
            8..12 => assert!(matches!(refused, BadRoads::Format { .. }), "{refused}"),
            _ => assert!(matches!(refused, BadRoads::Damaged { .. }), "{refused}"),
        }
        let cut = Roads::from_bytes(&bytes[..at]).unwrap_err();
        assert!(at >= 44 || !matches!(cut, BadRoads::Damaged { .. }), "{cut}");
    }
    let newer = [&bytes[..8], &(FORMAT + 1).to_le_bytes(), &bytes[12..]].concat();
    assert_eq!(Roads::from_bytes(&newer).unwrap_err().to_string(), "it has format 2, expected 1");
}

#[test]
fn times_are_those_of_the_table() {
    let speed = |class: &str, travel| speeds::WayClass::named(class).unwrap().speed_mm_s(travel);
    assert_eq!(speed("motorway", Travel::Foot), None);
    assert_eq!(speed("primary", Travel::Car), Some(18_055));
    assert_eq!(speed("footway", Travel::Ebike), Some(1_200));
    assert_eq!(speeds::time_ms(1_000_000, 18_055).get(), 55_387);
    assert_eq!(speeds::time_ms(0, 18_055).get(), 1);
    assert_eq!(speeds::limited_mm_s(18_055, 50), 11_110);
    assert_eq!(speeds::limited_mm_s(4_166, 50), 4_166);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn ways_are_those_of_plain_dijkstra(draft in any_draft(), places in vec(any_place(), 2..8)) {
        let roads = Roads::prepare(draft).0;
        for travel in Travel::ALL {
            for to in &places {
                let toward = roads.toward(*to);
                for from in &places {
                    let found = toward.way_ms(*from, travel);
                    prop_assert_eq!(found, dijkstra(&roads, *from, *to, travel), "{:?} to {:?}", from, to);
                    let leg = Leg::between(Some(&roads), *from, *to, travel);
                    let at_least_s = roads.at_least_s(leg.distance_m, travel);
                    prop_assert!(leg.way == Way::Line || at_least_s <= leg.eta_s, "{at_least_s} of {leg:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_kept_is_the_largest_part_in_which_everything_reaches_everything(draft in any_draft()) {
        let (kept, _) = draft.clone().connected();
        for travel in Travel::ALL {
            let parts = parts(&draft, travel);
            let largest = parts.iter().map(BTreeSet::len).max().filter(|len| *len > 1).unwrap_or(0);
            let points: BTreeSet<Point> =
                kept.arcs(travel).flat_map(|it| [it.from, it.to]).map(|node| kept.nodes[node as usize]).collect();
            prop_assert_eq!(points.len(), largest);
            let numbers = (0_u32..).zip(&draft.nodes).filter(|(_, at)| points.contains(at)).map(|it| it.0).collect();
            prop_assert!(largest == 0 || parts.contains(&numbers));
        }
    }

    #[test]
    fn a_place_is_joined_to_the_nearest_road_of_its_mode(draft in any_draft(), place in any_place()) {
        let roads = Roads::prepare(draft).0;
        for travel in Travel::ALL {
            prop_assert_eq!(roads.joint(place, travel), nearest_of_all_roads(&roads, place, travel));
        }
    }

    #[test]
    fn the_first_by_road_are_those_of_asking_all_who_are_refined(
        draft in any_draft(),
        people in vec((any_place(), select(&Travel::ALL)), 0..3 * REFINED),
        target in any_place(),
        k in 0_usize..8,
        spread in 1_u32..4,
        limit_s in proptest::option::of(60_u64..2_000),
    ) {
        let roads = Roads::prepare(draft).0;
        let mut index = CellIndex::new();
        (0..).zip(&people).for_each(|(key, (point, travel))| {
            index.put(key, Spot { point: *point, travel: *travel });
        });
        let tie = |key: &u32| (key % 5 != 4).then_some(key % spread);
        let found = nearest_by_road(&index, Some(&roads), target, k, limit_s, tie);
        let by_line = nearest(&index, target, k.max(REFINED), None, tie);
        let mut everybody: Vec<Candidate<u32, u32>> = by_line.into_iter().map(|it| {
            let spot = index.get(&it.key).unwrap();
            let Leg { eta_s, distance_m, way } = Leg::between(Some(&roads), spot.point, target, spot.travel);
            Candidate { eta_s, distance_m, way, ..it }
        }).collect();
        everybody.retain(|it| limit_s.is_none_or(|limit_s| it.eta_s <= limit_s));
        everybody.sort();
        everybody.truncate(k);
        prop_assert_eq!(found, everybody);
        let found = nearest_by_road(&index, None, target, k, limit_s, tie);
        prop_assert_eq!(found, nearest(&index, target, k, limit_s, tie));
    }
}

/// A street from west to east, one thousandth of a degree of latitude long ten times.
fn street(there: Times, back: Times) -> Roads {
    let nodes = vec![at(30.5, 120.6), at(30.5, 120.61)];
    let segments = vec![Segment { a: 0, b: 1, there, back, joinable: true }];
    let hierarchies = Travel::ALL.map(|travel| {
        let draft = Draft { nodes: nodes.clone(), segments: segments.clone() };
        Hierarchy::of(2, draft.arcs(travel))
    });
    Roads::new(Net { nodes, segments, hierarchies })
}

/// Four one-way streets round a block, a second each.
fn square() -> Draft {
    let nodes = vec![at(30.5, 120.6), at(30.5, 120.61), at(30.51, 120.61), at(30.51, 120.6)];
    let side = |a: u32| Segment { a, b: (a + 1) % 4, there: [ms(1_000); 3], back: [None; 3], joinable: true };
    Draft { nodes, segments: (0..4).map(side).collect() }
}

/// Some dozen nodes on a few hundred metres, no two at one place, and roads of all kinds between them.
fn any_draft() -> impl Strategy<Value = Draft> {
    let node = (0_i32..60, 0_i32..60);
    (
        proptest::collection::btree_set(node, 2..25),
        vec((any::<u32>(), any::<u32>(), any_times(), any_times(), weighted(0.9, Just(()))), 0..70),
    )
        .prop_map(|(nodes, roads)| {
            let point = |(north, east): (i32, i32)| at(30.5 + f64::from(north) * 2e-4, 120.6 + f64::from(east) * 2e-4);
            let nodes: Vec<Point> = nodes.into_iter().map(point).collect();
            let count = nodes.len() as u32;
            let segment = |(a, b, there, back, joinable): (u32, u32, Times, Times, Option<()>)| {
                let (a, b) = (a % count, b % count);
                // Nobody is faster than the light of this world, 40 m/s.
                let least_ms = u32::try_from(length_mm(nodes[a as usize], nodes[b as usize]) / 40).unwrap();
                let slow = |it: Option<NonZeroU32>| it.map(|it| it.saturating_add(least_ms));
                Segment { a, b, there: there.map(slow), back: back.map(slow), joinable: joinable.is_some() }
            };
            let segments = roads.into_iter().map(segment).collect();
            Draft { nodes, segments }
        })
}

fn any_times() -> impl Strategy<Value = Times> {
    let time = || weighted(0.6, (1_u32..60_000).prop_map(|it| NonZeroU32::new(it).unwrap()));
    [time(), time(), time()]
}

/// On the network's ground, at its nodes, and where no road is near any more.
fn any_place() -> impl Strategy<Value = Point> {
    let on_grid = (0_i32..60, 0_i32..60);
    prop_oneof![
        3 => (30.499_f64..30.513, 120.599_f64..120.613).prop_map(|(lat, lon)| at(lat, lon)),
        2 => on_grid.prop_map(|(north, east)| at(30.5 + f64::from(north) * 2e-4, 120.6 + f64::from(east) * 2e-4)),
        1 => (30.49_f64..30.53, 120.59_f64..120.63).prop_map(|(lat, lon)| at(lat, lon)),
    ]
}

/// Over segments and the two joints, node by node.
fn dijkstra(roads: &Roads, from: Point, to: Point, travel: Travel) -> Option<u64> {
    let mode = travel as usize;
    let [start, end] = [from, to].map(|place| nearest_of_all_roads(roads, place, travel));
    let (start, end) = (start?, end?);
    let [first, last] = [&start, &end].map(|it| &roads.net.segments[it.segment as usize]);
    let mut done: BTreeMap<u32, u64> = BTreeMap::new();
    let mut open: BTreeSet<(u64, u32)> = start.leaving(first, mode).map(|(node, ms)| (ms, node)).collect();
    while let Some((ms, node)) = open.pop_first() {
        if done.contains_key(&node) {
            continue;
        }
        done.insert(node, ms);
        for it in &roads.net.segments {
            let there = it.there[mode].filter(|_| it.a == node).map(|more| (ms + u64::from(more.get()), it.b));
            let back = it.back[mode].filter(|_| it.b == node).map(|more| (ms + u64::from(more.get()), it.a));
            open.extend(there.into_iter().chain(back));
        }
    }
    let by_nodes = end.arriving(last, mode).filter_map(|(node, ms)| Some(done.get(&node)? + ms));
    by_nodes.chain(start.direct(&end, first, mode)).min()
}

fn nearest_of_all_roads(roads: &Roads, place: Point, travel: Travel) -> Option<Joint> {
    let plane = Plane::around(place);
    let usable = (0..).zip(&roads.net.segments).filter(|(_, it)| it.joinable && it.is_for(travel));
    let measured = usable.map(|(number, it)| {
        let (a, b) = roads.ends(it);
        let (far_mm, along_ppm) = plane.nearest_on(a, b);
        (far_mm, number, along_ppm)
    });
    let (far_mm, number, along_ppm) = measured.min().filter(|it| it.0 <= SNAP_LIMIT_M * 1_000)?;
    Some(Joint::new(number, far_mm, along_ppm))
}

/// By who reaches whom, closed over (Warshall).
fn parts(draft: &Draft, travel: Travel) -> Vec<BTreeSet<u32>> {
    let nodes = draft.nodes.len() as u32;
    let mut reached: BTreeSet<(u32, u32)> = draft.arcs(travel).map(|it| (it.from, it.to)).collect();
    reached.extend((0..nodes).map(|node| (node, node)));
    for by in 0..nodes {
        let into: Vec<u32> = (0..nodes).filter(|it| reached.contains(&(*it, by))).collect();
        let out: Vec<u32> = (0..nodes).filter(|it| reached.contains(&(by, *it))).collect();
        into.iter().for_each(|from| reached.extend(out.iter().map(|to| (*from, *to))));
    }
    let both = |a: u32, b: u32| reached.contains(&(a, b)) && reached.contains(&(b, a));
    (0..nodes).map(|a| (0..nodes).filter(|b| both(a, *b)).collect()).collect()
}

fn ms(it: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(it)
}

fn at(lat: f64, lon: f64) -> Point {
    Point::from_degrees(lat, lon).unwrap()
}
