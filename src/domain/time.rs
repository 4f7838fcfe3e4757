//! Points in time, in whole milliseconds. Only `clock.rs` makes them from a clock; here they are read, written and added.

use std::fmt;
use std::str::FromStr;

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;

use super::id::{BadId, serde_as_text};

/// Milliseconds since 1970-01-01T00:00:00Z; on the wire RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Years 0000 to 9999, which is what RFC 3339 can say.
    const MIN_MS: i64 = -62_167_219_200_000;
    const MAX_MS: i64 = 253_402_300_799_999;
    pub const EPOCH: Self = Self(0);

    /// Clamped to the years that RFC 3339 can write.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN_MS, Self::MAX_MS))
    }

    pub const fn ms(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn after_ms(self, ms: u64) -> Self {
        Self::from_ms(self.0.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn after_s(self, s: u64) -> Self {
        self.after_ms(s.saturating_mul(1000))
    }

    #[must_use]
    pub fn before_ms(self, ms: u64) -> Self {
        Self::from_ms(self.0.saturating_sub(i64::try_from(ms).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn before_s(self, s: u64) -> Self {
        self.before_ms(s.saturating_mul(1000))
    }

    /// Milliseconds since `earlier`; 0 where it is later.
    pub fn since_ms(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// Whole seconds since `earlier`, rounded down; 0 where it is later.
    pub fn since_s(self, earlier: Self) -> u64 {
        self.since_ms(earlier) / 1000
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .expect("a timestamp is clamped to the years 0000 to 9999");
        let (year, ms) = (at.year().unsigned_abs(), self.0.rem_euclid(1000).unsigned_abs());
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let fields = [
            (0..4, year),
            (5..7, u8::from(at.month()).into()),
            (8..10, at.day().into()),
            (11..13, at.hour().into()),
            (14..16, at.minute().into()),
            (17..19, at.second().into()),
            (20..23, u32::try_from(ms).unwrap_or(0)),
        ];
        for (place, mut number) in fields {
            for digit in text[place].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Timestamp {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad =
            || BadId { found: text.chars().take(40).collect(), expected: "a time such as 2026-11-21T03:38:51.000Z" };
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| bad())?;
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).map(Self::from_ms).map_err(|_| bad())
    }
}

serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        let at: Timestamp = "2026-11-21T11:38:51.250+08:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-21T03:38:51.250Z");
        assert_eq!(at.after_s(10).since_ms(at), 10_000);
        assert_eq!(at.since_ms(at.after_ms(1)), 0);
        assert_eq!(Timestamp::from_ms(-1).to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_ms(i64::MIN).to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_ms(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_not_a_time_says_what_was_expected() {
        let error = "yesterday".parse::<Timestamp>().unwrap_err().to_string();
        assert_eq!(error, "`yesterday` is not a time such as 2026-11-21T03:38:51.000Z");
    }
}
