//! What happens unasked: the plan of a kind, and the ladder of rungs behind it.

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
    /// A person must do it: it is a task until somebody confirms, and nobody implies that it was done.
    Task,
}
