//! The only file that reads the time. A monotonic clock for what passes, and the wall for what day it is.
//! Decides nothing: what is made of both is in `engine::clock`.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

/// What the time is, as far as anybody can know.
pub trait Clock: Send + Sync {
    /// Microseconds since some moment before this process began; never runs backwards, whatever happens to the wall.
    fn monotonic_us(&self) -> u64;

    /// What the machine takes the time of day to be. May step either way.
    fn wall(&self) -> Timestamp;

    fn now_monotonic_ms(&self) -> u64 {
        self.monotonic_us() / 1000
    }
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn wall(&self) -> Timestamp {
        let ms = |it: std::time::Duration| i64::try_from(it.as_millis()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => Timestamp::from_ms(ms(since)),
            Err(before) => Timestamp::from_ms(-ms(before.duration())),
        }
    }
}
