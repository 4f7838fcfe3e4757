//! Accounts: who may.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::BadId;

/// What an account is for. What each may reach is in `api::access`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Operator,
    Supervisor,
    Ops,
    Responder,
    Gateway,
    Device,
}

impl Role {
    pub const ALL: [Role; 6] =
        [Self::Operator, Self::Supervisor, Self::Ops, Self::Responder, Self::Gateway, Self::Device];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
            Self::Ops => "ops",
            Self::Responder => "responder",
            Self::Gateway => "gateway",
            Self::Device => "device",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| BadId {
            found: text.chars().take(40).collect(),
            expected: "a role: operator, supervisor, ops, responder, gateway or device",
        })
    }
}
