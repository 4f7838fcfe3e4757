//! Exact places, by the reference that events carry: learned when a command brings one, kept as long as the state keeps
//! the incident that is there (it may be reopened), forgotten with it. Never written anywhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::dispatch::command::{Command, GivenPlace};
use crate::dispatch::{Event, Hints, Stamped, State};
use crate::domain::IncidentId;
use crate::domain::private::PrivateId;

#[derive(Debug, Default)]
pub(super) struct Places {
    used: BTreeMap<PrivateId, IncidentId>,
    /// Closed ones, the longest closed first.
    closed: VecDeque<IncidentId>,
}

/// The exact places that incidents of `state` are at: what a start has to learn from the vault.
pub fn needed(state: &State) -> Vec<PrivateId> {
    let places = state.incidents().filter_map(|it| it.place.as_ref()?.private);
    places.map(|it| it.id).collect()
}

impl Places {
    /// Those of incidents that were there before the start.
    pub fn of(state: &State) -> Self {
        let used = state.incidents().filter_map(|it| Some((it.place.as_ref()?.private?.id, it.id)));
        let closed = state.incidents().filter_map(|it| Some((it.closure.as_ref()?.at, it.id)));
        let closed: BTreeSet<_> = closed.collect();
        Self { used: used.collect(), closed: closed.into_iter().map(|(_, id)| id).collect() }
    }

    /// What the command says of places is known while it is decided.
    pub fn learn(&self, command: &Command, hints: &mut Hints) -> Vec<PrivateId> {
        let given = given(command);
        for it in &given {
            hints.learn_place(it.private.id, it.fix.point);
        }
        given.iter().map(|it| it.private.id).collect()
    }

    /// What no event took for the place of an incident is of no use any more.
    pub fn forget_unused(&self, given: &[PrivateId], hints: &mut Hints) {
        for id in given.iter().filter(|id| !self.used.contains_key(id)) {
            hints.forget_place(*id);
        }
    }

    pub fn follow(&mut self, stamped: &Stamped, state: &State, hints: &mut Hints) {
        let place = match &stamped.event {
            Event::IncidentOpened(it) => it.place.as_ref().map(|place| (place, it.incident)),
            Event::IncidentCorrected(it) => it.place.as_ref().map(|place| (place, it.incident)),
            Event::AlarmAttached { place, incident, .. } => place.as_ref().map(|place| (place, *incident)),
            Event::IncidentClosed { incident, .. } | Event::IncidentMerged { incident, .. } => {
                self.closed.push_back(*incident);
                self.forget_oldest(state, hints);
                None
            }
            _ => None,
        };
        if let Some((private, incident)) = place.and_then(|(place, it)| place.private.map(|private| (private, it))) {
            self.used.insert(private.id, incident);
        }
    }

    /// After speculation was thrown away: the places of incidents that never were.
    pub fn forget_gone(&mut self, state: &State, hints: &mut Hints) {
        self.used.retain(|private, incident| {
            let kept = state.incident(*incident).is_some();
            if !kept {
                hints.forget_place(*private);
            }
            kept
        });
    }

    fn forget_oldest(&mut self, state: &State, hints: &mut Hints) {
        let mut gone = false;
        while self.closed.front().is_some_and(|it| state.incident(*it).is_none()) {
            self.closed.pop_front();
            gone = true;
        }
        if gone {
            self.forget_gone(state, hints);
        }
    }
}

fn given(command: &Command) -> Vec<GivenPlace> {
    match command {
        Command::ReceiveSignals(it) => it.fix.into_iter().chain(it.last_known).collect(),
        Command::OpenByHand(it) => it.place.into_iter().collect(),
        Command::TakeLetter { place, .. } => place.iter().copied().collect(),
        Command::Correct { to, .. } => to.place.into_iter().collect(),
        _ => Vec::new(),
    }
}
