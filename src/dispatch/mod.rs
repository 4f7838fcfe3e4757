//! The pure core: what is decided about alarms, offers and promises. No clock, no chance, no I/O, no async, no logging.
//! `decide` says what a command does, `State::apply` what an event means, `react` what it asks of the outside, and
//! `State::next_deadline` when something is due by itself.

pub mod aid;
pub mod choose;
pub mod command;
pub mod decide;
pub mod effect;
pub mod event;
pub mod facts;
pub mod hints;
pub mod invariant;
pub mod locate;
pub mod matching;
pub mod policy;
pub mod rank;
pub mod rejection;
pub mod state;

pub use aid::{Found, Helper, Letter, LetterBody, Wanted};
pub use command::{Asked, By, Command};
pub use decide::{Known, decide};
pub use effect::{Deed, Effect, react};
pub use event::{Event, Stamped};
pub use facts::Facts;
pub use hints::Hints;
pub use policy::Policy;
pub use rejection::{Answer, Rejection};
pub use state::State;

#[cfg(test)]
mod tests;
