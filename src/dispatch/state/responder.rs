//! What the record says of a responder: duty, what they hold, how much they did today.

use serde::{Deserialize, Serialize};

use crate::domain::{IncidentId, OfferId, Timestamp};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderState {
    pub duty: bool,
    /// The one open offer or assignment.
    pub held: Option<(OfferId, IncidentId)>,
    /// What they were asked to turn to, while the assignment they hold stands. It is held once that ends.
    #[serde(default)]
    pub turn: Option<(OfferId, IncidentId)>,
    /// Jobs accepted on `day`; another day starts at 0.
    pub jobs: u32,
    pub day: i64,
    /// District time of their last word.
    pub last_contact: Option<Timestamp>,
}

impl ResponderState {
    pub fn is_free(&self) -> bool {
        self.duty && self.held.is_none()
    }

    /// Lets go of `offer`; what they were asked to turn to is what they hold then.
    pub(super) fn let_go(&mut self, offer: OfferId) {
        if self.turn.is_some_and(|(turn, _)| turn == offer) {
            self.turn = None;
        } else {
            self.held = self.turn.take();
        }
    }

    pub fn jobs_on(&self, now: Timestamp) -> u32 {
        if self.day == day_of(now) { self.jobs } else { 0 }
    }
}

const HOUR_MS: i64 = 3_600_000;

/// China has one time zone and no summer time.
const AHEAD_OF_UTC_MS: i64 = 8 * HOUR_MS;

/// The day's number in China.
pub fn day_of(at: Timestamp) -> i64 {
    (at.ms() + AHEAD_OF_UTC_MS).div_euclid(24 * HOUR_MS)
}

/// The hour of the day in China, 0 to 23.
pub fn hour_of(at: Timestamp) -> usize {
    let of_day_ms = (at.ms() + AHEAD_OF_UTC_MS).rem_euclid(24 * HOUR_MS);
    usize::try_from(of_day_ms / HOUR_MS).expect("a remainder is not below 0")
}
