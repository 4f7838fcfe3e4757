//! Signals of devices: an incident opens, or the open one takes them in. A signal is never dropped; a repeat gets the
//! first answer.

use crate::dispatch::command::{ReceiveSignals, RepeatRule, Signal};
use crate::dispatch::event::{DeviceRef, OpenedBy, OutageKind, Place, SignalReceived};
use crate::dispatch::locate::{Clues, Located, locate};
use crate::dispatch::state::Incident;
use crate::dispatch::{Answer, Event, Rejection};
use crate::domain::plan::PlanStart;
use crate::domain::premises::Premises;
use crate::domain::signal::{SignalClass, SignalOutcome};
use crate::domain::*;

use super::Known;
use super::open::{Start, opening};

/// A device that sends the same bytes again within this has not heard the answer.
const RETRANSMISSION_S: u64 = 600;

pub fn receive(known: &Known<'_>, it: &ReceiveSignals, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let first = it.signals.first().expect("a message carries at least one signal");
    if let Some(answer) = repeated(known, first, now) {
        return Err(Rejection::Repeat(answer));
    }
    let who = Sender::of(known, it);
    match first.kind.class() {
        SignalClass::Alarm => Ok(alarm(known, it, &who, now)),
        SignalClass::TakesBack => Ok(taken_back(known, it, &who)),
        SignalClass::Technical => Ok(technical(it, &who)),
        // A sign of life is kept in memory; that somebody unknown gives one is told, and nothing else of it.
        SignalClass::Telemetry if who.known => Err(Rejection::NothingToDo),
        SignalClass::Telemetry => Ok(vec![unknown(it, None)]),
    }
}

/// Who a device belongs to, as far as it is known.
struct Sender<'a> {
    subject: Option<&'a SubjectId>,
    home: Option<&'a Premises>,
    known: bool,
}

impl<'a> Sender<'a> {
    fn of(known: &Known<'a>, it: &ReceiveSignals) -> Self {
        let device = match &it.source {
            DeviceRef::Known(id) => known.facts.device(id),
            DeviceRef::Unknown(_) => None,
        };
        let subject = device.map(|device| &device.subject);
        let home = subject.and_then(|id| known.facts.home_of(id)).map(|home| &**home);
        Self { subject, home, known: device.is_some() }
    }
}

fn repeated(known: &Known<'_>, signal: &Signal, now: Timestamp) -> Option<Answer> {
    let seen = known.state.memory().signal(signal.fingerprint)?;
    let repeats = match signal.repeat {
        RepeatRule::Named => true,
        RepeatRule::Retransmitted => {
            let open = seen.incident.is_none_or(|id| known.state.incident(id).is_some_and(Incident::is_open));
            open && now.since_s(seen.at) <= RETRANSMISSION_S
        }
    };
    repeats.then(|| Answer {
        seq: Some(seen.seq),
        incident: seen.incident,
        outcome: Some(SignalOutcome::Duplicate),
        ..Answer::default()
    })
}

fn alarm(known: &Known<'_>, it: &ReceiveSignals, who: &Sender<'_>, now: Timestamp) -> Vec<Event> {
    let clues = Clues { home: who.home, fix: it.fix.as_ref(), last_known: it.last_known.as_ref() };
    let located = locate(&clues, now);
    match correlate(known, it, who, located.as_ref()) {
        Some(open) => attached(known, it, who, open, located, now),
        None if !who.known && known.state.open_of_listener(&it.listener) >= known.policy.unknown_cap => {
            capped(known, it)
        }
        None => opened(known, it, who, located, now),
    }
}

/// The open incident this alarm belongs to: of the subject, of the device, or of the premises if the alarm is there.
fn correlate<'a>(
    known: &Known<'a>,
    it: &ReceiveSignals,
    who: &Sender<'_>,
    located: Option<&Located>,
) -> Option<&'a Incident> {
    let state = known.state;
    let of_subject = who.subject.and_then(|subject| state.open_of_subject(subject));
    let at_home = located.is_some_and(|it| it.at_home) && it.signals[0].kind != SignalKind::Wandering;
    let of_premises =
        || who.home.filter(|_| at_home).and_then(|home| state.open_of_premises(&home.id)).filter(is_at_home);
    of_subject.or_else(|| state.open_of_device(&it.source)).or_else(of_premises)
}

/// An incident that has moved elsewhere no longer speaks for the home.
fn is_at_home(incident: &&Incident) -> bool {
    incident.place.as_ref().is_none_or(|place| place.source == PlaceSource::Premises)
}

fn opened(
    known: &Known<'_>,
    it: &ReceiveSignals,
    who: &Sender<'_>,
    located: Option<Located>,
    now: Timestamp,
) -> Vec<Event> {
    let start = Start {
        subject: who.subject,
        home: who.home,
        located,
        source: Some(&it.source),
        listener: (!who.known).then_some(it.listener.as_str()),
        ..Start::default()
    };
    let opening = opening(known, it.signals[0].kind, OpenedBy::Signal, start, now);
    let incident = opening.incident;
    let outcome = if who.known { SignalOutcome::Opened } else { SignalOutcome::UnknownDevice };
    let mut events = received(it, who, outcome, Some(incident));
    events.push(Event::IncidentOpened(Box::new(opening)));
    if !who.known {
        events.push(unknown(it, Some(incident)));
    }
    events
}

fn attached(
    known: &Known<'_>,
    it: &ReceiveSignals,
    who: &Sender<'_>,
    open: &Incident,
    located: Option<Located>,
    now: Timestamp,
) -> Vec<Event> {
    let kind = it.signals[0].kind;
    let outcome = if who.known { SignalOutcome::Attached } else { SignalOutcome::UnknownDevice };
    let mut events = received(it, who, outcome, Some(open.id));
    let newer = located.filter(|it| open.place.is_none() || it.place.source == PlaceSource::Fix).map(|it| it.place);
    let placed = newer.is_some() || open.place.is_some();
    let sooner = placed
        && known.policy.plan(kind, known.state.district).start == PlanStart::OfferAtOnce
        && open.ask_at.is_none_or(|at| at > now);
    // Nobody could be found for want of a place, or near the old one.
    let found_again = open.starved && newer.is_some();
    let ask_at = (sooner && open.decided_at.is_none() || found_again).then_some(now);
    let pressed = press(open, kind, Some(&it.source), who.subject, newer, ask_at);
    events.extend(pressed);
    events
}

/// One more press or alarm on an open incident: always counted, and more urgent by one step, or as urgent as its kind.
pub fn press(
    open: &Incident,
    kind: SignalKind,
    source: Option<&DeviceRef>,
    subject: Option<&SubjectId>,
    place: Option<Place>,
    ask_at: Option<Timestamp>,
) -> Vec<Event> {
    let incident = open.id;
    let to = open.urgency.raised().min(kind.opening_urgency());
    let mut events = vec![Event::AlarmAttached {
        incident,
        kind,
        source: source.cloned(),
        subject: subject.cloned(),
        presses: open.presses + 1,
        place,
        ask_at,
    }];
    if to != open.urgency {
        events.push(Event::UrgencyRaised { incident, from: open.urgency, to });
    }
    events
}

/// More unknown devices alarm by this listener than can be people: kept and shown, as one outage.
fn capped(known: &Known<'_>, it: &ReceiveSignals) -> Vec<Event> {
    let who = Sender { subject: None, home: None, known: false };
    let mut events = received(it, &who, SignalOutcome::UnknownDevice, None);
    events.push(unknown(it, None));
    if known.state.outage_of(OutageKind::UnknownDevices, Some(&it.listener)).is_none() {
        events.push(Event::OutageDeclared {
            outage: known.state.next_outage(0),
            kind: OutageKind::UnknownDevices,
            place: Some(it.listener.clone()),
            devices: Vec::new(),
        });
    }
    events
}

/// Joins the device's open incident as an event and takes nothing away: a frightened hand can press cancel.
fn taken_back(known: &Known<'_>, it: &ReceiveSignals, who: &Sender<'_>) -> Vec<Event> {
    let state = known.state;
    let open = state.open_of_device(&it.source).or_else(|| state.open_of_subject(who.subject?));
    let Some(open) = open else { return technical(it, who) };
    let mut events = received(it, who, SignalOutcome::Cancelled, Some(open.id));
    let (incident, kind) = (open.id, it.signals[0].kind);
    events.push(Event::AlarmCancelled { incident, kind, source: it.source.clone() });
    events
}

fn technical(it: &ReceiveSignals, who: &Sender<'_>) -> Vec<Event> {
    let outcome = if who.known { SignalOutcome::Technical } else { SignalOutcome::UnknownDevice };
    let mut events = received(it, who, outcome, None);
    if !who.known {
        events.push(unknown(it, None));
    }
    events
}

fn unknown(it: &ReceiveSignals, incident: Option<IncidentId>) -> Event {
    let first = &it.signals[0];
    Event::UnknownDevice { source: it.source.clone(), kind: first.kind, incident, private: first.private }
}

/// Every signal of the message as it was taken. What rides along with an alarm and is none stays technical.
fn received(it: &ReceiveSignals, who: &Sender<'_>, outcome: SignalOutcome, incident: Option<IncidentId>) -> Vec<Event> {
    let one = |signal: &Signal| {
        let rides_along = signal.kind.class() != it.signals[0].kind.class();
        Event::SignalReceived(Box::new(SignalReceived {
            kind: signal.kind,
            source: it.source.clone(),
            fingerprint: signal.fingerprint,
            outcome: if rides_along { SignalOutcome::Technical } else { outcome },
            incident,
            subject: who.subject.cloned(),
            occurred_at: signal.occurred_at,
            time_refused: signal.time_refused,
            late: signal.late,
            place: signal.place,
            private: signal.private,
        }))
    };
    it.signals.iter().map(one).collect()
}
