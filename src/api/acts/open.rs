//! Incidents that a person opens.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{CENTRE, Opened};
use crate::api::auth::Caller;
use crate::api::input::{Body, RequestKey, note};
use crate::api::place::{PlaceGiven, take_place};
use crate::api::problem::Problem;
use crate::api::service::Api;
use crate::dispatch::command::OpenByHand;
use crate::dispatch::{Asked, Command, Facts};
use crate::domain::*;
use crate::engine::Lane;

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
    facts: &Facts,
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
