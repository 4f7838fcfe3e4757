//! The centre and its world in one thread and virtual time: everything from one seed, with faults, and with an auditor
//! who keeps his own books. No tokio, no threads, no wall clock, no chance but the seed's.
//! `make sim SEEDS=20000` runs many; `SIM_SEED=4711 make sim` runs one and tells everything.

mod agenda;
mod auditor;
mod chance;
mod faults;
mod mail;
mod operator;
mod phone;
mod run;
mod service;
mod workload;
mod world;

pub use run::{Outcome, record, run};
