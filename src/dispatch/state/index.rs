//! By what incidents are found. All of it can be found again from the incidents, and none of it is stored.
//! What an incident is found by changes seldom; its turn, that is when something is due on it and whether it waits for
//! somebody, changes with almost every event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::dispatch::event::DeviceRef;
use crate::domain::*;

use super::incident::Incident;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub open: BTreeSet<u64>,
    pub open_by_subject: BTreeMap<SubjectId, u64>,
    pub open_by_premises: BTreeMap<PremisesId, BTreeSet<u64>>,
    pub open_by_device: BTreeMap<DeviceRef, BTreeSet<u64>>,
    pub open_by_listener: BTreeMap<String, usize>,
    pub offers: BTreeMap<u64, u64>,
    pub aids: BTreeMap<AidId, u64>,
    /// Incidents of which another district has yet to hear something.
    pub letters: BTreeSet<u64>,
    pub claims: BTreeMap<AccountName, BTreeSet<u64>>,
    /// Open incidents that want somebody and found nobody, most urgent and oldest first.
    pub starved: BTreeSet<(Urgency, Timestamp, u64)>,
    pub agenda: BTreeSet<(Timestamp, u64)>,
    pub closed: BTreeSet<(Timestamp, u64)>,
    /// Whose turn has to be set before the event is folded.
    changed: Vec<u64>,
}

/// Where an incident stands in the agenda and among the starved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Turn {
    due: Option<Timestamp>,
    starved: Option<(Urgency, Timestamp)>,
    letters: bool,
}

impl Turn {
    fn of(it: &Incident) -> Self {
        let starved = it.starved && it.ask_at.is_some() && it.wants_somebody();
        Self {
            due: it.first_due().map(|(at, _)| at),
            starved: starved.then_some((it.urgency, it.opened_at)),
            letters: it.has_letters(),
        }
    }
}

impl Index {
    pub fn of(incidents: &mut BTreeMap<u64, Arc<Incident>>) -> Self {
        let mut index = Self::default();
        for incident in incidents.values_mut().map(Arc::make_mut) {
            incident.turn = Turn::default();
            index.enter(incident);
            index.set_turn(incident);
            index.aids.extend(incident.aid_ids().map(|it| (it, incident.id.number)));
            index.offers.extend(incident.assignments.iter().map(|it| (it.offer.number, incident.id.number)));
        }
        index
    }

    pub fn changed(&mut self, number: u64) {
        if self.changed.last() != Some(&number) {
            self.changed.push(number);
        }
    }

    pub fn next_changed(&mut self) -> Option<u64> {
        self.changed.pop()
    }

    pub fn set_turn(&mut self, it: &mut Incident) {
        let (number, turn) = (it.id.number, Turn::of(it));
        let before = std::mem::replace(&mut it.turn, turn);
        if before.due != turn.due {
            before.due.map(|at| self.agenda.remove(&(at, number)));
            turn.due.map(|at| self.agenda.insert((at, number)));
        }
        if before.starved != turn.starved {
            before.starved.map(|(urgency, at)| self.starved.remove(&(urgency, at, number)));
            turn.starved.map(|(urgency, at)| self.starved.insert((urgency, at, number)));
        }
        match (before.letters, turn.letters) {
            (false, true) => drop(self.letters.insert(number)),
            (true, false) => drop(self.letters.remove(&number)),
            (false, false) | (true, true) => {}
        }
    }

    /// Files it under everything it is found by, but its turn.
    pub fn enter(&mut self, it: &Incident) {
        let number = it.id.number;
        if let Some(closure) = &it.closure {
            self.closed.insert((closure.at, number));
            return;
        }
        self.open.insert(number);
        for subject in &it.subjects {
            self.open_by_subject.insert(subject.clone(), number);
        }
        for device in &it.sources {
            self.open_by_device.entry(device.clone()).or_default().insert(number);
        }
        if let Some(premises) = &it.premises {
            self.open_by_premises.entry(premises.clone()).or_default().insert(number);
        }
        if let Some(listener) = &it.listener {
            *self.open_by_listener.entry(listener.clone()).or_default() += 1;
        }
        if let Some(owner) = it.owner() {
            self.claims.entry(owner.clone()).or_default().insert(number);
        }
    }

    /// Takes it out of where `enter` has put it.
    pub fn leave(&mut self, it: &Incident) {
        let number = it.id.number;
        if let Some(closure) = &it.closure {
            self.closed.remove(&(closure.at, number));
            return;
        }
        self.open.remove(&number);
        for subject in &it.subjects {
            remove_if(&mut self.open_by_subject, subject, number);
        }
        for device in &it.sources {
            remove_one(&mut self.open_by_device, device, number);
        }
        if let Some(premises) = &it.premises {
            remove_one(&mut self.open_by_premises, premises, number);
        }
        if let Some(listener) = &it.listener {
            count_down(&mut self.open_by_listener, listener);
        }
        if let Some(owner) = it.owner() {
            remove_one(&mut self.claims, owner, number);
        }
    }

    /// For good.
    pub fn forget(&mut self, it: &Incident) {
        self.leave(it);
        for offer in &it.assignments {
            self.offers.remove(&offer.offer.number);
        }
        for aid in it.aid_ids() {
            self.aids.remove(&aid);
        }
        self.letters.remove(&it.id.number);
    }
}

fn remove_if<K: Ord>(index: &mut BTreeMap<K, u64>, key: &K, number: u64) {
    if index.get(key) == Some(&number) {
        index.remove(key);
    }
}

fn remove_one<K: Ord>(index: &mut BTreeMap<K, BTreeSet<u64>>, key: &K, number: u64) {
    if let Some(numbers) = index.get_mut(key) {
        numbers.remove(&number);
        if numbers.is_empty() {
            index.remove(key);
        }
    }
}

fn count_down(counts: &mut BTreeMap<String, usize>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
