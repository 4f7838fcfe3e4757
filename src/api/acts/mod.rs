//! What people ask of an incident. Each handler says who may, names the command, and answers with the seq of what came
//! of it. One file a decision, as in `dispatch::decide`.

pub mod claim;
pub mod close;
pub mod correct;
pub mod offer;
pub mod open;
pub mod task;

use axum::Json as Reply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::input::{RequestKey, note};
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::{Answer, Asked, Command};
use crate::domain::private::PrivateRef;
use crate::domain::*;
use crate::engine::{Handle, Lane};
use crate::registry::PrivateRow;

/// Who works incidents.
pub const CENTRE: [Role; 2] = [Role::Operator, Role::Supervisor];

#[derive(Serialize, ToSchema)]
pub struct Done {
    /// The event in which it ended.
    pub seq: Option<Seq>,
}

#[derive(Serialize, ToSchema)]
pub struct Opened {
    #[schema(value_type = Option<String>)]
    pub incident: Option<IncidentId>,
    pub seq: Option<Seq>,
}

/// An object without fields.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// One thing that somebody asks of one incident.
struct Ask<'a> {
    api: &'a Api,
    caller: Caller,
    incident: IncidentId,
    handle: Handle,
    private: Vec<PrivateRow>,
}

impl<'a> Ask<'a> {
    fn of(api: &'a Api, caller: Caller, id: &str) -> Result<Self, Problem> {
        caller.need(&CENTRE)?;
        let incident = incident_id(id)?;
        let handle = api.reach(&caller, incident.district)?;
        Ok(Self { api, caller, incident, handle, private: Vec::new() })
    }

    /// A text goes to the vault; the command carries its name.
    fn seal(&mut self, field: &str, text: Option<String>) -> Result<Option<PrivateRef>, Problem> {
        let Some(text) = note(field, text)? else { return Ok(None) };
        let incident = self.incident;
        let subject = self.handle.read(|state| state.incident(incident).and_then(|it| it.subject().cloned()));
        let (reference, row) = self.api.seal(subject, "note", text);
        self.private.push(row);
        Ok(Some(reference))
    }

    async fn send(self, key: RequestKey, command: Command) -> Result<Reply<Done>, Problem> {
        let seq = self.answer(key, command).await?.seq;
        Ok(Reply(Done { seq }))
    }

    async fn answer(self, key: RequestKey, command: Command) -> Result<Answer, Problem> {
        let request = self.api.request(&self.caller, key.0);
        let asked = Asked { command, by: Some(self.caller.by()), request };
        Ok(self.handle.ask(Lane::People, asked, self.private).await?.answer)
    }
}

pub fn incident_id(text: &str) -> Result<IncidentId, Problem> {
    text.parse().map_err(|error: id::BadId| Problem::not_found("no_such_incident", error.to_string()))
}
