//! What came of it: every incident with what was promised and when somebody was at the door, every responder with what
//! they did, every call; and what must never be: an alarm that is acknowledged and in no incident, a responder who is
//! asked or sent twice at once. Its own books, of committed events and of what the player's people really did.

use std::collections::{BTreeMap, BTreeSet};

use crate::dispatch::event::Opening;
use crate::dispatch::{Event, Stamped};
use crate::domain::sla::SlaTargets;
use crate::domain::{Class, Fingerprint, IncidentId, OfferId, Point, ResponderId, SignalKind};

/// One incident. Times are milliseconds since the scenario's start.
#[derive(Debug, Clone)]
pub struct Case {
    /// The number of the arrival that it began with.
    pub origin: usize,
    pub kind: SignalKind,
    pub class: Class,
    pub place: Option<Point>,
    /// The moment in which the button was pressed, whenever the service came to hear of it.
    pub pressed_ms: u64,
    pub due_ms: u64,
    /// Somebody was needed at the door.
    pub is_needed: bool,
    pub offered_ms: Option<u64>,
    pub accepted_ms: Option<u64>,
    /// When the first one was at the door, and who.
    pub door: Option<(u64, usize)>,
    pub asks: u64,
    /// How it stood when it was opened.
    pub around: Around,
    /// Of whoever was at the door first: when they had said yes, and how long the way was estimated to be.
    pub way: Option<(u64, u64)>,
    /// Somebody said yes and did not get there.
    pub was_lost: bool,
}

/// Who could have come when an incident was opened, by the estimate, in milliseconds; `None`: nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Around {
    pub on_duty_ms: Option<u64>,
    /// Of those on duty the ones with a link who were neither asked nor under way.
    pub free_ms: Option<u64>,
}

impl Case {
    /// Whether the promise was missed; only where somebody was needed.
    pub fn is_late(&self) -> bool {
        self.door.is_none_or(|(at_ms, _)| at_ms > self.due_ms)
    }

    pub fn arrival_ms(&self) -> Option<u64> {
        self.door.map(|(at_ms, _)| at_ms.saturating_sub(self.pressed_ms))
    }
}

/// What one responder did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    pub asked: u64,
    pub yes: u64,
    pub jobs: u64,
    pub busy_ms: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Alarms {
    pub sent: u64,
    pub acknowledged: u64,
    pub opened: u64,
    pub attached: u64,
    pub ack_ms: Vec<u64>,
    /// Answers that named an incident, to be looked for in the record.
    named: Vec<IncidentId>,
    nameless: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Calls {
    pub answered: u64,
    pub abandoned: u64,
    pub answered_ms: Vec<u64>,
}

impl Calls {
    pub(super) fn answered(&mut self, after_ms: u64) {
        self.answered += 1;
        self.answered_ms.push(after_ms);
    }
}

#[derive(Debug, Clone)]
pub struct Tally {
    pub promise: SlaTargets,
    pub alarms: Alarms,
    pub calls: Calls,
    pub work: Vec<Work>,
    pub offers: u64,
    pub escalations: u64,
    /// Asked or sent twice at once, or a signal that was taken twice.
    pub doubled: u64,
    cases: BTreeMap<IncidentId, Case>,
    merged: BTreeSet<IncidentId>,
    arrival_ms: BTreeMap<usize, u64>,
    places: BTreeMap<usize, Point>,
    signals: BTreeSet<Fingerprint>,
    /// The arrival of the signal that opens the next incident.
    herald: Option<usize>,
    held: BTreeMap<ResponderId, OfferId>,
    /// By responder: when the last yes was, and how long the way was estimated to be.
    yes: Vec<(u64, u64)>,
    /// By responder: the estimate of the last offer.
    eta_ms: Vec<u64>,
}

impl Tally {
    pub(super) fn new(responders: usize, promise: SlaTargets) -> Self {
        Self {
            promise,
            alarms: Alarms::default(),
            calls: Calls::default(),
            work: vec![Work::default(); responders],
            offers: 0,
            escalations: 0,
            doubled: 0,
            cases: BTreeMap::new(),
            merged: BTreeSet::new(),
            arrival_ms: BTreeMap::new(),
            places: BTreeMap::new(),
            signals: BTreeSet::new(),
            herald: None,
            held: BTreeMap::new(),
            yes: vec![(0, 0); responders],
            eta_ms: vec![0; responders],
        }
    }

    /// Incidents at whose door somebody was needed.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|(id, it)| it.is_needed && !self.merged.contains(id)).map(|(_, it)| it)
    }

    /// All incidents, those too where it turned out that nobody was needed.
    pub fn all_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// Alarms that were acknowledged and are in no incident.
    pub fn lost(&self) -> u64 {
        let gone = self.alarms.named.iter().filter(|id| !self.cases.contains_key(id)).count() as u64;
        gone + self.alarms.nameless
    }

    /// Needed, and nobody was ever there.
    pub fn unassigned(&self) -> u64 {
        self.cases().filter(|it| it.door.is_none()).count() as u64
    }

    /// Where and when an arrival is: told before its incident opens.
    pub(super) fn expect(&mut self, origin: usize, at_ms: u64, place: Option<Point>) {
        self.arrival_ms.insert(origin, at_ms);
        self.places.extend(place.map(|it| (origin, it)));
    }

    pub(super) fn acknowledged(&mut self, took_ms: u64, incident: Option<IncidentId>) {
        self.alarms.acknowledged += 1;
        self.alarms.ack_ms.push(took_ms);
        match incident {
            Some(incident) => self.alarms.named.push(incident),
            None => self.alarms.nameless += 1,
        }
    }

    /// Whether somebody is needed at its door.
    pub(super) fn judge(&mut self, incident: IncidentId, needs_nobody: bool) {
        if let Some(case) = self.cases.get_mut(&incident) {
            case.is_needed = !needs_nobody;
        }
    }

    pub(super) fn origin(&self, incident: IncidentId) -> Option<usize> {
        self.cases.get(&incident).map(|it| it.origin)
    }

    pub(super) fn place(&self, incident: IncidentId) -> Option<Point> {
        self.cases.get(&incident)?.place
    }

    pub(super) fn age_ms(&self, incident: IncidentId, now_ms: u64) -> u64 {
        self.cases.get(&incident).map_or(0, |it| now_ms.saturating_sub(it.pressed_ms))
    }

    pub(super) fn at_door(&mut self, incident: IncidentId, responder: usize, now_ms: u64) {
        if let Some(case) = self.cases.get_mut(&incident) {
            case.door = case.door.or(Some((now_ms, responder)));
            case.way = case.way.or(Some(self.yes[responder]));
        }
    }

    pub(super) fn stands(&mut self, incident: IncidentId, around: Around) {
        if let Some(case) = self.cases.get_mut(&incident) {
            case.around = around;
        }
    }

    pub(super) fn worked(&mut self, responder: usize, for_ms: u64) {
        self.work[responder].jobs += 1;
        self.work[responder].busy_ms += for_ms;
    }

    pub(super) fn event(
        &mut self,
        stamped: &Stamped,
        now_ms: u64,
        origin: Option<usize>,
        responders: &BTreeMap<ResponderId, usize>,
    ) {
        match &stamped.event {
            Event::SignalReceived(it) => {
                self.doubled += u64::from(!self.signals.insert(it.fingerprint));
                self.herald = origin;
            }
            Event::IncidentOpened(it) => self.opened(it, now_ms, origin),
            Event::AlarmAttached { .. } => self.alarms.attached += 1,
            Event::IncidentMerged { incident, .. } => drop(self.merged.insert(*incident)),
            Event::IncidentEscalated { .. } => self.escalations += 1,
            Event::OfferMade(it) => {
                self.offers += 1;
                self.held_once(&it.responder, it.offer, it.turns);
                if let Some(nth) = responders.get(&it.responder) {
                    self.work[*nth].asked += 1;
                    self.eta_ms[*nth] = it.eta_s * 1000;
                }
                if let Some(case) = self.cases.get_mut(&it.incident) {
                    case.asks += 1;
                    case.offered_ms = case.offered_ms.or(Some(now_ms));
                }
            }
            Event::OfferAccepted { incident, responder, offer, .. } => {
                self.held.insert(responder.clone(), *offer);
                if let Some(nth) = responders.get(responder) {
                    self.work[*nth].yes += 1;
                    self.yes[*nth] = (now_ms, self.eta_ms[*nth]);
                }
                if let Some(case) = self.cases.get_mut(incident) {
                    case.accepted_ms = case.accepted_ms.or(Some(now_ms));
                }
            }
            Event::OfferDeclined { responder, offer, .. }
            | Event::OfferExpired { responder, offer, .. }
            | Event::OfferWithdrawn { responder, offer, .. } => self.free(responder, *offer),
            Event::ResponderClear(it) => {
                if let Some(case) = self.cases.get_mut(&it.incident) {
                    case.was_lost |= case.door.is_none();
                }
                self.free(&it.responder, it.offer);
            }
            _ => {}
        }
    }

    /// One offer or assignment at a time; or one to turn to, beside the one on the way.
    fn held_once(&mut self, responder: &ResponderId, offer: OfferId, turns: Option<OfferId>) {
        let held = self.held.get(responder).copied();
        self.doubled += u64::from(held != turns);
        if turns.is_none() {
            self.held.insert(responder.clone(), offer);
        }
    }

    fn free(&mut self, responder: &ResponderId, offer: OfferId) {
        if self.held.get(responder) == Some(&offer) {
            self.held.remove(responder);
        }
    }

    fn opened(&mut self, it: &Opening, now_ms: u64, of_call: Option<usize>) {
        let origin = of_call.or(self.herald.take()).unwrap_or(usize::MAX);
        self.alarms.opened += 1;
        let pressed_ms = self.arrival_ms.get(&origin).copied().unwrap_or(now_ms);
        let case = Case {
            origin,
            kind: it.kind,
            class: it.class,
            place: self.places.get(&origin).copied(),
            pressed_ms,
            due_ms: pressed_ms + self.promise.door_s(it.class) * 1000,
            is_needed: true,
            offered_ms: None,
            accepted_ms: None,
            door: None,
            asks: 0,
            around: Around::default(),
            way: None,
            was_lost: false,
        };
        self.cases.insert(it.incident, case);
    }
}
