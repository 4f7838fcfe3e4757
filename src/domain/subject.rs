//! Subjects: the persons at risk.

use serde::{Deserialize, Serialize};

use super::{PremisesId, SubjectId};

/// A person at risk, as the registry knows them. All of it is private but the ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub id: SubjectId,
    pub premises: PremisesId,
    pub name: String,
    /// E.164, the subject's own.
    pub phones: Vec<String>,
    /// ISO 8601 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// Door code or key: shown to the responder who accepted, while the assignment lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
    /// What a scan at the door must read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elder_code: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
}

impl Subject {
    /// Of whom only this is known: enough to decide by.
    pub fn bare(id: SubjectId, premises: PremisesId) -> Self {
        Self {
            id,
            premises,
            name: String::new(),
            phones: Vec::new(),
            birth: None,
            languages: Vec::new(),
            risks: Vec::new(),
            conditions: Vec::new(),
            access: None,
            elder_code: None,
            contacts: Vec::new(),
        }
    }
}

/// Somebody to ring for a subject; a keyholder can let a responder in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    pub phone: String,
    pub relation: String,
    #[serde(default)]
    pub keyholder: bool,
}
