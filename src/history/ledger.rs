//! The ledger of a district: what became of each promise at a door and of each call, of today and yesterday. Folded from
//! events; what it says does not depend on whether it was begun before them or from the state after them.

use std::collections::BTreeMap;

use crate::dispatch::state::{CallState, ClockState, Incident};
use crate::dispatch::{Event, Stamped, State};
use crate::domain::sla::SlaClock;
use crate::domain::{CallId, Class, IncidentId, Seq, Timestamp};

/// How long what is over is kept: as long as the state can have it reopened.
const KEPT_S: u64 = 48 * 3600;

/// How many are kept before the old ones are looked for; and then again when there are twice as many as were left.
const SWEEP_AT: usize = 1_024;

/// The figures of a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub urban: Doors,
    pub rural: Doors,
    /// Calls that rang in that time and are answered or over.
    pub calls: u64,
    pub answered_in_time: u64,
}

/// Promises that were kept or broken in that time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doors {
    pub decided: u64,
    pub met: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The last event that is part of it.
    seq: Seq,
    doors: BTreeMap<u64, Door>,
    calls: BTreeMap<CallId, Ring>,
    /// How many there were after the last look.
    left: usize,
}

/// The promise at the door of an incident's present round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Door {
    class: Class,
    /// When it was kept, or should have been; and whether it was.
    decided: Option<(Timestamp, bool)>,
    closed_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ring {
    rang_at: Timestamp,
    answered_at: Option<Timestamp>,
    over: bool,
}

impl Ledger {
    pub fn of(state: &State) -> Self {
        let doors = state.incidents().map(|it| (it.id.number, Door::of(it))).collect();
        let ring = |it: &crate::dispatch::state::Call| Ring {
            rang_at: it.rang_at,
            answered_at: it.answered_at,
            over: matches!(it.state, CallState::Ended | CallState::Abandoned),
        };
        let calls = state.calls().map(|(id, it)| (id.clone(), ring(it))).collect();
        Self { seq: state.seq, doors, calls, left: 0 }
    }

    /// What it has already changes nothing.
    pub fn apply(&mut self, stamped: &Stamped) {
        if stamped.seq <= self.seq {
            return;
        }
        self.seq = stamped.seq;
        let at = stamped.at;
        match &stamped.event {
            Event::IncidentOpened(it) => {
                self.sweep(at);
                let door = Door { class: it.class, decided: None, closed_at: None };
                self.doors.insert(it.incident.number, door);
            }
            Event::IncidentCorrected(to) => self.door(to.incident, |it| {
                it.class = to.class.unwrap_or(it.class);
                if let (Some((_, false)), Some(due_at)) = (it.decided, to.door_due_at) {
                    it.decided = Some((due_at, false));
                }
            }),
            Event::SlaBreached { incident, clock: SlaClock::Door, due_at } => {
                self.door(*incident, |it| it.decided = Some((*due_at, false)));
            }
            Event::SlaMet { incident, clock: SlaClock::Door, met_at, .. } => {
                self.door(*incident, |it| it.decided = Some((*met_at, true)));
            }
            Event::IncidentReopened { incident, .. } => {
                self.door(*incident, |it| (it.decided, it.closed_at) = (None, None));
            }
            Event::IncidentClosed { incident, .. } | Event::IncidentMerged { incident, .. } => {
                self.door(*incident, |it| it.closed_at = Some(at));
            }
            Event::CallRinging { call, .. } => {
                self.calls.insert(call.clone(), Ring { rang_at: at, answered_at: None, over: false });
            }
            Event::CallAnswered { call, .. } => self.call(call, |it| it.answered_at = Some(at)),
            Event::CallEnded { call } | Event::CallAbandoned { call, .. } => self.call(call, |it| it.over = true),
            _ => {}
        }
    }

    pub fn tally(&self, since: Timestamp, answer_s: u64) -> Tally {
        let mut tally = Tally::default();
        for door in self.doors.values() {
            let Some((_, met)) = door.decided.filter(|(at, _)| *at >= since) else { continue };
            let doors = match door.class {
                Class::Urban => &mut tally.urban,
                Class::Rural => &mut tally.rural,
            };
            doors.decided += 1;
            doors.met += u64::from(met);
        }
        for ring in self.calls.values().filter(|it| it.rang_at >= since && (it.over || it.answered_at.is_some())) {
            tally.calls += 1;
            let in_time = ring.answered_at.is_some_and(|it| it <= ring.rang_at.after_s(answer_s));
            tally.answered_in_time += u64::from(in_time);
        }
        tally
    }

    fn door(&mut self, incident: IncidentId, change: impl FnOnce(&mut Door)) {
        if let Some(door) = self.doors.get_mut(&incident.number) {
            change(door);
        }
    }

    fn call(&mut self, call: &CallId, change: impl FnOnce(&mut Ring)) {
        if let Some(ring) = self.calls.get_mut(call) {
            change(ring);
        }
    }

    fn sweep(&mut self, at: Timestamp) {
        if self.doors.len() + self.calls.len() < SWEEP_AT.max(2 * self.left) {
            return;
        }
        let before = at.before_s(KEPT_S);
        self.doors.retain(|_, it| it.closed_at.is_none_or(|at| at > before));
        self.calls.retain(|_, it| it.rang_at > before);
        self.left = self.doors.len() + self.calls.len();
    }
}

impl Door {
    fn of(it: &Incident) -> Self {
        let decided = match it.door {
            ClockState::Running | ClockState::Warned => None,
            ClockState::Met(at) | ClockState::BreachedThenMet(at) => Some((at, true)),
            ClockState::Breached => Some((it.door_due_at, false)),
        };
        Self { class: it.class, decided, closed_at: it.closure.as_ref().map(|it| it.at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str = include_str!("../../tests/vectors/events/v1.jsonl");

    /// A ledger that was begun after any number of events says the same as one that saw them all.
    #[test]
    fn a_start_in_between_changes_no_figure() {
        let story = story();
        let mut whole = Ledger::default();
        story.iter().for_each(|it| whole.apply(it));
        for cut in 0..=story.len() {
            let mut ledger = Ledger::default();
            story[..cut].iter().for_each(|it| ledger.apply(it));
            // The whole batch comes again: what is known is taken once.
            story.iter().for_each(|it| ledger.apply(it));
            assert_eq!(ledger, whole, "cut at {cut}");
        }
        let tally = whole.tally(Timestamp::from_ms(0), 15);
        assert_eq!(
            tally,
            Tally { urban: Doors { decided: 2, met: 1 }, rural: Doors::default(), calls: 3, answered_in_time: 1 }
        );
        assert_eq!(whole.tally(Timestamp::from_ms(99_000_000), 15), Tally::default());
    }

    #[test]
    fn a_round_that_begins_again_is_undecided() {
        let mut ledger = Ledger::default();
        story().iter().for_each(|it| ledger.apply(it));
        let before = ledger.tally(Timestamp::from_ms(0), 15).urban;
        ledger.apply(&event(90, 90_000, r#""type":"incident_reopened","incident":"330481-1","round":2,"answer_due_at":"1970-01-01T00:02:00.000Z","door_due_at":"1970-01-01T01:00:00.000Z""#));
        let after = ledger.tally(Timestamp::from_ms(0), 15).urban;
        assert_eq!((before.decided, after.decided), (2, 1));
    }

    /// Two incidents, one reached in time and one not; three calls: answered soon, answered late, given up.
    fn story() -> Vec<Stamped> {
        let due = r#""due_at":"1970-01-01T00:00:30.000Z""#;
        let from = r#""from":{"id":"00000000000000000000000000000000","commitment":"0000000000000000000000000000000000000000000000000000000000000000"},"own_phone":true"#;
        let lines = [
            (1, opened(1)),
            (2, opened(2)),
            (
                3,
                format!(
                    r#""type":"sla_met","incident":"330481-1","clock":"door",{due},"met_at":"1970-01-01T00:00:03.000Z""#
                ),
            ),
            (4, format!(r#""type":"call_ringing","call":"c-1",{from}"#)),
            (9, r#""type":"call_answered","call":"c-1""#.to_owned()),
            (10, format!(r#""type":"call_ringing","call":"c-2",{from}"#)),
            (11, format!(r#""type":"call_ringing","call":"c-3",{from}"#)),
            (26, r#""type":"call_answered","call":"c-2""#.to_owned()),
            (27, r#""type":"call_abandoned","call":"c-3","call_back":true"#.to_owned()),
            (31, format!(r#""type":"sla_breached","incident":"330481-2","clock":"door",{due}"#)),
            (32, r#""type":"incident_closed","incident":"330481-2","disposition":"helped""#.to_owned()),
        ];
        let stamped = lines.iter().enumerate().map(|(index, (at_s, line))| event(index as Seq + 1, at_s * 1000, line));
        stamped.collect()
    }

    /// The first opening among the golden lines, under another number.
    fn opened(number: u64) -> String {
        let line = EVENTS.lines().find(|it| it.contains(r#""type":"incident_opened""#)).unwrap();
        let mut opening: serde_json::Value = serde_json::from_str(line).unwrap();
        opening["incident"] = format!("330481-{number}").into();
        opening["class"] = "urban".into();
        let fields = opening.as_object_mut().unwrap();
        ["v", "seq", "at", "by", "request"].iter().for_each(|key| drop(fields.remove(*key)));
        let text = opening.to_string();
        text[1..text.len() - 1].to_owned()
    }

    fn event(seq: Seq, at_ms: i64, fields: &str) -> Stamped {
        let at = Timestamp::from_ms(at_ms);
        let at = serde_json::to_string(&at).unwrap();
        serde_json::from_str(&format!(r#"{{"v":1,"seq":{seq},"at":{at},{fields}}}"#)).unwrap()
    }
}
