//! What people ask of an incident. Each handler says who may, names the command, and answers with the seq of what came
//! of it.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::input::{Body, RequestKey, note};
use super::place::{PlaceGiven, take_place};
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::command::{Correct, OpenByHand};
use crate::dispatch::{Asked, Command};
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
        let request = self.api.request(&self.caller, key.0);
        let asked = Asked { command, by: Some(self.caller.by()), request };
        let reply = self.handle.ask(Lane::People, asked, self.private).await?;
        Ok(Reply(Done { seq: reply.answer.seq }))
    }
}

pub fn incident_id(text: &str) -> Result<IncidentId, Problem> {
    text.parse().map_err(|error: id::BadId| Problem::not_found("no_such_incident", error.to_string()))
}

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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    #[schema(value_type = String)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenNew {
    #[schema(value_type = String)]
    kind: SignalKind,
    #[schema(value_type = Option<String>)]
    premises: Option<PremisesId>,
    #[schema(value_type = Option<String>)]
    subject: Option<SubjectId>,
    place: Option<PlaceGiven>,
    note: Option<String>,
    /// Where neither premises nor subject say it.
    #[schema(value_type = Option<String>)]
    district: Option<DistrictCode>,
}

/// Open one by hand.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "incidents", request_body = OpenNew,
    responses((status = 200, body = Opened), (status = 404), (status = 409), (status = 422)))]
pub async fn open(
    State(api): State<Arc<Api>>,
    caller: Caller,
    key: RequestKey,
    Body(asked): Body<OpenNew>,
) -> Result<Reply<Opened>, Problem> {
    caller.need(&CENTRE)?;
    let facts = api.facts.get();
    let known = facts_district(&facts, asked.premises.as_ref(), asked.subject.as_ref())?;
    let district = known.or(asked.district).or_else(|| api.home_district(&caller));
    let district = district.ok_or_else(|| {
        Problem::invalid("district", "no district follows from premises or subject, expected `district`")
    })?;
    let OpenNew { kind, premises, subject, place, note, .. } = asked;
    send_by_hand(&api, caller, key, district, ByHand { kind, call: None, subject, premises, place, note }).await
}

/// What is opened by a person.
pub struct ByHand {
    pub kind: SignalKind,
    pub call: Option<CallId>,
    pub subject: Option<SubjectId>,
    pub premises: Option<PremisesId>,
    pub place: Option<PlaceGiven>,
    pub note: Option<String>,
}

pub async fn send_by_hand(
    api: &Api,
    caller: Caller,
    key: RequestKey,
    district: DistrictCode,
    hand: ByHand,
) -> Result<Reply<Opened>, Problem> {
    let handle = api.reach(&caller, district)?;
    let mut private = Vec::new();
    let place = match hand.place {
        Some(given) => {
            let (taken, row) = take_place(api, &handle, hand.subject.clone(), &given)?;
            private.push(row);
            Some(taken)
        }
        None => None,
    };
    let note = note("note", hand.note)?.map(|text| {
        let (reference, row) = api.seal(hand.subject.clone(), "note", text);
        private.push(row);
        reference
    });
    let ByHand { kind, call, subject, premises, .. } = hand;
    let command = Command::OpenByHand(Box::new(OpenByHand { kind, call, subject, premises, place, note }));
    let asked = Asked { command, by: Some(caller.by()), request: api.request(&caller, key.0) };
    let reply = handle.ask(Lane::People, asked, private).await?;
    Ok(Reply(Opened { incident: reply.answer.incident, seq: reply.answer.seq }))
}

/// The district of premises or subject; an error where the registry does not know them.
fn facts_district(
    facts: &crate::dispatch::Facts,
    premises: Option<&PremisesId>,
    subject: Option<&SubjectId>,
) -> Result<Option<DistrictCode>, Problem> {
    if let Some(id) = premises {
        let home = facts
            .premises(id)
            .ok_or_else(|| Problem::not_found("no_such_premises", format!("there is no premises {id}")))?;
        return Ok(Some(home.district));
    }
    let Some(id) = subject else { return Ok(None) };
    match facts.district_of(id) {
        Some(district) => Ok(Some(district)),
        None => Err(Problem::not_found("no_such_subject", format!("there is no subject {id}"))),
    }
}
