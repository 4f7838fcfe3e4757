//! How long one stage took: all of it, and second by second. Microseconds, to three digits.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::moment::{Us, ms};

#[derive(Debug)]
pub struct Stage {
    all: Histogram<u64>,
    /// By the second in which the alarm was meant.
    seconds: BTreeMap<u64, Histogram<u64>>,
}

/// Milliseconds; `None` where nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    pub n: u64,
    pub p50: Option<f64>,
    pub p99: Option<f64>,
    pub p999: Option<f64>,
    pub max: Option<f64>,
}

/// One second of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Second {
    pub s: u64,
    pub n: u64,
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Default for Stage {
    fn default() -> Self {
        Self { all: histogram(), seconds: BTreeMap::new() }
    }
}

impl Stage {
    /// It `took` so long for an alarm meant so long after the plan began.
    pub fn note(&mut self, intended: Us, took: Us) {
        let took = took.max(1);
        self.all.saturating_record(took);
        self.seconds.entry(intended / 1_000_000).or_insert_with(histogram).saturating_record(took);
    }

    pub fn latency(&self) -> Latency {
        let at = |quantile| (!self.all.is_empty()).then(|| ms(self.all.value_at_quantile(quantile)));
        let max = (!self.all.is_empty()).then(|| ms(self.all.max()));
        Latency { n: self.all.len(), p50: at(0.5), p99: at(0.99), p999: at(0.999), max }
    }

    pub fn seconds(&self) -> Vec<Second> {
        let of = |(s, it): (&u64, &Histogram<u64>)| Second {
            s: *s,
            n: it.len(),
            p50: ms(it.value_at_quantile(0.5)),
            p99: ms(it.value_at_quantile(0.99)),
            max: ms(it.max()),
        };
        self.seconds.iter().map(of).collect()
    }
}

/// What takes longer counts as so long, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("three digits between these are what a histogram has")
}
