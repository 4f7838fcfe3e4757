//! The only room that reads the time. Everybody else is given it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

/// What time it is, as the machine says.
pub fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
    Timestamp::from_ms(i64::try_from(since).unwrap_or(i64::MAX))
}

/// A moment that no setting of the clock moves.
pub fn instant() -> Instant {
    Instant::now()
}
