//! What happens unasked: the plan of a kind, and the ladder of rungs behind it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::responder::Tier;

/// How an incident of a kind starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStart {
    /// The nearest is asked in the instant the incident opens.
    OfferAtOnce,
    /// Somebody calls back first; nobody having claimed in time, offers start by themselves.
    CallBack,
    /// Work for the daytime; nobody is asked by itself.
    Technical,
}

/// By which policy it is chosen who is asked. What each does stands in `dispatch/choose`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyName {
    /// The first to arrive, one incident at a time.
    #[default]
    Nearest,
    /// All who wait together, so that the least is late.
    Matched,
    /// The first to arrive, and the least missed where they were.
    Covering,
    /// As many at once as the first yes is sooner for.
    AcceptanceAware,
}

impl PolicyName {
    pub const ALL: [Self; 4] = [Self::Nearest, Self::Matched, Self::Covering, Self::AcceptanceAware];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Matched => "matched",
            Self::Covering => "covering",
            Self::AcceptanceAware => "acceptance-aware",
        }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy is `{0}`, expected nearest, matched, covering or acceptance-aware")]
pub struct BadPolicyName(String);

impl FromStr for PolicyName {
    type Err = BadPolicyName;

    fn from_str(text: &str) -> Result<Self, BadPolicyName> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or_else(|| BadPolicyName(text.to_owned()))
    }
}

/// A plan, as it was resolved into an incident when it opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub start: PlanStart,
    /// How long somebody may take to call back before offers start by themselves, in seconds.
    pub wait_s: u64,
    /// How many are asked at once; the first yes wins.
    pub parallel: u8,
    /// Skills a responder must have to be asked, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Who is asked is chosen by this. Absent in a setting: as the district says; in an incident: it opened before
    /// there was a choice, and the nearest is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyName>,
    /// With nobody free who would be there in time, somebody on the way to something less urgent may be asked to turn.
    #[serde(default, skip_serializing_if = "is_false")]
    pub preempt: bool,
}

impl Plan {
    pub fn policy(&self) -> PolicyName {
        self.policy.unwrap_or_default()
    }

    /// How a kind starts, and nothing else of it.
    pub fn starting(start: PlanStart, wait_s: u64) -> Self {
        Self { start, wait_s, parallel: 1, skills: Vec::new(), policy: None, preempt: false }
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// One step of the escalation ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Its name in the timeline and in `escalate {"rung"}`.
    pub name: String,
    pub action: RungAction,
    /// How long this rung may take before the next is taken without an accepted offer, in seconds.
    pub patience_s: u64,
}

/// What a rung does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RungAction {
    /// Ask the nearest of these tiers, the next one if there is no answer.
    Ask(Vec<Tier>),
    /// Ask the neighbouring districts to send somebody of theirs; where there are none to ask, a person must.
    Aid,
    /// A person must do it: it is a task until somebody confirms, and nobody implies that it was done.
    Task,
}
