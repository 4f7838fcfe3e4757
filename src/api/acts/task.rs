//! The rungs of the ladder, and what a person has to do on them.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ask, Done};
use crate::api::auth::Caller;
use crate::api::input::{Body, RequestKey};
use crate::api::problem::Problem;
use crate::api::service::Api;
use crate::dispatch::Command;
use crate::domain::*;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    #[schema(value_type = String)]
    task: TaskId,
    note: Option<String>,
}

/// A task was done.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/confirm", tag = "incidents", params(("id" = String, Path)),
    request_body = Confirm, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn confirm(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Confirm { task, note }): Body<Confirm>,
) -> Result<Reply<Done>, Problem> {
    let mut ask = Ask::of(&api, caller, &id)?;
    let (incident, note) = (ask.incident, ask.seal("note", note)?);
    ask.send(key, Command::ConfirmTask { incident, task, note }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// Which rung; without it, the next.
    rung: Option<String>,
}

/// Take a further rung of the ladder.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/escalate", tag = "incidents", params(("id" = String, Path)),
    request_body = Escalate, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn escalate(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Escalate { rung }): Body<Escalate>,
) -> Result<Reply<Done>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    let incident = ask.incident;
    ask.send(key, Command::Escalate { incident, rung }).await
}
