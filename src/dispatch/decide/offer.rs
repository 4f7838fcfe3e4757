//! Offers: who is asked, and when the next one is. A responder has at most one open offer, whoever asks.

use std::collections::BTreeSet;

use crate::dispatch::choose::{self, Chosen, Question};
use crate::dispatch::event::{Candidate, EscalationReason, OfferMade};
use crate::dispatch::rank::{RANKED_KEPT, Search};
use crate::dispatch::state::{Assignment, Incident};
use crate::dispatch::{By, Event, Rejection};
use crate::domain::offer::WithdrawReason;
use crate::domain::plan::{PolicyName, RungAction};
use crate::domain::*;

use super::turn::{self, Turning};
use super::{Known, claim, escalate};

/// Waiting incidents looked at when somebody becomes free: far more than there are free people at once, and bounded,
/// so that ten thousand waiting ones cost an accept no more than a moment.
const ASK_AGAIN_MOST: usize = 256;

/// What was already asked for in the present decision.
#[derive(Debug, Default)]
struct Asking {
    taken: BTreeSet<ResponderId>,
    /// Incidents about which it was decided.
    decided: BTreeSet<IncidentId>,
    events: Vec<Event>,
}

/// The plan asks, by its policy; nobody being left, the next rung.
pub fn by_itself(known: &Known<'_>, incident: &Incident, now: Timestamp) -> Vec<Event> {
    let mut asking = Asking::default();
    let waits_for = match turn::wanted(known, incident, now) {
        Some(turning) => asking.turn(known, incident, turning, now),
        None => asking.by_policy(known, incident, now),
    };
    // While somebody was asked, what is left of this is decided by the next tick.
    if !asking.taken.is_empty() && waits_for.is_none() {
        return asking.events;
    }
    let asks = |rung: &plan::Rung| matches!(rung.action, RungAction::Ask(_));
    let escalated = if incident.present_rung().is_some_and(asks) {
        escalate::next(known, incident, EscalationReason::NobodyLeft, now)
    } else {
        Vec::new()
    };
    // A rung that asks further tiers is tried at once; any other waits for people to become free.
    let asks_on = incident.next_rung().is_some_and(|(_, rung)| asks(rung)) && !escalated.is_empty();
    let mut events = asking.events;
    if !asks_on {
        events.push(nobody(known, incident, waits_for, now));
    }
    events.extend(escalated);
    events
}

/// An operator asks: one by name, whatever the plan says of tiers and skills; or the nearest, several at once.
pub fn make(
    known: &Known<'_>,
    id: IncidentId,
    named: Option<&ResponderId>,
    parallel: Option<u8>,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    let most = known.policy.parallel_max;
    let wanted = parallel.unwrap_or(1);
    if !(1..=most).contains(&wanted) {
        return Err(Rejection::TooManyAtOnce { found: wanted, most });
    }
    let mut events = claim::own(known, incident, by, now)?;
    let mut asking = Asking::default();
    match named {
        Some(responder) => asking.named(known, incident, responder, now)?,
        None => asking.nearest(known, incident, usize::from(wanted), now),
    }
    if asking.events.is_empty() {
        return Err(Rejection::NobodyAvailable);
    }
    events.extend(asking.events);
    Ok(events)
}

pub fn withdraw(
    known: &Known<'_>,
    id: IncidentId,
    offer: OfferId,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    let it = incident.assignments.iter().find(|it| it.offer == offer).ok_or(Rejection::NoSuchOffer(offer))?;
    if !it.state.is_open() {
        return Err(over(it));
    }
    let mut events = claim::own(known, incident, by, now)?;
    events.push(withdrawn(incident.id, it, WithdrawReason::Operator));
    Ok(events)
}

/// People became free or reachable: the most urgent and oldest of those who wait are asked for first.
pub fn ask_again(known: &Known<'_>, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let mut asking = Asking::default();
    for incident in known.state.starved().take(ASK_AGAIN_MOST) {
        if asking.taken.len() >= known.hints.available().len() {
            break;
        }
        if !asking.decided.contains(&incident.id) && incident.room_to_ask() > 0 {
            let waits_for = asking.by_policy(known, incident, now);
            asking.events.extend(waits_for.map(|it| nobody(known, incident, Some(it), now)));
        }
    }
    if asking.events.is_empty() { Err(Rejection::NothingToDo) } else { Ok(asking.events) }
}

pub fn withdrawn(incident: IncidentId, it: &Assignment, reason: WithdrawReason) -> Event {
    Event::OfferWithdrawn { incident, offer: it.offer, responder: it.responder.clone(), reason }
}

/// Why an offer that is no longer open cannot be answered or taken back.
pub fn over(it: &Assignment) -> Rejection {
    match it.state {
        AssignmentState::Expired => Rejection::OfferExpired { offer: it.offer, expired_at: it.at },
        AssignmentState::Withdrawn => Rejection::OfferWithdrawn { offer: it.offer },
        AssignmentState::Offered
        | AssignmentState::Accepted
        | AssignmentState::EnRoute
        | AssignmentState::AtDoor
        | AssignmentState::Inside
        | AssignmentState::Clear
        | AssignmentState::Declined => Rejection::OfferAnswered { offer: it.offer },
    }
}

fn nobody(known: &Known<'_>, incident: &Incident, waits_for: Option<Candidate>, now: Timestamp) -> Event {
    let passed_over = Search::new(known, incident, &BTreeSet::new(), now).passed_over();
    let ask_again_at = now.after_s(known.policy.ask_again_s);
    Event::NobodyAvailable { incident: incident.id, passed_over, ask_again_at, waits_for }
}

impl Asking {
    /// Whoever the policy of the incident's plan chooses, for it and for those it decides about with it. Given back is for
    /// whom it waits, where it does.
    fn by_policy(&mut self, known: &Known<'_>, incident: &Incident, now: Timestamp) -> Option<Candidate> {
        let name = incident.plan.policy();
        let policy = choose::by_name(name);
        let question = Question { known, taken: &self.taken, decided: &self.decided, now };
        let waiting = policy.together(&question, incident);
        let choices = policy.choose(&question, &waiting);
        let about: Vec<IncidentId> = waiting.iter().map(|it| it.id).collect();
        self.decided.extend(about);
        for one in choices.chosen {
            self.ask(known, name, one, now);
        }
        let mut waits_for = None;
        for (id, it) in choices.waits {
            let other = known.state.incident(id).expect("a policy chooses for incidents that it was given");
            if id == incident.id {
                waits_for = Some(it);
            } else if other.starved {
                self.events.push(nobody(known, other, Some(it), now));
            }
        }
        waits_for
    }

    /// The first to arrive, as many as are wanted.
    fn nearest(&mut self, known: &Known<'_>, incident: &Incident, wanted: usize, now: Timestamp) {
        let question = Question { known, taken: &self.taken, decided: &self.decided, now };
        if let Some(chosen) = choose::first(&question, incident, wanted) {
            self.ask(known, PolicyName::Nearest, chosen, now);
        }
    }

    fn ask(&mut self, known: &Known<'_>, policy: PolicyName, chosen: Chosen, now: Timestamp) {
        let incident = known.state.incident(chosen.incident).expect("a policy chooses for incidents that it was given");
        let passed_over = Search::new(known, incident, &self.taken, now).passed_over();
        for pick in chosen.picks {
            let Candidate { responder, eta_s, distance_m, way } = pick.candidate;
            let mut made = self.offer(known, incident, responder, now);
            (made.eta_s, made.distance_m, made.way) = (eta_s, distance_m, way);
            made.candidates = chosen.ranked.iter().take(RANKED_KEPT).cloned().collect();
            made.passed_over.clone_from(&passed_over);
            (made.policy, made.why, made.together) = (Some(policy), pick.why, chosen.together);
            self.push(made);
        }
    }

    /// Somebody on the way to something less urgent is asked to turn; that assignment stands until they say yes.
    fn turn(&mut self, known: &Known<'_>, incident: &Incident, turning: Turning, now: Timestamp) -> Option<Candidate> {
        let Turning { candidate, leaves } = turning;
        let made = self.offer(known, incident, candidate.responder.clone(), now);
        let Candidate { eta_s, distance_m, way, .. } = candidate;
        let policy = Some(incident.plan.policy());
        let passed_over = Search::new(known, incident, &self.taken, now).passed_over();
        let candidates = vec![candidate];
        self.push(OfferMade { eta_s, distance_m, way, candidates, passed_over, policy, turns: Some(leaves), ..made });
        None
    }

    fn named(
        &mut self,
        known: &Known<'_>,
        incident: &Incident,
        id: &ResponderId,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let search = Search::new(known, incident, &self.taken, now);
        let responder = known.facts.responder(id).filter(|it| it.district == known.state.district);
        let responder = responder.ok_or_else(|| Rejection::NoSuchResponder(id.clone()))?;
        if let Err(why) = search.free(id) {
            return Err(Rejection::NotEligible { responder: id.clone(), why });
        }
        let mut made = self.offer(known, incident, id.clone(), now);
        if let Some(leg) = search.way(responder) {
            (made.eta_s, made.distance_m, made.way) = (leg.eta_s, leg.distance_m, leg.way);
        }
        self.push(made);
        Ok(())
    }

    fn offer(&self, known: &Known<'_>, incident: &Incident, responder: ResponderId, now: Timestamp) -> OfferMade {
        let tier = known.facts.responder(&responder).map(|it| it.tier);
        OfferMade {
            incident: incident.id,
            offer: known.state.next_offer(self.taken.len() as u64),
            responder,
            eta_s: 0,
            distance_m: 0,
            way: Way::Line,
            expires_at: now.after_s(known.policy.offer_ttl_s),
            deliver_by: now.after_s(known.policy.deliver_s),
            candidates: Vec::new(),
            passed_over: Vec::new(),
            registry: known.facts.version,
            policy: None,
            why: None,
            tier,
            together: None,
            turns: None,
        }
    }

    fn push(&mut self, made: OfferMade) {
        self.taken.insert(made.responder.clone());
        self.events.push(Event::OfferMade(Box::new(made)));
    }
}
