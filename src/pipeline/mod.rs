//! The pipeline: what a source has decoded becomes what a district can decide about. Pure stages in one visible list;
//! none of them waits, reads a clock or draws a number. An alarm is never refused for what it carries.
//! Whether a signal is a repeat, and which open incident it joins, only the district knows: here it gets the
//! fingerprint and the sender by which the district recognises both.

mod correlate;
mod deduplicate;
mod validate;

use std::collections::BTreeSet;

use bytes::Bytes;

pub use correlate::{Sender, source_of};
pub use validate::{ACCURACY_UNKNOWN_M, Checked, LATE_S};

use crate::dispatch::Facts;
use crate::dispatch::command::RepeatRule;
use crate::domain::premises::DeviceName;
use crate::domain::signal::{PlaceGiven, SignalClass};
use crate::domain::{Datum, DistrictCode, Fingerprint, Fix, Point, SignalKind, Timestamp};

/// One message of one device, as its source has read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    pub device: DeviceName,
    /// Never empty. Several are one press.
    pub signals: Vec<RawSignal>,
    pub place: RawPlace,
    pub battery_pct: Option<u8>,
    pub sameness: Sameness,
    /// The listener it came in by.
    pub listener: String,
    pub reach: Reach,
    /// Its sender hears a refusal. Where nobody would, what is wrong is left off and marked instead.
    pub refusable: bool,
}

impl RawMessage {
    /// Nothing but signs of life.
    pub fn is_telemetry(&self) -> bool {
        self.signals.iter().all(|it| it.kind.class() == SignalClass::Telemetry)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawSignal {
    /// The device's own id of it.
    pub id: Option<String>,
    pub kind: SignalKind,
    pub occurred_at: GivenTime,
}

/// The device's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenTime {
    None,
    Unreadable,
    At(Timestamp),
}

/// The place that a message brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawPlace {
    None,
    /// Something was sent that is no place.
    Refused,
    At {
        point: Point,
        datum: Datum,
        accuracy_m: Option<u32>,
    },
}

/// How a repeat is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sameness {
    /// By the id that its sender gives each signal.
    Named,
    /// By the bytes of the frame.
    Bytes(Bytes),
}

/// How far the sender reaches, and where its devices are when nobody knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Empty: all districts.
    pub districts: BTreeSet<DistrictCode>,
    /// The listener's.
    pub default_district: Option<DistrictCode>,
}

/// Why a message is not taken. Only what its sender can mend, and never an alarm for what it carries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// The HTTP status that says so.
    pub status: u16,
    /// Stable.
    pub code: &'static str,
    pub detail: String,
}

impl Refusal {
    /// Understood, but wrong.
    pub fn wrong(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: 422, code, detail: detail.into() }
    }
}

/// A signal that a district can decide about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    pub id: Option<String>,
    pub kind: SignalKind,
    pub fingerprint: Fingerprint,
    pub repeat: RepeatRule,
    pub occurred_at: Option<Timestamp>,
    pub time_refused: bool,
    pub late: bool,
    pub place: PlaceGiven,
}

/// A message that a district can decide about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piped {
    pub sender: Sender,
    /// In the order of life.
    pub signals: Vec<Ready>,
    pub fix: Option<Fix>,
}

/// What a stage may use of the house: facts as they are now, and the keyed digest.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    pub facts: &'a Facts,
    pub digest: &'a dyn Fn(&[&[u8]]) -> Fingerprint,
    /// Of this message alone: what makes a signal without an id unlike any other.
    pub nonce: [u8; 16],
}

/// All stages, in order.
pub fn run(raw: &RawMessage, tools: &Tools<'_>, received_at: Timestamp) -> Result<Piped, Refusal> {
    let checked = validate::validate(raw, received_at)?;
    let sender = correlate::correlate(raw, tools)?;
    let signals = deduplicate::deduplicate(raw, &checked, tools);
    Ok(Piped { sender, signals, fix: checked.fix })
}

impl Piped {
    /// Nothing but signs of life: kept in memory, not in the record.
    pub fn is_telemetry(&self) -> bool {
        self.signals.iter().all(|it| it.kind.class() == SignalClass::Telemetry)
    }

    /// Nobody asks for help and nobody takes back.
    pub fn is_technical(&self) -> bool {
        self.signals.iter().all(|it| matches!(it.kind.class(), SignalClass::Technical | SignalClass::Telemetry))
    }
}

#[cfg(test)]
mod tests;
