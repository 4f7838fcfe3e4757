//! The time of a run: microseconds since it was set up, by a clock that only goes forward.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;

/// Microseconds since the beginning of the run's clock.
pub type Us = u64;

/// The clock of a run; copies agree.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self { began: Instant::now() }
    }

    pub fn now(self) -> Us {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub async fn until(self, at: Us) {
        sleep_until((self.began + Duration::from_micros(at)).into()).await;
    }
}

pub fn ms(us: Us) -> f64 {
    us as f64 / 1000.0
}
