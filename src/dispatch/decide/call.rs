//! Calls to the hotline. Silence is a reason to act: an abandoned call of a known subject is an alarm, any other
//! waits on the board until somebody has called back.

use crate::dispatch::command::{CallEvent, ReportCall};
use crate::dispatch::event::OpenedBy;
use crate::dispatch::locate::at_home;
use crate::dispatch::state::{Call, CallState, ClockState};
use crate::dispatch::{Answer, Event, Rejection};
use crate::domain::sla::SlaClock;
use crate::domain::*;

use super::Known;
use super::open::{Start, opening};

pub fn report(known: &Known<'_>, it: &ReportCall, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let call = known.state.call(&it.call);
    if let Some(call) = call.filter(|call| is_said_already(call, &it.event)) {
        let answer = Answer {
            seq: Some(known.state.seq),
            incident: call.incident,
            subject: call.subject.clone(),
            ..Answer::default()
        };
        return Err(Rejection::Repeat(answer));
    }
    // The exchange may have lost the first words of a call; it begins with whatever is heard first.
    let mut events = Vec::new();
    if call.is_none() {
        events.push(Event::CallRinging {
            call: it.call.clone(),
            from: it.from,
            subject: it.subject.clone(),
            own_phone: it.own_phone,
        });
    }
    match &it.event {
        CallEvent::Ringing => {}
        CallEvent::Answered { operator } => events.extend(answered(known, it, operator.as_ref(), now)),
        CallEvent::Ended if call.is_some_and(|call| call.state == CallState::Ringing) => {
            events.extend(abandoned(known, it, now));
        }
        CallEvent::Ended => events.push(Event::CallEnded { call: it.call.clone() }),
        CallEvent::Abandoned if call.is_some_and(|call| call.state == CallState::Answered) => {
            events.push(Event::CallEnded { call: it.call.clone() });
        }
        CallEvent::Abandoned => events.extend(abandoned(known, it, now)),
    }
    Ok(events)
}

/// Somebody has called back.
pub fn returned(known: &Known<'_>, call: &CallId, note: Option<PrivateRef>) -> Result<Vec<Event>, Rejection> {
    let it = known.state.call(call).ok_or_else(|| Rejection::NoSuchCall(call.clone()))?;
    if !it.call_back {
        return Err(Rejection::NothingToDo);
    }
    Ok(vec![Event::CallReturned { call: call.clone(), note }])
}

fn is_said_already(call: &Call, event: &CallEvent) -> bool {
    match event {
        CallEvent::Ringing => true,
        CallEvent::Answered { .. } => call.state != CallState::Ringing,
        CallEvent::Ended | CallEvent::Abandoned => matches!(call.state, CallState::Ended | CallState::Abandoned),
    }
}

fn answered(known: &Known<'_>, it: &ReportCall, operator: Option<&AccountName>, now: Timestamp) -> Vec<Event> {
    let subject = subject_of(known, it);
    let open = subject.and_then(|subject| known.state.open_of_subject(subject));
    let incident = open.map(|open| open.id);
    let mut events = vec![Event::CallAnswered { call: it.call.clone(), operator: operator.cloned(), incident }];
    if let Some(open) = open.filter(|open| open.answer == ClockState::Running && now <= open.answer_due_at) {
        events.push(Event::SlaMet {
            incident: open.id,
            clock: SlaClock::Answer,
            due_at: open.answer_due_at,
            met_at: now,
        });
    }
    events
}

fn abandoned(known: &Known<'_>, it: &ReportCall, now: Timestamp) -> Vec<Event> {
    let call = || it.call.clone();
    let own_phone = known.state.call(&it.call).map_or(it.own_phone, |call| call.own_phone);
    let Some(subject) = subject_of(known, it).filter(|_| own_phone) else {
        return vec![Event::CallAbandoned { call: call(), incident: None, call_back: true }];
    };
    if let Some(open) = known.state.open_of_subject(subject) {
        let mut events = vec![Event::CallAbandoned { call: call(), incident: Some(open.id), call_back: false }];
        events.extend(super::alarm::press(open, SignalKind::NoResponse, None, Some(subject), None, None));
        return events;
    }
    let home = known.facts.home_of(subject).map(|home| &**home);
    let located = home.map(|home| at_home(home, now));
    let start = Start { subject: Some(subject), home, located, call: Some(&it.call), ..Start::default() };
    let opening = opening(known, SignalKind::NoResponse, OpenedBy::Call, start, now);
    let incident = Some(opening.incident);
    vec![Event::IncidentOpened(Box::new(opening)), Event::CallAbandoned { call: call(), incident, call_back: false }]
}

/// As it was recognised when it rang; else as it is recognised now.
fn subject_of<'a>(known: &Known<'a>, it: &'a ReportCall) -> Option<&'a SubjectId> {
    known.state.call(&it.call).map_or(it.subject.as_ref(), |call| call.subject.as_ref())
}
