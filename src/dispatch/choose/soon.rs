//! Who is under way now and free soon: when they would be at another door afterwards. An estimate in whole seconds, of
//! the arrival that was predicted and a job of the usual length. Nobody is promised anything by it.

use crate::dispatch::event::Candidate;
use crate::dispatch::locate::point_of;
use crate::dispatch::state::{Assignment, Incident};
use crate::domain::ResponderId;
use crate::geo::Leg;

use super::Question;

/// Of those who are under way, so many are looked at for one incident: the nearest ones.
const LOOKED_AT: usize = 10;

/// A job, from the door on, is assumed to take so long; what has lasted longer is assumed to be over so soon.
const JOB_S: u64 = 1_200;
const OVER_IN_S: u64 = 300;

/// Nobody is waited for longer than that.
const WAITED_MOST_S: u64 = 3_600;

/// Those under way who would be at the door of `incident` within an hour, each with when.
pub fn soon(question: &Question<'_>, incident: &Incident) -> Vec<Candidate> {
    let search = question.search(incident);
    let suits = |id: &ResponderId| free_in_s(question, id).and_then(|_| search.suits_under_way(id).ok());
    let near = search.nearest_under_way(LOOKED_AT, WAITED_MOST_S, suits);
    near.into_iter().filter_map(|it| after_that(question, incident, it)).collect()
}

/// From the door at which they are then, and when that is.
fn after_that(question: &Question<'_>, incident: &Incident, it: Candidate) -> Option<Candidate> {
    let known = question.known;
    let (other, _) = held(question, &it.responder)?;
    let place = |of: &Incident| point_of(of, known.facts, known.hints);
    let travel = known.facts.responder(&it.responder)?.travel;
    let leg = Leg::between(known.facts.roads(), place(other)?, place(incident)?, travel);
    let eta_s = free_in_s(question, &it.responder)? + leg.eta_s;
    (eta_s <= WAITED_MOST_S).then_some(Candidate { eta_s, distance_m: leg.distance_m, way: leg.way, ..it })
}

/// Seconds until they are done with what they do; `None` for somebody who does nothing, or has not answered yet.
fn free_in_s(question: &Question<'_>, id: &ResponderId) -> Option<u64> {
    let (_, it) = held(question, id)?;
    let over_at = it.at_door_at.or(it.arrival_at)?.after_s(JOB_S);
    Some(over_at.since_s(question.now).max(OVER_IN_S))
}

fn held<'a>(question: &Question<'a>, id: &ResponderId) -> Option<(&'a Incident, &'a Assignment)> {
    let responder = question.known.state.responder(id).filter(|it| it.duty && it.turn.is_none())?;
    question.known.state.offer(responder.held?.0).filter(|(_, it)| it.state.is_under_way())
}
