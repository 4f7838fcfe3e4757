//! The evening's own time: milliseconds since it began, faster than the clock where a test is in a hurry.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::domain::Timestamp;

#[derive(Clone)]
pub struct Pace {
    clock: Arc<dyn Clock>,
    /// Evening time runs this many times as fast as the clock; 1 is what people look at.
    hurry: u64,
}

impl Pace {
    pub fn new(hurry: u64) -> Self {
        Self { clock: Arc::new(SystemClock::new()), hurry: hurry.max(1) }
    }

    pub fn now_ms(&self) -> u64 {
        self.clock.now_monotonic_ms().saturating_mul(self.hurry)
    }

    /// The time of day, for what a device says of itself.
    pub fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Until `at_ms` of the evening; for ever where there is nothing to wait for.
    pub async fn until(&self, at_ms: Option<u64>) {
        match at_ms {
            Some(at_ms) => self.pass(at_ms.saturating_sub(self.now_ms())).await,
            None => std::future::pending().await,
        }
    }

    /// Lets so much of the evening pass.
    pub async fn pass(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms.div_ceil(self.hurry))).await;
    }
}
