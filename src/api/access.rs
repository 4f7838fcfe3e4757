//! How to get in: told to the responder who is under way to that door, until they are clear. Each reading is audited.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::acts::incident_id;
use super::auth::Caller;
use super::problem::Problem;
use super::service::Api;
use crate::domain::subject::{Contact, Subject};
use crate::domain::{IncidentId, ResponderId, Role, SubjectId};
use crate::engine::Handle;

#[derive(Serialize, ToSchema)]
pub struct Access {
    subjects: Vec<AccessTo>,
}

#[derive(Serialize, ToSchema)]
pub struct AccessTo {
    id: String,
    name: String,
    /// Door code, or where the key is.
    #[schema(required)]
    access: Option<String>,
    keyholders: Vec<Keyholder>,
}

#[derive(Serialize, ToSchema)]
pub struct Keyholder {
    name: String,
    phone: String,
    relation: String,
}

/// Access notes and keyholders, for the responder who has accepted and is not clear yet.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/access", tag = "responders", params(("id" = String, Path)),
    responses((status = 200, body = Access), (status = 403), (status = 404)))]
pub async fn read(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Reply<Access>, Problem> {
    caller.need(&[Role::Responder])?;
    let id = incident_id(&id)?;
    let handle = api.reach(&caller, id.district)?;
    let subjects = caller.account.responder.as_ref().and_then(|responder| under_way(&handle, id, responder));
    let not_assigned = || {
        let detail = "expected an assignment there that is accepted and not clear yet";
        Problem::forbidden("not_assigned", detail).by(&caller.account.name).within(id.district)
    };
    let facts = api.facts.get();
    let subjects: Vec<AccessTo> =
        subjects.ok_or_else(not_assigned)?.iter().filter_map(|it| Some(shown(facts.subject(it)?))).collect();
    for it in &subjects {
        api.note_reading(&caller, "access_read", ("subject", &it.id), id.district, &format!("incident {id}"));
    }
    Ok(Reply(Access { subjects }))
}

/// The subjects of the incident, where this responder is under way to it.
fn under_way(handle: &Handle, id: IncidentId, responder: &ResponderId) -> Option<Vec<SubjectId>> {
    handle.read(|state| {
        let it = state.incident(id)?;
        it.under_way().any(|it| it.responder == *responder).then(|| it.subjects.clone())
    })
}

fn shown(it: &Subject) -> AccessTo {
    let keyholders = it.contacts.iter().filter(|it| it.keyholder).map(Keyholder::of).collect();
    AccessTo { id: it.id.to_string(), name: it.name.clone(), access: it.access.clone(), keyholders }
}

impl Keyholder {
    fn of(it: &Contact) -> Self {
        Self { name: it.name.clone(), phone: it.phone.clone(), relation: it.relation.clone() }
    }
}
