//! Candidates for an incident as the next decision would see them: the nearest in time, eligible or not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::dispatch::Known;
use crate::dispatch::rank::Search;
use crate::domain::{IncidentId, Timestamp};

/// `None` where there is no such incident.
pub fn candidates(known: &Known<'_>, id: IncidentId, limit: usize, now: Timestamp) -> Option<Vec<Value>> {
    let incident = known.state.incident(id)?;
    let nobody = BTreeSet::new();
    let found = Search::new(known, incident, &nobody, now).nearest_of_all(limit);
    let shown = found.into_iter().map(|(it, verdict)| {
        let responder = known.facts.responder(&it.responder);
        let age_s = responder.and_then(|responder| known.hints.whereabouts(responder, now).1);
        let mut shown = Map::new();
        shown.insert("responder".to_owned(), json!(it.responder));
        shown.insert("eta_s".to_owned(), json!(it.eta_s));
        shown.insert("distance_m".to_owned(), json!(it.distance_m));
        shown.insert("place_age_s".to_owned(), json!(age_s));
        shown.insert("eligible".to_owned(), json!(verdict.is_ok()));
        if let Err(why) = verdict {
            shown.insert("why_not".to_owned(), json!(why));
        }
        Value::Object(shown)
    });
    Some(shown.collect())
}
