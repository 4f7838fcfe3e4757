//! Coverage over the run: at even intervals, how soon the first free responder could have been in each cell in which
//! somebody lives, against the promise that holds there.

use std::collections::BTreeMap;

use super::{Player, Thing};
use crate::domain::sla::SlaTargets;
use crate::geo::coverage::{Cell, Cells, Cover, coverage};
use crate::scenario::Scenario;

/// Samples of a short run; a long one has one in a quarter of an hour.
const SAMPLES_LEAST: u64 = 24;
const EVERY_MOST_MS: u64 = 900_000;

#[derive(Debug, Clone)]
pub struct Coverage {
    promise: SlaTargets,
    known: Cells,
    every_ms: u64,
    pub cells: BTreeMap<Cell, CellFigures>,
    pub samples: u64,
    /// Free responders, summed over the samples.
    pub free: u64,
}

/// Of how many samples a cell was what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellFigures {
    pub samples: u64,
    pub tight: u64,
    pub uncovered: u64,
}

impl Coverage {
    pub(super) fn new(scenario: &Scenario, promise: SlaTargets) -> Self {
        let mut known = Cells::default();
        scenario.population.homes.iter().for_each(|it| known.add(it.point, it.class));
        let every_ms = (scenario.clock.length_ms / SAMPLES_LEAST).clamp(1_000, EVERY_MOST_MS);
        Self { promise, known, every_ms, cells: BTreeMap::new(), samples: 0, free: 0 }
    }

    pub(super) fn every_ms(&self) -> u64 {
        self.every_ms
    }

    /// Minutes for which the average cell was without cover.
    pub fn uncovered_min(&self) -> f64 {
        let (samples, uncovered) = self.sums();
        if samples == 0 { 0.0 } else { uncovered as f64 / self.cells.len() as f64 * self.every_ms as f64 / 60_000.0 }
    }

    /// The share of cells and samples without cover.
    pub fn uncovered_share(&self) -> f64 {
        let (samples, uncovered) = self.sums();
        if samples == 0 { 0.0 } else { uncovered as f64 / samples as f64 }
    }

    /// Another run of the same scenario on top of this.
    pub fn add(&mut self, other: &Self) {
        for (cell, figures) in &other.cells {
            let it = self.cells.entry(*cell).or_default();
            it.samples += figures.samples;
            it.tight += figures.tight;
            it.uncovered += figures.uncovered;
        }
        self.samples += other.samples;
        self.free += other.free;
    }

    fn sums(&self) -> (u64, u64) {
        self.cells.values().fold((0, 0), |(samples, uncovered), it| (samples + it.samples, uncovered + it.uncovered))
    }
}

impl Player<'_> {
    pub(super) fn sample(&mut self) {
        if self.now_ms >= self.scenario.clock.length_ms {
            return;
        }
        self.later(self.coverage.every_ms, Thing::Sample);
        let Some(known) = self.service.known() else { return };
        let it = &mut self.coverage;
        let free = known.hints.available();
        it.samples += 1;
        it.free += free.len() as u64;
        for one in coverage(&it.known, free, |class| it.promise.door_s(class)) {
            let figures = it.cells.entry(one.cell).or_default();
            figures.samples += 1;
            figures.tight += u64::from(one.cover == Cover::Tight);
            figures.uncovered += u64::from(one.cover == Cover::Uncovered);
        }
    }
}
