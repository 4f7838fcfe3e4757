//! The single writer of each district. `core` is pure: commands, commits and ticks in; batches, answers and effects out.
//! `shell` gives it threads, the clock and the journal; `handle` is the only way in.

pub mod clock;
pub mod core;
mod desk;
mod handle;
mod lanes;
mod look;
pub mod metrics;
mod shell;
pub mod supervise;
#[cfg(test)]
mod world_for_tests;

pub use clock::DistrictClock;
pub use core::{Batch, Engine, Input, Order, Output, Ticket};
pub use handle::{AskError, CommittedBatch, Elsewhere, Give, Handle, Hint, Reply, Show, Sink};
pub use lanes::{Lane, Lanes};
pub use look::{Candidate, Look, Seen};
pub use shell::{Parts, Private, Shell, StartError, exact_place, fold_to_end};
