use serde_json::json;

use super::*;
use crate::dispatch::Stamped;
use crate::dispatch::facts::Row;
use crate::dispatch::state::State;
use crate::domain::premises::Premises;
use crate::domain::{Class, Point};

const COMMITMENT: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

#[test]
fn a_signal_shows_what_is_private_only_to_those_who_may_see_it() {
    let event = stamped(json!({"v": 1, "seq": 1, "at": "2026-11-21T04:00:00.000Z", "type": "signal_received",
        "request": "000000000000000000000000000000ff", "kind": "sos", "source": {"known": "D-1"},
        "fingerprint": "00000000000000000000000000000001", "outcome": "opened", "incident": "330481-1",
        "subject": "S-1", "place": "given", "private": private(1)}));
    let shut = json!({"seq": 1, "at": "2026-11-21T04:00:00.000Z", "type": "signal_received", "kind": "sos",
        "outcome": "opened", "incident": "330481-1", "subject": "S-1", "place": "given"});
    assert_eq!(event_shown(&event, &Eye::shut(&facts(), event.at)), shut);
    let mut open = shut;
    let kept = json!({"device": "http:x", "id": "v1", "lat": 30.5, "lon": 120.6, "battery_pct": 41});
    open.as_object_mut().unwrap().extend(kept.as_object().unwrap().clone());
    assert_eq!(event_shown(&event, &Eye::open(&facts(), &vault, event.at)), open);
}

#[test]
fn a_note_and_a_caller_are_texts_and_gone_where_they_were_erased() {
    let note = stamped(json!({"v": 1, "seq": 4, "at": "2026-11-21T04:00:00.000Z", "by": "op", "type": "note_added",
        "incident": "330481-1", "note": private(2)}));
    let shown = |private: &Lookup<'_>| event_shown(&note, &Eye::open(&facts(), private, note.at));
    let expected = json!({"seq": 4, "at": "2026-11-21T04:00:00.000Z", "by": "op", "type": "note_added",
        "incident": "330481-1", "note": "the son is coming"});
    assert_eq!(shown(&vault), expected);
    assert_eq!(shown(&|_| None).get("note"), None);
    let call = stamped(json!({"v": 1, "seq": 5, "at": "2026-11-21T04:00:00.000Z", "type": "call_ringing",
        "call": "pbx-9", "from": private(3), "own_phone": true}));
    assert_eq!(event_shown(&call, &Eye::open(&facts(), &vault, call.at))["from"], "+8657387000001");
    let raised = stamped(json!({"v": 1, "seq": 6, "at": "2026-11-21T04:00:00.000Z", "type": "urgency_raised",
        "incident": "330481-1", "from": 3, "to": 2}));
    assert_eq!(event_shown(&raised, &Eye::shut(&facts(), raised.at))["from"], 3, "only references are private");
}

#[test]
fn an_incident_has_the_contracts_shape() {
    let (state, events) = opened();
    let facts = facts();
    let now = events[1].at.after_s(90);
    let incident = state.incidents().next().unwrap();
    let shown = json!(IncidentShown::of(incident, &Eye::open(&facts, &vault, now)));
    let expected = json!({"id": "330481-1", "district": "330481", "state": "open", "stage": "waiting", "kind": "sos",
        "urgency": 2, "presses": 1, "subject": "S-1", "subjects": ["S-1"], "premises": "P-1",
        "place": {"lat": 30.5, "lon": 120.6, "source": "fix", "age_s": 90}, "class": "urban",
        "opened_at": "2026-11-21T04:00:00.000Z", "opened_by": "signal", "round": 1,
        "door_due_at": "2026-11-21T04:30:00.000Z", "answer_due_at": "2026-11-21T04:00:15.000Z", "owner": null,
        "assignments": [], "tasks": [], "disposition": null});
    assert_eq!(shown, expected);
    let shut = json!(IncidentShown::of(incident, &Eye::shut(&facts, now)));
    assert_eq!(shut["place"], json!({"source": "fix", "age_s": 90}));
    let erased = json!(IncidentShown::of(incident, &Eye::open(&facts, &|_| None, now)));
    assert_eq!(erased["place"]["lat"], 30.53, "an erased place falls back to the home");
    let full = json!(Timeline::of(incident, &events, &Eye::open(&facts, &vault, now)));
    let signal = json!({"seq": 1, "device": "http:x", "id": "v1", "kind": "sos", "at": null,
        "received_at": "2026-11-21T04:00:00.000Z", "outcome": "opened", "place": "given", "late": false});
    assert_eq!(full["signals"], json!([signal]));
    assert_eq!(full["timeline"][1]["type"], "incident_opened");
}

fn event_shown(event: &Stamped, eye: &Eye<'_>) -> Value {
    json!(EventShown::of(event, eye))
}

/// A state with one incident, and its two events.
fn opened() -> (State, Vec<Stamped>) {
    let events = [
        json!({"v": 1, "seq": 1, "at": "2026-11-21T04:00:00.000Z", "type": "signal_received", "kind": "sos",
            "source": {"known": "D-1"}, "fingerprint": "00000000000000000000000000000001", "outcome": "opened",
            "subject": "S-1", "place": "given", "private": private(1)}),
        json!({"v": 1, "seq": 2, "at": "2026-11-21T04:00:00.000Z", "type": "incident_opened",
            "incident": "330481-1", "kind": "sos", "urgency": 2, "opened_by": "signal", "subject": "S-1",
            "premises": "P-1", "place": {"source": "fix", "at": "2026-11-21T04:00:00.000Z", "private": private(1)},
            "class": "urban", "plan": {"start": "offer_at_once", "wait_s": 0, "parallel": 1}, "ladder": [],
            "answer_due_at": "2026-11-21T04:00:15.000Z", "door_due_at": "2026-11-21T04:30:00.000Z",
            "terms": {"unattended_s": 90, "last_call_s": 300, "claim_untended_s": 300}, "registry": 1}),
    ];
    let events: Vec<Stamped> = events.into_iter().map(stamped).collect();
    let mut state = State::new("330481".parse().unwrap());
    events.iter().for_each(|event| state.apply(event));
    (state, events)
}

fn stamped(event: Value) -> Stamped {
    serde_json::from_value(event).unwrap()
}

fn private(n: u8) -> Value {
    json!({"id": format!("{n:032x}"), "commitment": COMMITMENT})
}

fn vault(id: PrivateId) -> Option<String> {
    let signal = r#"{"device":"http:x","id":"v1","lat":30.5,"lon":120.6,"battery_pct":41}"#;
    match id.0 {
        1 => Some(signal.to_owned()),
        2 => Some("the son is coming".to_owned()),
        3 => Some("+8657387000001".to_owned()),
        _ => None,
    }
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.put(Row::Premises(Premises {
        id: "P-1".parse().unwrap(),
        district: "330481".parse().unwrap(),
        village: None,
        class: Class::Urban,
        address: "made up".into(),
        point: Point::from_degrees(30.53, 120.68).unwrap(),
    }));
    facts
}
