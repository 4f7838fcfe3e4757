//! What each responder could do at best: the earliest yes to each incident, the way from their base to its door, and when
//! they could be there after another door. Part of the clairvoyant's bound, whose argument stands in `bound`. Everything
//! here is on the early side.

use super::play::{Availability, Case, Deal, Reaction, Run, SHOWN_MS};
use crate::dispatch::Policy;
use crate::domain::{Point, Responder};
use crate::geo::roads::Roads;
use crate::geo::{distance_m, travel_s};
use crate::scenario::{Arrival, Scenario};

/// Straight ways on a plane and whole metres are not quite the shortest ways on a sphere: this part of a way is certain.
const CERTAIN: f64 = 0.99;
const CERTAIN_LESS_M: f64 = 20.0;
const CERTAIN_LESS_MS: f64 = 2_000.0;

/// A plane is true enough for so much of a sphere.
const PLANE_MOST_M: u64 = 60_000;

/// Nobody is given up exactly at `give_up_s`: an operator's word takes a moment, and a stopped service takes none.
const GIVE_UP_SLACK_MS: u64 = 3_600_000;

/// No way over the roads of a world, out and back, is longer.
const OUT_BY_ROAD_MS: u64 = 86_400_000;

const METRES_PER_DEGREE: f64 = 111_195.0;

/// A way by which `metres` tell how long it takes at least.
const YARDSTICK_M: u64 = 100_000;

/// One responder; by the numbers of `Everything::cases`.
#[derive(Debug)]
pub(super) struct Reach {
    /// `None`: they never say yes to it, or do not get away.
    pub doors: Vec<Option<Door>>,
    /// From each door back to the base.
    homes: Vec<Home>,
    /// Longer than this after its press no incident has them anywhere else than at their base.
    pub around_ms: u64,
}

/// One door, as one responder stands to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Door {
    /// The earliest yes.
    yes_ms: u64,
    /// From being asked to a yes at least.
    takes_ms: u64,
    /// From the base, setting off included.
    from_base_ms: u64,
    sets_off_ms: f64,
    ms_a_metre: f64,
    /// At the best that they ever do: back at the estimate, out at what is dealt.
    best_ms_a_metre: f64,
    pub on_scene_ms: u64,
}

/// A door that was left, at the first and at the last of some times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub at: usize,
    pub first_ms: u64,
    pub last_ms: u64,
}

/// The straight way back.
#[derive(Debug, Clone, Copy)]
struct Home {
    takes_ms: u64,
    metres: f64,
    /// Metres a millisecond; 0 for somebody who is there.
    speed: f64,
    /// Toward the base, of length 1.
    toward: [f64; 2],
}

pub(super) struct Everything<'a> {
    scenario: &'a Scenario,
    arrivals: &'a [Arrival],
    deal: Deal<'a>,
    /// All incidents, by the time of the press.
    pub cases: Vec<&'a Case>,
    /// Where they are, in metres east and north of somewhere.
    places: Vec<Option<[f64; 2]>>,
    middle: Point,
    availability: Vec<Availability>,
    gap_ms: u64,
    ttl_ms: u64,
    /// Somebody on the way may be turned, and so may be anywhere: ways count for nothing but setting off.
    may_turn: bool,
    roads: Option<&'a Roads>,
    across_m: u64,
}

impl<'a> Everything<'a> {
    pub fn new(scenario: &'a Scenario, arrivals: &'a [Arrival], policy: &Policy, run: &'a Run) -> Self {
        let mut cases: Vec<&Case> = run.tally.all_cases().collect();
        cases.sort_by_key(|it| (it.pressed_ms, it.origin));
        let gap_s = policy.ask_declined_again_s.min(policy.ask_silent_again_s);
        let roads = scenario.population.facts.roads();
        let (middle, across_m) = extent(scenario, &cases);
        let places = cases.iter().map(|it| it.place.map(|place| on_plane(middle, place))).collect();
        Self {
            scenario,
            arrivals,
            deal: Deal::new(scenario, run.seed),
            cases,
            places,
            middle,
            availability: Availability::all(scenario, run.seed),
            gap_ms: (gap_s * 1000).max(1_000),
            ttl_ms: policy.offer_ttl_s * 1000,
            may_turn: policy.plans.values().any(|it| it.preempt),
            roads,
            across_m,
        }
    }

    /// Small enough to be a plane.
    pub fn is_flat(&self) -> bool {
        self.across_m <= PLANE_MOST_M
    }

    /// What the `nth` responder could do.
    pub fn reach(&self, nth: usize) -> Reach {
        let responder = &*self.scenario.population.responders[nth];
        Reach {
            doors: self.cases.iter().map(|case| self.door(nth, responder, case)).collect(),
            homes: (0..self.cases.len()).map(|at| self.home(responder, at)).collect(),
            around_ms: self.around_ms(responder),
        }
    }

    /// At the door of `case` for somebody who is at their base at `at_ms` or earlier, asked on the way there already.
    pub fn after_base(&self, reach: &Reach, case: usize, at_ms: u64) -> Option<u64> {
        let door = reach.doors[case]?;
        let yes_ms = door.yes_ms.max(at_ms);
        (yes_ms <= self.cases[case].pressed_ms + self.given_up_ms()).then_some(yes_ms + door.from_base_ms)
    }

    /// At the door of `case`, wherever they come from.
    pub fn after_anything(&self, reach: &Reach, case: usize) -> Option<u64> {
        let door = reach.doors[case]?;
        Some(door.yes_ms + certain(door.sets_off_ms))
    }

    /// Until when at the latest somebody who is clear of `at` at `clear_ms` is still on the way back.
    pub fn home_ms(&self, reach: &Reach, at: usize, clear_ms: u64) -> u64 {
        let is_line = !self.may_turn && self.roads.is_none();
        clear_ms + if is_line { reach.homes[at].takes_ms } else { reach.around_ms }
    }

    /// At the door of `case` for somebody who was clear of that of `left.at` within that span. `None` where they do not go
    /// there, or go there from their base.
    pub fn over(&self, reach: &Reach, left: Left, case: usize) -> Option<u64> {
        let door = reach.doors[case]?;
        let (at, clear_ms) = (left.at, left.first_ms);
        let yes_ms = door.yes_ms.max(clear_ms + door.takes_ms);
        let is_given_up = yes_ms > self.cases[case].pressed_ms + self.given_up_ms();
        if is_given_up || yes_ms > self.home_ms(reach, at, left.last_ms) {
            return None;
        }
        let sets_off_ms = door.sets_off_ms;
        let Some((from, to)) = self.places[at].zip(self.places[case]).filter(|_| !self.may_turn) else {
            return Some(yes_ms + certain(sets_off_ms));
        };
        if self.roads.is_some() {
            // Over which roads they go back is not known: they have moved since, at the best that they do.
            let moves_ms = certain(sets_off_ms + door.best_ms_a_metre * certain_m(between(from, to)));
            return Some((yes_ms + certain(sets_off_ms)).max(clear_ms + moves_ms));
        }
        let gone_ms = (yes_ms.saturating_sub(left.last_ms) as f64, (yes_ms - clear_ms) as f64);
        let (wait_ms, metres) = reach.homes[at].nearest(from, to, gone_ms, door.ms_a_metre);
        Some(yes_ms + wait_ms as u64 + certain(sets_off_ms + door.ms_a_metre * certain_m(metres)))
    }

    fn door(&self, nth: usize, responder: &Responder, case: &Case) -> Option<Door> {
        if self.deal.turns_back(case.origin, nth) {
            return None;
        }
        let (yes_ms, takes_ms) = self.earliest_yes(case, nth)?;
        let pct = self.deal.travel_pct(case.origin, nth) as f64;
        let sets_off_ms = (travel_s(0, responder.travel) * 10) as f64 * pct;
        let a_metre = self.ms_a_metre(responder);
        let best_pct = (self.scenario.behaviour(responder.tier).travel_pct.0 as f64).min(pct).min(100.0);
        let far_m = if self.may_turn { 0 } else { case.place.map_or(0, |place| distance_m(responder.base, place)) };
        Some(Door {
            yes_ms,
            takes_ms,
            from_base_ms: certain(sets_off_ms + a_metre * pct / 100.0 * certain_m(far_m as f64)),
            sets_off_ms,
            ms_a_metre: a_metre * pct / 100.0,
            best_ms_a_metre: a_metre * best_pct / 100.0,
            on_scene_ms: self.deal.on_scene_ms(self.arrivals, case.origin, nth),
        })
    }

    fn home(&self, responder: &Responder, at: usize) -> Home {
        let Some((place, from)) = self.cases[at].place.zip(self.places[at]) else {
            return Home { takes_ms: 0, metres: 0.0, speed: 0.0, toward: [0.0, 0.0] };
        };
        let takes_ms = travel_s(distance_m(place, responder.base), responder.travel) * 1000;
        let to = on_plane(self.middle, responder.base);
        let metres = between(from, to);
        let toward = if metres > 0.0 { [(to[0] - from[0]) / metres, (to[1] - from[1]) / metres] } else { [0.0, 0.0] };
        Home { takes_ms, metres, speed: metres / takes_ms.max(1) as f64, toward }
    }

    /// The earliest moment at which the `nth` responder could have said yes to it, and how soon after being asked they do.
    fn earliest_yes(&self, case: &Case, nth: usize) -> Option<(u64, u64)> {
        let asks = self.given_up_ms() / self.gap_ms;
        let (mut best, mut takes_least_ms): (Option<u64>, u64) = (None, u64::MAX);
        for n in 0..=asks {
            let from_ms = case.pressed_ms + n * self.gap_ms;
            let (reaction, after_ms) = self.deal.reaction(case.origin, nth, n);
            let takes_ms = SHOWN_MS + after_ms;
            if reaction != Reaction::Yes || takes_ms >= self.ttl_ms {
                continue;
            }
            takes_least_ms = takes_least_ms.min(takes_ms);
            if best.is_some_and(|best| best <= from_ms) {
                continue;
            }
            let shown = self.availability[nth].first_from(from_ms, takes_ms, self.scenario.clock.length_ms);
            best = [best, shown.map(|at| at + takes_ms)].into_iter().flatten().min();
        }
        best.map(|yes_ms| (yes_ms, takes_least_ms))
    }

    /// Milliseconds that a metre in a straight line takes at the least, at the estimate.
    fn ms_a_metre(&self, responder: &Responder) -> f64 {
        let travel = responder.travel;
        let by_line_s = travel_s(YARDSTICK_M, travel);
        let least_s = self.roads.map_or(by_line_s, |roads| roads.at_least_s(YARDSTICK_M, travel).min(by_line_s));
        (least_s - travel_s(0, travel)) as f64 * 1000.0 / YARDSTICK_M as f64
    }

    /// From one end of the world to the other and back, and a whole stay, after it could be given up.
    fn around_ms(&self, responder: &Responder) -> u64 {
        let behaviour = self.scenario.behaviour(responder.tier);
        let way_ms = travel_s(self.across_m, responder.travel) * 10 * behaviour.travel_pct.1.max(100);
        let out_ms = if self.roads.is_some() { OUT_BY_ROAD_MS } else { 2 * way_ms };
        self.given_up_ms() + out_ms + behaviour.on_scene.most_ms
    }

    /// Nobody says yes any more to what was pressed before that.
    pub fn given_up_before(&self, at_ms: u64) -> u64 {
        at_ms.saturating_sub(self.given_up_ms())
    }

    fn given_up_ms(&self) -> u64 {
        self.scenario.operators.give_up_ms + GIVE_UP_SLACK_MS
    }
}

impl Home {
    /// Milliseconds that it is best to go on, and metres to `to` from there; for somebody who has gone toward the base for
    /// so long, least and most, and may now go wherever they want.
    fn nearest(&self, from: [f64; 2], to: [f64; 2], gone_ms: (f64, f64), ms_a_metre: f64) -> (f64, f64) {
        let [east, north] = [to[0] - from[0], to[1] - from[1]];
        let foot = east * self.toward[0] + north * self.toward[1];
        let beside = (east * self.toward[1] - north * self.toward[0]).abs();
        let least = (gone_ms.0 * self.speed).min(self.metres);
        let furthest = (gone_ms.1 * self.speed).min(self.metres);
        let now = beside.hypot(foot - foot.clamp(least, furthest));
        // Somebody who goes back faster than out may gain by going on.
        let gains = ms_a_metre * self.speed;
        if gains <= 1.0 || foot <= furthest {
            return (0.0, now);
        }
        let best = (foot - beside / (gains * gains - 1.0).sqrt()).clamp(furthest, self.metres);
        let (wait_ms, later) = ((best - furthest) / self.speed, beside.hypot(foot - best));
        if wait_ms + ms_a_metre * later < ms_a_metre * now { (wait_ms, later) } else { (0.0, now) }
    }
}

fn certain(ms: f64) -> u64 {
    (ms * CERTAIN - CERTAIN_LESS_MS).max(0.0) as u64
}

fn certain_m(metres: f64) -> f64 {
    (metres * CERTAIN - CERTAIN_LESS_M).max(0.0)
}

fn between(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Metres east and north of `middle`.
fn on_plane(middle: Point, place: Point) -> [f64; 2] {
    let east = (place.lon() - middle.lon()) * middle.lat().to_radians().cos();
    [east * METRES_PER_DEGREE, (place.lat() - middle.lat()) * METRES_PER_DEGREE]
}

/// The middle of all doors and bases, and from corner to corner.
fn extent(scenario: &Scenario, cases: &[&Case]) -> (Point, u64) {
    let people = scenario.population.responders.iter().map(|it| it.base);
    let (mut low, mut high) = ((90.0_f64, 180.0_f64), (-90.0_f64, -180.0_f64));
    for point in cases.iter().filter_map(|it| it.place).chain(people) {
        low = (low.0.min(point.lat()), low.1.min(point.lon()));
        high = (high.0.max(point.lat()), high.1.max(point.lon()));
    }
    let point = |lat: f64, lon: f64| Point::from_degrees(lat, lon).ok();
    let corners = point(low.0, low.1).zip(point(high.0, high.1));
    let middle = point((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
    let nowhere = Point::from_degrees(0.0, 0.0).expect("a place on earth");
    (middle.unwrap_or(nowhere), corners.map_or(0, |(a, b)| distance_m(a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Back along a line of a kilometre in a thousand seconds, a metre a second; the other door 300 m beside its middle.
    const BACK: Home = Home { takes_ms: 1_000_000, metres: 1_000.0, speed: 0.001, toward: [1.0, 0.0] };
    const DOOR: [f64; 2] = [500.0, 300.0];

    fn nearest(gone_s: (f64, f64), ms_a_metre: f64) -> (f64, f64) {
        BACK.nearest([0.0, 0.0], DOOR, (gone_s.0 * 1000.0, gone_s.1 * 1000.0), ms_a_metre)
    }

    #[test]
    fn whoever_is_on_the_way_back_is_between_where_they_are_at_least_and_at_most() {
        assert_eq!(nearest((0.0, 0.0), 1_000.0), (0.0, 500.0_f64.hypot(300.0)), "still at the door");
        assert_eq!(nearest((500.0, 500.0), 1_000.0), (0.0, 300.0), "beside it");
        assert_eq!(nearest((400.0, 700.0), 1_000.0), (0.0, 300.0), "past it, or not yet");
        assert_eq!(nearest((600.0, 900.0), 1_000.0), (0.0, 100.0_f64.hypot(300.0)), "past it");
        assert_eq!(nearest((5_000.0, 6_000.0), 1_000.0), (0.0, 500.0_f64.hypot(300.0)), "at the base");
    }

    /// Out takes twice as long as back: at 60 degrees to the way it is worth no more to go on.
    #[test]
    fn whoever_is_slower_out_than_back_goes_on_as_long_as_that_gains() {
        let (wait_ms, metres) = nearest((0.0, 0.0), 2_000.0);
        let best = 500.0 - 300.0 / 3.0_f64.sqrt();
        assert!((wait_ms - best * 1000.0).abs() < 1.0, "{wait_ms}");
        assert!((metres - 300.0_f64.hypot(500.0 - best)).abs() < 0.01, "{metres}");
    }
}
