//! How soon each responder could be at each door at best, from their base and from every other door: part of the
//! clairvoyant's bound, whose argument stands in `bound`. Everything here is on the early side.

use std::collections::BTreeSet;

use super::play::{Availability, Case, Deal, Reaction, Run, SHOWN_MS};
use crate::dispatch::Policy;
use crate::domain::{Point, Responder};
use crate::geo::roads::Roads;
use crate::geo::{distance_m, travel_s};
use crate::scenario::{Arrival, Scenario};

/// Straight ways in degrees and whole metres are not quite the shortest ways on a sphere: this part of a way is certain.
const CERTAIN_PCT: u64 = 99;
const CERTAIN_LESS_MS: u64 = 2_000;
const CERTAIN_LESS_M: f64 = 20.0;

/// Nobody is given up exactly at `give_up_s`: an operator's word takes a moment, and a stopped service takes none.
const GIVE_UP_SLACK_MS: u64 = 3_600_000;

/// No way over the roads of a world, out and back, is longer.
const OUT_BY_ROAD_MS: u64 = 86_400_000;

const METRES_PER_DEGREE: f64 = 111_195.0;

/// What one responder could do at best; by the numbers of `Everything::cases`.
#[derive(Debug)]
pub(super) struct Reach {
    /// `None`: they never say yes to it, or do not get away.
    pub doors: Vec<Option<Door>>,
    /// From each door: those at which they could be in time afterwards.
    pub next: Vec<Vec<Next>>,
    /// For each door: from where else they could come to be there in time.
    pub beside: Vec<Beside>,
}

/// The other doors from which one could be reached in time.
#[derive(Debug)]
pub(super) struct Beside {
    /// Until when they must be on their way to the other door, the latest first, and which it is.
    pub latest: Vec<(u64, usize)>,
    /// Over none of them it is reached before this,
    pub answered_ms: u64,
    /// nor before so long after they went to the other one.
    pub takes_ms: u64,
}

/// One door, as one responder stands to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Door {
    pub from_base_ms: u64,
    /// By any way at all, over any other doors.
    pub earliest_ms: u64,
    pub on_scene_ms: u64,
}

/// A door after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    pub case: usize,
    /// Not before this, since they had to say yes first,
    pub answered_ms: u64,
    /// and not before so long after they were clear of the other.
    pub moves_ms: u64,
}

pub(super) struct Everything<'a> {
    scenario: &'a Scenario,
    arrivals: &'a [Arrival],
    deal: Deal<'a>,
    /// All incidents, by the time of the press.
    pub cases: Vec<&'a Case>,
    availability: Vec<Availability>,
    gap_ms: u64,
    ttl_ms: u64,
    /// By responder: longer than this after its press no incident has them anywhere else than at their base.
    around_ms: Vec<u64>,
    /// Somebody on the way may be turned.
    may_turn: bool,
    roads: Option<&'a Roads>,
}

/// An incident as one responder stands to it.
struct Offered {
    yes_ms: u64,
    sets_off_ms: u64,
    /// The way in percent of the estimate.
    pct: u64,
    on_scene_ms: u64,
}

impl<'a> Everything<'a> {
    pub fn new(scenario: &'a Scenario, arrivals: &'a [Arrival], policy: &Policy, run: &'a Run) -> Self {
        let mut cases: Vec<&Case> = run.tally.all_cases().collect();
        cases.sort_by_key(|it| (it.pressed_ms, it.origin));
        let gap_s = policy.ask_declined_again_s.min(policy.ask_silent_again_s);
        let mut it = Self {
            scenario,
            arrivals,
            deal: Deal::new(scenario, run.seed),
            cases,
            availability: Availability::all(scenario, run.seed),
            gap_ms: (gap_s * 1000).max(1_000),
            ttl_ms: policy.offer_ttl_s * 1000,
            around_ms: Vec::new(),
            may_turn: policy.plans.values().any(|it| it.preempt),
            roads: scenario.population.facts.roads(),
        };
        it.around_ms = it.arounds();
        it
    }

    /// Pairs of incidents that may follow each other.
    pub fn pairs(&self) -> usize {
        let of = |around_ms: &u64| (0..self.cases.len()).map(|at| self.after(at, *around_ms).count()).sum::<usize>();
        self.around_ms.iter().map(of).sum()
    }

    /// What the `nth` responder could do.
    pub fn reach(&self, nth: usize) -> Reach {
        let responder = &*self.scenario.population.responders[nth];
        let count = self.cases.len();
        let offered: Vec<Option<Offered>> = self.cases.iter().map(|case| self.offered(nth, responder, case)).collect();
        let from_base: Vec<Option<u64>> = (0..count).map(|at| self.base_door_ms(responder, at, &offered)).collect();
        let who = (responder, self.around_ms[nth]);
        let earliest = self.earliest(who, &offered, from_base.clone());
        let door = |at: usize| {
            let on_scene_ms = offered[at].as_ref()?.on_scene_ms;
            Some(Door { from_base_ms: from_base[at]?, earliest_ms: earliest[at]?, on_scene_ms })
        };
        let doors: Vec<Option<Door>> = (0..count).map(door).collect();
        let next: Vec<Vec<Next>> = (0..count).map(|at| self.next(who, at, &doors, &offered)).collect();
        let beside = self.beside(&doors, &next);
        Reach { doors, next, beside }
    }

    fn beside(&self, doors: &[Option<Door>], next: &[Vec<Next>]) -> Vec<Beside> {
        let none = || Beside { latest: Vec::new(), answered_ms: u64::MAX, takes_ms: u64::MAX };
        let mut beside: Vec<Beside> = (0..doors.len()).map(|_| none()).collect();
        for (at, (door, all)) in doors.iter().zip(next).enumerate() {
            let Some(door) = door else { continue };
            for it in all {
                let to = &mut beside[it.case];
                let takes_ms = door.on_scene_ms + it.moves_ms;
                to.latest.push((self.cases[it.case].due_ms - takes_ms, at));
                let answered_ms = it.answered_ms.max(door.earliest_ms + takes_ms);
                (to.answered_ms, to.takes_ms) = (to.answered_ms.min(answered_ms), to.takes_ms.min(takes_ms));
            }
        }
        beside.iter_mut().for_each(|it| it.latest.sort_unstable_by(|a, b| b.cmp(a)));
        beside
    }

    fn base_door_ms(&self, responder: &Responder, at: usize, offered: &[Option<Offered>]) -> Option<u64> {
        let it = offered[at].as_ref()?;
        let far_m = self.cases[at].place.map_or(0, |place| distance_m(responder.base, place));
        let way_ms = if self.may_turn { 0 } else { self.moving_ms(responder, far_m, it.pct) };
        Some(it.yes_ms + certain(it.sets_off_ms + way_ms))
    }

    /// Shortest paths: the door that is reached first is final, and others may be reached over it.
    fn earliest(
        &self,
        (responder, around_ms): (&Responder, u64),
        offered: &[Option<Offered>],
        mut doors: Vec<Option<u64>>,
    ) -> Vec<Option<u64>> {
        let known = doors.iter().enumerate().filter_map(|(at, door)| Some(((*door)?, at)));
        let mut open: BTreeSet<(u64, usize)> = known.collect();
        while let Some((door_ms, at)) = open.pop_first() {
            let Some(clear_ms) = offered[at].as_ref().map(|it| door_ms + it.on_scene_ms) else { continue };
            for case in self.after(at, around_ms) {
                let Some(it) = &offered[case] else { continue };
                // Whoever was there before they were clear here is not there sooner over here.
                let Some(found) = doors[case].filter(|found| *found > clear_ms) else { continue };
                let next = self.over(responder, at, case, it);
                let over_ms = next.answered_ms.max(clear_ms + next.moves_ms);
                if over_ms < found {
                    open.remove(&(found, case));
                    open.insert((over_ms, case));
                    doors[case] = Some(over_ms);
                }
            }
        }
        doors
    }

    /// Doors that could be reached in time after that of `at`.
    fn next(
        &self,
        (responder, around_ms): (&Responder, u64),
        at: usize,
        doors: &[Option<Door>],
        offered: &[Option<Offered>],
    ) -> Vec<Next> {
        let Some(clear_ms) = doors[at].map(|it| it.earliest_ms + it.on_scene_ms) else { return Vec::new() };
        let ours = self
            .after(at, around_ms)
            .filter(|case| self.cases[*case].is_needed && self.cases[*case].due_ms >= clear_ms);
        let next = ours.filter_map(|case| Some(self.over(responder, at, case, offered[case].as_ref()?)));
        next.filter(|it| it.answered_ms.max(clear_ms + it.moves_ms) <= self.cases[it.case].due_ms).collect()
    }

    /// At the door of `case` after that of `at`.
    fn over(&self, responder: &Responder, at: usize, case: usize, it: &Offered) -> Next {
        let sets_off_ms = certain(it.sets_off_ms);
        let places = self.cases[at].place.zip(self.cases[case].place).filter(|_| !self.may_turn);
        let Some((from, to)) = places else {
            return Next { case, answered_ms: it.yes_ms + sets_off_ms, moves_ms: 0 };
        };
        let best_pct = self.best_pct(responder, it.pct);
        let moves_ms = certain(it.sets_off_ms + self.moving_ms(responder, distance_m(from, to), best_pct));
        let beside_ms = self.moving_ms(responder, beside_m(to, from, responder.base), it.pct);
        Next { case, answered_ms: it.yes_ms + certain(it.sets_off_ms + beside_ms), moves_ms }
    }

    /// Incidents for which somebody who was at the door of `at` could still be out.
    fn after(&self, at: usize, around_ms: u64) -> impl Iterator<Item = usize> + use<'_> {
        let case = self.cases[at];
        let last = self.cases.partition_point(|it| it.pressed_ms <= case.pressed_ms + around_ms);
        let first = self.cases.partition_point(|it| it.pressed_ms + around_ms < case.pressed_ms);
        (first..last).filter(move |other| *other != at)
    }

    fn offered(&self, nth: usize, responder: &Responder, case: &Case) -> Option<Offered> {
        if self.deal.turns_back(case.origin, nth) {
            return None;
        }
        let pct = self.deal.travel_pct(case.origin, nth);
        let on_scene_ms = self.deal.on_scene_ms(self.arrivals, case.origin, nth);
        let sets_off_ms = travel_s(0, responder.travel) * 10 * pct;
        Some(Offered { yes_ms: self.earliest_yes(case, nth)?, sets_off_ms, pct, on_scene_ms })
    }

    /// The earliest moment at which the `nth` responder could have said yes to it.
    fn earliest_yes(&self, case: &Case, nth: usize) -> Option<u64> {
        let asks = (self.scenario.operators.give_up_ms + GIVE_UP_SLACK_MS) / self.gap_ms;
        let mut best: Option<u64> = None;
        for n in 0..=asks {
            let from_ms = case.pressed_ms + n * self.gap_ms;
            if best.is_some_and(|best| best <= from_ms) {
                break;
            }
            let (reaction, after_ms) = self.deal.reaction(case.origin, nth, n);
            let takes_ms = SHOWN_MS + after_ms;
            if reaction != Reaction::Yes || takes_ms >= self.ttl_ms {
                continue;
            }
            let shown = self.availability[nth].first_from(from_ms, takes_ms, self.scenario.clock.length_ms);
            best = [best, shown.map(|at| at + takes_ms)].into_iter().flatten().min();
        }
        best
    }

    /// The part of a way that grows with its length, in milliseconds; over roads the least that any could take.
    fn moving_ms(&self, responder: &Responder, metres: u64, pct: u64) -> u64 {
        let travel = responder.travel;
        let by_line_s = travel_s(metres, travel);
        let least_s = self.roads.map_or(by_line_s, |roads| roads.at_least_s(metres, travel).min(by_line_s));
        least_s.saturating_sub(travel_s(0, travel)) * 10 * pct
    }

    /// The fastest that they ever are, in percent of the estimate: back at the estimate, out at what is dealt.
    fn best_pct(&self, responder: &Responder, pct: u64) -> u64 {
        self.scenario.behaviour(responder.tier).travel_pct.0.min(pct).min(100)
    }

    /// From one end of the world to the other and back, and a whole stay, after it could be given up.
    fn arounds(&self) -> Vec<u64> {
        let people = &self.scenario.population.responders;
        let points = self.cases.iter().filter_map(|it| it.place).chain(people.iter().map(|it| it.base));
        let (mut low, mut high) = ((90.0_f64, 180.0_f64), (-90.0_f64, -180.0_f64));
        for point in points {
            low = (low.0.min(point.lat()), low.1.min(point.lon()));
            high = (high.0.max(point.lat()), high.1.max(point.lon()));
        }
        let corner = |(lat, lon)| Point::from_degrees(lat, lon).ok();
        let across_m = corner(low).zip(corner(high)).map_or(0, |(a, b)| distance_m(a, b));
        let around = |it: &std::sync::Arc<Responder>| {
            let behaviour = self.scenario.behaviour(it.tier);
            let way_ms = travel_s(across_m, it.travel) * 10 * behaviour.travel_pct.1.max(100);
            let out_ms = if self.roads.is_some() { OUT_BY_ROAD_MS } else { 2 * way_ms };
            self.scenario.operators.give_up_ms + GIVE_UP_SLACK_MS + out_ms + behaviour.on_scene.most_ms
        };
        people.iter().map(around).collect()
    }
}

fn certain(ms: u64) -> u64 {
    (ms * CERTAIN_PCT / 100).saturating_sub(CERTAIN_LESS_MS)
}

/// Metres that `point` is at least away from the straight way between `a` and `b`.
fn beside_m(point: Point, a: Point, b: Point) -> u64 {
    let cosine = point.lat().to_radians().cos();
    let plane = |it: Point| {
        let (east, north) = ((it.lon() - point.lon()) * cosine, it.lat() - point.lat());
        (east * METRES_PER_DEGREE, north * METRES_PER_DEGREE)
    };
    let ((ax, ay), (bx, by)) = (plane(a), plane(b));
    let (dx, dy) = (bx - ax, by - ay);
    let square = dx * dx + dy * dy;
    let part = if square > 0.0 { (-(ax * dx + ay * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (ax + dx * part, ay + dy * part);
    let away = (x * x + y * y).sqrt() * CERTAIN_PCT as f64 / 100.0 - CERTAIN_LESS_M;
    away.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_passes_beside_at_its_nearest_point() {
        let at = |lat, lon| Point::from_degrees(lat, lon).unwrap();
        let (west, east, north) = (at(30.5, 120.6), at(30.5, 120.8), at(30.6, 120.7));
        let beside = beside_m(north, west, east);
        let straight = distance_m(north, at(30.5, 120.7));
        assert!(beside <= straight && beside + 200 > straight, "{beside} of {straight}");
        assert_eq!(beside_m(at(30.5, 120.7), west, east), 0);
        assert!(beside_m(at(30.5, 120.9), west, east) <= distance_m(at(30.5, 120.9), east));
    }
}
