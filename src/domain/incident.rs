//! Incidents: what the centre works until it is closed.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 1 is the most urgent, 5 the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Urgency(u8);

impl Urgency {
    pub const HIGHEST: Self = Self(1);
    pub const HIGH: Self = Self(2);
    pub const MEDIUM: Self = Self(3);

    /// One step more urgent; 1 stays 1.
    #[must_use]
    pub fn raised(self) -> Self {
        Self(self.0.saturating_sub(1).max(1))
    }
}

/// A number that is no urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("urgency is {0}, expected 1 (most urgent) to 5")]
pub struct BadUrgency(u8);

impl TryFrom<u8> for Urgency {
    type Error = BadUrgency;

    fn try_from(found: u8) -> Result<Self, BadUrgency> {
        if (1..=5).contains(&found) { Ok(Self(found)) } else { Err(BadUrgency(found)) }
    }
}

impl From<Urgency> for u8 {
    fn from(urgency: Urgency) -> u8 {
        urgency.0
    }
}

impl fmt::Display for Urgency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far an incident has come; what an operator reads first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// For a hand: to be answered, offered or closed.
    Waiting,
    Offering,
    Assigned,
    EnRoute,
    AtDoor,
    Inside,
    Escalated,
    Closed,
}

/// Why an incident was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Helped,
    Hospital,
    NoHelpNeeded,
    FalseAlarm,
    Test,
    NoContact,
    Duplicate,
    HandedOver,
    Other,
}
