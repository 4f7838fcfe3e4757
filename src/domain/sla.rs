//! Targets with a clock: started, then warned, then met or breached.

use serde::{Deserialize, Serialize};

use super::place::Class;

/// What a target is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaClock {
    /// From the first alarm until somebody at the centre has taken it up.
    Answer,
    /// From the first alarm until a responder is at the door.
    Door,
}

/// Seconds within which the centre answers and somebody is at the door. Presets and their sources: `config.default.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaTargets {
    pub answer_s: u64,
    pub door_urban_s: u64,
    pub door_rural_s: u64,
}

impl SlaTargets {
    pub fn door_s(&self, class: Class) -> u64 {
        match class {
            Class::Urban => self.door_urban_s,
            Class::Rural => self.door_rural_s,
        }
    }
}
