//! Persons at risk: a few words about each for the rows of a list, and everything about one, which is audited.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acts::CENTRE;
use super::auth::Caller;
use super::devices::DeviceState;
use super::input::Params;
use super::problem::Problem;
use super::registry::rows::{PremisesRow, SubjectRow};
use super::service::Api;
use crate::dispatch::state::Incident;
use crate::domain::premises::Premises;
use crate::domain::subject::Subject;
use crate::domain::*;
use crate::engine::Handle;

/// Persons of one answer: more than a screen shows.
const IDS_MAX: usize = 200;

/// Incidents of one person that are shown: the newest.
const INCIDENTS_MAX: usize = 50;

#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    pub id: String,
    name: String,
    #[schema(required)]
    birth: Option<String>,
    risks: Vec<String>,
    languages: Vec<String>,
    premises: String,
    address: String,
    #[schema(required)]
    village: Option<String>,
    lat: f64,
    lon: f64,
    /// `urban` or `rural`.
    class: Class,
    #[schema(value_type = String)]
    district: DistrictCode,
}

impl Person {
    pub fn of(it: &Subject, home: &Premises) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name.clone(),
            birth: it.birth.clone(),
            risks: it.risks.clone(),
            languages: it.languages.clone(),
            premises: home.id.to_string(),
            address: home.address.clone(),
            village: home.village.clone(),
            lat: home.point.lat(),
            lon: home.point.lon(),
            class: home.class,
            district: home.district,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ByIds {
    /// At most 200, with commas between them.
    ids: String,
}

#[derive(Serialize, ToSchema)]
pub struct People {
    subjects: Vec<Person>,
}

/// Who these are. Ids that nobody has, or that are out of reach, are left out.
#[utoipa::path(get, path = "/api/v1/subjects", tag = "registry", params(ByIds),
    responses((status = 200, body = People), (status = 403), (status = 422)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<ByIds>,
) -> Result<Reply<People>, Problem> {
    caller.need(&CENTRE)?;
    let ids: Vec<&str> = query.ids.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    if ids.len() > IDS_MAX {
        return Err(Problem::invalid("ids", format!("{} ids, expected at most {IDS_MAX}", ids.len())));
    }
    let facts = api.facts.get();
    let person = |id: &&str| {
        let it = facts.subject(&id.parse().ok()?)?;
        let home = facts.premises(&it.premises)?;
        caller.account.reaches(home.district).then(|| Person::of(it, home))
    };
    Ok(Reply(People { subjects: ids.iter().filter_map(person).collect() }))
}

#[derive(Serialize, ToSchema)]
pub struct WholeSubject {
    version: u64,
    subject: SubjectRow,
    premises: PremisesRow,
    devices: Vec<DeviceState>,
    /// The newest first.
    incidents: Vec<PastIncident>,
}

#[derive(Serialize, ToSchema)]
pub struct PastIncident {
    #[schema(value_type = String)]
    id: IncidentId,
    #[schema(value_type = String)]
    kind: SignalKind,
    #[schema(value_type = String)]
    opened_at: Timestamp,
    #[schema(value_type = Option<String>, required)]
    closed_at: Option<Timestamp>,
    #[schema(required)]
    disposition: Option<Disposition>,
}

/// Everything about one person. Each reading is audited.
#[utoipa::path(get, path = "/api/v1/subjects/{id}", tag = "registry", params(("id" = String, Path)),
    responses((status = 200, body = WholeSubject), (status = 403), (status = 404)))]
pub async fn get(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Reply<WholeSubject>, Problem> {
    caller.need(&CENTRE)?;
    let unknown = || Problem::not_found("no_such_subject", "there is no subject of this id");
    let id: SubjectId = id.parse().map_err(|_| unknown())?;
    let facts = api.facts.get();
    let subject = facts.subject(&id).ok_or_else(unknown)?;
    let home = facts.premises(&subject.premises).ok_or_else(unknown)?;
    let handle = api.reach(&caller, home.district)?;
    let sought = id.clone();
    let held = api.stores.registry(move |it| it.held(crate::registry::Table::Subject, sought.as_str())).await?;
    let version = held.ok_or_else(unknown)?.version;
    api.note_reading(&caller, "subject_read", ("subject", id.as_str()), home.district, "");
    handle.fetch_heard(facts.devices_of(&id).map(|it| it.id.clone()).collect()).await?;
    Ok(Reply(WholeSubject {
        version,
        subject: subject.as_ref().into(),
        premises: home.as_ref().into(),
        devices: facts.devices_of(&id).map(|it| DeviceState::of(it, &handle)).collect(),
        incidents: incidents_of(&api, &handle, &id).await?,
    }))
}

/// Those in the state, and the archived ones among the newest of the district.
async fn incidents_of(api: &Api, handle: &Handle, id: &SubjectId) -> Result<Vec<PastIncident>, Problem> {
    let mut found: Vec<Incident> =
        handle.read(|state| state.incidents().filter(|it| it.subjects.contains(id)).cloned().collect());
    let rows = api.stores.archive_naming(handle.district(), id.to_string()).await?;
    let older = rows.iter().filter_map(|row| serde_json::from_str::<Incident>(&row.body).ok());
    let older: Vec<Incident> = older.filter(|it| it.subjects.contains(id)).collect();
    found.extend(older.into_iter().filter(|it| handle.read(|state| state.incident(it.id).is_none())));
    found.sort_by_key(|it| std::cmp::Reverse(it.id.number));
    found.truncate(INCIDENTS_MAX);
    Ok(found.iter().map(PastIncident::of).collect())
}

impl PastIncident {
    fn of(it: &Incident) -> Self {
        Self {
            id: it.id,
            kind: it.kind,
            opened_at: it.opened_at,
            closed_at: it.closure.as_ref().map(|it| it.at),
            disposition: it.closure.as_ref().map(|it| it.disposition),
        }
    }
}
