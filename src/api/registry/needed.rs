//! What must not be ended yet, because somebody is being helped by it at this moment.

use axum::http::StatusCode;

use crate::api::problem::Problem;
use crate::api::service::Api;
use crate::dispatch::State;
use crate::domain::{IncidentId, PremisesId, ResponderId, SubjectId};
use crate::registry::Table;

/// An open incident at the premises or of the subject; an offer or assignment of the responder.
pub fn still_needed(api: &Api, table: Table, id: &str) -> Result<(), Problem> {
    for handle in api.handles.get().values() {
        if let Some(incident) = handle.read(|state| incident_of(state, table, id)) {
            let detail = format!("incident {incident} needs it, expected none that is open");
            return Err(Problem::new(StatusCode::CONFLICT, "in_use", detail));
        }
    }
    Ok(())
}

fn incident_of(state: &State, table: Table, id: &str) -> Option<IncidentId> {
    match table {
        Table::Premises => Some(state.open_of_premises(&id.parse::<PremisesId>().ok()?)?.id),
        Table::Subject => Some(state.open_of_subject(&id.parse::<SubjectId>().ok()?)?.id),
        Table::Responder => Some(state.responder(&id.parse::<ResponderId>().ok()?)?.held?.1),
        Table::Device | Table::District => None,
    }
}
