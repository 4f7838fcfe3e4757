//! The words that several events share: by what, where, who, why, until when.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::*;

/// Which device a signal came from, without saying its identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRef {
    Known(DeviceId),
    /// The keyed digest of an identity that the registry does not know.
    Unknown(Fingerprint),
}

/// Where an incident is: by reference, never in degrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub source: PlaceSource,
    /// When it was true.
    pub at: Timestamp,
    /// The exact coordinates, where they are not those of the premises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<PrivateRef>,
}

/// A responder as ranked for an offer, nearest in time first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub responder: ResponderId,
    pub eta_s: u64,
    pub distance_m: u64,
    /// What `eta_s` was reckoned along.
    #[serde(default, skip_serializing_if = "Way::is_line")]
    pub way: Way,
}

/// What a policy reckoned with when it chose somebody, beside how soon they would be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// Incidents about which it was decided together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidents: Option<u32>,
    /// Seconds by which they would miss the promise at the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_s: Option<u64>,
    /// Homes that are expected to be without cover while they are away, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncovers_milli_homes: Option<u64>,
    /// Of a thousand such offers so many were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts_permille: Option<u64>,
    /// Seconds that are expected until somebody is at the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_s: Option<u64>,
}

/// A near responder who could not be asked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    pub responder: ResponderId,
    pub why: WhyNot,
}

/// Why a responder cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    OffDuty,
    /// Asked or under way elsewhere.
    Busy,
    /// No live link and no other confirmed channel.
    Unreachable,
    /// Lacks a skill the plan asks for.
    Skills,
    /// Not of the tiers the present rung asks.
    Tier,
    /// Asked for this incident a short while ago.
    AskedBefore,
    OtherDistrict,
    NoSuchResponder,
}

/// How an incident began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    Signal,
    Call,
    Hand,
    /// For another district, which asked for aid.
    Aid,
}

/// How a word of a responder reached the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Link,
    /// Said by radio or telephone, entered by somebody at the centre.
    Radio,
}

/// What stands behind the word that somebody is at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Their newest position is at the place.
    Position,
    /// The code at the door was read.
    ElderCode,
    /// Their word alone.
    Manual,
    /// Said by radio or telephone.
    Radio,
}

/// Why the next rung was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationReason {
    /// Nobody eligible is left on this rung.
    NobodyLeft,
    /// The rung's patience ran out without an accepted offer.
    OutOfPatience,
    /// The promise at the door will be missed unless more is done.
    PromiseAtRisk,
    Operator,
}

/// Why a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    GivenBack,
    /// The owner's last console was lost, or nothing was done for too long.
    Lapsed,
    SignedOut,
    Closed,
    Merged,
}

/// How long a claim lasts if nothing more is heard of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lease {
    /// While a live feed of the owner is open.
    WhileConnected,
    /// The last live feed is gone: until then, unless one comes back.
    Until(Timestamp),
    /// There never was a live feed: until then, and each action of the owner prolongs it.
    Untended(Timestamp),
}

/// Why several faults are one outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutageKind {
    /// Many devices of one village went silent together.
    SilentVillage,
    /// Many devices of the whole district went silent together.
    SilentDistrict,
    /// More alarms from unknown devices than a listener may open incidents for.
    UnknownDevices,
}
