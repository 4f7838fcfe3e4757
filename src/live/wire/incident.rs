//! One incident as the board, the snapshot and the queries show it.

use serde_json::{Value, json};

use super::place::place_json;
use super::{Eye, Object, event_json, put, value_of};
use crate::dispatch::event::{Event, SignalReceived, Stamped};
use crate::dispatch::state::{Assignment, Incident, Task};

/// INCIDENT without its signals and timeline.
pub fn incident_json(incident: &Incident, eye: &Eye<'_>) -> Value {
    let it = incident;
    let mut shown = Object::new();
    put(&mut shown, "id", Some(it.id));
    put(&mut shown, "district", Some(it.id.district));
    put(&mut shown, "state", Some(if it.is_open() { "open" } else { "closed" }));
    put(&mut shown, "stage", Some(it.stage()));
    put(&mut shown, "kind", Some(it.kind));
    put(&mut shown, "urgency", Some(it.urgency));
    put(&mut shown, "presses", Some(it.presses));
    shown.insert("subject".to_owned(), value_of(it.subject()));
    put(&mut shown, "subjects", Some(&it.subjects));
    shown.insert("premises".to_owned(), value_of(&it.premises));
    let place = place_json(it.place.as_ref(), it.premises.as_ref(), eye);
    shown.insert("place".to_owned(), place.unwrap_or(Value::Null));
    put(&mut shown, "class", Some(it.class));
    put(&mut shown, "opened_at", Some(it.opened_at));
    put(&mut shown, "opened_by", Some(it.opened_by));
    put(&mut shown, "call", it.call.as_ref());
    put(&mut shown, "round", Some(it.round));
    put(&mut shown, "door_due_at", Some(it.door_due_at));
    put(&mut shown, "answer_due_at", Some(it.answer_due_at));
    put(&mut shown, "answered_at", it.answered_at);
    shown.insert("owner".to_owned(), value_of(it.owner()));
    shown.insert("assignments".to_owned(), it.assignments.iter().map(assignment).collect());
    put(&mut shown, "rung", it.present_rung().map(|rung| &rung.name));
    shown.insert("tasks".to_owned(), it.tasks.iter().map(task).collect());
    shown.insert("disposition".to_owned(), value_of(it.closure.as_ref().map(|it| it.disposition)));
    put(&mut shown, "closed_at", it.closure.as_ref().map(|it| it.at));
    put(&mut shown, "merged_into", it.closure.as_ref().and_then(|it| it.into));
    Value::Object(shown)
}

/// INCIDENT with everything that happened to it: `events` are those of its timeline, in order.
pub fn incident_full_json(incident: &Incident, events: &[Stamped], eye: &Eye<'_>) -> Value {
    let mut shown = incident_json(incident, eye);
    let signals: Vec<Value> = events.iter().filter_map(|event| signal(event, eye)).collect();
    shown["signals"] = Value::Array(signals);
    shown["timeline"] = events.iter().map(|event| event_json(event, eye)).collect();
    shown
}

fn assignment(it: &Assignment) -> Value {
    json!({"responder": it.responder, "offer": it.offer, "state": it.state, "at": it.at, "eta_s": it.eta_s})
}

fn task(it: &Task) -> Value {
    let mut shown = Object::new();
    put(&mut shown, "task", Some(it.id));
    put(&mut shown, "rung", Some(&it.rung));
    put(&mut shown, "due_at", Some(it.due_at));
    put(&mut shown, "confirmed_at", it.confirmed.as_ref().map(|(at, _)| at));
    put(&mut shown, "by", it.confirmed.as_ref().and_then(|(_, by)| by.as_ref()));
    Value::Object(shown)
}

fn signal(event: &Stamped, eye: &Eye<'_>) -> Option<Value> {
    let it: &SignalReceived = match &event.event {
        Event::SignalReceived(it) => it,
        _ => return None,
    };
    let kept = eye.object(it.private.id);
    let device = kept.get("device").cloned().or_else(|| eye.device_name(&it.source).map(Value::String));
    let mut shown = Object::new();
    put(&mut shown, "seq", Some(event.seq));
    shown.insert("device".to_owned(), device.unwrap_or(Value::Null));
    shown.insert("id".to_owned(), kept.get("id").cloned().unwrap_or(Value::Null));
    put(&mut shown, "kind", Some(it.kind));
    shown.insert("at".to_owned(), value_of(it.occurred_at));
    put(&mut shown, "received_at", Some(event.at));
    put(&mut shown, "outcome", Some(it.outcome));
    put(&mut shown, "place", Some(it.place));
    put(&mut shown, "late", Some(it.late));
    put(&mut shown, "time_refused", it.time_refused.then_some(true));
    Some(Value::Object(shown))
}
