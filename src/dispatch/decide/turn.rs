//! Turning: somebody on the way to something less urgent is asked to go to something more urgent instead. They are asked
//! while their assignment stands, and leave it with their yes: a question that is not answered, on an electric bicycle in
//! the rain, must not take away the help that somebody else was promised.

use std::collections::BTreeSet;

use crate::dispatch::event::Candidate;
use crate::dispatch::rank::Search;
use crate::dispatch::state::{Assignment, ClockState, Incident};
use crate::dispatch::{Event, Rejection, locate};
use crate::domain::offer::WithdrawReason;
use crate::domain::*;
use crate::geo::Leg;

use super::Known;
use super::offer::withdrawn;

/// Under way and looked at: the nearest few.
const LOOKED_AT: usize = 5;

/// Nobody is turned from farther away, even where nobody is free.
const FAR_S: u64 = 3_600;

/// Somebody free is late in any case: to turn somebody has to save so much.
const SAVES_S: u64 = 600;

/// A job, from the door on, is assumed to take so long where it is asked whether the other one could be done after it.
const JOB_S: u64 = 1_200;

/// Who is asked to turn, and from which assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turning {
    pub candidate: Candidate,
    pub leaves: OfferId,
}

/// Somebody to be asked to turn, where the plan allows it and nobody free would be at the door in time.
pub fn wanted(known: &Known<'_>, incident: &Incident, now: Timestamp) -> Option<Turning> {
    if !incident.plan.preempt {
        return None;
    }
    let nobody = BTreeSet::new();
    let search = Search::new(known, incident, &nobody, now);
    let free_s = search.ranked(1).first().map(|it| it.eta_s);
    let in_time = |eta_s: u64| now.after_s(eta_s) <= incident.door_due_at;
    if free_s.is_some_and(in_time) {
        return None;
    }
    let is_worth_it = |eta_s: u64| match free_s {
        Some(free_s) => in_time(eta_s) || eta_s.saturating_add(SAVES_S) <= free_s,
        None => true,
    };
    let suits = |id: &ResponderId| leaves(known, incident, id).and_then(|_| search.suits_under_way(id).ok());
    let near = search
        .nearest_under_way(LOOKED_AT, free_s.unwrap_or(FAR_S).min(FAR_S), suits)
        .into_iter()
        .filter(|it| is_worth_it(it.eta_s));
    near.filter_map(|candidate| {
        let (other, it) = leaves(known, incident, &candidate.responder)?;
        let leaves = it.offer;
        is_kept_without(known, (incident, &candidate), (other, it), now).then_some(Turning { candidate, leaves })
    })
    .next()
}

/// What somebody would leave for `incident`: they are on the way to it, it is less urgent, and its promise not yet missed.
fn leaves<'a>(known: &Known<'a>, incident: &Incident, id: &ResponderId) -> Option<(&'a Incident, &'a Assignment)> {
    let responder = known.state.responder(id).filter(|it| it.duty && it.turn.is_none())?;
    let (other, it) = known.state.offer(responder.held?.0)?;
    let promised = matches!(other.door, ClockState::Running | ClockState::Warned) || other.was_reached();
    (is_on_the_way(it) && other.urgency > incident.urgency && promised).then_some((other, it))
}

fn is_on_the_way(it: &Assignment) -> bool {
    matches!(it.state, AssignmentState::Accepted | AssignmentState::EnRoute) && it.at_door_at.is_none()
}

/// Whether the other incident keeps its promise all the same: by somebody who was there or is on the way too, by somebody
/// free, or by the one who turns, afterwards. Whoever is asked next has the time of two offers to say yes.
fn is_kept_without(
    known: &Known<'_>,
    (incident, candidate): (&Incident, &Candidate),
    (other, left): (&Incident, &Assignment),
    now: Timestamp,
) -> bool {
    let in_time = |at: Timestamp| at <= other.door_due_at;
    let others = other.under_way().filter(|it| it.offer != left.offer);
    let nobody = BTreeSet::new();
    let free = || Search::new(known, other, &nobody, now).ranked(1).pop();
    other.was_reached()
        || others.filter_map(|it| it.arrival_at).any(in_time)
        || free().is_some_and(|it| in_time(now.after_s(2 * known.policy.offer_ttl_s + it.eta_s)))
        || way_on_s(known, incident, other, &candidate.responder)
            .is_some_and(|way_s| in_time(now.after_s(candidate.eta_s + JOB_S + way_s)))
}

fn way_on_s(known: &Known<'_>, from: &Incident, to: &Incident, id: &ResponderId) -> Option<u64> {
    let place = |it: &Incident| locate::point_of(it, known.facts, known.hints);
    let travel = known.facts.responder(id)?.travel;
    Some(Leg::between(known.facts.roads(), place(from)?, place(to)?, travel).eta_s)
}

/// With their yes to `offer` they leave what they held. Refused where that has become as urgent, or they are at its door.
pub fn left(known: &Known<'_>, incident: &Incident, it: &Assignment) -> Result<Option<Event>, Rejection> {
    let held = known.state.responder(&it.responder).and_then(|it| it.held);
    let Some((offer, _)) = held.filter(|(offer, _)| *offer != it.offer) else { return Ok(None) };
    let (other, held) = known.state.offer(offer).expect("what a responder holds is kept");
    if !is_on_the_way(held) || other.urgency <= incident.urgency {
        return Err(Rejection::OfferWithdrawn { offer: it.offer });
    }
    Ok(Some(withdrawn(other.id, held, WithdrawReason::Turned)))
}

/// Whoever is at the door is not asked any more whether they turn.
pub fn over_at_the_door(known: &Known<'_>, responder: &ResponderId) -> Option<Event> {
    let (offer, incident) = known.state.responder(responder)?.turn?;
    let (_, it) = known.state.offer(offer)?;
    Some(withdrawn(incident, it, WithdrawReason::AtDoor))
}
