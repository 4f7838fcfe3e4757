//! References to private values. An event never carries one: it carries a name for it and a salted commitment, and
//! the value lies with its salt in the registry's `private` table, where it can be erased.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::SubjectId;
use super::hex;
use super::id::{BadId, serde_as_text};

/// The name of a private value, drawn where the value came in: the second, then 88 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrivateId(pub u128);

impl fmt::Display for PrivateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0.to_be_bytes())
    }
}

impl FromStr for PrivateId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { found: text.chars().take(40).collect(), expected: "32 hexadecimal digits" };
        hex::read(text).map(|bytes| Self(u128::from_be_bytes(bytes))).ok_or_else(bad)
    }
}

serde_as_text!(PrivateId);

/// SHA-256 of salt and value: proves later that a value shown is the value that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment(pub [u8; 32]);

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0)
    }
}

impl FromStr for Commitment {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { found: text.chars().take(40).collect(), expected: "64 hexadecimal digits" };
        hex::read(text).map(Self).ok_or_else(bad)
    }
}

serde_as_text!(Commitment);

/// What an event carries in place of a private value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PrivateRef {
    pub id: PrivateId,
    pub commitment: Commitment,
}

/// A private value on its way into the vault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateRow {
    pub id: PrivateId,
    /// Whose it is, where that is known when it comes in.
    pub subject: Option<SubjectId>,
    /// What it is, such as `phone` or `note`.
    pub kind: Cow<'static, str>,
    pub salt: [u8; 16],
    pub value: String,
}

/// A private value that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateValue {
    pub subject: Option<SubjectId>,
    pub kind: String,
    pub salt: [u8; 16],
    pub value: String,
}

impl PrivateRow {
    /// One that was kept elsewhere, as it is kept again.
    pub fn kept(id: PrivateId, it: PrivateValue) -> Self {
        let PrivateValue { subject, kind, salt, value } = it;
        Self { id, subject, kind: kind.into(), salt, value }
    }
}

impl fmt::Debug for PrivateRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateRow").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for PrivateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateValue").field("kind", &self.kind).finish_non_exhaustive()
    }
}
