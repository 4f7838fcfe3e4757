//! What always holds, checked after every event in tests, in the simulation and by `verify`.

use crate::domain::AssignmentState;

use super::event::Stamped;
use super::state::{Incident, State};

/// Everything that the event may have broken. The message says what was found and what should hold.
pub fn check(state: &State, event: &Stamped) -> Result<(), String> {
    let told = |broken: String| format!("after event {}: {broken}", event.seq);
    // Signals are received just before the incident that they open.
    if let Some(incident) = event.event.incident().filter(|it| *it != state.next_incident()) {
        let it = state.incident(incident).ok_or_else(|| told(format!("{incident} is gone")))?;
        incident_holds(state, it).map_err(told)?;
    }
    if let Some(responder) = event.event.responder() {
        responder_holds(state, responder).map_err(told)?;
    }
    Ok(())
}

/// All of it, for the end of a replay.
pub fn check_all(state: &State) -> Result<(), String> {
    state.incidents().try_for_each(|it| incident_holds(state, it))?;
    state.responders().try_for_each(|(id, _)| responder_holds(state, id))
}

fn incident_holds(state: &State, it: &Incident) -> Result<(), String> {
    let id = it.id;
    hold(it.presses >= 1, || format!("{id} has no press"))?;
    hold(it.door_due_at > it.round_at, || format!("{id} promises a door before it began"))?;
    hold(it.timeline.is_sorted(), || format!("the timeline of {id} is out of order"))?;
    if it.is_open() {
        hold(state.is_open(id), || format!("{id} is not among the open"))?;
        for subject in &it.subjects {
            let open = state.open_of_subject(subject).map(|open| open.id);
            hold(open.is_some(), || format!("a subject of {id} has no open incident"))?;
        }
    } else {
        hold(it.claim.is_none(), || format!("{id} is closed and claimed"))?;
        hold(!it.assignments.iter().any(|it| it.state.is_open()), || format!("{id} is closed with an open offer"))?;
        hold(it.open_aids().next().is_none(), || format!("{id} is closed and other districts are asked"))?;
        hold(it.first_due().is_none(), || format!("{id} is closed and has something due"))?;
    }
    it.assignments.iter().filter(|it| it.state.is_open()).try_for_each(|assignment| {
        let known = state.responder(&assignment.responder);
        let (held, turn) = (known.and_then(|it| it.held), known.and_then(|it| it.turn));
        hold([held, turn].contains(&Some((assignment.offer, id))), || {
            format!("{} is open on {id}, and {} holds {held:?}", assignment.offer, assignment.responder)
        })
    })
}

/// A responder is never at two doors: what they hold is open, and nothing else of theirs is, but a question whether they
/// turn from the way on which they are.
fn responder_holds(state: &State, responder: &crate::domain::ResponderId) -> Result<(), String> {
    let Some(known) = state.responder(responder) else { return Ok(()) };
    let found = |(offer, incident)| state.offer(offer).filter(|(on, _)| on.id == incident).map(|(_, it)| it.state);
    let (held, turn) = (known.held.and_then(found), known.turn.and_then(found));
    hold(known.held.is_none() || held.is_some_and(AssignmentState::is_open), || {
        format!("{responder} holds {:?}, which is {held:?}", known.held)
    })?;
    let on_the_way = matches!(held, Some(AssignmentState::Accepted | AssignmentState::EnRoute));
    hold(known.turn.is_none() || turn == Some(AssignmentState::Offered) && on_the_way, || {
        format!("{responder} is asked to turn to {:?}, which is {turn:?}, and holds what is {held:?}", known.turn)
    })
}

fn hold(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}
