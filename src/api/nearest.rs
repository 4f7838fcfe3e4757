//! Candidates for an incident as the next decision would see them: the nearest in time, eligible or not.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::Known;
use crate::dispatch::event::WhyNot;
use crate::dispatch::rank::Search;
use crate::domain::{IncidentId, ResponderId, Timestamp, Way};

/// The nearest in time first.
#[derive(Serialize, ToSchema)]
pub struct Candidates {
    pub candidates: Vec<CandidateShown>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Candidate)]
pub struct CandidateShown {
    #[schema(value_type = String)]
    responder: ResponderId,
    eta_s: u64,
    distance_m: u64,
    /// What `eta_s` was reckoned along.
    way: Way,
    /// null where the place is their base.
    #[schema(required)]
    place_age_s: Option<u64>,
    eligible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = WhyNot, required = false)]
    why_not: Option<WhyNot>,
}

/// `None` where there is no such incident.
pub fn candidates(known: &Known<'_>, id: IncidentId, limit: usize, now: Timestamp) -> Option<Vec<CandidateShown>> {
    let incident = known.state.incident(id)?;
    let nobody = BTreeSet::new();
    let found = Search::new(known, incident, &nobody, now).nearest_of_all(limit);
    let shown = found.into_iter().map(|(it, verdict)| {
        let responder = known.facts.responder(&it.responder);
        let age_s = responder.and_then(|responder| known.hints.whereabouts(responder, now).1);
        CandidateShown {
            responder: it.responder,
            eta_s: it.eta_s,
            distance_m: it.distance_m,
            way: it.way,
            place_age_s: age_s,
            eligible: verdict.is_ok(),
            why_not: verdict.err(),
        }
    });
    Some(shown.collect())
}
