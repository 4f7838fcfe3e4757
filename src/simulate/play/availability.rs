//! When each responder could answer an offer at all: on duty by their shift, and with a network. Known before anything
//! is played, and the same whatever is asked of them.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::domain::Tier;
use crate::scenario::{MishapKind, Scenario};

const DAY_MS: u64 = 86_400_000;

/// Spans from and to, in milliseconds since the scenario's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// In their order and apart. One that lasts to the end of the scenario goes on after it.
    pub duties: Vec<(u64, u64)>,
    /// Without a network; they may overlap.
    pub gaps: Vec<(u64, u64)>,
}

impl Availability {
    /// Everybody's, in the order of their ids.
    pub fn all(scenario: &Scenario, seed: u64) -> Vec<Self> {
        let mut nth_of_tier: BTreeMap<Tier, usize> = BTreeMap::new();
        let responders = scenario.population.responders.iter().enumerate();
        let of = |(nth, it): (usize, &std::sync::Arc<crate::domain::Responder>)| {
            let number = nth_of_tier.entry(it.tier).or_default();
            let duties = scenario.behaviour(it.tier).duties(*number, &scenario.clock);
            *number += 1;
            Self { duties, gaps: gaps(scenario, seed, nth) }
        };
        responders.map(of).collect()
    }

    /// The first moment, at `from_ms` or after it, from which on for `for_ms` somebody could be asked and answer.
    pub fn first_from(&self, from_ms: u64, for_ms: u64, end_ms: u64) -> Option<u64> {
        let mut at = from_ms;
        // Each turn passes a duty or a gap.
        for _ in 0..=self.duties.len() + self.gaps.len() {
            let duty = self.duties.iter().find(|(_, to)| at + for_ms <= last(*to, end_ms))?;
            at = at.max(duty.0);
            if at + for_ms > last(duty.1, end_ms) {
                continue;
            }
            match self.gaps.iter().filter(|(from, to)| at < *to && *from < at + for_ms).map(|(_, to)| *to).max() {
                Some(over) => at = over,
                None => return Some(at),
            }
        }
        None
    }
}

fn last(to: u64, end_ms: u64) -> u64 {
    if to == end_ms { u64::MAX } else { to }
}

/// When the `nth` responder has no network: by chance of their own, and by cuts.
fn gaps(scenario: &Scenario, seed: u64, nth: usize) -> Vec<(u64, u64)> {
    let it = scenario.behaviour(scenario.population.responders[nth].tier);
    let mut chance = Chance::of(seed, &[5, nth as u64]);
    let days = scenario.clock.length_ms.div_ceil(DAY_MS);
    let mut gaps = Vec::new();
    for _ in 0..days * it.lost_a_day {
        let from = chance.below(days * DAY_MS);
        gaps.push((from, from + it.lost.draw(&mut chance)));
    }
    gaps.retain(|(from, to)| *from < scenario.clock.length_ms && from < to);
    for (number, mishap) in scenario.mishaps.iter().enumerate() {
        if let MishapKind::NetworkCut { for_ms, pct } = mishap.what
            && Chance::of(seed, &[6, number as u64, nth as u64]).pct(pct)
        {
            gaps.push((mishap.at_ms, mishap.at_ms + for_ms));
        }
    }
    gaps
}
