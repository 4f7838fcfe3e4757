//! Our numbers, each with its floor, in one run: `make bench`. A benchmark and no test: it prints what it found, and
//! whether the target of DESIGN.md, section 6, was reached or missed. `--quick` runs each part shorter; the names of
//! parts (`durable rates nearest matching roads restart`) run those alone; `--in=FOLDER` measures the disk of a folder, and leaves there
//! what was written.

mod durable;
mod matching;
mod nearest;
mod rates;
mod replay;
mod roads;
mod world;

use std::path::PathBuf;
use std::time::Duration;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A figure against its target.
pub fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}

/// The `p`-th of sorted durations, `p` in permille.
pub fn quantile(sorted: &[Duration], permille: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * permille / 1000).min(last)).copied().unwrap_or_default()
}

pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// What the processor has done since the machine started: a rented one is at times somebody else's, and then every
/// figure of time tells of that.
pub struct Processor {
    all: u64,
    stolen: u64,
}

impl Processor {
    /// From `/proc/stat`, in ticks; zeros where there is none.
    pub fn now() -> Self {
        let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = first.split_whitespace().skip(1).filter_map(|it| it.parse().ok()).take(8).collect();
        Self { all: ticks.iter().sum(), stolen: ticks.get(7).copied().unwrap_or(0) }
    }

    /// In percent of all its time since then.
    pub fn stolen_since(&self) -> f64 {
        let now = Self::now();
        100.0 * (now.stolen - self.stolen) as f64 / (now.all - self.all).max(1) as f64
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let quick = args.iter().any(|arg| arg == "--quick");
    let parts: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with("--")).collect();
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let kept = args.iter().find_map(|arg| arg.strip_prefix("--in=")).map(PathBuf::from);
    let passing = tempfile::tempdir().expect("a folder to measure in");
    let folder = kept.as_deref().unwrap_or(passing.path());
    if wanted("durable") {
        durable::run(folder, quick);
    }
    if wanted("rates") {
        rates::run(folder, quick);
    }
    if wanted("nearest") {
        nearest::run(quick);
    }
    if wanted("matching") {
        matching::run(quick);
    }
    if wanted("roads") {
        roads::run(quick);
    }
    if wanted("restart") {
        replay::run(folder, quick);
    }
}
