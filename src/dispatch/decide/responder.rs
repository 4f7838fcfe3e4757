//! Duty: who can be asked at all. It outlasts a lost link and a restart.

use crate::dispatch::event::Via;
use crate::dispatch::{Answer, Event, Rejection};
use crate::domain::offer::WithdrawReason;
use crate::domain::*;

use super::Known;
use super::offer::withdrawn;

pub fn set_duty(known: &Known<'_>, id: &ResponderId, on: bool, via: Via) -> Result<Vec<Event>, Rejection> {
    let ours = known.facts.responder(id).is_some_and(|it| it.district == known.state.district);
    if !ours {
        return Err(Rejection::NoSuchResponder(id.clone()));
    }
    let state = known.state.responder(id);
    if state.is_some_and(|it| it.duty) == on {
        return Err(Rejection::Repeat(Answer { seq: Some(known.state.seq), ..Answer::default() }));
    }
    let held = state.and_then(|it| it.held).and_then(|(offer, _)| known.state.offer(offer));
    let mut events = Vec::new();
    if let Some((incident, it)) = held.filter(|_| !on) {
        if it.state.is_under_way() {
            return Err(Rejection::OnAssignment { responder: id.clone() });
        }
        events.push(withdrawn(incident.id, it, WithdrawReason::OffDuty));
    }
    events.push(Event::DutyChanged { responder: id.clone(), on, via });
    Ok(events)
}
