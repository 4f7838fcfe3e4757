//! The ramp: the highest even rate of alarms that holds its ceiling, with so many consoles looking on. Each step has a
//! service and a folder of its own, so that no step pays for what another left behind. Beside it stands what a bare
//! websocket broadcast brings to as many sockets in the same run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tidewatch::demo::Keys;
use tidewatch::demo::watches::bits;
use tidewatch::domain::SignalKind;
use tidewatch::scenario::Scenario;

use crate::book::Entry;
use crate::failure::Failure;
use crate::figures::Outcome;
use crate::floor;
use crate::moment::Us;
use crate::plan::{Deed, Plan, What};
use crate::play::{Run, Subject};
use crate::progress::Progress;
use crate::service::Service;

/// How much faster each next rate is, as long as it holds.
const FASTER: u64 = 2;

/// Halvings between the last rate that held and the first that did not.
const HALVINGS: usize = 3;

/// What a person presses.
const KIND: SignalKind = SignalKind::Sos;

/// A console that is shown an alarm later than this, in milliseconds, is one that falls behind.
const SHOWN_P99_MS: f64 = 1_000.0;

/// What a bare broadcast is measured with: so many bytes in all.
const BARE_BYTES: u64 = 2_000_000_000;

/// A ramp over one scenario's world.
pub struct Ramp {
    pub scenario: Arc<Scenario>,
    pub ceiling_ms: f64,
    /// The first rate, in alarms a second.
    pub first: u64,
    pub step: Us,
    pub connections: usize,
    pub binary: Option<PathBuf>,
    /// The folder that each step gets a copy of, and who may ask there.
    pub template: PathBuf,
    pub keys: (Keys, String),
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    pub rate: u64,
    pub held: bool,
    pub ack_p50_ms: Option<f64>,
    pub ack_p99_ms: Option<f64>,
    pub shown_p99_ms: Option<f64>,
    pub lost: u64,
    pub doubled: u64,
    /// What the consoles were sent a second, all of them together.
    pub console_bytes_s: f64,
    pub frame_bytes: u64,
}

/// What was found for one number of consoles.
#[derive(Debug, Clone, Serialize)]
pub struct Level {
    pub consoles: usize,
    pub steps: Vec<Step>,
    /// The highest rate that held; `None`: not even the first did.
    pub best: Option<Step>,
    /// Bytes a second of a bare broadcast of frames of the same size.
    pub bare_bytes_s: Option<f64>,
}

impl Ramp {
    pub async fn level(&self, consoles: usize, progress: &Progress) -> Result<Level, Failure> {
        let mut steps: Vec<Step> = Vec::new();
        let (mut rate, most) = (self.first, self.rate_most());
        loop {
            let step = self.step(consoles, rate.min(most), progress).await?;
            let (held, is_most) = (step.held, rate >= most);
            steps.push(step);
            if !held || is_most {
                break;
            }
            rate *= FASTER;
        }
        for _ in 0..HALVINGS {
            let held = steps.iter().filter(|it| it.held).map(|it| it.rate).max().unwrap_or(0);
            let Some(broke) = steps.iter().filter(|it| !it.held).map(|it| it.rate).min() else { break };
            steps.push(self.step(consoles, (held + broke) / 2, progress).await?);
        }
        let best = steps.iter().filter(|it| it.held).max_by_key(|it| it.rate).cloned();
        let bare_bytes_s = match best.as_ref().map(|it| usize::try_from(it.frame_bytes).unwrap_or(1)) {
            Some(frame) if frame > 0 => Some(floor::fan_out(consoles, frame, BARE_BYTES).await?),
            Some(_) | None => None,
        };
        Ok(Level { consoles, steps, best, bare_bytes_s })
    }

    /// Every watch is pressed once at most.
    fn rate_most(&self) -> u64 {
        let watches = Plan::of(&self.scenario, 0, 0).watches.len() as u64;
        (watches * 1_000_000 / self.step).max(1)
    }

    /// What did not hold is tried once more: on a machine that is not ours alone one stall is no limit.
    async fn step(&self, consoles: usize, rate: u64, progress: &Progress) -> Result<Step, Failure> {
        let step = self.try_once(consoles, rate, progress).await?;
        if step.held { Ok(step) } else { self.try_once(consoles, rate, progress).await }
    }

    async fn try_once(&self, consoles: usize, rate: u64, progress: &Progress) -> Result<Step, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::unusable)?;
        copy(&self.template, folder.path()).map_err(Failure::unusable)?;
        let service = Service::start(folder.path(), self.keys.clone(), self.binary.clone()).await?;
        let mut subject = Subject::Own(Box::new(service));
        let scenario = Arc::clone(&self.scenario);
        let run = Run { scenario, seed: 0, length: self.step, consoles, connections: self.connections };
        let outcome = run.play_through(self.plan(rate), &mut subject, progress).await?;
        if let Subject::Own(service) = subject {
            service.stop().await?;
        }
        let step = self.judge(rate, &outcome);
        eprintln!(
            "{consoles} consoles, {rate} alarms/s: acknowledged p99 {:.1} ms, shown p99 {:.1} ms, {:.1} MB/s to the consoles{}",
            step.ack_p99_ms.unwrap_or_default(),
            step.shown_p99_ms.unwrap_or_default(),
            step.console_bytes_s / 1e6,
            if step.held { "" } else { ": not held" }
        );
        Ok(step)
    }

    /// `rate` presses a second, evenly, each by a watch of its own.
    fn plan(&self, rate: u64) -> Plan {
        let mut plan = Plan::of(&self.scenario, 0, 0);
        assert!(bits(KIND).is_some(), "a watch can say what a ramp presses");
        let count = usize::try_from(rate * self.step / 1_000_000).unwrap_or(usize::MAX).min(plan.watches.len());
        for number in 0..count {
            let at = number as u64 * 1_000_000 / rate;
            plan.entries.push(Entry::new(at, KIND));
            plan.deeds.push(Deed { at, what: What::Press { number, watch: number, kind: KIND, fix: None } });
        }
        plan
    }

    fn judge(&self, rate: u64, outcome: &Outcome) -> Step {
        let (ack, shown) = (outcome.stages.ack.latency(), outcome.stages.console.latency());
        let it = &outcome.findings;
        let is_right = it.sent == it.acknowledged && it.lost + it.doubled + outcome.consoles.behind == 0;
        let is_quick = ack.p99.is_some_and(|p99| p99 <= self.ceiling_ms);
        let are_shown = shown.p99.is_some_and(|p99| p99 <= SHOWN_P99_MS);
        Step {
            rate,
            held: is_right && is_quick && are_shown,
            ack_p50_ms: ack.p50,
            ack_p99_ms: ack.p99,
            shown_p99_ms: shown.p99,
            lost: it.lost,
            doubled: it.doubled,
            console_bytes_s: outcome.consoles.bytes_s,
            frame_bytes: outcome.consoles.bytes / outcome.consoles.frames.max(1),
        }
    }
}

/// The files of a folder that nothing is running on.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
