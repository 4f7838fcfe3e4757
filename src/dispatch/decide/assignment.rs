//! What responders say: it is on my screen, yes, no, I am on my way, at the door, inside, done. The first yes wins;
//! a word that a phone kept while it was offline is judged by its own time.

use crate::dispatch::event::{Proof, Reported, Via};
use crate::dispatch::locate::point_of;
use crate::dispatch::state::{Assignment, ClockState, Incident};
use crate::dispatch::{Answer, Event, Rejection};
use crate::domain::offer::{Progress, WithdrawReason};
use crate::domain::sla::SlaClock;
use crate::domain::*;
use crate::geo::distance_m;

use super::offer::{over, withdrawn};
use super::{Known, aid, turn};

/// A word about an assignment.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub progress: Progress,
    /// The phone's own time; absent where it was said just now.
    pub at: Option<Timestamp>,
    pub via: Via,
    /// The code at the door was read.
    pub scanned: bool,
}

/// Nearer to the place than this is at its door, as exact as a phone knows it between houses.
const AT_DOOR_M: u64 = 100;

/// A position from longer before or after says nothing about the arrival.
const PROOF_FRESH_S: u64 = 300;

/// It is on the screen: delivery is confirmed.
pub fn shown(
    known: &Known<'_>,
    offer: OfferId,
    responder: &ResponderId,
    channel: Channel,
) -> Result<Vec<Event>, Rejection> {
    let (incident, it) = theirs(known, offer, responder)?;
    if it.shown || it.state != AssignmentState::Offered {
        return Err(repeat(known, incident, it));
    }
    Ok(vec![Event::OfferShown { incident: incident.id, offer, responder: responder.clone(), channel }])
}

/// What a channel came to, for the timeline: it changes nothing of the offer, which is told of until it is over.
pub fn tried(
    known: &Known<'_>,
    offer: OfferId,
    channel: Channel,
    outcome: TryOutcome,
) -> Result<Vec<Event>, Rejection> {
    let (incident, it) = known.state.offer(offer).ok_or(Rejection::NoSuchOffer(offer))?;
    let responder = it.responder.clone();
    Ok(vec![Event::OfferTried { incident: incident.id, offer, responder, channel, outcome }])
}

pub fn accept(
    known: &Known<'_>,
    offer: OfferId,
    responder: &ResponderId,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let (incident, it) = theirs(known, offer, responder)?;
    if it.state.is_under_way() {
        return Err(repeat(known, incident, it));
    }
    still_pending(it, now)?;
    let arrival_at = now.after_s(it.eta_s);
    let id = incident.id;
    let mut events: Vec<Event> = turn::left(known, incident, it)?.into_iter().collect();
    events.push(Event::OfferAccepted { incident: id, offer, responder: responder.clone(), arrival_at });
    let others = incident.pending().filter(|other| other.offer != offer);
    events.extend(others.map(|other| withdrawn(id, other, WithdrawReason::Taken)));
    events.extend(aid::not_wanted(incident, None));
    Ok(events)
}

pub fn decline(
    known: &Known<'_>,
    offer: OfferId,
    responder: &ResponderId,
    reason: Option<PrivateRef>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let (incident, it) = theirs(known, offer, responder)?;
    if it.state == AssignmentState::Declined {
        return Err(repeat(known, incident, it));
    }
    still_pending(it, now)?;
    Ok(vec![Event::OfferDeclined { incident: incident.id, offer, responder: responder.clone(), reason }])
}

pub fn progress(
    known: &Known<'_>,
    id: IncidentId,
    responder: &ResponderId,
    said: Said,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.incident(id)?;
    let taken = |it: &&Assignment| &it.responder == responder && (it.state.is_under_way() || it.clear_at.is_some());
    let it = incident.assignments.iter().rev().find(taken);
    let it = it.ok_or_else(|| Rejection::NotAssigned { incident: id, responder: responder.clone() })?;
    if time_of(it, said.progress).is_some() {
        return Err(repeat(known, incident, it));
    }
    if it.clear_at.is_some() && said.at.is_none() {
        return Err(Rejection::StatusOutOfOrder { found: said.progress, state: Progress::Clear });
    }
    let occurred_at = judged(known, it, said, now);
    let (offer, responder, via) = (it.offer, responder.clone(), said.via);
    let proof = (said.progress == Progress::AtDoor).then(|| proof(known, incident, &responder, said, occurred_at));
    let reported = Reported { incident: id, offer, responder, occurred_at, via, proof };
    let at_door = matches!(said.progress, Progress::AtDoor | Progress::Inside) && it.state.is_under_way();
    let mut events: Vec<Event> =
        at_door.then(|| turn::over_at_the_door(known, &it.responder)).flatten().into_iter().collect();
    events.push(match said.progress {
        Progress::EnRoute => Event::ResponderEnRoute(reported),
        Progress::AtDoor => Event::ResponderAtDoor(reported),
        Progress::Inside => Event::ResponderInside(reported),
        Progress::Clear => Event::ResponderClear(reported),
    });
    events.extend(door_met(incident, it, said.progress, occurred_at));
    Ok(events)
}

/// A newer estimate for somebody who is still on the way.
pub fn predict(
    known: &Known<'_>,
    id: IncidentId,
    responder: &ResponderId,
    (eta_s, way): (u64, Way),
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    let on_the_way = |it: &&Assignment| &it.responder == responder && it.at_door_at.is_none();
    let it = incident.under_way().find(on_the_way).ok_or(Rejection::NothingToDo)?;
    let arrival_at = now.after_s(eta_s);
    Ok(vec![Event::ArrivalPredicted { incident: id, offer: it.offer, responder: responder.clone(), arrival_at, way }])
}

fn theirs<'a>(
    known: &Known<'a>,
    offer: OfferId,
    responder: &ResponderId,
) -> Result<(&'a Incident, &'a Assignment), Rejection> {
    let (incident, it) = known.state.offer(offer).ok_or(Rejection::NoSuchOffer(offer))?;
    if &it.responder != responder {
        return Err(Rejection::NotYourOffer { offer });
    }
    Ok((incident, it))
}

/// The deadline itself is too late, so that a timer firing at the same millisecond agrees.
fn still_pending(it: &Assignment, now: Timestamp) -> Result<(), Rejection> {
    if it.state != AssignmentState::Offered {
        return Err(over(it));
    }
    if now >= it.expires_at {
        return Err(Rejection::OfferExpired { offer: it.offer, expired_at: it.expires_at });
    }
    Ok(())
}

fn repeat(known: &Known<'_>, incident: &Incident, it: &Assignment) -> Rejection {
    let (seq, incident, offer) = (Some(known.state.seq), Some(incident.id), Some(it.offer));
    Rejection::Repeat(Answer { seq, incident, offer, ..Answer::default() })
}

fn time_of(it: &Assignment, progress: Progress) -> Option<Timestamp> {
    match progress {
        Progress::EnRoute => it.en_route_at,
        Progress::AtDoor => it.at_door_at,
        Progress::Inside => it.inside_at,
        Progress::Clear => it.clear_at,
    }
}

/// The phone's own time, not before their last word nor the step before, and not after it came in.
fn judged(known: &Known<'_>, it: &Assignment, said: Said, now: Timestamp) -> Timestamp {
    let Some(at) = said.at else { return now };
    let steps = [Progress::EnRoute, Progress::AtDoor, Progress::Inside, Progress::Clear];
    let before = steps.into_iter().filter(|step| *step < said.progress).filter_map(|step| time_of(it, step)).max();
    let after = steps.into_iter().filter(|step| *step > said.progress).filter_map(|step| time_of(it, step)).min();
    let last_contact = known.state.responder(&it.responder).and_then(|it| it.last_contact);
    let latest = after.unwrap_or(now).min(now);
    // Where a later step is on record, the last contact was about that step and does not bound this one.
    let earliest = before.into_iter().chain(last_contact.filter(|_| after.is_none())).max();
    at.max(earliest.unwrap_or(it.made_at).min(latest)).min(latest)
}

/// What there is beside their word.
fn proof(known: &Known<'_>, incident: &Incident, responder: &ResponderId, said: Said, at: Timestamp) -> Proof {
    if said.via == Via::Radio {
        return Proof::Radio;
    }
    if said.scanned {
        return Proof::ElderCode;
    }
    let fresh = |fix: &&Fix| fix.at.since_s(at).max(at.since_s(fix.at)) <= PROOF_FRESH_S;
    let fix = known.hints.fix(responder).filter(fresh);
    let place = point_of(incident, known.facts, known.hints);
    match fix.zip(place) {
        Some((fix, place)) if distance_m(fix.point, place) <= AT_DOOR_M => Proof::Position,
        _ => Proof::Manual,
    }
}

/// The promise at the door is kept by the responder's own time, even if the word came after the breach was recorded.
fn door_met(incident: &Incident, it: &Assignment, progress: Progress, at: Timestamp) -> Option<Event> {
    let arrived = matches!(progress, Progress::AtDoor | Progress::Inside);
    let undecided = matches!(incident.door, ClockState::Running | ClockState::Warned | ClockState::Breached);
    let this_round = it.round == incident.round && incident.is_open();
    let due_at = incident.door_due_at;
    let met = arrived && undecided && this_round && at <= due_at;
    met.then_some(Event::SlaMet { incident: incident.id, clock: SlaClock::Door, due_at, met_at: at })
}
