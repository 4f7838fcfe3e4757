//! The best chain of one responder: which doors to visit one after the other, each for a price, so that what is kept less
//! what is paid is most. Part of the clairvoyant's bound, whose argument stands in `bound`.

use super::reach::{Everything, Left, Reach};

/// Whoever leaves the same door within the same so many milliseconds is taken for one who left it at the first of these
/// times or at the last, whichever helps.
const SLOT_MS: u64 = 600_000;

/// What a visit is worth, by the numbers of the cases.
#[derive(Debug)]
pub(super) struct Worth {
    pub price: Vec<f64>,
    /// Kept, it counts.
    pub counts: Vec<bool>,
}

/// The best chain: its worth, what it visits, and how many ways were looked at.
#[derive(Debug)]
pub(super) struct Chain {
    pub worth: f64,
    pub visits: Vec<usize>,
    pub looked_at: u64,
}

/// A door that was left in some slot, or the base that was come back to, with the most that it was left with.
#[derive(Debug, Clone, Copy)]
struct Label {
    first_ms: u64,
    last_ms: u64,
    worth: f64,
    /// Where in `steps` the chain up to here ends.
    step: usize,
}

pub(super) struct Search<'a> {
    everything: &'a Everything<'a>,
    reach: &'a Reach,
    worth: &'a Worth,
    /// Those of the cases that are looked at: from and to.
    cases: (usize, usize),
    /// By slot: the doors that are left in it, and coming back to the base.
    doors: Vec<Vec<usize>>,
    bases: Vec<Option<Label>>,
    /// By door, and slot since its press.
    labels: Vec<Vec<Option<Label>>>,
    most_at_base: f64,
    /// Each visit with the one before it; the first is none at all.
    steps: Vec<(usize, usize)>,
    looked_at: u64,
}

impl<'a> Search<'a> {
    pub fn new(everything: &'a Everything<'a>, reach: &'a Reach, worth: &'a Worth, cases: (usize, usize)) -> Self {
        Self {
            everything,
            reach,
            worth,
            cases,
            doors: Vec::new(),
            bases: Vec::new(),
            labels: vec![Vec::new(); cases.1 - cases.0],
            most_at_base: f64::NEG_INFINITY,
            steps: vec![(usize::MAX, 0)],
            looked_at: 0,
        }
    }

    /// Of the cases those before the number `known_from` are reached from nobody knows where.
    pub fn best(mut self, known_from: usize) -> Chain {
        let nothing = Label { first_ms: 0, last_ms: 0, worth: 0.0, step: 0 };
        merge(at_slot(&mut self.bases, 0), nothing);
        for case in self.cases.0..known_from {
            if let Some(door_ms) = self.everything.after_anything(self.reach, case) {
                self.visit(case, door_ms, nothing, 0);
            }
        }
        let mut best = nothing;
        let mut slot = 0;
        while slot < self.doors.len().max(self.bases.len()) {
            for at in self.doors.get_mut(slot).map(std::mem::take).unwrap_or_default() {
                let since = slot - self.slot_of_press(at);
                let label = self.labels[at - self.cases.0][since].expect("a door of the slot has a label");
                best = if label.worth > best.worth { label } else { best };
                self.on_from_door(slot, at, label);
            }
            let base = self.bases.get_mut(slot).and_then(Option::take);
            if let Some(label) = base.filter(|it| it.worth > self.most_at_base) {
                self.most_at_base = label.worth;
                self.on_from_base(slot, label);
            }
            slot += 1;
        }
        Chain { worth: best.worth, visits: self.visits(best.step), looked_at: self.looked_at }
    }

    fn on_from_base(&mut self, slot: usize, label: Label) {
        let (from, to) = (self.first_after(label.first_ms), self.cases.1);
        self.looked_at += (to - from) as u64;
        for case in from..to {
            if let Some(door_ms) = self.everything.after_base(self.reach, case, label.first_ms) {
                self.visit(case, door_ms, label, slot + 1);
            }
        }
    }

    fn on_from_door(&mut self, slot: usize, at: usize, label: Label) {
        let Label { first_ms, last_ms, .. } = label;
        let home_ms = self.everything.home_ms(self.reach, at, first_ms);
        let back = Label { first_ms: home_ms, last_ms: home_ms, ..label };
        merge(at_slot(&mut self.bases, slot.max(slot_of(home_ms))), back);
        let home_last_ms = self.everything.home_ms(self.reach, at, last_ms);
        let (from, to) = (self.first_after(first_ms), self.pressed_until(home_last_ms));
        self.looked_at += to.saturating_sub(from) as u64;
        for case in (from..to).filter(|case| *case != at) {
            if let Some(door_ms) = self.everything.over(self.reach, Left { at, first_ms, last_ms }, case) {
                self.visit(case, door_ms, label, slot + 1);
            }
        }
    }

    /// What was pressed before this is reached by nobody any more.
    fn first_after(&self, at_ms: u64) -> usize {
        let cases = &self.everything.cases[self.cases.0..self.cases.1];
        self.cases.0 + cases.partition_point(|it| it.pressed_ms < self.everything.given_up_before(at_ms))
    }

    fn pressed_until(&self, at_ms: u64) -> usize {
        let cases = &self.everything.cases[self.cases.0..self.cases.1];
        self.cases.0 + cases.partition_point(|it| it.pressed_ms <= at_ms)
    }

    /// The door of `case` at `door_ms`, left in `slot_least` or later.
    fn visit(&mut self, case: usize, door_ms: u64, before: Label, slot_least: usize) {
        let it = self.everything.cases[case];
        let Some(door) = self.reach.doors[case] else { return };
        let kept = if self.worth.counts[case] && door_ms <= it.due_ms { 1.0 } else { 0.0 };
        let worth = before.worth + kept - self.worth.price[case];
        let clear_ms = door_ms + door.on_scene_ms;
        let (slot, step) = (slot_least.max(slot_of(clear_ms)), self.steps.len());
        let since = slot - self.slot_of_press(case);
        let label = at_slot(&mut self.labels[case - self.cases.0], since);
        if label.is_none() {
            at_slot(&mut self.doors, slot).push(case);
        }
        if merge(label, Label { first_ms: clear_ms, last_ms: clear_ms, worth, step }) {
            self.steps.push((case, before.step));
        }
    }

    fn slot_of_press(&self, case: usize) -> usize {
        slot_of(self.everything.cases[case].pressed_ms)
    }

    fn visits(&self, mut step: usize) -> Vec<usize> {
        let mut visits = Vec::new();
        while step > 0 {
            visits.push(self.steps[step].0);
            step = self.steps[step].1;
        }
        visits
    }
}

fn slot_of(at_ms: u64) -> usize {
    usize::try_from(at_ms / SLOT_MS).expect("a slot of a run fits")
}

fn at_slot<T: Default + Clone>(slots: &mut Vec<T>, slot: usize) -> &mut T {
    if slots.len() <= slot {
        slots.resize(slot + 1, T::default());
    }
    &mut slots[slot]
}

/// Both in one, at the first and the last of their times, with what either was left with at most. True: that is `other`'s.
fn merge(label: &mut Option<Label>, other: Label) -> bool {
    let Some(it) = label else {
        *label = Some(other);
        return true;
    };
    it.first_ms = it.first_ms.min(other.first_ms);
    it.last_ms = it.last_ms.max(other.last_ms);
    let is_more = other.worth > it.worth;
    if is_more {
        (it.worth, it.step) = (other.worth, other.step);
    }
    is_more
}
