//! Looking at incidents: pages of the open and of the closed, and one with everything that happened to it.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::acts::{CENTRE, incident_id};
use super::auth::Caller;
use super::input::Params;
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::state::Incident;
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, IncidentId};
use crate::engine::Handle;
use crate::live::wire::{Eye, IncidentShown, Timeline};

/// Incidents of one page at most: the board of a county, and an answer of some hundred kilobytes.
const PAGE_MAX: usize = 200;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    #[default]
    Open,
    Closed,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `open` (the default) or `closed`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: Which,
    /// One district; without it, all that the account reaches.
    #[param(value_type = Option<String>)]
    district: Option<DistrictCode>,
    /// 1 to 200.
    limit: Option<usize>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<IncidentId>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Incidents)]
struct Page<'a> {
    incidents: Vec<IncidentShown<'a>>,
    /// For `cursor` of the next page; null on the last.
    #[schema(value_type = Option<String>, required)]
    next: Option<IncidentId>,
}

/// A page of incidents, district by district, the newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(ListQuery),
    responses((status = 200, body = Page), (status = 403), (status = 422)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Reply<Value>, Problem> {
    caller.need(&CENTRE)?;
    let limit = query.limit.unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("limit is {limit}, expected 1 to {PAGE_MAX}")));
    }
    let mut found: Vec<Incident> = Vec::new();
    for handle in api.reached(&caller, query.district)? {
        let Some(before) = before(query.cursor, handle.district()) else { continue };
        let room = limit + 1 - found.len();
        match query.state {
            Which::Open => found.extend(open(&handle, before, room)),
            Which::Closed => found.extend(closed(&api, &handle, before, room).await?),
        }
        if found.len() > limit {
            break;
        }
    }
    let next = (found.len() > limit).then(|| found[limit - 1].id);
    found.truncate(limit);
    let values = api.stores.values(found.iter().filter_map(place_of).collect()).await?;
    let (facts, now) = (api.facts.get(), api.clock.wall());
    let lookup = |id: PrivateId| values.get(&id).cloned();
    let eye = Eye::open(&facts, &lookup, now);
    let incidents = found.iter().map(|it| IncidentShown::of(it, &eye)).collect();
    Ok(Reply(json!(Page { incidents, next })))
}

/// Below which number the page goes on in this district; `None`: it was shown before. Districts come in their order.
fn before(cursor: Option<IncidentId>, district: DistrictCode) -> Option<u64> {
    match cursor {
        None => Some(u64::MAX),
        Some(it) if it.district == district => Some(it.number),
        Some(it) => (it.district < district).then_some(u64::MAX),
    }
}

fn open(handle: &Handle, before: u64, limit: usize) -> Vec<Incident> {
    handle.read(|state| {
        let newest_first = state.open_incidents().rev().filter(|it| it.id.number < before);
        newest_first.take(limit).cloned().collect()
    })
}

/// Those lately closed are still in the state; the older ones are in the archive. Where both have one, the state is newer.
async fn closed(api: &Api, handle: &Handle, before: u64, limit: usize) -> Result<Vec<Incident>, Problem> {
    let (lately, kept) = handle.read(|state| {
        let newest_first = state.incidents().rev().filter(|it| !it.is_open() && it.id.number < before);
        let lately: Vec<Incident> = newest_first.take(limit).cloned().collect();
        let kept: std::collections::BTreeSet<u64> = state.incidents().map(|it| it.id.number).collect();
        (lately, kept)
    });
    let mut found = lately;
    let mut from = Some(before.min(i64::MAX as u64));
    // One page may hold nothing but what the state has; the next is then asked for. Each ends lower than it began.
    while let Some(below) = from {
        let rows = api.stores.archive(handle.district(), Some(below), limit).await?;
        from = rows.last().map(|it| it.number).filter(|_| rows.len() == limit);
        let older = rows.iter().filter(|it| !kept.contains(&it.number)).filter_map(|it| read(&it.body));
        let before = found.len();
        found.extend(older);
        if found.len() > before {
            break;
        }
    }
    found.sort_by_key(|it| std::cmp::Reverse(it.id.number));
    found.truncate(limit);
    Ok(found)
}

fn read(body: &str) -> Option<Incident> {
    serde_json::from_str(body).ok()
}

fn place_of(incident: &Incident) -> Option<PrivateId> {
    Some(incident.place.as_ref()?.private?.id)
}

/// One incident with its signals and its timeline.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = Timeline), (status = 403), (status = 404)))]
pub async fn get(State(api): State<Arc<Api>>, Path(id): Path<String>, caller: Caller) -> Result<Reply<Value>, Problem> {
    caller.need(&CENTRE)?;
    let id = incident_id(&id)?;
    let handle = api.reach(&caller, id.district)?;
    let incident = find(&api, &handle, id).await?;
    let events = api.stores.events(id.district, incident.timeline.clone()).await?;
    let mut private: Vec<PrivateId> = events.iter().flat_map(|it| it.event.private_refs()).map(|it| it.id).collect();
    private.extend(place_of(&incident));
    let values = api.stores.values(private).await?;
    let (facts, lookup) = (api.facts.get(), |id: PrivateId| values.get(&id).cloned());
    let eye = Eye::open(&facts, &lookup, handle.now());
    Ok(Reply(json!(Timeline::of(&incident, &events, &eye))))
}

async fn find(api: &Api, handle: &Handle, id: IncidentId) -> Result<Incident, Problem> {
    if let Some(it) = handle.read(|state| state.incident(id).cloned()) {
        return Ok(it);
    }
    let archived = api.stores.archived(id.district, id.number).await?;
    archived
        .and_then(|row| read(&row.body))
        .ok_or_else(|| Problem::not_found("no_such_incident", format!("there is no incident {id}")))
}
