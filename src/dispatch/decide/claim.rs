//! Claims: one owner at a time, as a lease. A lost console gives it back; two operators can never both send.

use crate::dispatch::event::{Lease, ReleaseReason};
use crate::dispatch::state::{ClockState, Incident};
use crate::dispatch::{Answer, By, Event, Rejection};
use crate::domain::sla::SlaClock;
use crate::domain::*;

use super::{Known, person};

pub fn claim(known: &Known<'_>, id: IncidentId, by: Option<&By>, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let (incident, by) = (known.open_incident(id)?, person(by));
    match incident.owner() {
        None => Ok(taken_up(known, incident, &by.account, now)),
        Some(owner) if owner == &by.account => {
            Err(Rejection::Repeat(Answer { seq: Some(known.state.seq), incident: Some(id), ..Answer::default() }))
        }
        Some(_) if by.supervisor => Ok(taken_up(known, incident, &by.account, now)),
        Some(owner) => Err(Rejection::Claimed { incident: id, owner: owner.clone() }),
    }
}

/// Makes sure that `by` owns the incident before they send, escalate or close: nobody's is claimed in the same step,
/// and a supervisor takes over.
pub fn own(known: &Known<'_>, incident: &Incident, by: Option<&By>, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let by = person(by);
    match incident.owner() {
        Some(owner) if owner == &by.account => Ok(Vec::new()),
        Some(owner) if !by.supervisor => Err(Rejection::NotOwner { incident: incident.id, owner: owner.clone() }),
        Some(_) | None => Ok(taken_up(known, incident, &by.account, now)),
    }
}

pub fn release(known: &Known<'_>, id: IncidentId, by: Option<&By>) -> Result<Vec<Event>, Rejection> {
    let (incident, by) = (known.open_incident(id)?, person(by));
    let Some(owner) = incident.owner() else { return Err(Rejection::NothingToDo) };
    if owner != &by.account && !by.supervisor {
        return Err(Rejection::NotOwner { incident: id, owner: owner.clone() });
    }
    Ok(vec![Event::IncidentReleased { incident: id, owner: owner.clone(), reason: ReleaseReason::GivenBack }])
}

pub fn release_all(known: &Known<'_>, account: &AccountName) -> Result<Vec<Event>, Rejection> {
    let released = |incident: &Incident| Event::IncidentReleased {
        incident: incident.id,
        owner: account.clone(),
        reason: ReleaseReason::SignedOut,
    };
    some(known.state.claims_of(account).map(released).collect())
}

pub fn console_connected(known: &Known<'_>, account: &AccountName) -> Result<Vec<Event>, Rejection> {
    some(releases(known, account, Lease::WhileConnected))
}

pub fn console_lost(known: &Known<'_>, account: &AccountName, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    some(releases(known, account, Lease::Until(now.after_s(known.policy.claim_lost_s))))
}

/// The first claim of an incident that opens in this very step.
pub fn first_claim(
    known: &Known<'_>,
    incident: IncidentId,
    answer_due_at: Timestamp,
    owner: &AccountName,
    now: Timestamp,
) -> Vec<Event> {
    let claimed =
        Event::IncidentClaimed { incident, owner: owner.clone(), lease: lease(known, owner, now), from: None };
    vec![claimed, Event::SlaMet { incident, clock: SlaClock::Answer, due_at: answer_due_at, met_at: now }]
}

fn taken_up(known: &Known<'_>, incident: &Incident, owner: &AccountName, now: Timestamp) -> Vec<Event> {
    let id = incident.id;
    let from = incident.owner().cloned();
    let mut events =
        vec![Event::IncidentClaimed { incident: id, owner: owner.clone(), lease: lease(known, owner, now), from }];
    if incident.answer == ClockState::Running && now <= incident.answer_due_at {
        let due_at = incident.answer_due_at;
        events.push(Event::SlaMet { incident: id, clock: SlaClock::Answer, due_at, met_at: now });
    }
    events
}

fn lease(known: &Known<'_>, owner: &AccountName, now: Timestamp) -> Lease {
    if known.hints.has_console(owner) {
        Lease::WhileConnected
    } else {
        Lease::Untended(now.after_s(known.policy.claim_untended_s))
    }
}

fn releases(known: &Known<'_>, account: &AccountName, lease: Lease) -> Vec<Event> {
    let changed =
        known.state.claims_of(account).filter(|it| it.claim.as_ref().is_some_and(|claim| claim.lease != lease));
    changed.map(|it| Event::ClaimLeaseChanged { incident: it.id, owner: account.clone(), lease }).collect()
}

fn some(events: Vec<Event>) -> Result<Vec<Event>, Rejection> {
    if events.is_empty() { Err(Rejection::NothingToDo) } else { Ok(events) }
}
