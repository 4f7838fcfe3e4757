//! Candidates for an incident as the next decision would see them: the nearest in time, eligible or not.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::event::WhyNot;
use crate::domain::{ResponderId, Way};
use crate::engine::Candidate;

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

impl From<Candidate> for CandidateShown {
    fn from(it: Candidate) -> Self {
        Self {
            responder: it.responder,
            eta_s: it.eta_s,
            distance_m: it.distance_m,
            way: it.way,
            place_age_s: it.place_age_s,
            eligible: it.why_not.is_none(),
            why_not: it.why_not,
        }
    }
}
