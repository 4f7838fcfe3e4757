//! Who owns an incident.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};

use super::{Ask, Done, Nothing};
use crate::api::auth::Caller;
use crate::api::input::{Body, RequestKey};
use crate::api::problem::Problem;
use crate::api::service::Api;
use crate::dispatch::Command;

/// Own it: nobody else works it meanwhile.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/claim", tag = "incidents", params(("id" = String, Path)),
    request_body = Nothing, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn claim(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Reply<Done>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    let incident = ask.incident;
    ask.send(key, Command::Claim { incident }).await
}

/// Give it back.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/release", tag = "incidents", params(("id" = String, Path)),
    request_body = Nothing, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn release(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Reply<Done>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    let incident = ask.incident;
    ask.send(key, Command::Release { incident }).await
}
