//! For those who keep the service running: the audit, devices that nobody knows, health and numbers.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::input::Params;
use super::problem::Problem;
use super::service::Api;
use crate::domain::premises::DeviceName;
use crate::domain::{DistrictCode, Role, SignalKind, Timestamp};
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

#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    entries: Vec<AuditEntry>,
    /// For `cursor` of the next page; null on the last.
    #[schema(required)]
    next: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct AuditEntry {
    seq: u64,
    #[schema(value_type = String)]
    at: Timestamp,
    /// An account, or what acted for none.
    actor: String,
    action: String,
    /// What it was about: a table of the registry, an account, a path.
    #[schema(required)]
    kind: Option<String>,
    #[schema(required)]
    id: Option<String>,
    #[schema(value_type = Option<String>, required)]
    district: Option<DistrictCode>,
    /// Of the registry, where it was changed.
    #[schema(required)]
    version: Option<u64>,
    #[schema(required)]
    detail: Option<String>,
}

/// Who did or tried what, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "operations", params(AuditQuery),
    responses((status = 200, body = AuditPage), (status = 403)))]
pub async fn audit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<AuditQuery>,
) -> Result<Reply<AuditPage>, Problem> {
    caller.need(&[Role::Supervisor, Role::Ops])?;
    let limit = limit(query.limit, AUDIT_PAGE_MAX)?;
    let districts: Vec<DistrictCode> = caller.account.districts.iter().copied().collect();
    let page = api.stores.registry(move |it| it.audit_page(query.cursor, limit, &districts)).await?;
    let next = page.last().map(|it| it.seq).filter(|_| page.len() == limit);
    Ok(Reply(AuditPage { entries: page.into_iter().map(AuditEntry::of).collect(), next }))
}

fn limit(asked: Option<usize>, most: usize) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(PAGE);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::invalid("limit", format!("limit is {limit}, expected 1 to {most}")))
    }
}

impl AuditEntry {
    fn of(Audited { seq, entry: it }: Audited) -> Self {
        Self {
            seq,
            at: it.at,
            actor: it.actor,
            action: it.action,
            kind: it.kind,
            id: it.id,
            district: it.district,
            version: it.version,
            detail: it.detail,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnknownQuery {
    /// 1 to 10000.
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct UnknownDevices {
    devices: Vec<UnknownDevice>,
}

#[derive(Serialize, ToSchema)]
struct UnknownDevice {
    /// `PROTOCOL:IDENTITY`.
    #[schema(value_type = String)]
    device: DeviceName,
    #[schema(value_type = String)]
    first_at: Timestamp,
    #[schema(value_type = String)]
    last_at: Timestamp,
    count: u64,
    /// What it sent last.
    #[schema(value_type = String)]
    kind: SignalKind,
}

/// Devices that sent something and are in no registry, the newest first.
#[utoipa::path(get, path = "/api/v1/devices/unknown", tag = "operations", params(UnknownQuery),
    responses((status = 200, body = UnknownDevices), (status = 403)))]
pub async fn unknown_devices(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<UnknownQuery>,
) -> Result<Reply<UnknownDevices>, Problem> {
    caller.need(&[Role::Operator, Role::Supervisor, Role::Ops])?;
    let limit = limit(query.limit, UNKNOWN_DEVICES_MAX)?;
    let found = api.stores.registry(move |it| it.unknown_devices(limit)).await?;
    let devices = found.into_iter().map(|it| UnknownDevice {
        device: it.name,
        first_at: it.first_at,
        last_at: it.last_at,
        count: it.count,
        kind: it.last_kind,
    });
    Ok(Reply(UnknownDevices { devices: devices.collect() }))
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
    // An owner may well own nothing just now.
    if handles.is_empty() && api.config.bus.role.is_gateway() {
        return Err(Problem::unavailable("no district in the registry, expected one at least: import a world"));
    }
    for handle in handles.values() {
        if let Err(why) = handle.is_ready() {
            return Err(
                Problem::unavailable(format!("district {}: {why}", handle.district())).within(handle.district())
            );
        }
    }
    let Some(standing) = &api.standing else { return Ok(Reply(json!({"status": "ready"}))) };
    if !standing.is_renewed() {
        return Err(Problem::unavailable("PostgreSQL does not answer, expected it to renew the leases"));
    }
    let standby = match (standing.has_synchronous_standby(), api.config.store.single) {
        (true, _) => "yes",
        (false, true) => "not wanted",
        (false, false) => "MISSING",
    };
    Ok(Reply(json!({"status": "ready", "store": {"kind": "postgres", "synchronous_standby": standby}})))
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
