//! One responder as the board shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::Eye;
use crate::dispatch::state::{Assignment, Incident, State};
use crate::domain::*;

/// Name and place are null for those who may not see private values.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Responder)]
pub struct ResponderShown<'a> {
    #[schema(value_type = String)]
    id: &'a ResponderId,
    #[schema(required)]
    name: Option<&'a str>,
    tier: Tier,
    duty: bool,
    /// That of the offer or assignment they hold, else `free` or `off_duty`.
    state: ResponderState,
    #[schema(required)]
    place: Option<Whereabouts>,
    /// null where the place is their base.
    #[schema(required)]
    place_age_s: Option<u64>,
    #[schema(required)]
    assignment: Option<Held>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Idle {
    Free,
    OffDuty,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(untagged)]
enum ResponderState {
    Idle(Idle),
    Holding(AssignmentState),
}

/// Degrees of WGS-84.
#[derive(Debug, Serialize, ToSchema)]
struct Whereabouts {
    lat: f64,
    lon: f64,
}

/// The offer or assignment that a responder holds.
#[derive(Debug, Serialize, ToSchema)]
struct Held {
    #[schema(value_type = String)]
    incident: IncidentId,
    #[schema(value_type = String)]
    offer: OfferId,
    state: AssignmentState,
    #[schema(value_type = String)]
    at: Timestamp,
    eta_s: u64,
    /// What `eta_s` was reckoned along.
    way: Way,
}

impl<'a> ResponderShown<'a> {
    pub fn of(it: &'a Responder, state: &State, fix: Option<&Fix>, eye: &Eye<'_>) -> Self {
        let known = state.responder(&it.id);
        let duty = known.is_some_and(|it| it.duty);
        let held = known.and_then(|it| it.held).and_then(|(offer, _)| state.offer(offer));
        let seen = eye.sees_private();
        let point = fix.map_or(it.base, |fix| fix.point);
        Self {
            id: &it.id,
            name: seen.then_some(&it.name),
            tier: it.tier,
            duty,
            state: match held {
                Some((_, it)) => ResponderState::Holding(it.state),
                None => ResponderState::Idle(if duty { Idle::Free } else { Idle::OffDuty }),
            },
            place: seen.then_some(Whereabouts { lat: point.lat(), lon: point.lon() }),
            place_age_s: fix.filter(|_| seen).map(|fix| eye.now.since_s(fix.at)),
            assignment: held.map(Held::of),
        }
    }
}

impl Held {
    fn of((incident, it): (&Incident, &Assignment)) -> Self {
        Self { incident: incident.id, offer: it.offer, state: it.state, at: it.at, eta_s: it.eta_s, way: it.way }
    }
}
