//! What runs came to, in numbers: the shape of the reports, and what expectations are held against.

use serde::Serialize;

use super::bound::Bound;
use super::causes::Causes;
use super::play::{Case, Run};
use crate::domain::Class;
use crate::domain::sla::SlaTargets;
use crate::scenario::{Expect, Limit, Measure};

/// Of one run, or of several of the same scenario and policy together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    pub alarms: AlarmFigures,
    pub assignments: AssignmentFigures,
    pub door_sla: DoorFigures,
    pub arrival_s: Spread,
    pub late_fraction: f64,
    pub late_because: Causes,
    pub lower_bound: BoundFigures,
    pub latency_ms: LatencyFigures,
    pub calls: CallFigures,
    pub coverage: CoverageFigures,
    pub events: u64,
    pub restarts: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlarmFigures {
    pub sent: u64,
    pub acknowledged: u64,
    pub lost: u64,
    pub opened: u64,
    pub attached: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssignmentFigures {
    /// Incidents at whose door somebody was.
    pub made: u64,
    pub double: u64,
    pub unassigned: u64,
    pub offers: u64,
    pub escalations: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DoorFigures {
    pub urban: ClassFigures,
    pub rural: ClassFigures,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures {
    pub n: u64,
    /// The share kept; `None` where there was none to keep.
    pub met: Option<f64>,
    pub p50_s: Option<f64>,
    pub p90_s: Option<f64>,
}

/// `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    pub n: u64,
    pub mean: Option<f64>,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoundFigures {
    pub late_fraction: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatencyFigures {
    pub ack: Latency,
    pub offer: Latency,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    pub p50: Option<u64>,
    pub p99: Option<u64>,
    pub p999: Option<u64>,
    pub max: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallFigures {
    pub answered: u64,
    pub abandoned: u64,
    /// The share of all calls that were answered within the promise.
    pub answered_in_time: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoverageFigures {
    /// Minutes for which the average cell was without cover, in one run.
    pub uncovered_min: f64,
    pub uncovered_share: f64,
    pub free_responders: f64,
}

/// One expectation with what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    pub name: &'static str,
    pub limit: f64,
    /// `None`: this program does not measure it, or there was nothing to measure.
    pub found: Option<f64>,
    pub ok: bool,
}

impl Figures {
    /// Of `runs` under one policy, with the bound of each.
    pub fn of(runs: &[&Run], bounds: &[Bound]) -> Self {
        let sum = |of: fn(&Run) -> u64| runs.iter().map(|it| of(it)).sum::<u64>();
        let cases: Vec<&Case> = runs.iter().flat_map(|it| it.tally.cases()).collect();
        let late = cases.iter().filter(|it| it.is_late()).count();
        let bound = bounds
            .iter()
            .fold(Bound::default(), |sum, it| Bound { cases: sum.cases + it.cases, late: sum.late + it.late });
        Self {
            alarms: AlarmFigures {
                sent: sum(|it| it.tally.alarms.sent),
                acknowledged: sum(|it| it.tally.alarms.acknowledged),
                lost: sum(|it| it.tally.lost()),
                opened: sum(|it| it.tally.alarms.opened),
                attached: sum(|it| it.tally.alarms.attached),
            },
            assignments: AssignmentFigures {
                made: cases.iter().filter(|it| it.door.is_some()).count() as u64,
                double: sum(|it| it.tally.doubled),
                unassigned: sum(|it| it.tally.unassigned()),
                offers: sum(|it| it.tally.offers),
                escalations: sum(|it| it.tally.escalations),
            },
            door_sla: DoorFigures { urban: of_class(&cases, Class::Urban), rural: of_class(&cases, Class::Rural) },
            arrival_s: Spread::of(cases.iter().filter_map(|it| it.arrival_ms()).collect()),
            late_fraction: share(late as u64, cases.len() as u64).unwrap_or(0.0),
            late_because: Causes::of(cases.iter().copied()),
            lower_bound: BoundFigures { late_fraction: bound.late_fraction() },
            latency_ms: LatencyFigures {
                ack: Latency::of(runs.iter().flat_map(|it| it.tally.alarms.ack_ms.iter().copied()).collect()),
                offer: Latency::of(
                    cases.iter().filter_map(|it| Some(it.offered_ms?.saturating_sub(it.pressed_ms))).collect(),
                ),
            },
            calls: calls(runs),
            coverage: coverage(runs),
            events: sum(|it| it.events),
            restarts: sum(|it| it.restarts),
        }
    }

    /// What was found for a measure.
    pub fn found(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::DoorUrbanMet => self.door_sla.urban.met,
            Measure::DoorRuralMet => self.door_sla.rural.met,
            Measure::LateFraction => Some(self.late_fraction),
            Measure::LateOverBound => self.late_over_bound(),
            Measure::Lost => Some(self.alarms.lost as f64),
            Measure::Doubled => Some(self.assignments.double as f64),
            Measure::Unassigned => Some(self.assignments.unassigned as f64),
            Measure::AckP99Ms => self.latency_ms.ack.p99.map(|it| it as f64),
            Measure::AckMaxMs => self.latency_ms.ack.max.map(|it| it as f64),
            Measure::OfferP99Ms => self.latency_ms.offer.p99.map(|it| it as f64),
            Measure::ConsoleP99Ms | Measure::AckP99Growth => None,
            Measure::CallsAnswered => self.calls.answered_in_time,
            Measure::UncoveredMin => Some(self.coverage.uncovered_min),
        }
    }

    /// How many times as many were late as under any policy; `None` where the bound is 0 and something was late.
    fn late_over_bound(&self) -> Option<f64> {
        let bound = self.lower_bound.late_fraction;
        if self.late_fraction == 0.0 { Some(1.0) } else { (bound > 0.0).then(|| self.late_fraction / bound) }
    }

    /// Every expectation against what was found; what was not measured is not held against anybody, and says so.
    pub fn judge(&self, expect: &Expect) -> Vec<Judged> {
        let judged = |limit: &Limit| {
            let found = self.found(limit.measure);
            // Over a bound of 0 there is no telling how good it was, and that is no success.
            let ok = found.map_or(limit.measure != Measure::LateOverBound, |it| limit.holds(it));
            Judged { name: limit.measure.as_str(), limit: limit.limit, found, ok }
        };
        let mut all: Vec<Judged> = expect.limits.iter().map(judged).collect();
        // An alarm that no answer came to is a fault whatever a scenario says of it.
        let unanswered = self.alarms.sent.saturating_sub(self.alarms.acknowledged);
        all.push(Judged { name: "unanswered", limit: 0.0, found: Some(unanswered as f64), ok: unanswered == 0 });
        all
    }
}

impl Spread {
    pub fn of(mut ms: Vec<u64>) -> Self {
        ms.sort_unstable();
        let mean = (!ms.is_empty()).then(|| ms.iter().sum::<u64>() as f64 / ms.len() as f64 / 1000.0);
        let at = |permille| percentile(&ms, permille).map(|it| it as f64 / 1000.0);
        Self { n: ms.len() as u64, mean, p50: at(500), p90: at(900) }
    }
}

impl Latency {
    fn of(mut ms: Vec<u64>) -> Self {
        ms.sort_unstable();
        let at = |permille| percentile(&ms, permille);
        Self { p50: at(500), p99: at(990), p999: at(999), max: ms.last().copied() }
    }
}

/// The smallest of `sorted` that `permille` thousandths are not above (nearest rank).
fn percentile(sorted: &[u64], permille: usize) -> Option<u64> {
    let rank = (sorted.len() * permille).div_ceil(1000).max(1);
    sorted.get(rank - 1).copied()
}

fn of_class(cases: &[&Case], class: Class) -> ClassFigures {
    let of: Vec<&&Case> = cases.iter().filter(|it| it.class == class).collect();
    let spread = Spread::of(of.iter().filter_map(|it| it.arrival_ms()).collect());
    let met = of.iter().filter(|it| !it.is_late()).count() as u64;
    ClassFigures { n: of.len() as u64, met: share(met, of.len() as u64), p50_s: spread.p50, p90_s: spread.p90 }
}

fn calls(runs: &[&Run]) -> CallFigures {
    let all = || runs.iter().map(|it| &it.tally.calls);
    let (answered, abandoned) = (all().map(|it| it.answered).sum(), all().map(|it| it.abandoned).sum());
    let promise: Option<SlaTargets> = runs.first().map(|it| it.tally.promise);
    let in_time =
        all().flat_map(|it| &it.answered_ms).filter(|ms| promise.is_some_and(|it| **ms <= it.answer_s * 1000));
    let in_time = in_time.count() as u64;
    CallFigures { answered, abandoned, answered_in_time: share(in_time, answered + abandoned) }
}

fn coverage(runs: &[&Run]) -> CoverageFigures {
    let mean = |of: &dyn Fn(&Run) -> f64| runs.iter().map(|it| of(it)).sum::<f64>() / runs.len().max(1) as f64;
    let samples: u64 = runs.iter().map(|it| it.coverage.samples).sum();
    CoverageFigures {
        uncovered_min: mean(&|it| it.coverage.uncovered_min()),
        uncovered_share: mean(&|it| it.coverage.uncovered_share()),
        free_responders: runs.iter().map(|it| it.coverage.free).sum::<u64>() as f64 / samples.max(1) as f64,
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let all: Vec<u64> = (1..=100).collect();
        assert_eq!([500, 900, 990, 999].map(|it| percentile(&all, it)), [Some(50), Some(90), Some(99), Some(100)]);
        assert_eq!((percentile(&[7], 10), percentile(&[], 500)), (Some(7), None));
    }
}
