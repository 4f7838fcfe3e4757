//! Help between districts. Who asks keeps the incident and its promise, and mirrors what the other says; who is asked
//! opens an incident of its own, and offers, times and assigns as for any other. The first yes wins, whosever it is.

use std::sync::Arc;

use crate::dispatch::event::{AidFor, Correction, OpenedBy, Opening, ReleaseReason};
use crate::dispatch::state::{Aid, ClockState, Incident};
use crate::dispatch::{Event, Found, Letter, LetterBody, Rejection, Wanted};
use crate::domain::offer::WithdrawReason;
use crate::domain::plan::{Rung, RungAction};
use crate::domain::sla::SlaClock;
use crate::domain::*;

use super::open::{Start, opening};
use super::{Known, offer};

/// Asks every neighbour that is not asked already. Without any: none.
pub fn ask(known: &Known<'_>, incident: &Incident) -> Vec<Event> {
    let id = incident.id;
    let asked = |of: &DistrictCode| incident.open_aids().any(|it| it.of == *of);
    // A letter to a district of which the registry knows nothing would lie there unread.
    let is_served = |of: &DistrictCode| known.facts.district(*of).is_some();
    let neighbours = known.policy.neighbours(known.state.district).iter();
    let neighbours = neighbours.filter(|it| is_served(it) && !asked(it));
    let aids = (0..).zip(neighbours);
    aids.map(|(n, of)| Event::AidAsked { incident: id, aid: known.state.next_aid(n), of: *of }).collect()
}

/// Tells those who have nobody under way that nobody is wanted any more; or all of them.
pub fn withdrawn(incident: &Incident, reason: WithdrawReason, which: impl Fn(&Aid) -> bool) -> Vec<Event> {
    let open = incident.open_aids().filter(|it| which(it));
    open.map(|it| Event::AidWithdrawn { incident: incident.id, aid: it.id, reason }).collect()
}

/// Somebody else said yes: whoever has nobody on the way need not go on asking.
pub fn not_wanted(incident: &Incident, but: Option<AidId>) -> Vec<Event> {
    withdrawn(incident, WithdrawReason::Taken, |it| !it.is_under_way() && Some(it.id) != but)
}

/// A letter of another district. One that is older than what is known changes nothing.
pub fn take(known: &Known<'_>, letter: &Letter, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    if letter.to != known.state.district {
        return Err(Rejection::NothingToDo);
    }
    match &letter.body {
        LetterBody::Wanted(wanted) => asked(known, letter, wanted, now),
        LetterBody::Over => over(known, letter),
        LetterBody::Found(found) => reported(known, letter, found, now),
    }
}

/// The other district has on its record what was outstanding.
pub fn taken(known: &Known<'_>, id: AidId, told: Seq) -> Result<Vec<Event>, Rejection> {
    let incident = known.state.of_aid(id).ok_or(Rejection::NothingToDo)?;
    let before = match incident.lent.as_ref().filter(|it| it.aid == id) {
        Some(lent) => lent.told,
        None => incident.aid(id).map_or(Seq::MAX, |it| it.told),
    };
    if told <= before {
        return Err(Rejection::NothingToDo);
    }
    Ok(vec![Event::AidLetterTaken { incident: incident.id, aid: id, told }])
}

/// For the first time, or since something was corrected there.
fn asked(known: &Known<'_>, letter: &Letter, wanted: &Wanted, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    if let Some(incident) = known.state.of_aid(letter.aid) {
        return corrected(incident, letter.seq, wanted);
    }
    let open = |it: &SubjectId| known.state.open_of_subject(it).is_none();
    let mut subjects = wanted.subjects.iter().filter(|it| open(it));
    let subject = subjects.next();
    let opening = opening(known, wanted.kind, OpenedBy::Aid, Start { subject, ..Start::default() }, now);
    let aid = AidFor { aid: letter.aid, incident: wanted.incident, heard: letter.seq };
    Ok(vec![Event::IncidentOpened(Box::new(Opening {
        urgency: wanted.urgency,
        premises: wanted.premises.clone(),
        place: wanted.place.clone(),
        class: wanted.class,
        ask_at: wanted.place.is_some().then_some(now),
        ladder: asking_rungs(&opening.ladder),
        // What was promised there may have passed already.
        door_due_at: wanted.door_due_at.max(now.after_s(1)),
        aid: Some(aid),
        others: subjects.cloned().collect(),
        ..opening
    }))])
}

/// Who is asked for aid asks its own people, and nobody else in turn.
fn asking_rungs(ladder: &[Rung]) -> Arc<[Rung]> {
    ladder.iter().filter(|it| matches!(it.action, RungAction::Ask(_))).cloned().collect()
}

fn corrected(incident: &Incident, heard: Seq, wanted: &Wanted) -> Result<Vec<Event>, Rejection> {
    if incident.lent.as_ref().is_none_or(|it| heard <= it.heard) || !incident.is_open() {
        return Err(Rejection::NothingToDo);
    }
    let subject = wanted.subjects.first().filter(|it| !incident.subjects.contains(it)).cloned();
    let door_due_at = wanted.door_due_at.max(incident.round_at.after_s(1));
    Ok(vec![Event::IncidentCorrected(Box::new(Correction {
        incident: incident.id,
        kind: (wanted.kind != incident.kind).then_some(wanted.kind),
        urgency: (wanted.urgency != incident.urgency).then_some(wanted.urgency),
        subject,
        premises: wanted.premises.clone().filter(|it| incident.premises.as_ref() != Some(it)),
        place: wanted.place.clone().filter(|it| incident.place.as_ref() != Some(it)),
        class: (wanted.class != incident.class).then_some(wanted.class),
        door_due_at: (door_due_at != incident.door_due_at).then_some(door_due_at),
        plan: None,
        ask_at: None,
        heard: Some(heard),
    }))])
}

/// Nobody is wanted there any more: whoever was asked or is under way is told, and the incident is closed.
fn over(known: &Known<'_>, letter: &Letter) -> Result<Vec<Event>, Rejection> {
    let incident = known.state.of_aid(letter.aid).filter(|it| it.is_open()).ok_or(Rejection::NothingToDo)?;
    if incident.lent.as_ref().is_none_or(|it| letter.seq <= it.heard) {
        return Err(Rejection::NothingToDo);
    }
    let id = incident.id;
    let open = incident.assignments.iter().filter(|it| it.state.is_open());
    let mut events: Vec<Event> = open.map(|it| offer::withdrawn(id, it, WithdrawReason::IncidentClosed)).collect();
    let owner = incident.owner().cloned();
    events.extend(owner.map(|owner| Event::IncidentReleased { incident: id, owner, reason: ReleaseReason::Closed }));
    events.push(Event::IncidentClosed { incident: id, disposition: Disposition::HandedOver, note: None });
    Ok(events)
}

/// What has come of an aid that we asked for.
fn reported(known: &Known<'_>, letter: &Letter, found: &Found, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let incident = known.state.of_aid(letter.aid).ok_or(Rejection::NothingToDo)?;
    let aid = incident.aid(letter.aid).filter(|it| letter.seq > it.heard && it.is_open());
    let aid = aid.ok_or(Rejection::NothingToDo)?;
    let (id, heard) = (incident.id, letter.seq);
    let mut events = vec![Event::AidReported { incident: id, aid: aid.id, heard, found: found.clone() }];
    if found.is_under_way() && !aid.is_under_way() {
        events.extend(incident.pending().map(|it| offer::withdrawn(id, it, WithdrawReason::Taken)));
        events.extend(not_wanted(incident, Some(aid.id)));
    }
    let at_door_at = found.helper.as_ref().and_then(|it| it.at_door_at).map(|at| at.min(now));
    events.extend(at_door_at.and_then(|at| met(incident, aid, at)));
    Ok(events)
}

/// The promise at the door is kept by whoever comes.
fn met(incident: &Incident, aid: &Aid, met_at: Timestamp) -> Option<Event> {
    let undecided = matches!(incident.door, ClockState::Running | ClockState::Warned | ClockState::Breached);
    let this_round = aid.round == incident.round && incident.is_open();
    let due_at = incident.door_due_at;
    let met = undecided && this_round && met_at <= due_at;
    met.then_some(Event::SlaMet { incident: incident.id, clock: SlaClock::Door, due_at, met_at })
}
