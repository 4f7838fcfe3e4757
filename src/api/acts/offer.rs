//! Who is asked to go, and who no longer.

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
pub struct MakeOffer {
    /// Whom; without it, the nearest by the plan.
    #[schema(value_type = Option<String>)]
    responder: Option<ResponderId>,
    /// How many at once.
    parallel: Option<u8>,
}

/// Ask somebody to go.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/offer", tag = "incidents", params(("id" = String, Path)),
    request_body = MakeOffer, responses((status = 200, body = Done), (status = 404), (status = 409), (status = 422)))]
pub async fn offer(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(MakeOffer { responder, parallel }): Body<MakeOffer>,
) -> Result<Reply<Done>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    let incident = ask.incident;
    ask.send(key, Command::MakeOffer { incident, responder, parallel }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    #[schema(value_type = String)]
    offer: OfferId,
}

/// Take an offer or an assignment back.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/withdraw", tag = "incidents", params(("id" = String, Path)),
    request_body = Withdraw, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn withdraw(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Withdraw { offer }): Body<Withdraw>,
) -> Result<Reply<Done>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    let incident = ask.incident;
    ask.send(key, Command::WithdrawOffer { incident, offer }).await
}
