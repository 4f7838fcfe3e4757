//! Decisions: what a command does to a district, as events; or why it does nothing. One file a decision.

use crate::domain::Timestamp;

use super::{Asked, Event, Facts, Policy, Rejection, State, hints::Hints};

/// Everything a decision may look at, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub state: &'a State,
    pub facts: &'a Facts,
    pub hints: &'a Hints,
    pub policy: &'a Policy,
}

/// The events that `asked` causes at `now`, in order; or the reason why there are none.
pub fn decide(known: &Known<'_>, asked: &Asked, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let _ = (known, asked, now);
    Err(Rejection::NothingToDo)
}
