//! The centre and its world in one thread and virtual time: everything from one seed, with faults, and with an auditor
//! who keeps his own books. No tokio, no threads, no wall clock, no chance but the seed's.
//! `make sim SEEDS=20000` runs many; `SIM_SEED=4711 make sim` runs one and tells everything.

mod agenda;
mod auditor;
pub mod bound;
pub mod causes;
mod chain;
pub mod compared;
mod faults;
pub mod figures;
mod mail;
mod operator;
pub mod paired;
mod phone;
pub mod play;
mod reach;
pub mod report;
mod run;
mod service;
mod workload;
mod world;

pub use run::{Outcome, record, run};
