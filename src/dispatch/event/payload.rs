//! What the larger events carry.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Candidate, DeviceRef, OpenedBy, PassedOver, Place, Proof, Via, Why};
use crate::domain::plan::{Plan, PolicyName, Rung};
use crate::domain::signal::{PlaceGiven, SignalOutcome};
use crate::domain::*;

/// Everything an incident starts with, resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub incident: IncidentId,
    pub kind: SignalKind,
    pub urgency: Urgency,
    pub opened_by: OpenedBy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premises: Option<PremisesId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<DeviceRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    pub class: Class,
    pub plan: Plan,
    pub ladder: Arc<[Rung]>,
    pub answer_due_at: Timestamp,
    pub door_due_at: Timestamp,
    /// When offers start by themselves; absent where somebody must ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_at: Option<Timestamp>,
    pub terms: Terms,
    /// The listener by which a device nobody knows came in: such are capped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<String>,
    /// The version of the registry that was read.
    pub registry: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<PrivateRef>,
    /// Opened for another district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aid: Option<AidFor>,
    /// Who lives there too, where it was opened for another district.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<SubjectId>,
}

/// For which incident of which district, and which of its letters asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidFor {
    pub aid: AidId,
    pub incident: IncidentId,
    pub heard: Seq,
}

/// The patience of an incident, as it was configured when it opened. Seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub unattended_s: u64,
    pub last_call_s: u64,
    pub claim_untended_s: u64,
}

/// One signal as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalReceived {
    pub kind: SignalKind,
    pub source: DeviceRef,
    pub fingerprint: Fingerprint,
    pub outcome: SignalOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    /// The device's own time, where it could be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// The device's time was absurd or could not be read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub time_refused: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    pub place: PlaceGiven,
    /// Identity, the device's own id of the signal, and the exact place.
    pub private: PrivateRef,
}

/// An offer as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferMade {
    pub incident: IncidentId,
    pub offer: OfferId,
    pub responder: ResponderId,
    pub eta_s: u64,
    pub distance_m: u64,
    /// What `eta_s` was reckoned along.
    #[serde(default, skip_serializing_if = "Way::is_line")]
    pub way: Way,
    pub expires_at: Timestamp,
    /// No channel having confirmed by then, it counts as undelivered.
    pub deliver_by: Timestamp,
    /// The first few as they were ranked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    pub registry: u64,
    /// The policy that chose; absent where a person named the responder, or where there was no choice yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyName>,
    /// What it reckoned with, beside the arrival time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// Whom the answer tells something about: how often such people say yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// So many are to be asked at once from now on, where that is not as the plan says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<u8>,
    /// The assignment that ends if they say yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<OfferId>,
}

/// What an operator corrected; what is absent stayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub incident: IncidentId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SignalKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premises: Option<PremisesId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The class at the corrected place, and the promise that follows from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door_due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_at: Option<Timestamp>,
    /// The letter by which the district that asked for aid told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Seq>,
}

/// One word of a responder about an assignment, with its own time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub incident: IncidentId,
    pub offer: OfferId,
    pub responder: ResponderId,
    /// The phone's own time, bounded by the last contact and the arrival of the message.
    pub occurred_at: Timestamp,
    pub via: Via,
    /// Of an arrival at the door alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

fn is_false(value: &bool) -> bool {
    !*value
}
