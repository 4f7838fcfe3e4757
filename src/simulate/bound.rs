//! The clairvoyant's bound: of the incidents of a finished run, how many at least are late whatever policy is followed,
//! even one that knows beforehand what will come in, who will say yes, and how long everything takes.
//!
//! The argument. Look at any policy, and at the doors that one responder reaches one after the other, in time or late.
//!
//! * *When.* Somebody who goes to incident `i` says yes to one of its offers. Offers of `i` to the same responder are at
//!   least `gap` apart (`ask_declined_again_s`, `ask_silent_again_s`), so the `n`-th comes no earlier than `n · gap` after
//!   the press; what they say to it is dealt, and is known here. They must be on duty and linked while it is shown and
//!   answered, and asked after they were clear of the last door. So the earliest yes is known. When they say it they are at
//!   their base, or on the straight way back to it from the last door, as far as they have come by then; from there the way
//!   is as long as it is, at the speed that is dealt. (Where a plan lets people be turned on the way they may be anywhere,
//!   and ways count for nothing but setting off; over roads, where nobody knows which they take back, they have moved since
//!   the last door at their best speed.)
//! * *How often.* Nobody is asked for an incident at whose door somebody was: each door is reached by one at most.
//! * *Duality.* Let every visit of door `i` cost a price `p(i) ≥ 0`, and let every visit in time be worth 1. What a policy
//!   keeps is then at most the sum of all prices and, for each responder, of the best chain of visits that the times above
//!   allow. This holds for any prices whatever. A chain may come back to a door, which no policy can, and which only helps.
//! * *Prices* are found by subgradient steps, and the best of a bounded number of them counts. Long runs are bounded piece by
//!   piece: what is late in all is what is late in the pieces, and in each piece the doors of the others cost nothing.

use std::collections::BTreeSet;

use super::chain::{Search, Worth};
use super::play::Run;
use super::reach::{Everything, Reach};
use crate::dispatch::Policy;
use crate::scenario::{Arrival, Scenario};

/// Incidents that are bounded together.
const PIECE: usize = 400;

/// Steps toward better prices.
const STEPS: usize = 200;

/// The first step, in parts of what would be right if the real policy had been the best one.
const STRIDE: f64 = 0.25;

/// After so many without a better sum the steps are made half as long.
const PATIENCE: usize = 4;

/// Incidents times responders that are looked at; for more, thousands at once, the bound is 0, which is one too.
const DOORS_MOST: usize = 250_000;

/// Ways from door to door that are looked at before the prices are good enough, in all of a run: some seconds.
const WAYS_MOST: u64 = 30_000_000;

/// How many incidents there were, and how many of them are late under any policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bound {
    pub cases: u64,
    pub late: u64,
}

impl Bound {
    pub fn late_fraction(&self) -> f64 {
        if self.cases == 0 { 0.0 } else { self.late as f64 / self.cases as f64 }
    }
}

/// The bound for a run of `scenario` under `policy`'s terms.
pub fn bound(scenario: &Scenario, arrivals: &[Arrival], policy: &Policy, run: &Run) -> Bound {
    let everything = Everything::new(scenario, arrivals, policy, run);
    let (cases, people) = (everything.cases.len(), scenario.population.responders.len());
    let counted: BTreeSet<(u64, usize)> = run.tally.cases().map(|it| (it.pressed_ms, it.origin)).collect();
    let is_ours: Vec<bool> = everything.cases.iter().map(|it| counted.contains(&(it.pressed_ms, it.origin))).collect();
    let count = is_ours.iter().filter(|it| **it).count() as u64;
    let any_late = (0..cases).any(|at| is_ours[at] && everything.cases[at].is_late());
    if !any_late || !everything.is_flat() || cases * people > DOORS_MOST {
        return Bound { cases: count, late: 0 };
    }
    let people: Vec<Reach> = (0..people).map(|nth| everything.reach(nth)).collect();
    let ways_most = WAYS_MOST / cases.div_ceil(PIECE) as u64;
    let pieces = (0..cases).step_by(PIECE).map(|from| (from, (from + PIECE).min(cases)));
    let late = pieces.map(|it| Piece::new(&everything, &people, &is_ours, it).late(ways_most));
    Bound { cases: count, late: late.sum() }
}

/// Some of the incidents, with the prices of their doors.
struct Piece<'a> {
    everything: &'a Everything<'a>,
    people: &'a [Reach],
    /// From and to.
    cases: (usize, usize),
    worth: Worth,
    /// How many of them count, and how many of those a real policy kept.
    count: f64,
    was_kept: f64,
    ways: u64,
}

impl<'a> Piece<'a> {
    fn new(everything: &'a Everything<'a>, people: &'a [Reach], is_ours: &[bool], cases: (usize, usize)) -> Self {
        let is_inside = |at: usize| is_ours[at] && (cases.0..cases.1).contains(&at);
        let counts: Vec<bool> = (0..is_ours.len()).map(is_inside).collect();
        let price: Vec<f64> = counts.iter().map(|counts| if *counts { 1.0 } else { 0.0 }).collect();
        let count = counts.iter().filter(|it| **it).count() as f64;
        let kept = (cases.0..cases.1).filter(|at| counts[*at] && !everything.cases[*at].is_late()).count() as f64;
        Self { everything, people, cases, worth: Worth { price, counts }, count, was_kept: kept, ways: 0 }
    }

    /// How many are late at least.
    fn late(mut self, ways_most: u64) -> u64 {
        let (mut best, mut stride, mut waited) = (f64::INFINITY, STRIDE, 0);
        for _ in 0..STEPS {
            let (sum, visits) = self.sum();
            if sum < best - 1e-9 {
                (best, waited) = (sum, 0);
            } else {
                waited += 1;
            }
            if waited >= PATIENCE {
                (stride, waited) = (stride / 2.0, 0);
            }
            let is_enough = best < self.was_kept + 1.0 || self.ways > ways_most;
            if is_enough || !self.step(sum, &visits, stride) {
                break;
            }
        }
        // A sum of parts that is whole but for rounding is that whole number.
        (self.count - (best + 1e-6).floor()).max(0.0) as u64
    }

    /// The sum that nothing kept is above, and how often each door is visited by the best chains.
    fn sum(&mut self) -> (f64, Vec<f64>) {
        let mut sum: f64 = self.worth.price.iter().sum();
        let mut visits = vec![0.0; self.worth.price.len()];
        for reach in self.people {
            let chain = Search::new(self.everything, reach, &self.worth, self.around(reach)).best(self.cases.0);
            sum += chain.worth;
            self.ways += chain.looked_at;
            chain.visits.iter().for_each(|at| visits[*at] += 1.0);
        }
        (sum, visits)
    }

    /// The incidents over whose doors one of these may be reached.
    fn around(&self, reach: &Reach) -> (usize, usize) {
        let cases = &self.everything.cases;
        let (first_ms, last_ms) = (cases[self.cases.0].pressed_ms, cases[self.cases.1 - 1].pressed_ms);
        let from = cases.partition_point(|it| it.pressed_ms + reach.around_ms < first_ms);
        (from, cases.partition_point(|it| it.pressed_ms <= last_ms + reach.around_ms))
    }

    /// Doors that many chains visit become dearer, those that none does cheaper. False: these prices are the best.
    fn step(&mut self, sum: f64, visits: &[f64], stride: f64) -> bool {
        let ours = || self.cases.0..self.cases.1;
        let square: f64 = ours().map(|at| (1.0 - visits[at]) * (1.0 - visits[at])).sum();
        if square <= 0.0 {
            return false;
        }
        let length = stride * (sum - self.was_kept).max(0.5) / square;
        for at in ours() {
            self.worth.price[at] = (self.worth.price[at] - length * (1.0 - visits[at])).max(0.0);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::scenario::{Shelf, draw};
    use crate::simulate::play::play;

    /// On wheels, and surely coming: 10 minutes, of which 2 are for setting off, are just below 3 km.
    const SCENARIO: &str = r#"
title = "By hand"
why = "What can be reckoned by hand."
expected = "The bound is what was reckoned."
[world.tables]
responders = "responders.csv"
class = "urban"
tier = "staff"
travel = "car"
[clock]
start = "2026-11-25T16:00:00+08:00"
length_s = 7200
[promise]
answer_s = 15
door_urban_s = 600
door_rural_s = 600
[[trace]]
file = "alarms.csv"
kind = "sos"
[responders.staff]
accept_pct = 100
answer_s = [3, 3]
travel_pct = [100, 100]
"#;

    /// Late in the run, and late under any policy.
    fn late(responders: &str, alarms: &str) -> (u64, u64) {
        let texts = [
            ("responders.csv", format!("id,lat,lon\n{responders}")),
            ("alarms.csv", format!("at_s,lat,lon,on_scene_s\n{alarms}")),
        ];
        let shelf = Shelf(BTreeMap::from(texts.map(|(name, text)| (name.to_owned(), text))));
        let scenario = Scenario::read("by-hand", SCENARIO, &shelf).expect("the scenario is right");
        let policy = Arc::new(Policy { sla: scenario.promise.expect("it promises"), ..Policy::default() });
        let arrivals = draw(&scenario, 1);
        let run = play(&scenario, &arrivals, &policy, 1);
        let late = run.tally.cases().filter(|it| it.is_late()).count() as u64;
        (late, bound(&scenario, &arrivals, &policy, &run).late)
    }

    /// A hundredth of a degree of longitude is here 958 m.
    const MIDDLE: &str = "R1,30.5,120.70\n";

    #[test]
    fn of_two_at_once_one_responder_keeps_one_and_two_keep_both() {
        let both_sides = "60,30.5,120.68,900\n60,30.5,120.72,900\n3600,30.5,120.70,900\n";
        assert_eq!(late(MIDDLE, both_sides), (1, 1));
        assert_eq!(late("R1,30.5,120.69\nR2,30.5,120.71\n", both_sides), (0, 0));
    }

    #[test]
    fn whoever_is_home_again_is_no_longer_where_they_were() {
        let far_after_near = "60,30.5,120.725,900\n3600,30.5,120.75,900\n";
        assert_eq!(late(MIDDLE, far_after_near), (1, 1), "4.8 km from the base");
    }

    /// The first door keeps them until 1,471 s; the second, 2 km on, presses just after that.
    #[test]
    fn whoever_is_near_by_chance_is_near() {
        let on_the_way = "60,30.5,120.725,900\n1500,30.5,120.745,900\n";
        assert_eq!(late(MIDDLE, on_the_way), (0, 0));
    }
}
