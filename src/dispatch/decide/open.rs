//! Opening: everything an incident starts with, resolved; and incidents opened by a person.

use crate::dispatch::command::OpenByHand;
use crate::dispatch::event::{DeviceRef, OpenedBy, Opening, Terms};
use crate::dispatch::locate::{Located, at_home, class_at, said};
use crate::dispatch::{Answer, By, Event, Rejection};
use crate::domain::plan::PlanStart;
use crate::domain::premises::Premises;
use crate::domain::*;

use super::{Known, claim, person};

/// What is known when an incident opens.
#[derive(Debug, Default)]
pub struct Start<'a> {
    pub subject: Option<&'a SubjectId>,
    pub home: Option<&'a Premises>,
    pub located: Option<Located>,
    pub source: Option<&'a DeviceRef>,
    pub call: Option<&'a CallId>,
    pub listener: Option<&'a str>,
    pub note: Option<PrivateRef>,
}

pub fn opening(known: &Known<'_>, kind: SignalKind, opened_by: OpenedBy, start: Start<'_>, now: Timestamp) -> Opening {
    let policy = known.policy;
    let plan = policy.plan(kind, known.state.district);
    let class = class_at(start.located.as_ref(), start.home, known.facts);
    let asks = start.located.is_some() && plan.start != PlanStart::Technical;
    Opening {
        incident: known.state.next_incident(),
        kind,
        urgency: kind.opening_urgency(),
        opened_by,
        subject: start.subject.cloned(),
        premises: start.home.map(|home| home.id.clone()),
        place: start.located.map(|it| it.place),
        source: start.source.cloned(),
        call: start.call.cloned(),
        class,
        ask_at: asks.then(|| now.after_s(if plan.start == PlanStart::CallBack { plan.wait_s } else { 0 })),
        plan,
        ladder: policy.ladder.clone(),
        answer_due_at: now.after_s(policy.sla.answer_s),
        door_due_at: now.after_s(policy.sla.door_s(class)),
        terms: Terms {
            unattended_s: policy.unattended_s,
            last_call_s: policy.last_call_s,
            claim_untended_s: policy.claim_untended_s,
        },
        listener: start.listener.map(str::to_owned),
        registry: known.facts.version,
        note: start.note,
        aid: None,
        others: Vec::new(),
    }
}

/// Opened by an operator, who owns it from the start. About a call: the caller's open incident is joined instead.
pub fn by_hand(known: &Known<'_>, it: &OpenByHand, by: Option<&By>, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    if !it.kind.is_alarm() {
        return Err(Rejection::NotAnAlarm { kind: it.kind });
    }
    let call = match &it.call {
        Some(id) => Some((id, known.state.call(id).ok_or_else(|| Rejection::NoSuchCall(id.clone()))?)),
        None => None,
    };
    let joined = call.and_then(|(_, call)| call.incident).and_then(|id| known.state.incident(id));
    if let Some(incident) = joined.filter(|it| it.is_open()) {
        let answer = Answer { seq: Some(known.state.seq), incident: Some(incident.id), ..Answer::default() };
        return Err(Rejection::Repeat(answer));
    }
    let subject = it.subject.as_ref().or(call.and_then(|(_, call)| call.subject.as_ref()));
    let home = home(known, subject, it.premises.as_ref())?;
    if let Some(open) = subject.and_then(|subject| known.state.open_of_subject(subject)) {
        let Some((call, _)) = call else {
            let subject = open.subject().or(subject).expect("an open incident was found by a subject").clone();
            return Err(Rejection::SubjectHasIncident { subject, incident: open.id });
        };
        return Ok(join(known, call, open.id, it.kind, subject));
    }
    let located = it.place.as_ref().map(said).or_else(|| home.map(|home| at_home(home, now)));
    if located.is_none() && call.is_none() {
        return Err(Rejection::NowhereToGo);
    }
    let call = call.map(|(id, _)| id);
    let opened_by = if call.is_some() { OpenedBy::Call } else { OpenedBy::Hand };
    let start = Start { subject, home, located, call, note: it.note, ..Start::default() };
    let opening = opening(known, it.kind, opened_by, start, now);
    let incident = opening.incident;
    let door = claim::first_claim(known, incident, opening.answer_due_at, &person(by).account, now);
    let mut events = vec![Event::IncidentOpened(Box::new(opening))];
    events.extend(call.map(|call| Event::CallJoined { call: call.clone(), incident, subject: subject.cloned() }));
    events.extend(door);
    Ok(events)
}

/// The premises named, or else the subject's home; both must be of this district.
pub fn home<'a>(
    known: &Known<'a>,
    subject: Option<&SubjectId>,
    premises: Option<&PremisesId>,
) -> Result<Option<&'a Premises>, Rejection> {
    let ours = |it: &&Premises| it.district == known.state.district;
    let of_subject = match subject {
        Some(id) => {
            let home = known.facts.home_of(id).map(|it| &**it).filter(ours);
            Some(home.ok_or_else(|| Rejection::NoSuchSubject(id.clone()))?)
        }
        None => None,
    };
    match premises {
        Some(id) => {
            let named = known.facts.premises(id).map(|it| &**it).filter(ours);
            named.map(Some).ok_or_else(|| Rejection::NoSuchPremises(id.clone()))
        }
        None => Ok(of_subject),
    }
}

fn join(
    known: &Known<'_>,
    call: &CallId,
    incident: IncidentId,
    kind: SignalKind,
    subject: Option<&SubjectId>,
) -> Vec<Event> {
    let mut events = vec![Event::CallJoined { call: call.clone(), incident, subject: subject.cloned() }];
    let open = known.state.incident(incident).expect("joined by the id of an open incident");
    events.extend(super::alarm::press(open, kind, None, subject, None, None));
    events
}
