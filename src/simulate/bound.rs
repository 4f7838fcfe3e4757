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
use super::reach::{self, Everything, Reach};
use crate::dispatch::Policy;
use crate::scenario::{Arrival, Scenario};

/// Incidents that are bounded together.
const PIECE: usize = 400;

/// Steps toward better prices.
const STEPS: usize = 40;

/// After so many without a better sum the steps are made half as long.
const PATIENCE: usize = 3;

/// Pairs of incidents that may follow each other, times responders, that are looked at; for more, thousands at once, the
/// bound is 0, which is one too.
const PAIRS_MOST: usize = 60_000_000;

/// Labels that are looked at before the prices are good enough, in all of a run: some seconds.
const LABELS_MOST: u64 = 4_000_000;

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
    let any_late = needed.iter().any(|at| everything.cases[*at].is_late());
    if !any_late || everything.pairs() > PAIRS_MOST {
        return Bound { cases: needed.len() as u64, late: 0 };
    }
    let people: Vec<Reach> = (0..people).map(|nth| everything.reach(nth)).collect();
    let late = needed.chunks(PIECE).map(|piece| {
        let labels_most = LABELS_MOST * piece.len() as u64 / needed.len() as u64;
        let kept = Piece::new(&everything, &people, piece).kept_at_most(labels_most);
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
    labels: u64,
}

/// The best chain of one responder: its worth, and what it visits.
struct Chain {
    worth: f64,
    visits: Vec<usize>,
    labels: u64,
}

impl<'a> Piece<'a> {
    fn new(everything: &'a Everything<'a>, people: &'a [Reach], cases: &'a [usize]) -> Self {
        let mut is_ours = vec![false; everything.cases.len()];
        cases.iter().for_each(|at| is_ours[*at] = true);
        let price = vec![0.0; everything.cases.len()];
        let was_kept = cases.iter().filter(|at| !everything.cases[**at].is_late()).count() as f64;
        Self { everything, people, cases, is_ours, price, was_kept, labels: 0 }
    }

    fn kept_at_most(mut self, labels_most: u64) -> f64 {
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
            let is_enough = best < self.was_kept + 1.0 || self.labels > labels_most;
            if is_enough || !self.step(sum, &visits, stride) {
                break;
            }
        }
        best
    }

    /// The sum that nothing kept is above, and how often each door is visited by the best chains.
    fn sum(&mut self) -> (f64, Vec<u32>) {
        let mut sum: f64 = self.cases.iter().map(|at| self.price[*at]).sum();
        let mut visits = vec![0; self.price.len()];
        for reach in self.people {
            let chain = self.best_chain(reach);
            sum += chain.worth;
            self.labels += chain.labels;
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
        let beside: Vec<Beside> = reach.beside.iter().map(|it| Beside::of(it, &self.price)).collect();
        let mut labels = Labels::of(reach.doors.len());
        let (mut best, mut best_label) = (0.0, None);
        self.start_anywhere(reach, &beside, &mut labels, 0, (0.0, None));
        while let Some((clear_ms, number)) = labels.take() {
            let Label { case, worth, .. } = labels.all[number];
            for next in &reach.next[case] {
                let door_ms = next.answered_ms.max(clear_ms + next.moves_ms);
                self.in_time(reach, &mut labels, next.case, door_ms, (worth, Some(number)));
            }
            if worth > best {
                (best, best_label) = (worth, Some(number));
                self.start_anywhere(reach, &beside, &mut labels, clear_ms, (worth, Some(number)));
            }
        }
        Chain { worth: best, visits: labels.back(best_label), labels: labels.all.len() as u64 }
    }

    /// From `at_ms` on: from the base to any door in time; or late to some other door, to be near this one.
    fn start_anywhere(
        &self,
        reach: &Reach,
        beside: &[Beside],
        labels: &mut Labels,
        at_ms: u64,
        (worth, before): (f64, Option<usize>),
    ) {
        for at in self.cases {
            let Some(door) = reach.doors[*at] else { continue };
            self.in_time(reach, labels, *at, door.from_base_ms.max(at_ms), (worth, before));
            if let Some((price, over)) = beside[*at].cheapest(at_ms) {
                let by = &reach.beside[*at];
                let door_ms = by.answered_ms.max(at_ms + by.takes_ms);
                let before = labels.note(Label { case: over, worth: worth - price, before });
                self.in_time(reach, labels, *at, door_ms, (worth - price, Some(before)));
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

/// The doors that could be visited late to be near one, as the prices stand: the cheapest of those that may be left for
/// at some time or later.
struct Beside {
    /// Latest times, the latest first, with the least price up to there and its door.
    cheapest: Vec<(u64, f64, usize)>,
}

impl Beside {
    fn of(it: &reach::Beside, price: &[f64]) -> Self {
        let mut least = (f64::INFINITY, 0);
        let cheapest = it.latest.iter().map(|(latest_ms, at)| {
            if price[*at] < least.0 {
                least = (price[*at], *at);
            }
            (*latest_ms, least.0, least.1)
        });
        Self { cheapest: cheapest.collect() }
    }

    fn cheapest(&self, at_ms: u64) -> Option<(f64, usize)> {
        let count = self.cheapest.partition_point(|(latest_ms, ..)| *latest_ms >= at_ms);
        let (_, price, at) = self.cheapest.get(count.checked_sub(1)?)?;
        Some((*price, *at))
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

    /// A door that is passed on the way to another.
    fn note(&mut self, label: Label) -> usize {
        self.all.push(label);
        self.all.len() - 1
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
