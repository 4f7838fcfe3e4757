//! The registry by hand, a row at a time. Who changes a row says which version they saw; what is wrong with a value is
//! told field by field; a change has taken effect when it is answered.

pub mod import;
mod needed;
pub mod rows;

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use self::needed::still_needed;
use self::rows::RowValue;
use super::acts::CENTRE;
use super::auth::Caller;
use super::input::{Body, Params};
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::Facts;
use crate::dispatch::facts::Row;
use crate::domain::{DistrictCode, Role};
use crate::geo::gcj02_to_wgs84;
use crate::registry::{By, ChangeError, Held, Registry, RegistryError, Table, World, world};

#[derive(Serialize, ToSchema)]
pub struct HeldRow {
    /// Since which version of the registry it is as it is.
    version: u64,
    value: RowValue,
}

/// A row as it holds now.
#[utoipa::path(get, path = "/api/v1/registry/{table}/{id}", tag = "registry",
    params(("table" = String, Path, description = "premises, subjects, devices or responders"), ("id" = String, Path)),
    responses((status = 200, body = HeldRow), (status = 403), (status = 404)))]
pub async fn read(
    State(api): State<Arc<Api>>,
    Path((table, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Reply<HeldRow>, Problem> {
    caller.need(&CENTRE)?;
    let table = table_named(&table)?;
    let sought = id.clone();
    let held = api.stores.registry(move |it| it.held(table, &sought)).await?;
    let Held { version, row } = held.ok_or_else(no_such_row)?;
    let district = district_of(&api.facts.get(), &row);
    district.map_or(Ok(()), |it| caller.reach(it))?;
    if let (Row::Subject(_), Some(district)) = (&row, district) {
        api.note_reading(&caller, "subject_read", ("subject", &id), district, "");
    }
    let value = RowValue::of(&row).ok_or_else(no_such_row)?;
    Ok(Reply(HeldRow { version, value }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRow {
    /// The version that was seen; null makes a new row.
    version: Option<u64>,
    /// The fields of a world file. `id` may be left out.
    #[schema(value_type = RowValue)]
    value: Map<String, Value>,
}

#[derive(Serialize, ToSchema)]
pub struct Changed {
    pub version: u64,
}

/// Make a row, or put a new one in the place of the version that was seen.
#[utoipa::path(put, path = "/api/v1/registry/{table}/{id}", tag = "registry",
    params(("table" = String, Path, description = "premises, subjects, devices or responders"), ("id" = String, Path)),
    request_body = PutRow,
    responses((status = 200, body = Changed), (status = 403), (status = 409), (status = 422)))]
pub async fn put(
    State(api): State<Arc<Api>>,
    Path((table, id)): Path<(String, String)>,
    caller: Caller,
    Body(PutRow { version, mut value }): Body<PutRow>,
) -> Result<Reply<Changed>, Problem> {
    caller.need(&[Role::Supervisor])?;
    let table = table_named(&table)?;
    if *value.entry("id").or_insert_with(|| json!(id)) != json!(id) {
        return Err(Problem::invalid("value.id", "another id than the path's, expected the same or none"));
    }
    let version = put_row(&api, &caller, table, value, version).await?;
    Ok(Reply(Changed { version }))
}

/// Judges and puts one row, and returns when it has taken effect.
pub async fn put_row(
    api: &Api,
    caller: &Caller,
    table: Table,
    value: Map<String, Value>,
    on: Option<u64>,
) -> Result<u64, Problem> {
    let world = World::of_one(table, &value, &gcj02_to_wgs84);
    let reach = caller.account.districts.clone();
    change(api, caller, move |it, by| it.put_row(&world, on, &reach, by)).await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OnVersion {
    /// The version that was seen.
    version: u64,
}

/// End a row; its old versions stay.
#[utoipa::path(delete, path = "/api/v1/registry/{table}/{id}", tag = "registry",
    params(("table" = String, Path, description = "premises, subjects, devices or responders"), ("id" = String, Path), OnVersion),
    responses((status = 200, body = Changed), (status = 403), (status = 409)))]
pub async fn end(
    State(api): State<Arc<Api>>,
    Path((table, id)): Path<(String, String)>,
    caller: Caller,
    Params(OnVersion { version }): Params<OnVersion>,
) -> Result<Reply<Changed>, Problem> {
    caller.need(&[Role::Supervisor])?;
    let table = table_named(&table)?;
    still_needed(&api, table, &id)?;
    let reach = caller.account.districts.clone();
    let version = change(&api, &caller, move |it, by| it.end_row(table, &id, version, &reach, by)).await?;
    Ok(Reply(Changed { version }))
}

async fn change(
    api: &Api,
    caller: &Caller,
    change: impl FnOnce(&mut Registry, By<'_>) -> Result<u64, ChangeError> + Send + 'static,
) -> Result<u64, Problem> {
    let (actor, at) = (caller.account.name.clone(), api.clock.wall());
    let changing = move |it: &mut Registry| Ok::<_, RegistryError>(change(it, By { actor: actor.as_str(), at }));
    let version = api.stores.change(changing).await?.map_err(|error| refused(error, caller))?;
    api.renewal.reached(version).await;
    Ok(version)
}

fn refused(error: ChangeError, caller: &Caller) -> Problem {
    match error {
        ChangeError::OutOfReach(district) => refused_out_of_reach(caller, district),
        ChangeError::Moved { found } => {
            let detail = "another version holds now, expected the one that was seen";
            Problem::new(StatusCode::CONFLICT, "version_moved", detail).with("found", json!(found))
        }
        ChangeError::Faults(faults) => {
            let detail = "the value cannot be taken, see `faults`";
            let shown = faults.iter().map(fault).collect();
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_value", detail).with("faults", shown)
        }
        ChangeError::InUse { table, id } => {
            Problem::new(StatusCode::CONFLICT, "in_use", format!("{table} `{id}` refers to it, expected nothing to"))
        }
        ChangeError::Registry(error) => super::stores::StoreError::from(error).into(),
    }
}

fn refused_out_of_reach(caller: &Caller, district: DistrictCode) -> Problem {
    match caller.reach(district) {
        Err(problem) => problem,
        Ok(()) => Problem::unavailable("the account has just changed, ask again"),
    }
}

fn fault(it: &world::Fault) -> Value {
    json!({"field": it.field, "found": it.found, "expected": it.expected, "mend": it.mend})
}

fn table_named(name: &str) -> Result<Table, Problem> {
    match name {
        "premises" => Ok(Table::Premises),
        "subjects" => Ok(Table::Subject),
        "devices" => Ok(Table::Device),
        "responders" => Ok(Table::Responder),
        _ => Err(Problem::not_found(
            "no_such_table",
            "there is no such table, expected premises, subjects, devices or responders",
        )),
    }
}

fn no_such_row() -> Problem {
    Problem::not_found("no_such_row", "there is no row of this id now")
}

fn district_of(facts: &Facts, row: &Row) -> Option<DistrictCode> {
    match row {
        Row::District(it) => Some(it.code),
        Row::Premises(it) => Some(it.district),
        Row::Subject(it) => facts.premises(&it.premises).map(|it| it.district),
        Row::Device(it) => facts.district_of(&it.subject),
        Row::Responder(it) => Some(it.district),
    }
}
