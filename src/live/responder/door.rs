//! At the door: a scan that must read what the registry says, and how it ended in the responder's own words.

use serde_json::json;

use super::Session;
use super::said::Scan;
use crate::dispatch::event::Via;
use crate::dispatch::state::Assignment;
use crate::dispatch::{Command, State};
use crate::domain::IncidentId;
use crate::domain::offer::Progress;
use crate::live::socket::Farewell;
use crate::registry::PrivateRow;

impl Session<'_> {
    /// The right code is an arrival with its proof; a wrong one changes nothing.
    pub(super) async fn scan(&mut self, it: Scan) -> Result<(), Farewell> {
        let Scan { incident, code, at, key } = it;
        if !self.has_taken(incident, |it| it.state.is_under_way()) {
            return self.refuse(&key, "not_assigned").await;
        }
        if !self.is_code_of(incident, code.trim()) {
            return self.refuse(&key, "wrong_elder_code").await;
        }
        let (responder, progress) = (self.responder.clone(), Progress::AtDoor);
        let command = Command::ReportProgress { incident, responder, progress, at, via: Via::Link, scanned: true };
        self.noted(command, b"status", key, Vec::new()).await
    }

    /// Joined to the incident as a note of theirs, after they are clear too.
    pub(super) async fn outcome(&mut self, incident: IncidentId, text: String, key: String) -> Result<(), Farewell> {
        if !self.has_taken(incident, |it| it.state.is_under_way() || it.clear_at.is_some()) {
            return self.refuse(&key, "not_assigned").await;
        }
        let subject = self.handle.read(|state| state.incident(incident).and_then(|it| it.subject().cloned()));
        let row = PrivateRow::new(&mut rand::rng(), self.handle.now(), subject, "note", text);
        let command = Command::AddNote { incident, note: row.reference() };
        self.noted(command, b"outcome", key, vec![row]).await
    }

    fn has_taken(&self, incident: IncidentId, is: impl Fn(&Assignment) -> bool) -> bool {
        let theirs = |state: &State| {
            let assignments = state.incident(incident).map_or(&[][..], |it| &it.assignments);
            assignments.iter().any(|it| it.responder == self.responder && is(it))
        };
        self.handle.read(theirs)
    }

    /// Of anybody the incident is about.
    fn is_code_of(&self, incident: IncidentId, code: &str) -> bool {
        let facts = (self.context.facts)();
        let subjects = self.handle.read(|state| state.incident(incident).map(|it| it.subjects.clone()));
        let codes = subjects.iter().flatten().filter_map(|id| facts.subject(id)?.elder_code.as_deref());
        codes.into_iter().any(|it| it == code)
    }

    async fn refuse(&mut self, key: &str, code: &str) -> Result<(), Farewell> {
        self.socket.say(&json!({"refused": {"key": key, "code": code}})).await
    }
}
