//! Corrections: operators can put right what a device or a first word got wrong; each is an event with a name.

use crate::dispatch::command::Correct;
use crate::dispatch::event::{Correction, DeviceRef, OpenedBy, ReleaseReason};
use crate::dispatch::locate::{at_home, class_at, said};
use crate::dispatch::state::Incident;
use crate::dispatch::{By, Event, Rejection};
use crate::domain::offer::WithdrawReason;
use crate::domain::plan::PlanStart;
use crate::domain::*;

use super::open::{Start, home, opening};
use super::{Known, aid, claim, offer, person};

pub fn correct(known: &Known<'_>, id: IncidentId, to: &Correct, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    if *to == Correct::default() {
        return Err(Rejection::NothingToCorrect);
    }
    if let Some(kind) = to.kind.filter(|kind| !kind.is_alarm()) {
        return Err(Rejection::NotAnAlarm { kind });
    }
    let other = to.subject.as_ref().and_then(|subject| Some((subject, known.state.open_of_subject(subject)?)));
    if let Some((subject, open)) = other.filter(|(_, open)| open.id != id) {
        return Err(Rejection::SubjectHasIncident { subject: subject.clone(), incident: open.id });
    }
    let mut correction = moved(known, incident, to, now)?;
    correction.kind = to.kind;
    correction.urgency = to.urgency;
    correction.subject.clone_from(&to.subject);
    replan(known, incident, to, &mut correction, now);
    Ok(vec![Event::IncidentCorrected(Box::new(correction))])
}

/// One closes into the other, which takes its alarms over. Whoever is asked for the first is told to stay.
pub fn merge(
    known: &Known<'_>,
    id: IncidentId,
    into: IncidentId,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if id == into {
        return Err(Rejection::MergeIntoItself);
    }
    let incident = known.open_incident(id)?;
    known.open_incident(into)?;
    if let Some(responder) = incident.who_is_under_way() {
        return Err(Rejection::ResponderUnderWay { incident: id, responder: responder.clone() });
    }
    let mut events = claim::own(known, incident, by, now)?;
    events.extend(incident.pending().map(|it| offer::withdrawn(id, it, WithdrawReason::IncidentMerged)));
    events.extend(aid::withdrawn(incident, WithdrawReason::IncidentMerged, |_| true));
    let owner = by.map(|by| by.account.clone()).expect("a merge is asked for by a person");
    events.push(Event::IncidentReleased { incident: id, owner, reason: ReleaseReason::Merged });
    events.push(Event::IncidentMerged { incident: id, into });
    Ok(events)
}

/// The alarms of one device leave for an incident of their own, which is promised a door as if it had never been here.
pub fn detach(
    known: &Known<'_>,
    id: IncidentId,
    source: &DeviceRef,
    kind: Option<SignalKind>,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    if let Some(kind) = kind.filter(|kind| !kind.is_alarm()) {
        return Err(Rejection::NotAnAlarm { kind });
    }
    if !incident.sources.contains(source) {
        return Err(Rejection::NotOfIncident { incident: id });
    }
    let mut others = incident.sources.iter().filter(|it| *it != source).peekable();
    if others.peek().is_none() {
        return Err(Rejection::OnlyAlarm { incident: id });
    }
    let subject = wearer(known, source);
    if let Some(subject) = subject.filter(|it| others.any(|other| wearer(known, other) == Some(it))) {
        return Err(Rejection::SubjectHasIncident { subject: subject.clone(), incident: id });
    }
    let home = home(known, subject, None)?;
    let located = home.map(|home| at_home(home, now));
    let start = Start { subject, home, located, source: Some(source), ..Start::default() };
    let mut opening = opening(known, kind.unwrap_or(incident.kind), OpenedBy::Hand, start, now);
    let promised = incident.round_at.after_s(known.policy.sla.door_s(opening.class));
    opening.door_due_at = promised.max(now.after_s(1));
    let (into, answer_due_at) = (opening.incident, opening.answer_due_at);
    let mut events = claim::own(known, incident, by, now)?;
    events.push(Event::AlarmDetached { incident: id, source: source.clone(), subject: subject.cloned(), into });
    events.push(Event::IncidentOpened(Box::new(opening)));
    events.extend(claim::first_claim(known, into, answer_due_at, &person(by).account, now));
    Ok(events)
}

/// Whose device it is.
fn wearer<'a>(known: &Known<'a>, source: &DeviceRef) -> Option<&'a SubjectId> {
    match source {
        DeviceRef::Known(device) => known.facts.device(device).map(|it| &it.subject),
        DeviceRef::Unknown(_) => None,
    }
}

/// Another place, premises or subject: where it is now, and the promise that follows from its class.
fn moved(known: &Known<'_>, incident: &Incident, to: &Correct, now: Timestamp) -> Result<Correction, Rejection> {
    let home = home(known, to.subject.as_ref(), to.premises.as_ref())?;
    let located = to.place.as_ref().map(said).or_else(|| home.map(|home| at_home(home, now)));
    let class = located.is_some().then(|| class_at(located.as_ref(), home, known.facts));
    let door_due_at = class.filter(|class| *class != incident.class);
    Ok(Correction {
        incident: incident.id,
        kind: None,
        urgency: None,
        subject: None,
        premises: home.map(|home| home.id.clone()),
        place: located.map(|it| it.place),
        class,
        door_due_at: door_due_at.map(|class| incident.round_at.after_s(known.policy.sla.door_s(class))),
        plan: None,
        ask_at: None,
        heard: None,
    })
}

/// Another kind has another plan; where nobody was asked yet, it begins now.
fn replan(known: &Known<'_>, incident: &Incident, to: &Correct, correction: &mut Correction, now: Timestamp) {
    let plan = to.kind.map(|kind| known.policy.plan(kind, known.state.district));
    let start = plan.as_ref().unwrap_or(&incident.plan).start;
    let placed = correction.place.is_some() || incident.place.is_some();
    let begins = start == PlanStart::OfferAtOnce && placed && incident.decided_at.is_none();
    let newly_placed = correction.place.is_some() && incident.ask_at.is_some();
    correction.ask_at = (begins || newly_placed).then_some(now);
    correction.plan = plan;
}
