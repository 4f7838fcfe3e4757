//! District time: what stands in the events of one district. Runs with the monotonic clock from where the wall was at
//! the start, or from the last event where the wall was behind it. A step of the wall moves nothing; nothing runs back.

use crate::domain::Timestamp;

/// Pure: whoever asks brings the monotonic milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DistrictClock {
    /// District time at the start.
    anchor: Timestamp,
    /// The monotonic clock at the start.
    anchor_ms: u64,
}

impl DistrictClock {
    /// `last` is the time of the last event. Time goes on from there even if the wall is behind it: were it to stand
    /// still until the wall has caught up, no offer would expire for as long.
    pub fn start(last: Timestamp, wall: Timestamp, monotonic_ms: u64) -> Self {
        Self { anchor: last.max(wall), anchor_ms: monotonic_ms }
    }

    pub fn now(&self, monotonic_ms: u64) -> Timestamp {
        self.anchor.after_ms(monotonic_ms.saturating_sub(self.anchor_ms))
    }

    /// Milliseconds from now until `at`; 0 where it has come.
    pub fn until_ms(&self, at: Timestamp, monotonic_ms: u64) -> u64 {
        at.since_ms(self.now(monotonic_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    #[test]
    fn time_is_the_wall_at_the_start_and_what_has_passed_since() {
        let clock = DistrictClock::start(at(0), at(50_000), 700);
        assert_eq!(clock.now(700), at(50_000));
        assert_eq!(clock.now(1_700), at(51_000));
        assert_eq!(clock.until_ms(at(51_500), 1_700), 500);
        assert_eq!(clock.until_ms(at(51_000), 1_701), 0);
    }

    #[test]
    fn a_wall_that_is_behind_the_record_neither_turns_time_back_nor_stops_it() {
        let clock = DistrictClock::start(at(90_000), at(50_000), 0);
        assert_eq!(clock.now(0), at(90_000));
        assert_eq!(clock.now(5), at(90_005));
    }

    #[test]
    fn a_monotonic_clock_that_does_not_keep_its_word_stops_time_at_most() {
        let clock = DistrictClock::start(at(0), at(50_000), 700);
        assert_eq!(clock.now(600), at(50_000));
    }
}
