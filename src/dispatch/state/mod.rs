//! The state of one district: what its events add up to. `apply` reads events alone, so that a replay is exact
//! whatever the registry says today; what an event means for each thing is told in the file of that thing.

mod acceptance;
mod aid;
mod apply;
mod call;
mod device;
mod incident;
mod index;
mod memory;
mod offers;
mod responder;
mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::*;

use super::event::DeviceRef;
pub use acceptance::Acceptance;
pub use aid::{Aid, Lent};
pub use call::{Call, CallState};
pub use device::{Outage, Silent};
pub use incident::{Assignment, Claim, ClockState, Closure, Incident, Task};
use index::Index;
pub use memory::{Memory, Seen};
pub use responder::{ResponderState, day_of, hour_of};
pub use stage::Due;

/// The version of the shape of a stored snapshot. Another one is not read; the events are replayed instead.
pub const STATE_VERSION: u32 = 2;

/// How long closed incidents stay where they can be reopened and where a late repeat still finds them.
const CLOSED_KEPT_S: u64 = 48 * 3600;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub district: DistrictCode,
    /// The last event that is part of this state; 0 before the first.
    pub seq: Seq,
    /// District time of that event.
    pub at: Timestamp,
    pub(super) counters: Counters,
    /// Shared with the copies of this state until one of them changes the incident.
    pub(super) incidents: BTreeMap<u64, Arc<Incident>>,
    pub(super) responders: BTreeMap<ResponderId, ResponderState>,
    pub(super) calls: BTreeMap<CallId, Call>,
    pub(super) silent: BTreeMap<DeviceId, Silent>,
    pub(super) outages: BTreeMap<u64, Outage>,
    pub(super) memory: Memory,
    pub(super) acceptance: Acceptance,
    /// Signals that were received for the incident which opens next.
    pub(super) heralds: Vec<Seq>,
    /// Rises whenever a responder becomes free: what waits for somebody may be asked for again.
    pub capacity: u64,
    #[serde(skip)]
    index: Index,
}

/// The last number given to each kind of thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counters {
    pub incidents: u64,
    pub offers: u64,
    pub tasks: u64,
    pub outages: u64,
    #[serde(default)]
    pub aids: u64,
}

impl State {
    pub fn new(district: DistrictCode) -> Self {
        Self {
            district,
            seq: 0,
            at: Timestamp::EPOCH,
            counters: Counters::default(),
            incidents: BTreeMap::new(),
            responders: BTreeMap::new(),
            calls: BTreeMap::new(),
            silent: BTreeMap::new(),
            outages: BTreeMap::new(),
            memory: Memory::default(),
            acceptance: Acceptance::default(),
            heralds: Vec::new(),
            capacity: 0,
            index: Index::default(),
        }
    }

    /// From a stored snapshot.
    pub fn restore(bytes: &[u8]) -> serde_json::Result<Self> {
        let mut state: Self = serde_json::from_slice(bytes)?;
        state.index = Index::of(&mut state.incidents);
        Ok(state)
    }

    /// A copy for `snapshot` and nothing else: what is found by is not in it.
    pub fn bare(&self) -> Self {
        Self {
            counters: self.counters.clone(),
            incidents: self.incidents.clone(),
            responders: self.responders.clone(),
            calls: self.calls.clone(),
            silent: self.silent.clone(),
            outages: self.outages.clone(),
            memory: self.memory.clone(),
            acceptance: self.acceptance.clone(),
            heralds: self.heralds.clone(),
            index: Index::default(),
            ..*self
        }
    }

    pub fn snapshot(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a state has no map key that is not text or a number")
    }

    /// When something is due that nobody has to ask for. The engine then decides `Command::Tick`.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.index.agenda.first().map(|(at, _)| *at)
    }

    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        if id.district != self.district {
            return None;
        }
        self.kept(id.number)
    }

    fn kept(&self, number: u64) -> Option<&Incident> {
        self.incidents.get(&number).map(|it| &**it)
    }

    /// Open and lately closed ones, by number.
    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.incidents.values().map(|it| &**it)
    }

    pub fn open_incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.index.open.iter().filter_map(|number| self.kept(*number))
    }

    pub fn is_open(&self, id: IncidentId) -> bool {
        self.index.open.contains(&id.number)
    }

    pub fn open_count(&self) -> usize {
        self.index.open.len()
    }

    pub fn open_of_subject(&self, subject: &SubjectId) -> Option<&Incident> {
        self.kept(*self.index.open_by_subject.get(subject)?)
    }

    /// The newest: several may be open, where one was opened by hand or reopened.
    pub fn open_of_premises(&self, premises: &PremisesId) -> Option<&Incident> {
        self.kept(*self.index.open_by_premises.get(premises)?.last()?)
    }

    /// The newest, as for premises.
    pub fn open_of_device(&self, device: &DeviceRef) -> Option<&Incident> {
        self.kept(*self.index.open_by_device.get(device)?.last()?)
    }

    pub fn open_of_listener(&self, listener: &str) -> usize {
        self.index.open_by_listener.get(listener).copied().unwrap_or(0)
    }

    /// The incident and the offer or assignment of that id, of incidents still kept.
    pub fn offer(&self, id: OfferId) -> Option<(&Incident, &Assignment)> {
        if id.district != self.district {
            return None;
        }
        let incident = self.kept(*self.index.offers.get(&id.number)?)?;
        incident.assignments.iter().find(|it| it.offer == id).map(|it| (incident, it))
    }

    pub fn pending_offers(&self) -> impl Iterator<Item = (&Incident, &Assignment)> {
        self.open_incidents().flat_map(|incident| {
            let pending = incident.assignments.iter().filter(|it| it.state == AssignmentState::Offered);
            pending.map(move |it| (incident, it))
        })
    }

    /// Incidents owned by `account`, by number.
    pub fn claims_of(&self, account: &AccountName) -> impl Iterator<Item = &Incident> {
        let numbers = self.index.claims.get(account).into_iter().flatten();
        numbers.filter_map(|number| self.kept(*number))
    }

    pub fn responder(&self, id: &ResponderId) -> Option<&ResponderState> {
        self.responders.get(id)
    }

    pub fn responders(&self) -> impl Iterator<Item = (&ResponderId, &ResponderState)> {
        self.responders.iter()
    }

    pub fn call(&self, id: &CallId) -> Option<&Call> {
        self.calls.get(id)
    }

    pub fn calls(&self) -> impl Iterator<Item = (&CallId, &Call)> {
        self.calls.iter()
    }

    pub fn silent(&self) -> impl Iterator<Item = (&DeviceId, &Silent)> {
        self.silent.iter()
    }

    pub fn is_silent(&self, device: &DeviceId) -> bool {
        self.silent.contains_key(device)
    }

    pub fn silent_since(&self, device: &DeviceId) -> Option<Timestamp> {
        self.silent.get(device).map(|it| it.since)
    }

    pub fn outages(&self) -> impl Iterator<Item = &Outage> {
        self.outages.values()
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Does any open incident wait for somebody to become free?
    pub fn is_starved(&self) -> bool {
        !self.index.starved.is_empty()
    }

    /// Those that wait for somebody, most urgent and oldest first.
    pub fn starved(&self) -> impl Iterator<Item = &Incident> {
        self.index.starved.iter().filter_map(|(_, _, number)| self.kept(*number))
    }

    /// Those that are to be asked for by `now`, of the first `most` things that are due.
    pub fn due_to_ask(&self, now: Timestamp, most: usize) -> impl Iterator<Item = &Incident> {
        let due = self.index.agenda.range(..=(now, u64::MAX)).take(most);
        let incidents = due.filter_map(|(_, number)| self.kept(*number));
        incidents.filter(|it| it.first_due().is_some_and(|(_, due)| due == Due::Ask))
    }

    /// How often whom says yes.
    pub fn acceptance(&self) -> &Acceptance {
        &self.acceptance
    }

    pub fn next_incident(&self) -> IncidentId {
        IncidentId { district: self.district, number: self.counters.incidents + 1 }
    }

    /// The id of the `n`-th offer made from here, counted from 0.
    pub fn next_offer(&self, n: u64) -> OfferId {
        OfferId { district: self.district, number: self.counters.offers + 1 + n }
    }

    pub fn next_task(&self) -> TaskId {
        TaskId { district: self.district, number: self.counters.tasks + 1 }
    }

    pub fn next_outage(&self, n: u64) -> OutageId {
        OutageId { district: self.district, number: self.counters.outages + 1 + n }
    }

    /// What is due first, on which incident.
    pub fn first_due(&self) -> Option<(&Incident, Timestamp, Due)> {
        let (_, number) = self.index.agenda.first()?;
        let incident = &self.incidents[number];
        incident.first_due().map(|(at, due)| (&**incident, at, due))
    }
}
