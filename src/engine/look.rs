//! What can be asked of a district besides its committed fold: what the next decision would look at. Typed, so that it
//! can be asked of an engine that runs in another process.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::supervise::{Heard, LastHeard};
use crate::dispatch::Known;
use crate::dispatch::event::WhyNot;
use crate::dispatch::rank::Search;
use crate::domain::{DeviceId, Fix, IncidentId, ResponderId, Timestamp, Way};
use crate::geo::Spot;

/// A look at what is in memory alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Those who could be asked now, and where they are.
    Available,
    /// Where responders said they are.
    Fixes,
    /// Who would be there soonest, eligible or not.
    Nearest { incident: IncidentId, limit: usize },
    /// When these devices were last heard; all of the district, where none are named.
    Heard { devices: Vec<DeviceId> },
}

/// What was seen; each answers the look of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    Available(Vec<(ResponderId, Spot)>),
    Fixes(Vec<(ResponderId, Fix)>),
    /// The nearest in time first; `None` where there is no such incident.
    Nearest(Option<Vec<Candidate>>),
    Heard(Vec<(DeviceId, Heard)>),
}

/// Somebody who might go, as the next decision would see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub responder: ResponderId,
    pub eta_s: u64,
    pub distance_m: u64,
    /// What `eta_s` was reckoned along.
    pub way: Way,
    /// `None` where the place is their base.
    pub place_age_s: Option<u64>,
    /// Why they cannot be asked, where they cannot.
    pub why_not: Option<WhyNot>,
}

impl Look {
    pub(super) fn see(&self, known: &Known<'_>, heard: &LastHeard, now: Timestamp) -> Seen {
        match self {
            Self::Available => {
                let available = known.hints.available().iter();
                Seen::Available(available.map(|(id, spot)| (id.clone(), spot)).collect())
            }
            Self::Fixes => {
                let ours = known.facts.responders().filter(|it| it.district == known.state.district);
                let fixes = ours.filter_map(|it| Some((it.id.clone(), *known.hints.fix(&it.id)?)));
                Seen::Fixes(fixes.collect())
            }
            Self::Nearest { incident, limit } => Seen::Nearest(candidates(known, *incident, *limit, now)),
            Self::Heard { devices } if devices.is_empty() => Seen::Heard(heard.all()),
            Self::Heard { devices } => {
                Seen::Heard(devices.iter().filter_map(|it| Some((it.clone(), heard.of(it)?))).collect())
            }
        }
    }
}

fn candidates(known: &Known<'_>, id: IncidentId, limit: usize, now: Timestamp) -> Option<Vec<Candidate>> {
    let incident = known.state.incident(id)?;
    let nobody = BTreeSet::new();
    let found = Search::new(known, incident, &nobody, now).nearest_of_all(limit);
    let candidates = found.into_iter().map(|(it, verdict)| {
        let responder = known.facts.responder(&it.responder);
        let place_age_s = responder.and_then(|responder| known.hints.whereabouts(responder, now).1);
        Candidate {
            responder: it.responder,
            eta_s: it.eta_s,
            distance_m: it.distance_m,
            way: it.way,
            place_age_s,
            why_not: verdict.err(),
        }
    });
    Some(candidates.collect())
}
