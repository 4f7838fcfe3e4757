//! The clock of a scenario: when it begins, how long it lasts, how fast it is played to people who look.

use toml::de::DeValue;

use super::keys;
use crate::document::Fields;
use crate::document::fields::{signed, string, whole};
use crate::domain::Timestamp;

/// A year and a day: more is another scenario.
const LENGTH_MAX_S: u64 = 366 * 86_400;

/// Faster than this nobody sees anything.
const SPEED_MAX: u64 = 3_600;

/// China's one time zone.
const UTC_OFFSET_MIN: i64 = 480;

const DAY_MS: u64 = 86_400_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub start: Timestamp,
    pub length_ms: u64,
    /// Minutes by which the clocks of the place are ahead of UTC.
    pub utc_offset_min: i64,
    /// Played live, so much of the scenario passes in the same time.
    pub speed: u64,
    /// The same for what people do on the way and at the door: somebody is watching.
    pub people_speed: u64,
}

impl Clock {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let start = fields.need(&keys::START, timestamp);
        let length_s = fields.need(&keys::LENGTH_S, |value| whole(value, 1, LENGTH_MAX_S));
        let utc_offset_min = fields.may(&keys::UTC_OFFSET_MIN, |value| signed(value, 14 * 60));
        let speed = fields.may(&keys::SPEED, |value| whole(value, 1, SPEED_MAX)).unwrap_or(1);
        let people_speed = fields.may(&keys::PEOPLE_SPEED, |value| whole(value, 1, SPEED_MAX)).unwrap_or(1);
        let utc_offset_min = utc_offset_min.unwrap_or(UTC_OFFSET_MIN);
        Some(Self { start: start?, length_ms: length_s? * 1000, utc_offset_min, speed, people_speed })
    }

    /// The time of day at the place, in milliseconds since midnight, `at_ms` after the start.
    pub fn day_ms(&self, at_ms: u64) -> u64 {
        let local = self.start.after_ms(at_ms).ms() + self.utc_offset_min * 60_000;
        u64::try_from(local.rem_euclid(DAY_MS as i64)).expect("a remainder is not below 0")
    }

    /// The hour of the day at the place: 0 to 23.
    pub fn hour(&self, at_ms: u64) -> usize {
        usize::try_from(self.day_ms(at_ms) / 3_600_000).expect("a day has 24 hours")
    }
}

fn timestamp(value: &DeValue<'_>) -> Result<Timestamp, String> {
    let text = string(value)?;
    text.parse().map_err(|_| format!("`{}`", crate::document::shown(text)))
}
