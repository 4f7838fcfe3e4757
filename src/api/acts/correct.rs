//! What was taken down: corrected, joined, added to.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ask, Done, Opened};
use crate::api::auth::Caller;
use crate::api::input::{Body, RequestKey};
use crate::api::place::{PlaceGiven, take_place};
use crate::api::problem::Problem;
use crate::api::service::Api;
use crate::dispatch::Command;
use crate::dispatch::command::Correct;
use crate::domain::premises::DeviceName;
use crate::domain::*;
use crate::pipeline::source_of;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectTo {
    #[schema(value_type = Option<String>)]
    kind: Option<SignalKind>,
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    urgency: Option<Urgency>,
    #[schema(value_type = Option<String>)]
    subject: Option<SubjectId>,
    #[schema(value_type = Option<String>)]
    premises: Option<PremisesId>,
    place: Option<PlaceGiven>,
}

/// Correct what was taken down wrongly.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/correct", tag = "incidents", params(("id" = String, Path)),
    request_body = CorrectTo, responses((status = 200, body = Done), (status = 404), (status = 409), (status = 422)))]
pub async fn correct(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(to): Body<CorrectTo>,
) -> Result<Reply<Done>, Problem> {
    let mut ask = Ask::of(&api, caller, &id)?;
    let mut place = None;
    if let Some(given) = to.place {
        let (taken, row) = take_place(&api, &ask.handle, to.subject.clone(), &given)?;
        place = Some(taken);
        ask.private.push(row);
    }
    let incident = ask.incident;
    let (kind, urgency, subject, premises) = (to.kind, to.urgency, to.subject, to.premises);
    let to = Box::new(Correct { kind, urgency, subject, premises, place });
    ask.send(key, Command::Correct { incident, to }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInto {
    #[schema(value_type = String)]
    into: IncidentId,
}

/// It is the same as another: go on there.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/merge", tag = "incidents", params(("id" = String, Path)),
    request_body = MergeInto, responses((status = 200, body = Done), (status = 404), (status = 409), (status = 422)))]
pub async fn merge(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(MergeInto { into }): Body<MergeInto>,
) -> Result<Reply<Done>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    ask.caller.reach(into.district)?;
    let incident = ask.incident;
    ask.send(key, Command::Merge { incident, into }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Detach {
    /// As in the incident's `signals`: PROTOCOL:IDENTITY.
    #[schema(value_type = String)]
    device: DeviceName,
    #[schema(value_type = Option<String>)]
    kind: Option<SignalKind>,
}

/// The alarms of one device belong to somebody else: they get an incident of their own, which is answered.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/detach", tag = "incidents", params(("id" = String, Path)),
    request_body = Detach, responses((status = 200, body = Opened), (status = 404), (status = 409), (status = 422)))]
pub async fn detach(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Detach { device, kind }): Body<Detach>,
) -> Result<Reply<Opened>, Problem> {
    let ask = Ask::of(&api, caller, &id)?;
    let source = source_of(&api.facts.get(), &device, &|parts| api.key.fingerprint(parts));
    let incident = ask.incident;
    let answer = ask.answer(key, Command::Detach { incident, source, kind }).await?;
    Ok(Reply(Opened { incident: answer.incident, seq: answer.seq }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    text: String,
}

/// Write something down.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/note", tag = "incidents", params(("id" = String, Path)),
    request_body = Note, responses((status = 200, body = Done), (status = 404), (status = 422)))]
pub async fn add_note(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(Note { text }): Body<Note>,
) -> Result<Reply<Done>, Problem> {
    let mut ask = Ask::of(&api, caller, &id)?;
    let note = ask.seal("text", Some(text))?.expect("a text was given");
    let incident = ask.incident;
    ask.send(key, Command::AddNote { incident, note }).await
}
