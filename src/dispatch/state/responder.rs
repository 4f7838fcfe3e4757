//! What the record says of a responder: duty, what they hold, how much they did today.

use serde::{Deserialize, Serialize};

use crate::domain::{IncidentId, OfferId, Timestamp};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderState {
    pub duty: bool,
    /// The one open offer or assignment.
    pub held: Option<(OfferId, IncidentId)>,
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

    pub fn jobs_on(&self, now: Timestamp) -> u32 {
        if self.day == day_of(now) { self.jobs } else { 0 }
    }
}

/// The day's number in China, which has one time zone and no summer time.
pub fn day_of(at: Timestamp) -> i64 {
    const EIGHT_HOURS_MS: i64 = 8 * 3_600_000;
    (at.ms() + EIGHT_HOURS_MS).div_euclid(86_400_000)
}
