//! The ladder: rungs in order, taken by itself or by hand. A rung that a person must do is a task with a name on it;
//! the system never implies that it was done.

use crate::dispatch::event::EscalationReason;
use crate::dispatch::state::Incident;
use crate::dispatch::{By, Event, Rejection};
use crate::domain::plan::{Rung, RungAction};
use crate::domain::*;

use super::{Known, aid, claim};

/// The next rung, if there is one.
pub fn next(known: &Known<'_>, incident: &Incident, reason: EscalationReason, now: Timestamp) -> Vec<Event> {
    incident.next_rung().map_or_else(Vec::new, |(index, rung)| take(known, incident, index, rung, reason, now))
}

pub fn by_hand(
    known: &Known<'_>,
    id: IncidentId,
    name: Option<&str>,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.open_incident(id)?;
    let mut events = claim::own(known, incident, by, now)?;
    let (index, rung) = match name {
        None => incident.next_rung().ok_or(Rejection::LadderExhausted)?,
        Some(name) => named(incident, name)?,
    };
    events.extend(take(known, incident, index, rung, EscalationReason::Operator, now));
    Ok(events)
}

pub fn confirm(
    known: &Known<'_>,
    id: IncidentId,
    task: TaskId,
    note: Option<PrivateRef>,
) -> Result<Vec<Event>, Rejection> {
    let incident = known.incident(id)?;
    let open = incident.tasks.iter().any(|it| it.id == task && it.confirmed.is_none());
    if !open {
        return Err(Rejection::NoSuchTask(task));
    }
    Ok(vec![Event::TaskConfirmed { incident: id, task, note }])
}

fn named<'a>(incident: &'a Incident, name: &str) -> Result<(u32, &'a Rung), Rejection> {
    let found = (0_u32..).zip(&*incident.ladder).find(|(_, rung)| rung.name == name);
    found.ok_or_else(|| Rejection::NoSuchRung {
        incident: incident.id,
        rung: name.chars().take(40).collect(),
        known: incident.ladder.iter().map(|rung| rung.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

fn take(
    known: &Known<'_>,
    incident: &Incident,
    index: u32,
    rung: &Rung,
    reason: EscalationReason,
    now: Timestamp,
) -> Vec<Event> {
    let id = incident.id;
    let mut events = vec![Event::IncidentEscalated {
        incident: id,
        rung: rung.name.clone(),
        index,
        reason,
        patient_until: now.after_s(rung.patience_s),
    }];
    let task = || Event::TaskDue { incident: id, task: known.state.next_task(), rung: rung.name.clone() };
    match rung.action {
        RungAction::Ask(_) => {}
        RungAction::Aid => {
            let aids = aid::ask(known, incident);
            // Where nobody can be asked by letter, somebody has to telephone.
            if aids.is_empty() && incident.open_aids().next().is_none() {
                events.push(task());
            }
            events.extend(aids);
        }
        RungAction::Task => events.push(task()),
    }
    events
}
