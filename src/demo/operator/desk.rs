//! What the operator of the evening does, and when. Pure: the evening's time and a seeded chance come in by the door.
//! Touches nothing that another operator owns; one at a time and unhurried, as a person would.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Deed, Event, Incident, Told};
use crate::chance::Chance;
use crate::scenario::{Operators, Span};

/// A note is written so long after the claim.
const NOTE: Span = Span::of_s(8, 20);

/// After a refusal it is tried again this much later.
const AGAIN: Span = Span::of_s(30, 30);

/// Deeds waiting; an evening has some dozens. The newest is left out, and the board shows it.
const AGENDA_MAX: usize = 2_000;

const NOTES: [&str; 3] = ["已回拨，老人清醒，能说话。", "已回拨，无人应答。", "已联系家属，正在赶来。"];

pub struct Desk {
    name: String,
    visitor: Option<String>,
    /// How long what takes; what is not claimed is left for whoever looks.
    habits: Operators,
    chance: Chance,
    cases: BTreeMap<String, Case>,
    agenda: BTreeMap<(u64, u64), Deed>,
    counted: u64,
}

/// An open incident.
#[derive(Debug, Default)]
struct Case {
    kind: String,
    /// Not ours to touch: another's, the visitor's, or opened by hand.
    theirs: bool,
    /// Of a kind of thing that is left to people for ever, whoever gives it back.
    reserved: bool,
    under_way: BTreeSet<String>,
}

impl Desk {
    pub fn new(name: &str, visitor: Option<String>, habits: Operators, chance: Chance) -> Self {
        let (cases, agenda) = (BTreeMap::new(), BTreeMap::new());
        Self { name: name.to_owned(), visitor, habits, chance, cases, agenda, counted: 0 }
    }

    pub fn next_due_ms(&self) -> Option<u64> {
        self.agenda.keys().next().map(|(due_ms, _)| *due_ms)
    }

    /// The first deed that has come due and is still to be done.
    pub fn next_deed(&mut self, now_ms: u64) -> Option<Deed> {
        while self.next_due_ms()? <= now_ms {
            let (_, deed) = self.agenda.pop_first()?;
            if self.is_to_be_done(&deed) {
                return Some(deed);
            }
        }
        None
    }

    /// A deed was refused, or not answered.
    pub fn refused(&mut self, deed: &Deed, code: &str, now_ms: u64) {
        match (code, deed) {
            ("claimed" | "not_owner", _) => {
                if let Some(case) = deed.incident().and_then(|id| self.cases.get_mut(id)) {
                    case.theirs = true;
                }
            }
            ("" | "responder_under_way", _) => self.plan(now_ms, AGAIN, deed.clone()),
            _ => {}
        }
    }

    pub fn hear(&mut self, told: &Told, now_ms: u64) {
        match told {
            Told::Snapshot(incidents) => {
                self.cases.clear();
                self.agenda.clear();
                for incident in incidents.iter().filter(|it| it.state == "open") {
                    self.adopt(incident, now_ms);
                }
            }
            Told::Event(event) => self.event(event, now_ms),
        }
    }

    fn adopt(&mut self, it: &Incident, now_ms: u64) {
        let reserved = self.is_reserved(it.opened_by.as_deref(), it.subjects.iter());
        let theirs = it.owner.as_ref().is_some_and(|owner| *owner != self.name);
        let is_under_way = |state: &str| matches!(state, "accepted" | "en_route" | "at_door" | "inside");
        let on_way = it.assignments.iter().filter(|it| is_under_way(&it.state));
        let under_way: BTreeSet<String> = on_way.map(|it| it.responder.clone()).collect();
        let done = under_way.is_empty() && it.assignments.iter().any(|it| it.state == "clear");
        self.cases.insert(it.id.clone(), Case { kind: it.kind.clone(), theirs, reserved, under_way });
        self.plan_close(&it.id, !done, now_ms);
    }

    fn event(&mut self, event: &Event, now_ms: u64) {
        match (event.what.as_str(), &event.incident) {
            ("incident_opened", Some(id)) => self.opened(id, event, now_ms),
            ("incident_reopened", Some(id)) => {
                self.cases.insert(id.clone(), Case { reserved: true, ..Case::default() });
            }
            ("incident_closed" | "incident_merged", Some(id)) => drop(self.cases.remove(id)),
            ("task_due", Some(incident)) => {
                let Some(task) = event.task.clone() else { return };
                self.plan(now_ms, self.habits.confirm, Deed::Confirm { incident: incident.clone(), task });
            }
            ("call_abandoned", _) if event.call_back => {
                let Some(call) = event.call.clone() else { return };
                self.plan(now_ms, self.habits.close, Deed::CalledBack { call });
            }
            (_, Some(id)) => self.progressed(id, event, now_ms),
            (_, None) => {}
        }
    }

    fn opened(&mut self, id: &str, event: &Event, now_ms: u64) {
        let reserved = self.is_reserved(event.opened_by.as_deref(), event.subject.iter());
        let kind = event.kind.clone().unwrap_or_default();
        self.cases.insert(id.to_owned(), Case { kind, reserved, ..Case::default() });
        if self.chance.pct(self.habits.claim_pct) {
            self.plan(now_ms, self.habits.claim, Deed::Claim { incident: id.to_owned() });
        }
        self.plan_close(id, true, now_ms);
    }

    /// What changes who has it, or who is under way.
    fn progressed(&mut self, id: &str, event: &Event, now_ms: u64) {
        let Some(case) = self.cases.get_mut(id) else { return };
        match (event.what.as_str(), &event.responder) {
            ("incident_claimed", _) => self.claimed(id, event.owner.as_deref(), now_ms),
            ("incident_released", _) => case.theirs = false,
            ("offer_accepted", Some(responder)) => drop(case.under_way.insert(responder.clone())),
            ("responder_clear", Some(responder)) => {
                case.under_way.remove(responder);
                self.plan_close(id, false, now_ms);
            }
            ("offer_withdrawn", Some(responder)) => drop(case.under_way.remove(responder)),
            _ => {}
        }
    }

    fn claimed(&mut self, id: &str, owner: Option<&str>, now_ms: u64) {
        let ours = owner == Some(&self.name);
        if let Some(case) = self.cases.get_mut(id) {
            case.theirs = !ours;
        }
        if ours {
            let text = *self.chance.pick(&NOTES);
            self.plan(now_ms, NOTE, Deed::Note { incident: id.to_owned(), text });
        }
    }

    /// `given_up`: nobody was reached by then.
    fn plan_close(&mut self, id: &str, given_up: bool, now_ms: u64) {
        let give_up = Span { least_ms: self.habits.give_up_ms, most_ms: self.habits.give_up_ms };
        let within = if given_up { give_up } else { self.habits.close };
        let kind = self.cases.get(id).map_or("", |case| case.kind.as_str()).to_owned();
        let disposition = if given_up { "no_contact" } else { self.disposition(&kind) };
        self.plan(now_ms, within, Deed::Close { incident: id.to_owned(), disposition });
    }

    fn disposition(&mut self, kind: &str) -> &'static str {
        let draw = self.chance.between(1, 100);
        match kind {
            "smoke" | "gas" | "carbon_monoxide" if draw <= 60 => "false_alarm",
            "inactivity" | "no_response" | "wandering" if draw <= 60 => "no_help_needed",
            "fall" | "medical" | "vital" if draw <= 35 => "hospital",
            _ if draw <= 70 => "helped",
            _ if draw <= 85 => "no_help_needed",
            _ => "false_alarm",
        }
    }

    fn plan(&mut self, now_ms: u64, within: Span, deed: Deed) {
        if self.agenda.len() < AGENDA_MAX {
            self.counted += 1;
            let due_ms = now_ms + within.draw(&mut self.chance);
            self.agenda.insert((due_ms, self.counted), deed);
        }
    }

    fn is_reserved<'a>(&self, opened_by: Option<&str>, mut subjects: impl Iterator<Item = &'a String>) -> bool {
        opened_by == Some("hand") || subjects.any(|subject| self.visitor.as_ref() == Some(subject))
    }

    fn is_to_be_done(&self, deed: &Deed) -> bool {
        let Some(id) = deed.incident() else { return true };
        let Some(case) = self.cases.get(id).filter(|case| !case.theirs && !case.reserved) else { return false };
        match deed {
            Deed::Close { .. } => case.under_way.is_empty(),
            Deed::Claim { .. } | Deed::Note { .. } | Deed::Confirm { .. } | Deed::CalledBack { .. } => true,
        }
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
