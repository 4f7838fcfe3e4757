//! Identities. Registry ids are the registry's own strings; incident, offer, task and outage ids are counted by
//! the state of one district and carry its code, so that any process can route by the id alone.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::hex;

/// Position of an event in the journal of its district: 1 is the first, each event is one more.
pub type Seq = u64;

/// What was found where an id was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct BadId {
    pub found: String,
    pub expected: &'static str,
}

/// GB/T 2260 county-level code, six digits: the unit of sharding and of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistrictCode(u32);

impl DistrictCode {
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl FromStr for DistrictCode {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { found: text.to_owned(), expected: "a district code of six digits" };
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        text.parse().map(Self).map_err(|_| bad())
    }
}

/// Serde through `Display` and `FromStr`: ids are strings on every wire and in every file.
macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(stringify!($name))
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(crate) use serde_as_text;

serde_as_text!(DistrictCode);

/// Ids that a district counts for itself: `<district>-<mark><number>`.
macro_rules! counted_id {
    ($(#[$doc:meta])* $name:ident, $mark:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            pub district: DistrictCode,
            pub number: u64,
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}-{}{}", self.district, $mark, self.number)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let bad = || BadId { found: text.to_owned(), expected: $expected };
                let (district, rest) = text.split_once('-').ok_or_else(bad)?;
                let digits = rest.strip_prefix($mark).ok_or_else(bad)?;
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(bad());
                }
                let district = district.parse().map_err(|_| bad())?;
                Ok(Self { district, number: digits.parse().map_err(|_| bad())? })
            }
        }

        serde_as_text!($name);
    };
}

counted_id!(
    /// An incident: `330481-2214`.
    IncidentId, "", "an incident id such as 330481-17"
);
counted_id!(
    /// An offer: `330481-o31`.
    OfferId, "o", "an offer id such as 330481-o31"
);
counted_id!(
    /// A task that a person must do and confirm: `330481-t4`.
    TaskId, "t", "a task id such as 330481-t4"
);
counted_id!(
    /// Help that one district asks of another: `330481-a2`, of the one that asks.
    AidId, "a", "an aid id such as 330481-a2"
);
counted_id!(
    /// An outage: many silent devices, or a flood, as one thing: `330481-x2`.
    OutageId, "x", "an outage id such as 330481-x2"
);

/// The longest id the outside may bring: ids are keys, not documents.
pub const ID_MAX_BYTES: usize = 128;

/// Ids that the registry or the outside brings: opaque text of 1 to 128 bytes without control characters.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                if text.is_empty() || text.len() > ID_MAX_BYTES || text.chars().any(char::is_control) {
                    return Err(BadId { found: text.chars().take(40).collect(), expected: $expected });
                }
                Ok(Self(text.into()))
            }
        }

        serde_as_text!($name);
    };
}

text_id!(
    /// A person at risk, as the registry names them.
    SubjectId, "a subject id of 1 to 128 printable bytes"
);
text_id!(
    /// A home, as the registry names it.
    PremisesId, "a premises id of 1 to 128 printable bytes"
);
text_id!(
    /// A device, as the registry names it; its identity on the wire is private and lies in the registry.
    DeviceId, "a device id of 1 to 128 printable bytes"
);
text_id!(
    /// Somebody who can attend, as the registry names them.
    ResponderId, "a responder id of 1 to 128 printable bytes"
);
text_id!(
    /// The name of an account: what stands behind a decision in the timeline.
    AccountName, "an account name of 1 to 128 printable bytes"
);
text_id!(
    /// A call, as the telephone exchange names it.
    CallId, "a call id of 1 to 128 printable bytes"
);

/// A keyed digest of what must be recognised again without being kept: a repeated signal, a repeated request, the
/// identity of a device nobody knows. The key lies in the registry, so a journal alone gives nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0.to_be_bytes())
    }
}

impl FromStr for Fingerprint {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { found: text.chars().take(40).collect(), expected: "32 hexadecimal digits" };
        hex::read(text).map(|bytes| Self(u128::from_be_bytes(bytes))).ok_or_else(bad)
    }
}

serde_as_text!(Fingerprint);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print() {
        let district: DistrictCode = "330481".parse().unwrap();
        let incident = IncidentId { district, number: 17 };
        assert_eq!(incident.to_string(), "330481-17");
        assert_eq!("330481-17".parse(), Ok(incident));
        assert_eq!("330481-o3".parse(), Ok(OfferId { district, number: 3 }));
        assert_eq!("012345".parse::<DistrictCode>().unwrap().to_string(), "012345");
    }

    #[test]
    fn what_is_not_an_id_says_what_was_expected() {
        let message = "330481-o17".parse::<IncidentId>().unwrap_err().to_string();
        assert_eq!(message, "`330481-o17` is not an incident id such as 330481-17");
        for bad in ["", "33048", "3304811", "33048a", "-17", "330481-", "330481-+7"] {
            assert!(bad.parse::<IncidentId>().is_err(), "{bad} was taken");
        }
        assert!("a\nb".parse::<SubjectId>().is_err());
    }
}
