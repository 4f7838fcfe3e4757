//! Districts, premises and the devices in them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::{BadId, ID_MAX_BYTES, serde_as_text};
use super::{Class, DeviceId, DistrictCode, Point, PremisesId, SubjectId};

/// A county-level division: the shard, and the unit of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct District {
    pub code: DistrictCode,
    pub name: String,
    pub hotline: String,
}

/// The place where a subject lives. The address is private.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premises {
    pub id: PremisesId,
    pub district: DistrictCode,
    /// 12-digit statistical code of the village or community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub village: Option<String>,
    pub class: Class,
    pub address: String,
    pub point: Point,
}

/// A device of a subject. Its identity is private.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    pub subject: SubjectId,
    pub name: DeviceName,
    /// Silence longer than this is a fault; `None`: not supervised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervision_s: Option<u64>,
}

/// What a device calls itself on the wire: `PROTOCOL:IDENTITY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceName {
    pub protocol: String,
    pub identity: String,
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.protocol, self.identity)
    }
}

impl FromStr for DeviceName {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId {
            found: text.chars().take(40).collect(),
            expected: "a device as PROTOCOL:IDENTITY, such as watch:8800000015",
        };
        let (protocol, identity) = text.split_once(':').ok_or_else(bad)?;
        let named = !protocol.is_empty()
            && protocol.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        let identified =
            !identity.is_empty() && identity.len() <= ID_MAX_BYTES && !identity.chars().any(char::is_control);
        if !named || !identified {
            return Err(bad());
        }
        Ok(Self { protocol: protocol.to_owned(), identity: identity.to_owned() })
    }
}

serde_as_text!(DeviceName);
