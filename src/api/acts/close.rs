//! When an incident is over, and when it was not.

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
pub struct Close {
    disposition: Disposition,
    note: Option<String>,
    /// Even with a responder under way, who is then told.
    #[serde(default)]
    force: bool,
}

/// It is over.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/close", tag = "incidents", params(("id" = String, Path)),
    request_body = Close, responses((status = 200, body = Done), (status = 404), (status = 409), (status = 422)))]
pub async fn close(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Close { disposition, note, force }): Body<Close>,
) -> Result<Reply<Done>, Problem> {
    let mut ask = Ask::of(&api, caller, &id)?;
    let (incident, note) = (ask.incident, ask.seal("note", note)?);
    ask.send(key, Command::Close { incident, disposition, note, force }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reopen {
    reason: String,
}

/// It was not over.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/reopen", tag = "incidents", params(("id" = String, Path)),
    request_body = Reopen, responses((status = 200, body = Done), (status = 404), (status = 409), (status = 422)))]
pub async fn reopen(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Reopen { reason }): Body<Reopen>,
) -> Result<Reply<Done>, Problem> {
    let mut ask = Ask::of(&api, caller, &id)?;
    let (incident, reason) = (ask.incident, ask.seal("reason", Some(reason))?);
    ask.send(key, Command::Reopen { incident, reason }).await
}
