//! For those who keep the service running: the audit, devices that nobody knows, health and numbers.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::auth::Caller;
use super::input::Params;
use super::problem::Problem;
use super::service::Api;
use crate::domain::{DistrictCode, Role};
use crate::registry::{AUDIT_PAGE_MAX, Audited, UNKNOWN_DEVICES_MAX};

/// Entries of a page where nobody says how many.
const PAGE: usize = 200;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// `next` of the page before.
    cursor: Option<u64>,
    /// 1 to 1000.
    limit: Option<usize>,
}

/// Who did or tried what, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "operations", params(AuditQuery),
    responses((status = 200, body = Object), (status = 403)))]
pub async fn audit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<AuditQuery>,
) -> Result<Reply<Value>, Problem> {
    caller.need(&[Role::Supervisor, Role::Ops])?;
    let limit = limit(query.limit, AUDIT_PAGE_MAX)?;
    let districts: Vec<DistrictCode> = caller.account.districts.iter().copied().collect();
    let page = api.stores.registry(move |it| it.audit_page(query.cursor, limit, &districts)).await?;
    let next = page.last().map(|it| it.seq).filter(|_| page.len() == limit);
    Ok(Reply(json!({"entries": page.iter().map(entry).collect::<Vec<_>>(), "next": next})))
}

fn limit(asked: Option<usize>, most: usize) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(PAGE);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::invalid("limit", format!("limit is {limit}, expected 1 to {most}")))
    }
}

fn entry(it: &Audited) -> Value {
    let entry = &it.entry;
    let mut shown = Map::new();
    shown.insert("seq".to_owned(), json!(it.seq));
    shown.insert("at".to_owned(), json!(entry.at));
    shown.insert("actor".to_owned(), json!(entry.actor));
    shown.insert("action".to_owned(), json!(entry.action));
    shown.insert("kind".to_owned(), json!(entry.kind));
    shown.insert("id".to_owned(), json!(entry.id));
    shown.insert("district".to_owned(), json!(entry.district));
    shown.insert("version".to_owned(), json!(entry.version));
    shown.insert("detail".to_owned(), json!(entry.detail));
    Value::Object(shown)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnknownQuery {
    /// 1 to 10000.
    limit: Option<usize>,
}

/// Devices that sent something and are in no registry, the newest first.
#[utoipa::path(get, path = "/api/v1/devices/unknown", tag = "operations", params(UnknownQuery),
    responses((status = 200, body = Object), (status = 403)))]
pub async fn unknown_devices(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<UnknownQuery>,
) -> Result<Reply<Value>, Problem> {
    caller.need(&[Role::Operator, Role::Supervisor, Role::Ops])?;
    let limit = limit(query.limit, UNKNOWN_DEVICES_MAX)?;
    let found = api.stores.registry(move |it| it.unknown_devices(limit)).await?;
    let shown = found.iter().map(|it| {
        json!({"device": it.name, "first_at": it.first_at, "last_at": it.last_at, "count": it.count, "kind": it.last_kind})
    });
    Ok(Reply(json!({"devices": shown.collect::<Vec<_>>()})))
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()), responses((status = 200)))]
pub async fn healthz() -> Reply<Value> {
    Reply(json!({"status": "ok"}))
}

/// It can take an alarm now.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()), responses((status = 200), (status = 503)))]
pub async fn readyz(State(api): State<Arc<Api>>) -> Result<Reply<Value>, Problem> {
    if api.is_stopping() {
        return Err(Problem::unavailable("the service is stopping"));
    }
    let handles = api.handles.get();
    if handles.is_empty() {
        return Err(Problem::unavailable("no district in the registry, expected one at least: import a world"));
    }
    for handle in handles.values() {
        if let Err(why) = handle.is_ready() {
            return Err(
                Problem::unavailable(format!("district {}: {why}", handle.district())).within(handle.district())
            );
        }
    }
    Ok(Reply(json!({"status": "ready"})))
}

/// Numbers as Prometheus reads them.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, content_type = "text/plain"), (status = 403)))]
pub async fn metrics(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, Problem> {
    caller.need(&[Role::Ops])?;
    Ok(rendered(&api))
}

/// For the listener of their own.
pub async fn metrics_open(State(api): State<Arc<Api>>) -> Response {
    rendered(&api)
}

fn rendered(api: &Api) -> Response {
    let text = api.metrics.as_ref().map_or_else(String::new, |it| it.render());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
