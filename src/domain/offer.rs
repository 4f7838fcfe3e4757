//! Offers: the incident put to one responder, with a deadline. An accepted offer is an assignment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The life of an offer and of the assignment it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentState {
    /// Pending: asked, not answered.
    Offered,
    /// Assigned: said yes.
    Accepted,
    EnRoute,
    AtDoor,
    Inside,
    Clear,
    Declined,
    Expired,
    Withdrawn,
}

impl AssignmentState {
    /// Said yes and is not done: this responder is taken.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Accepted | Self::EnRoute | Self::AtDoor | Self::Inside)
    }

    /// Asked or under way: this responder cannot be asked for anything else.
    pub fn is_open(self) -> bool {
        self == Self::Offered || self.is_under_way()
    }
}

/// What a responder, or somebody who heard them on the radio, says of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    EnRoute,
    AtDoor,
    Inside,
    Clear,
}

impl From<Progress> for AssignmentState {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::EnRoute => Self::EnRoute,
            Progress::AtDoor => Self::AtDoor,
            Progress::Inside => Self::Inside,
            Progress::Clear => Self::Clear,
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EnRoute => "en_route",
            Self::AtDoor => "at_door",
            Self::Inside => "inside",
            Self::Clear => "clear",
        })
    }
}

/// Why an offer ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryReason {
    /// The deadline passed.
    Unanswered,
    /// No channel confirmed that it reached a screen.
    Undelivered,
}

/// Why an offer or an assignment was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawReason {
    /// Somebody else said yes.
    Taken,
    Operator,
    IncidentClosed,
    IncidentMerged,
    OffDuty,
}
