//! Devices as the centre sees them: when they were last heard, what they said of themselves, which are silent and which
//! are out together; and the adoption of one that nobody knew.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::acts::CENTRE;
use super::auth::Caller;
use super::input::{Body, Params};
use super::problem::Problem;
use super::registry::{Changed, put_row};
use super::service::Api;
use crate::dispatch::Facts;
use crate::dispatch::event::OutageKind;
use crate::dispatch::state::Outage;
use crate::domain::premises::{Device, DeviceName};
use crate::domain::{DeviceId, DistrictCode, OutageId, Role, Timestamp};
use crate::engine::Handle;
use crate::registry::Table;

/// Devices of one page at most.
const PAGE_MAX: usize = 500;

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceState {
    id: String,
    subject: String,
    protocol: String,
    identity: String,
    #[schema(required)]
    supervision_s: Option<u64>,
    /// Since this service began; null where nothing came yet.
    #[schema(value_type = Option<String>, required)]
    last_seen: Option<Timestamp>,
    /// As it was last said since this service began.
    #[schema(required)]
    battery_pct: Option<u8>,
    /// It said so since this service began, or 20 % or less.
    battery_low: bool,
    #[schema(value_type = Option<String>, required)]
    silent_since: Option<Timestamp>,
}

impl DeviceState {
    pub fn of(it: &Device, handle: &Handle) -> Self {
        let heard = handle.last_heard(&it.id);
        Self {
            id: it.id.to_string(),
            subject: it.subject.to_string(),
            protocol: it.name.protocol.clone(),
            identity: it.name.identity.clone(),
            supervision_s: it.supervision_s,
            last_seen: heard.map(|it| it.at),
            battery_pct: heard.and_then(|it| it.battery_pct),
            battery_low: heard.is_some_and(|it| it.battery_low),
            silent_since: handle.read(|state| state.silent_since(&it.id)),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    Silent,
    LowBattery,
    #[default]
    All,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeviceQuery {
    /// `silent`, `low_battery` or `all` (the default).
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: Which,
    /// One district; without it, all that the account reaches.
    #[param(value_type = Option<String>)]
    district: Option<DistrictCode>,
    /// 1 to 500; 200 without it.
    limit: Option<usize>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<DeviceId>,
}

#[derive(Serialize, ToSchema)]
pub struct Devices {
    /// In the order of their ids.
    devices: Vec<DeviceState>,
    /// All that go on, whatever the page.
    outages: Vec<OutageShown>,
    #[schema(required)]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct OutageShown {
    #[schema(value_type = String)]
    id: OutageId,
    /// `silent_village`, `silent_district` or `unknown_devices`.
    #[schema(value_type = String)]
    kind: OutageKind,
    #[schema(value_type = String)]
    district: DistrictCode,
    #[schema(value_type = String)]
    since: Timestamp,
    /// How many are silent in it.
    devices: usize,
    /// The village code, or the name of a listener.
    #[schema(required)]
    place: Option<String>,
}

/// A page of devices, and the outages that go on.
#[utoipa::path(get, path = "/api/v1/devices", tag = "operations", params(DeviceQuery),
    responses((status = 200, body = Devices), (status = 403), (status = 422)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<DeviceQuery>,
) -> Result<Reply<Devices>, Problem> {
    caller.need(&CENTRE)?;
    let limit = query.limit.unwrap_or(200);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("limit is {limit}, expected 1 to {PAGE_MAX}")));
    }
    let handles = api.reached(&caller, query.district)?;
    let facts = api.facts.get();
    for handle in &handles {
        handle.fetch_heard(Vec::new()).await?;
    }
    // A hundred thousand devices are some ten milliseconds: not on a thread that answers.
    let looking = tokio::task::spawn_blocking(move || page(&facts, &handles, &query, limit));
    let found = looking.await.map_err(|_| Problem::unavailable("the devices have not been read, ask again"))?;
    Ok(Reply(found))
}

fn page(facts: &Facts, handles: &[Handle], query: &DeviceQuery, limit: usize) -> Devices {
    let of_district: BTreeMap<DistrictCode, &Handle> = handles.iter().map(|it| (it.district(), it)).collect();
    let after = facts.devices().skip_while(|it| query.cursor.as_ref().is_some_and(|cursor| it.id <= *cursor));
    let theirs = after.filter_map(|it| Some((it, *of_district.get(&facts.district_of(&it.subject)?)?)));
    let wanted = theirs.filter(|(it, handle)| match query.state {
        Which::All => true,
        Which::Silent => handle.read(|state| state.is_silent(&it.id)),
        Which::LowBattery => handle.last_heard(&it.id).is_some_and(|it| it.battery_low),
    });
    let mut devices: Vec<DeviceState> =
        wanted.take(limit + 1).map(|(it, handle)| DeviceState::of(it, handle)).collect();
    let more = devices.len() > limit;
    devices.truncate(limit);
    let next = devices.last().filter(|_| more).map(|it| it.id.clone());
    let outages =
        handles.iter().flat_map(|it| it.read(|state| state.outages().map(OutageShown::of).collect::<Vec<_>>()));
    Devices { devices, outages: outages.collect(), next }
}

impl OutageShown {
    fn of(it: &Outage) -> Self {
        let (district, devices, place) = (it.id.district, it.devices.len(), it.place.clone());
        Self { id: it.id, kind: it.kind, district, since: it.since, devices, place }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// As it names itself: PROTOCOL:IDENTITY.
    #[schema(value_type = String)]
    device: DeviceName,
    /// Its id in the registry from now on.
    id: String,
    subject: String,
    supervision_s: Option<u64>,
}

/// A device that nobody knew belongs to somebody from now on.
#[utoipa::path(post, path = "/api/v1/devices/unknown/adopt", tag = "operations", request_body = Adopt,
    responses((status = 200, body = Changed), (status = 403), (status = 409), (status = 422)))]
pub async fn adopt(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(it): Body<Adopt>,
) -> Result<Reply<Changed>, Problem> {
    caller.need(&[Role::Supervisor])?;
    let DeviceName { protocol, identity } = it.device;
    let fields = [
        ("id", json!(it.id)),
        ("subject", json!(it.subject)),
        ("protocol", json!(protocol)),
        ("identity", json!(identity)),
        ("supervision_s", json!(it.supervision_s)),
    ];
    let value: Map<String, Value> = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let version = put_row(&api, &caller, Table::Device, value, None).await?;
    Ok(Reply(Changed { version }))
}
