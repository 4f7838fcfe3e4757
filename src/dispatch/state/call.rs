//! Calls to the hotline, as the record has them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dispatch::event::Event;
use crate::domain::*;

use super::State;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub state: CallState,
    pub from: PrivateRef,
    pub subject: Option<SubjectId>,
    /// The number is the subject's own, not a contact's.
    pub own_phone: bool,
    pub incident: Option<IncidentId>,
    pub operator: Option<AccountName>,
    pub rang_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Somebody still has to call back.
    pub call_back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    Ringing,
    Answered,
    Ended,
    Abandoned,
}

impl Call {
    /// Shown on the board: ringing, talking, or waiting for somebody to call back.
    pub fn is_open(&self) -> bool {
        self.call_back || matches!(self.state, CallState::Ringing | CallState::Answered)
    }
}

/// How long a finished call is kept.
const CALL_KEPT_S: u64 = 48 * 3600;

impl State {
    pub(super) fn apply_call(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::CallRinging { call, from, subject, own_phone } => {
                self.forget_old_calls(at);
                let rung = Call {
                    state: CallState::Ringing,
                    from: *from,
                    subject: subject.clone(),
                    own_phone: *own_phone,
                    incident: None,
                    operator: None,
                    rang_at: at,
                    answered_at: None,
                    ended_at: None,
                    call_back: false,
                };
                self.calls.insert(call.clone(), rung);
            }
            Event::CallAnswered { call, operator, incident } => self.change_call(call, |it| {
                it.state = CallState::Answered;
                it.operator.clone_from(operator);
                it.answered_at = Some(at);
                it.incident = it.incident.or(*incident);
            }),
            Event::CallEnded { call } => self.change_call(call, |it| {
                it.state = CallState::Ended;
                it.ended_at = Some(at);
            }),
            Event::CallAbandoned { call, incident, call_back } => self.change_call(call, |it| {
                it.state = CallState::Abandoned;
                it.ended_at = Some(at);
                it.incident = it.incident.or(*incident);
                it.call_back = *call_back;
            }),
            Event::CallJoined { call, incident, subject } => self.change_call(call, |it| {
                it.incident = Some(*incident);
                it.call_back = false;
                if it.subject.is_none() {
                    it.subject.clone_from(subject);
                }
            }),
            Event::CallReturned { call, .. } => self.change_call(call, |it| it.call_back = false),
            _ => {}
        }
    }

    fn change_call(&mut self, call: &CallId, change: impl FnOnce(&mut Call)) {
        let it = self.calls.get_mut(call).unwrap_or_else(|| panic!("an event names call {call}, which never rang"));
        change(it);
    }

    fn forget_old_calls(&mut self, at: Timestamp) {
        const SWEEP_AT: usize = 512;
        if self.calls.len() >= SWEEP_AT {
            let before = at.before_s(CALL_KEPT_S);
            self.calls.retain(|_, it| it.is_open() || it.ended_at.is_none_or(|ended| ended > before));
        }
    }
}
