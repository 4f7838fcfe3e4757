//! What both benches ask of everybody: the same question on the same data in the same run, turn by turn, so that a busy
//! machine is busy for all. `numbers` brings ourselves and our floors, `peers` other people's stores beside them.

#[allow(dead_code, reason = "`numbers` asks nothing of a server")]
pub mod durable;
pub mod matching;
pub mod nearest;
#[allow(dead_code, reason = "`numbers` alone hears its offers")]
pub mod world;

use std::fmt;
use std::time::Duration;

/// Turns of each contender, one after the other, of which the median counts.
pub const TURNS: usize = 5;

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

/// One figure of each turn: the median, and from the least to the greatest.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    least: f64,
    greatest: f64,
}

impl Spread {
    /// Of one figure at least.
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_unstable_by(f64::total_cmp);
        let at = |number: usize| figures.get(number).copied().expect("every contender has one turn at least");
        Self { median: at(figures.len() / 2), least: at(0), greatest: at(figures.len() - 1) }
    }
}

/// `2.3 (2.2 to 2.5)`, with as many places as the format asks for.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(0);
        write!(f, "{:.places$} ({:.places$} to {:.places$})", self.median, self.least, self.greatest)
    }
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
