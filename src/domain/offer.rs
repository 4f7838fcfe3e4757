//! Offers: the incident put to one responder, with a deadline. An accepted offer is an assignment.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The life of an offer and of the assignment it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// A way on which a responder can be reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A socket that the responder's app holds open.
    #[default]
    Link,
    /// A web push, which reaches a phone that is locked.
    Push,
    Sms,
    Voice,
}

impl Channel {
    pub const ALL: [Self; 4] = [Self::Link, Self::Push, Self::Sms, Self::Voice];

    pub fn is_link(&self) -> bool {
        *self == Self::Link
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Push => "push",
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }
}

/// What became of one try to reach a responder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TryOutcome {
    /// The carrier took it; whether it arrived is not known yet.
    Sent,
    /// The carrier did not answer, or not in time.
    NoAnswer,
    /// The carrier would not take it.
    Refused,
    /// There is no such receiver any more.
    Gone,
    /// The carrier took it, and told later that it could not bring it.
    Failed,
}

impl TryOutcome {
    const ALL: [Self; 5] = [Self::Sent, Self::NoAnswer, Self::Refused, Self::Gone, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::NoAnswer => "no_answer",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Failed => "failed",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// What a responder, or somebody who heard them on the radio, says of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
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
    /// They said yes to something more urgent.
    Turned,
    /// They are at the door of what they were asked to turn from.
    AtDoor,
}
