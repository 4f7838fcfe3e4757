//! Runs of several policies and seeds, put side by side: figures of each policy over all seeds, figures of each run,
//! and the differences to the first policy seed by seed.

use std::sync::Arc;

use super::bound::Bound;
use super::figures::{Figures, Judged};
use super::paired::{Paired, paired};
use super::play::Run;
use crate::dispatch::Policy;
use crate::domain::plan::PolicyName;
use crate::scenario::Scenario;

/// One run with its bound, under the policy of that number.
#[derive(Debug, Clone)]
pub struct Played {
    pub policy: usize,
    pub run: Run,
    pub bound: Bound,
}

#[derive(Debug, Clone)]
pub struct Compared {
    pub scenario: String,
    pub seeds: Vec<u64>,
    pub policies: Vec<PolicyFigures>,
    pub paired: Vec<Paired>,
    pub played: Vec<Played>,
}

#[derive(Debug, Clone)]
pub struct PolicyFigures {
    pub name: String,
    pub figures: Figures,
    pub judged: Vec<Judged>,
    /// By seed.
    pub runs: Vec<(u64, Figures)>,
}

/// By what policies are compared: the name, and where it stands in the figures of a run.
type Measured = (&'static str, fn(&Figures) -> f64);

const MEASURES: [Measured; 4] = [
    ("late", |it| it.late_fraction),
    ("arrival mean", |it| it.arrival_s.mean.unwrap_or(0.0)),
    ("arrival p90", |it| it.arrival_s.p90.unwrap_or(0.0)),
    ("uncovered", |it| it.coverage.uncovered_share),
];

impl Compared {
    /// `played` in the order of policy and seed, one of each.
    pub fn of(scenario: &Scenario, policies: &[(PolicyName, Arc<Policy>)], seeds: &[u64], played: Vec<Played>) -> Self {
        let of_policy = |(nth, (name, _)): (usize, &(PolicyName, Arc<Policy>))| {
            let theirs: Vec<&Played> = played.iter().filter(|it| it.policy == nth).collect();
            let (runs, bounds): (Vec<&Run>, Vec<Bound>) = theirs.iter().map(|it| (&it.run, it.bound)).unzip();
            let figures = Figures::of(&runs, &bounds);
            let judged = figures.judge(&scenario.expect);
            let runs = theirs.iter().map(|it| (it.run.seed, Figures::of(&[&it.run], &[it.bound]))).collect();
            PolicyFigures { name: name.to_string(), figures, judged, runs }
        };
        let policies: Vec<PolicyFigures> = policies.iter().enumerate().map(of_policy).collect();
        let paired = differences(&policies);
        Self { scenario: scenario.name.clone(), seeds: seeds.to_vec(), policies, paired, played }
    }

    /// Every expectation that did not hold, in a sentence each.
    pub fn failed(&self) -> Vec<String> {
        let of_policy = |it: &PolicyFigures| {
            let failed = it.judged.iter().filter(|judged| !judged.ok);
            let told = |judged: &Judged| {
                let found = judged.found.unwrap_or_default();
                format!(
                    "{}: {} is {found:.3} under `{}`, expected {}",
                    self.scenario, judged.name, it.name, judged.limit
                )
            };
            failed.map(told).collect::<Vec<_>>()
        };
        self.policies.iter().flat_map(of_policy).collect()
    }
}

fn differences(policies: &[PolicyFigures]) -> Vec<Paired> {
    let Some((first, others)) = policies.split_first() else { return Vec::new() };
    let mut all = Vec::new();
    for other in others {
        for (measure, of) in MEASURES {
            let values = |it: &PolicyFigures| it.runs.iter().map(|(_, run)| of(run)).collect::<Vec<f64>>();
            let (mean, half_width_95) = paired(&values(other), &values(first));
            let (policy, against, seeds) = (other.name.clone(), first.name.clone(), other.runs.len() as u64);
            all.push(Paired { policy, against, measure, seeds, mean, half_width_95 });
        }
    }
    all
}
