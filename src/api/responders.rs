//! Responders as the centre sees them, and what they say by radio or telephone.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::acts::{CENTRE, Done, incident_id};
use super::auth::Caller;
use super::input::{Body, Params, RequestKey};
use super::nearest::{CandidateShown, Candidates};
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::event::Via;
use crate::dispatch::{Asked, Command};
use crate::domain::offer::Progress;
use crate::domain::*;
use crate::engine::{Handle, Lane};
use crate::live::wire::{Eye, ResponderShown};

/// Candidates shown at most: more is a list, not a choice.
const NEAREST_MAX: usize = 50;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfDistrict {
    /// One district; without it, all that the account reaches.
    #[param(value_type = Option<String>)]
    pub district: Option<DistrictCode>,
}

#[derive(Serialize, ToSchema)]
pub struct Responders {
    #[schema(value_type = Vec<ResponderShown>)]
    responders: Vec<Value>,
}

/// Everybody who can attend, with duty, place and what they hold.
#[utoipa::path(get, path = "/api/v1/responders", tag = "responders", params(OfDistrict),
    responses((status = 200, body = Responders), (status = 403)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<OfDistrict>,
) -> Result<Reply<Responders>, Problem> {
    caller.need(&CENTRE)?;
    let mut responders = Vec::new();
    for handle in api.reached(&caller, query.district)? {
        responders.extend(of_district(&api, &handle).await?);
    }
    Ok(Reply(Responders { responders }))
}

async fn of_district(api: &Api, handle: &Handle) -> Result<Vec<Value>, Problem> {
    let (facts, district) = (api.facts.get(), handle.district());
    let ours: Vec<Arc<Responder>> = facts.responders().filter(|it| it.district == district).cloned().collect();
    let fixes: BTreeMap<ResponderId, Fix> = handle.fixes().await?.into_iter().collect();
    let eye = Eye::open(&facts, &|_| None, handle.now());
    Ok(handle
        .read(|state| ours.iter().map(|it| json!(ResponderShown::of(it, state, fixes.get(&it.id), &eye))).collect()))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NearestTo {
    incident: String,
    /// 1 to 50; 5 without it.
    limit: Option<usize>,
}

/// Who would be there soonest, and why somebody near cannot be asked.
#[utoipa::path(get, path = "/api/v1/responders/nearest", tag = "responders", params(NearestTo),
    responses((status = 200, body = Candidates), (status = 403), (status = 404), (status = 422)))]
pub async fn nearest(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<NearestTo>,
) -> Result<Reply<Candidates>, Problem> {
    caller.need(&CENTRE)?;
    let id = incident_id(&query.incident)?;
    let limit = query.limit.unwrap_or(5);
    if !(1..=NEAREST_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("limit is {limit}, expected 1 to {NEAREST_MAX}")));
    }
    let handle = api.reach(&caller, id.district)?;
    let found = handle.nearest(id, limit).await?;
    let found = found.ok_or_else(|| Problem::not_found("no_such_incident", format!("there is no incident {id}")))?;
    Ok(Reply(Candidates { candidates: found.into_iter().map(CandidateShown::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    #[schema(value_type = String)]
    incident: IncidentId,
    /// `en_route`, `at_door`, `inside` or `clear`.
    state: Progress,
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
}

/// What they said by radio or telephone of an assignment.
#[utoipa::path(post, path = "/api/v1/responders/{id}/status", tag = "responders", params(("id" = String, Path)),
    request_body = Said, responses((status = 200, body = Done), (status = 404), (status = 409), (status = 422)))]
pub async fn status(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Said { incident, state, at }): Body<Said>,
) -> Result<Reply<Done>, Problem> {
    let (responder, handle) = of_centre(&api, &caller, &id)?;
    caller.reach(incident.district)?;
    let command = Command::ReportProgress { incident, responder, progress: state, at, via: Via::Radio, scanned: false };
    send(&api, &caller, &handle, key, command).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    on: bool,
}

/// They said that they begin or end their duty.
#[utoipa::path(post, path = "/api/v1/responders/{id}/duty", tag = "responders", params(("id" = String, Path)),
    request_body = Duty, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn duty(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Duty { on }): Body<Duty>,
) -> Result<Reply<Done>, Problem> {
    let (responder, handle) = of_centre(&api, &caller, &id)?;
    send(&api, &caller, &handle, key, Command::SetDuty { responder, on, via: Via::Radio }).await
}

fn of_centre(api: &Api, caller: &Caller, id: &str) -> Result<(ResponderId, Handle), Problem> {
    caller.need(&CENTRE)?;
    let unknown = || Problem::not_found("no_such_responder", "there is no responder of this id");
    let responder: ResponderId = id.parse().map_err(|_| unknown())?;
    let district = api.facts.get().responder(&responder).ok_or_else(unknown)?.district;
    Ok((responder, api.reach(caller, district)?))
}

async fn send(
    api: &Api,
    caller: &Caller,
    handle: &Handle,
    key: RequestKey,
    command: Command,
) -> Result<Reply<Done>, Problem> {
    let asked = Asked { command, by: Some(caller.by()), request: api.request(caller, key.0) };
    let reply = handle.ask(Lane::People, asked, Vec::new()).await?;
    Ok(Reply(Done { seq: reply.answer.seq }))
}
