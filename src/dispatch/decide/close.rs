//! The end of an incident, and its return: closing needs a disposition, reopening starts a new round.

use crate::dispatch::event::{OutageKind, ReleaseReason};
use crate::dispatch::state::Incident;
use crate::dispatch::{By, Event, Rejection};
use crate::domain::offer::WithdrawReason;
use crate::domain::plan::PlanStart;
use crate::domain::*;

use super::{Known, aid, claim, offer, person};

#[derive(Debug, Clone, Copy)]
pub struct Closing {
    pub disposition: Disposition,
    pub note: Option<PrivateRef>,
    /// Withdraw who is under way, and tell them.
    pub force: bool,
}

pub fn close(
    known: &Known<'_>,
    id: IncidentId,
    it: Closing,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    let mut events = claim::own(known, incident, by, now)?;
    if let Some(responder) = incident.who_is_under_way().filter(|_| !it.force) {
        return Err(Rejection::ResponderUnderWay { incident: id, responder: responder.clone() });
    }
    let open = incident.assignments.iter().filter(|it| it.state.is_open());
    events.extend(open.map(|it| offer::withdrawn(id, it, WithdrawReason::IncidentClosed)));
    events.extend(aid::withdrawn(incident, WithdrawReason::IncidentClosed, |_| true));
    let owner = person(by).account.clone();
    events.push(Event::IncidentReleased { incident: id, owner, reason: ReleaseReason::Closed });
    events.push(Event::IncidentClosed { incident: id, disposition: it.disposition, note: it.note });
    events.extend(room_for_unknown(known, incident));
    Ok(events)
}

pub fn reopen(
    known: &Known<'_>,
    id: IncidentId,
    reason: Option<PrivateRef>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.incident(id)?;
    if incident.is_open() {
        return Err(Rejection::IncidentOpen { incident: id });
    }
    if let Some(lent) = &incident.lent {
        return Err(Rejection::OfAnotherDistrict { incident: id, of: lent.aid.district });
    }
    let elsewhere = incident.subjects.iter().find_map(|it| Some((it, known.state.open_of_subject(it)?)));
    if let Some((subject, open)) = elsewhere {
        return Err(Rejection::SubjectHasIncident { subject: subject.clone(), incident: open.id });
    }
    let sla = known.policy.sla;
    let wait_s = match incident.plan.start {
        PlanStart::OfferAtOnce => Some(0),
        PlanStart::CallBack => Some(incident.plan.wait_s),
        PlanStart::Technical => None,
    };
    Ok(vec![Event::IncidentReopened {
        incident: id,
        round: incident.round + 1,
        answer_due_at: now.after_s(sla.answer_s),
        door_due_at: now.after_s(sla.door_s(incident.class)),
        ask_at: wait_s.filter(|_| incident.place.is_some()).map(|wait_s| now.after_s(wait_s)),
        reason,
    }])
}

/// Notes are free: anybody at the centre may write one, on a closed incident too.
pub fn note(known: &Known<'_>, id: IncidentId, note: PrivateRef) -> Result<Vec<Event>, Rejection> {
    known.incident(id)?;
    Ok(vec![Event::NoteAdded { incident: id, note }])
}

/// With one less of its listener open, unknown devices may open incidents again.
fn room_for_unknown(known: &Known<'_>, closing: &Incident) -> Option<Event> {
    let listener = closing.listener.as_deref()?;
    let outage = known.state.outage_of(OutageKind::UnknownDevices, Some(listener))?;
    Some(Event::OutageOver { outage: outage.id })
}
