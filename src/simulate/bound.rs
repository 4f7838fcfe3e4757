//! The clairvoyant's bound: of the incidents of a finished run, how many at least are late whatever policy is followed,
//! even one that knows beforehand what will come in, who will say yes, and how long everything takes.
//!
//! The argument. Look at any policy, and at the doors that one responder reaches one after the other.
//!
//! * *When.* Somebody who goes to incident `i` says yes to one of its offers. Offers of `i` to the same responder are at
//!   least `gap` apart (`ask_declined_again_s`, `ask_silent_again_s`), so the `n`-th comes no earlier than `n · gap` after
//!   the press; what they say to it is dealt, and is known here. They must be on duty and linked while it is shown and
//!   answered. So the earliest yes is known. When they say it they are at their base, or on the straight way back to it
//!   from the last door, nowhere else: the rest of the way is at least that from the nearest point of this line. And they
//!   have been moving since they were clear of the last door, at no more than their best speed. (Where a plan lets people
//!   be turned on the way they may be anywhere: ways then count for nothing but setting off.)
//! * *How often.* Nobody is asked for an incident at whose door somebody was: each door is reached by one at most.
//! * *Duality.* Let every visit of door `i` cost a price `p(i) ≥ 0`, and let every visit in time be worth 1. What a policy
//!   keeps is then at most the sum of all prices and, for each responder, of the best chain of visits that the times above
//!   allow: no door is paid for more than once. This holds for any prices whatever. A chain may visit a door late, to be
//!   near another one: the way there counts for nothing (which only helps), but its time and price do. A chain may even
//!   come back to a door, which no policy can, and which only helps as well.
//! * *Prices* are found by subgradient steps, and the best of a fixed number of them counts; at price 1 for everything the
//!   sum is the number of doors that anybody could reach in time. Long runs are bounded piece by piece: what is late in
//!   all is what is late in the pieces, and in each piece the doors of the others cost nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::play::Run;
use super::reach::{Everything, Reach};
use crate::dispatch::Policy;
use crate::scenario::{Arrival, Scenario};

/// Incidents that are bounded together.
const PIECE: usize = 400;

/// Steps toward better prices.
const STEPS: usize = 40;

/// After so many without a better sum the steps are made half as long.
const PATIENCE: usize = 3;

/// Responders times incidents times incidents that a bound looks at; for more it knows of no chains, and is 0.
const WORK_MOST: usize = 400_000_000;

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
    let needed: Vec<usize> = (0..cases).filter(|at| everything.cases[*at].is_needed).collect();
    if everything.pairs().saturating_mul(people) > WORK_MOST {
        return Bound { cases: needed.len() as u64, late: 0 };
    }
    let people: Vec<Reach> = (0..people).map(|nth| everything.reach(nth)).collect();
    let late = needed.chunks(PIECE).map(|piece| {
        let kept = Piece::new(&everything, &people, piece).kept_at_most();
        // A sum of parts that is whole but for rounding is that whole number.
        (piece.len() as u64).saturating_sub((kept + 1e-6).floor() as u64)
    });
    Bound { cases: needed.len() as u64, late: late.sum() }
}

/// Some of the incidents, with the prices of their doors.
struct Piece<'a> {
    everything: &'a Everything<'a>,
    people: &'a [Reach],
    cases: &'a [usize],
    /// By case: whether it is one of them.
    is_ours: Vec<bool>,
    price: Vec<f64>,
    /// What a real policy kept of them.
    was_kept: f64,
}

/// The best chain of one responder: its worth, and what it visits.
struct Chain {
    worth: f64,
    visits: Vec<usize>,
}

impl<'a> Piece<'a> {
    fn new(everything: &'a Everything<'a>, people: &'a [Reach], cases: &'a [usize]) -> Self {
        let mut is_ours = vec![false; everything.cases.len()];
        cases.iter().for_each(|at| is_ours[*at] = true);
        let price = vec![0.0; everything.cases.len()];
        let was_kept = cases.iter().filter(|at| !everything.cases[**at].is_late()).count() as f64;
        Self { everything, people, cases, is_ours, price, was_kept }
    }

    fn kept_at_most(mut self) -> f64 {
        for at in self.cases {
            let due_ms = self.everything.cases[*at].due_ms;
            let could = |it: &Reach| it.doors[*at].is_some_and(|door| door.earliest_ms <= due_ms);
            self.price[*at] = if self.people.iter().any(could) { 1.0 } else { 0.0 };
        }
        let (mut best, mut stride, mut waited) = (f64::INFINITY, 1.0, 0);
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
            if best < self.was_kept + 1.0 || !self.step(sum, &visits, stride) {
                break;
            }
        }
        best
    }

    /// The sum that nothing kept is above, and how often each door is visited by the best chains.
    fn sum(&self) -> (f64, Vec<u32>) {
        let mut sum: f64 = self.cases.iter().map(|at| self.price[*at]).sum();
        let mut visits = vec![0; self.price.len()];
        for reach in self.people {
            let chain = self.best_chain(reach);
            sum += chain.worth;
            chain.visits.iter().for_each(|at| visits[*at] += 1);
        }
        (sum, visits)
    }

    /// Doors that many chains visit become dearer, those that none does cheaper. False: these prices are the best.
    fn step(&mut self, sum: f64, visits: &[u32], stride: f64) -> bool {
        let slope = |at: usize| 1.0 - f64::from(visits[at]);
        let square: f64 = self.cases.iter().map(|at| slope(*at) * slope(*at)).sum();
        if square <= 0.0 {
            return false;
        }
        let length = stride * (sum - self.was_kept).max(0.5) / square;
        for at in self.cases {
            self.price[*at] = (self.price[*at] - length * slope(*at)).max(0.0);
        }
        true
    }

    /// By time: each label is a door that was just left, at its earliest for what the chain is worth so far.
    fn best_chain(&self, reach: &Reach) -> Chain {
        let mut labels = Labels::of(reach.doors.len());
        let (mut best, mut best_label) = (0.0, None);
        self.leave_anywhere(reach, &mut labels, 0, (0.0, None));
        while let Some((clear_ms, number)) = labels.take() {
            let Label { case, worth, .. } = labels.all[number];
            for next in &reach.next[case] {
                let door_ms = next.answered_ms.max(clear_ms + next.moves_ms);
                self.in_time(reach, &mut labels, next.case, door_ms, (worth, Some(number)));
            }
            if worth > best {
                (best, best_label) = (worth, Some(number));
                self.leave_anywhere(reach, &mut labels, clear_ms, (worth, Some(number)));
            }
        }
        Chain { worth: best, visits: labels.back(best_label) }
    }

    /// From `at_ms` on: from the base to any door in time, or late to any, to be near another.
    fn leave_anywhere(&self, reach: &Reach, labels: &mut Labels, at_ms: u64, (worth, before): (f64, Option<usize>)) {
        for (case, door) in reach.doors.iter().enumerate().filter_map(|(case, door)| Some((case, (*door)?))) {
            self.in_time(reach, labels, case, door.from_base_ms.max(at_ms), (worth, before));
            if !reach.next[case].is_empty() {
                let clear_ms = door.earliest_ms.max(at_ms) + door.on_scene_ms;
                labels.put(clear_ms, Label { case, worth: worth - self.price[case], before });
            }
        }
    }

    fn in_time(
        &self,
        reach: &Reach,
        labels: &mut Labels,
        case: usize,
        door_ms: u64,
        (worth, before): (f64, Option<usize>),
    ) {
        let gain = 1.0 - self.price[case];
        // Dearer than it is worth it is still a place to be near another.
        let leads = gain > 0.0 || !reach.next[case].is_empty();
        let Some(door) = reach.doors[case].filter(|_| self.is_ours[case] && leads) else { return };
        if door_ms <= self.everything.cases[case].due_ms {
            labels.put(door_ms + door.on_scene_ms, Label { case, worth: worth + gain, before });
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Label {
    case: usize,
    worth: f64,
    before: Option<usize>,
}

/// Labels of one responder, by the time at which the door is left.
#[derive(Debug)]
struct Labels {
    all: Vec<Label>,
    open: BinaryHeap<Reverse<(u64, usize)>>,
    /// The most that a door was left with before.
    worth_at: Vec<f64>,
}

impl Labels {
    fn of(cases: usize) -> Self {
        Self { all: Vec::new(), open: BinaryHeap::new(), worth_at: vec![f64::NEG_INFINITY; cases] }
    }

    /// Whoever left this door before with as much could do whatever follows as well.
    fn put(&mut self, clear_ms: u64, label: Label) {
        if label.worth > self.worth_at[label.case] {
            self.open.push(Reverse((clear_ms, self.all.len())));
            self.all.push(label);
        }
    }

    fn take(&mut self) -> Option<(u64, usize)> {
        while let Some(Reverse((clear_ms, number))) = self.open.pop() {
            let Label { case, worth, .. } = self.all[number];
            if worth > self.worth_at[case] {
                self.worth_at[case] = worth;
                return Some((clear_ms, number));
            }
        }
        None
    }

    fn back(&self, mut at: Option<usize>) -> Vec<usize> {
        let mut visits = Vec::new();
        while let Some(number) = at {
            visits.push(self.all[number].case);
            at = self.all[number].before;
        }
        visits
    }
}
