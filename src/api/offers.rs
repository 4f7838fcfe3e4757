//! What a responder says of an offer without a link: from the notification on a locked phone.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::acts::Done;
use super::auth::Caller;
use super::input::{Body, RequestKey, note};
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::{Asked, Command};
use crate::domain::{Channel, OfferId, ResponderId, Role};
use crate::engine::Lane;
use crate::registry::PrivateRow;

/// It is on the screen of a locked phone: delivery is confirmed.
#[utoipa::path(post, path = "/api/v1/offers/{id}/shown", tag = "responders", params(("id" = String, Path)),
    responses((status = 200, body = Done), (status = 403), (status = 404), (status = 409)))]
pub async fn shown(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Reply<Done>, Problem> {
    let (offer, responder) = theirs(&caller, &id)?;
    let command = Command::ConfirmShown { offer, responder, channel: Channel::Push };
    say(&api, &caller, offer, command, RequestKey(None), Vec::new()).await
}

/// Yes.
#[utoipa::path(post, path = "/api/v1/offers/{id}/accept", tag = "responders", params(("id" = String, Path)),
    responses((status = 200, body = Done), (status = 403), (status = 404), (status = 409)))]
pub async fn accept(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
) -> Result<Reply<Done>, Problem> {
    let (offer, responder) = theirs(&caller, &id)?;
    say(&api, &caller, offer, Command::AcceptOffer { offer, responder }, key, Vec::new()).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    reason: Option<String>,
}

/// No.
#[utoipa::path(post, path = "/api/v1/offers/{id}/decline", tag = "responders", params(("id" = String, Path)),
    request_body = Declined, responses((status = 200, body = Done), (status = 403), (status = 404), (status = 409)))]
pub async fn decline(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Declined { reason }): Body<Declined>,
) -> Result<Reply<Done>, Problem> {
    let (offer, responder) = theirs(&caller, &id)?;
    let sealed = note("reason", reason)?.map(|it| api.seal(None, "note", it));
    let (reason, rows) = sealed.map_or((None, Vec::new()), |(reference, row)| (Some(reference), vec![row]));
    say(&api, &caller, offer, Command::DeclineOffer { offer, responder, reason }, key, rows).await
}

fn theirs(caller: &Caller, id: &str) -> Result<(OfferId, ResponderId), Problem> {
    caller.need(&[Role::Responder])?;
    let unknown = || Problem::not_found("no_such_offer", "there is no offer of this id");
    let offer: OfferId = id.parse().map_err(|_| unknown())?;
    let responder = caller.account.responder.clone().ok_or_else(unknown)?;
    Ok((offer, responder))
}

async fn say(
    api: &Api,
    caller: &Caller,
    offer: OfferId,
    command: Command,
    key: RequestKey,
    rows: Vec<PrivateRow>,
) -> Result<Reply<Done>, Problem> {
    let handle = api.reach(caller, offer.district)?;
    let asked = Asked { command, by: Some(caller.by()), request: api.request(caller, key.0) };
    let reply = handle.ask(Lane::People, asked, rows).await?;
    Ok(Reply(Done { seq: reply.answer.seq }))
}
