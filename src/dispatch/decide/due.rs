//! What happens by itself: the first thing that is due. Each tick decides one, and moves its deadline.

use crate::dispatch::event::{EscalationReason, ReleaseReason};
use crate::dispatch::state::{Due, Incident};
use crate::dispatch::{Event, Rejection};
use crate::domain::offer::ExpiryReason;
use crate::domain::sla::SlaClock;
use crate::domain::*;

use super::{Known, escalate, offer};

pub fn tick(known: &Known<'_>, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let Some((incident, _, due)) = known.state.first_due().filter(|(_, at, _)| *at <= now) else {
        return Err(Rejection::NothingToDo);
    };
    let id = incident.id;
    Ok(match due {
        Due::OfferEnds(ended) => vec![expired(incident, ended, now)],
        Due::Ask => offer::by_itself(known, incident, now),
        Due::ClaimLapses => {
            vec![Event::IncidentReleased { incident: id, owner: owner(incident), reason: ReleaseReason::Lapsed }]
        }
        Due::AnswerBreach => {
            vec![Event::SlaBreached { incident: id, clock: SlaClock::Answer, due_at: incident.answer_due_at }]
        }
        Due::DoorWarning => door_warning(known, incident, now),
        Due::RungEnds => escalate::next(known, incident, EscalationReason::OutOfPatience, now),
        Due::DoorBreach => {
            vec![Event::SlaBreached { incident: id, clock: SlaClock::Door, due_at: incident.door_due_at }]
        }
        Due::Unattended => {
            vec![Event::IncidentUnattended { incident: id, owner: owner(incident), idle_since: incident.touched_at }]
        }
    })
}

/// After a stop: what waits for a person or a device gets a fresh window, since nobody could answer meanwhile.
pub fn renew(known: &Known<'_>, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let policy = known.policy;
    let waiting = known.state.open_incidents().any(|it| it.claim.is_some() || it.pending().next().is_some());
    if !waiting {
        return Err(Rejection::NothingToDo);
    }
    Ok(vec![Event::WindowsRenewed {
        offers_until: now.after_s(policy.offer_ttl_s),
        deliver_by: now.after_s(policy.deliver_s),
        claims_until: now.after_s(policy.claim_lost_s),
        untended_until: now.after_s(policy.claim_untended_s),
    }])
}

fn expired(incident: &Incident, offer: OfferId, now: Timestamp) -> Event {
    let it = incident.pending().find(|it| it.offer == offer).expect("an offer that ends is pending");
    let undelivered = !it.shown && now < it.expires_at;
    let reason = if undelivered { ExpiryReason::Undelivered } else { ExpiryReason::Unanswered };
    Event::OfferExpired { incident: incident.id, offer, responder: it.responder.clone(), reason }
}

/// While there is still time, the next rung is taken; whoever is under way goes on.
fn door_warning(known: &Known<'_>, incident: &Incident, now: Timestamp) -> Vec<Event> {
    let predicted_at = incident.first_arrival();
    let mut events = vec![Event::SlaWarned {
        incident: incident.id,
        clock: SlaClock::Door,
        due_at: incident.door_due_at,
        predicted_at,
    }];
    events.extend(escalate::next(known, incident, EscalationReason::PromiseAtRisk, now));
    events
}

fn owner(incident: &Incident) -> AccountName {
    incident.owner().expect("a claim that ends or idles has an owner").clone()
}
