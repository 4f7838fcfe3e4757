//! Scenarios: a world and a night's events in plain words (TOML), read by the demo, the simulator, the tests and the
//! load harness alike. Reads text into types that cannot be wrong, and draws from a seed what happens and when. Pure:
//! files come in by the door, nothing is played here. All faults are told at once, with file, line and mend.
//! `scenarios/README.md` explains the language by examples.

mod clock;
pub mod draw;
mod expect;
mod files;
mod keys;
mod mishap;
mod operators;
mod people;
pub mod population;
mod read;
mod span;
mod stream;
mod tables;
#[cfg(test)]
mod tests;
mod trace;

use std::collections::BTreeMap;

pub use clock::Clock;
pub use draw::{Arrival, Happening, draw};
pub use expect::{Expect, Limit, Measure};
pub use files::{Files, Folder, Shelf};
pub use mishap::{Mishap, MishapKind, Player};
pub use operators::Operators;
pub use people::{Behaviour, Shift};
pub use population::{Home, Population};
pub use span::Span;
pub use stream::{Around, Heartbeats, Silence, Stream, What, When};

use crate::document::Fault;
use crate::domain::Tier;
use crate::domain::sla::SlaTargets;

/// One scenario with everything its files say.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file's own name without its ending, such as `typhoon-night`.
    pub name: String,
    pub title: String,
    pub why: String,
    pub expected: String,
    pub population: Population,
    /// The tables of a road network, by their names; whoever plays with it reads it by `roads::read_tables`.
    pub roads: Option<RoadTables>,
    pub clock: Clock,
    /// What is promised; `None`: what the configuration promises.
    pub promise: Option<SlaTargets>,
    pub streams: Vec<Stream>,
    pub silences: Vec<Silence>,
    pub heartbeats: Option<Heartbeats>,
    pub responders: BTreeMap<Tier, Behaviour>,
    pub operators: Operators,
    pub mishaps: Vec<Mishap>,
    pub expect: Expect,
}

/// Two files, relative to the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoadTables {
    pub nodes: String,
    pub arcs: String,
}

impl Scenario {
    /// Reads `text`, which stands in `file`, and what it names, through `files`.
    ///
    /// # Errors
    /// All faults of the scenario and of the files it names, in the order of file and line.
    pub fn read(file: &str, text: &str, files: &dyn Files) -> Result<Self, Vec<Fault>> {
        read::read(file, text, files)
    }

    /// How responders of `tier` behave; as the tier's preset where the scenario says nothing of it.
    pub fn behaviour(&self, tier: Tier) -> &Behaviour {
        self.responders.get(&tier).expect("every tier has a behaviour after reading")
    }
}
