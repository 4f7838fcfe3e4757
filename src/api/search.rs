//! Finding somebody by whatever is known of them, and an incident by its number or its person.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acts::CENTRE;
use super::auth::Caller;
use super::input::Params;
use super::problem::Problem;
use super::service::Api;
use super::subjects::Person;
use crate::dispatch::Facts;
use crate::dispatch::state::Incident;
use crate::domain::*;
use crate::registry::Matched;

/// Of each sort at most: more is a list, and asks for another word.
const FOUND_MAX: usize = 50;

/// A name, an address: nobody types more.
const TEXT_MAX_CHARS: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sought {
    /// Part of a name, pinyin whole or by initials, the last four digits or more of a telephone number, part of an
    /// address, an id.
    q: String,
    /// 1 to 50 of each sort; 20 without it.
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct Found {
    subjects: Vec<FoundPerson>,
    /// Of this number, and the open ones of the persons found.
    incidents: Vec<FoundIncident>,
    responders: Vec<FoundResponder>,
}

#[derive(Serialize, ToSchema)]
pub struct FoundPerson {
    #[serde(flatten)]
    person: Person,
    /// `id`, `name`, `pinyin`, `phone` or `address`.
    #[schema(value_type = String)]
    matched: Matched,
}

#[derive(Serialize, ToSchema)]
pub struct FoundIncident {
    #[schema(value_type = String)]
    id: IncidentId,
    #[schema(value_type = String)]
    kind: SignalKind,
    /// `open` or `closed`.
    state: &'static str,
    #[schema(value_type = String)]
    opened_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub struct FoundResponder {
    id: String,
    name: String,
    tier: Tier,
}

/// Who and what this may be, the surest first.
#[utoipa::path(get, path = "/api/v1/search", tag = "registry", params(Sought),
    responses((status = 200, body = Found), (status = 403), (status = 422)))]
pub async fn search(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(Sought { q, limit }): Params<Sought>,
) -> Result<Reply<Found>, Problem> {
    caller.need(&CENTRE)?;
    let limit = limit.unwrap_or(20);
    if !(1..=FOUND_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("limit is {limit}, expected 1 to {FOUND_MAX}")));
    }
    if q.trim().is_empty() || q.chars().count() > TEXT_MAX_CHARS {
        return Err(Problem::invalid("q", format!("expected 1 to {TEXT_MAX_CHARS} characters")));
    }
    // Some milliseconds, and more after a change of the registry: not on a thread that answers.
    let looking = tokio::task::spawn_blocking(move || look(&api, &caller, &q, limit));
    looking.await.map_err(|_| Problem::unavailable("the search has ended before its answer, ask again")).map(Reply)
}

fn look(api: &Api, caller: &Caller, text: &str, limit: usize) -> Found {
    let facts = api.facts.get();
    let index = api.search.of(&facts);
    let reaches = |district: Option<DistrictCode>| district.is_some_and(|it| caller.account.reaches(it));
    let found = index.subjects(text, limit, |id| reaches(facts.district_of(id)));
    let ids: Vec<SubjectId> = found.iter().map(|(id, _)| id.clone()).collect();
    let responders = index.responders(text, limit, |id| reaches(facts.responder(id).map(|it| it.district)));
    Found {
        subjects: found.into_iter().filter_map(|(id, matched)| person(&facts, &id, matched)).collect(),
        incidents: incidents(api, caller, text, &ids, limit),
        responders: responders.iter().filter_map(|(id, _)| responder(&facts, id)).collect(),
    }
}

fn person(facts: &Facts, id: &SubjectId, matched: Matched) -> Option<FoundPerson> {
    let it = facts.subject(id)?;
    Some(FoundPerson { person: Person::of(it, facts.premises(&it.premises)?), matched })
}

fn responder(facts: &Facts, id: &ResponderId) -> Option<FoundResponder> {
    let it = facts.responder(id)?;
    Some(FoundResponder { id: it.id.to_string(), name: it.name.clone(), tier: it.tier })
}

/// Those that the state has: open, or closed lately.
fn incidents(api: &Api, caller: &Caller, text: &str, of: &[SubjectId], limit: usize) -> Vec<FoundIncident> {
    let text = text.trim();
    let (whole, number) = (text.parse::<IncidentId>().ok(), text.parse::<u64>().ok());
    let mut found: BTreeMap<IncidentId, FoundIncident> = BTreeMap::new();
    for handle in api.reached(caller, None).unwrap_or_default() {
        let district = handle.district();
        let named = whole.into_iter().chain(number.map(|number| IncidentId { district, number }));
        handle.read(|state| {
            let theirs = of.iter().filter_map(|id| state.open_of_subject(id));
            for it in named.filter_map(|id| state.incident(id)).chain(theirs).take(limit) {
                found.insert(it.id, FoundIncident::of(it));
            }
        });
    }
    found.into_values().take(limit).collect()
}

impl FoundIncident {
    fn of(it: &Incident) -> Self {
        let state = if it.is_open() { "open" } else { "closed" };
        Self { id: it.id, kind: it.kind, state, opened_at: it.opened_at }
    }
}
