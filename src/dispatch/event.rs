//! Events: what happened, in the past tense, with everything that was used to decide it as resolved values.
//! These lines are read for ever: a field may be added with a default, none may change or go (`tests/vectors/events`).
//! No event carries a name, a number, an identity, a text or a coordinate: those are `PrivateRef`s.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::offer::{ExpiryReason, WithdrawReason};
use crate::domain::plan::{Plan, Rung};
use crate::domain::signal::{PlaceGiven, SignalOutcome};
use crate::domain::sla::SlaClock;
use crate::domain::*;

/// The version of the shape of a stored event; it rises when a reader must know.
pub const EVENT_VERSION: u16 = 1;

/// An event with its place in the record: what one line of the journal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    pub v: u16,
    pub seq: Seq,
    /// District time.
    pub at: Timestamp,
    /// The account behind it; absent where the system acted by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountName>,
    /// The request that caused it, so that a repeated request gets the first answer, across restarts too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Fingerprint>,
    #[serde(flatten)]
    pub event: Event,
}

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
}

/// A near responder who could not be asked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    pub responder: ResponderId,
    pub why: WhyNot,
}

/// Why a responder cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    Signal,
    Call,
    Hand,
}

/// How a word of a responder reached the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Link,
    /// Said by radio or telephone, entered by somebody at the centre.
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
    pub expires_at: Timestamp,
    /// No channel having confirmed by then, it counts as undelivered.
    pub deliver_by: Timestamp,
    /// The first few as they were ranked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    pub registry: u64,
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
}

/// Everything that can happen in a district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    SignalReceived(Box<SignalReceived>),
    UnknownDevice {
        source: DeviceRef,
        kind: SignalKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
        private: PrivateRef,
    },
    AlarmAttached {
        incident: IncidentId,
        kind: SignalKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<DeviceRef>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
        presses: u32,
        /// A newer place than the one the incident has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        /// Its plan asks sooner than that of the incident.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ask_at: Option<Timestamp>,
    },
    AlarmCancelled {
        incident: IncidentId,
        kind: SignalKind,
        source: DeviceRef,
    },
    IncidentOpened(Box<Opening>),
    UrgencyRaised {
        incident: IncidentId,
        from: Urgency,
        to: Urgency,
    },
    /// The envelope's `by` is the owner.
    IncidentClaimed {
        incident: IncidentId,
        owner: AccountName,
        lease: Lease,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<AccountName>,
    },
    ClaimLeaseChanged {
        incident: IncidentId,
        owner: AccountName,
        lease: Lease,
    },
    IncidentReleased {
        incident: IncidentId,
        owner: AccountName,
        reason: ReleaseReason,
    },
    OfferMade(Box<OfferMade>),
    /// Asked for and nobody could be: told with the reasons, and tried again then.
    NobodyAvailable {
        incident: IncidentId,
        passed_over: Vec<PassedOver>,
        ask_again_at: Timestamp,
    },
    OfferShown {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
    },
    OfferAccepted {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        arrival_at: Timestamp,
    },
    OfferDeclined {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<PrivateRef>,
    },
    OfferExpired {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        reason: ExpiryReason,
    },
    OfferWithdrawn {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        reason: WithdrawReason,
    },
    ResponderEnRoute(Reported),
    ResponderAtDoor(Reported),
    ResponderInside(Reported),
    ResponderClear(Reported),
    /// A newer estimate of when the responder under way will be at the door.
    ArrivalPredicted {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        arrival_at: Timestamp,
    },
    DutyChanged {
        responder: ResponderId,
        on: bool,
        via: Via,
    },
    SlaWarned {
        incident: IncidentId,
        clock: SlaClock,
        due_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predicted_at: Option<Timestamp>,
    },
    SlaBreached {
        incident: IncidentId,
        clock: SlaClock,
        due_at: Timestamp,
    },
    SlaMet {
        incident: IncidentId,
        clock: SlaClock,
        due_at: Timestamp,
        met_at: Timestamp,
    },
    IncidentEscalated {
        incident: IncidentId,
        rung: String,
        index: u32,
        reason: EscalationReason,
        patient_until: Timestamp,
    },
    TaskDue {
        incident: IncidentId,
        task: TaskId,
        rung: String,
    },
    TaskConfirmed {
        incident: IncidentId,
        task: TaskId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<PrivateRef>,
    },
    IncidentCorrected(Box<Correction>),
    IncidentMerged {
        incident: IncidentId,
        into: IncidentId,
    },
    IncidentUnattended {
        incident: IncidentId,
        owner: AccountName,
        idle_since: Timestamp,
    },
    IncidentClosed {
        incident: IncidentId,
        disposition: Disposition,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<PrivateRef>,
    },
    IncidentReopened {
        incident: IncidentId,
        round: u32,
        answer_due_at: Timestamp,
        door_due_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ask_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<PrivateRef>,
    },
    NoteAdded {
        incident: IncidentId,
        note: PrivateRef,
    },
    CallRinging {
        call: CallId,
        from: PrivateRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
        own_phone: bool,
    },
    CallAnswered {
        call: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operator: Option<AccountName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
    },
    CallEnded {
        call: CallId,
    },
    CallAbandoned {
        call: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
        call_back: bool,
    },
    /// This call is about that incident.
    CallJoined {
        call: CallId,
        incident: IncidentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
    },
    CallReturned {
        call: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<PrivateRef>,
    },
    DeviceOffline {
        source: DeviceRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
        silent_since: Timestamp,
    },
    DeviceRestored {
        source: DeviceRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
    },
    OutageDeclared {
        outage: OutageId,
        kind: OutageKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        devices: Vec<DeviceId>,
    },
    OutageOver {
        outage: OutageId,
    },
    /// The service is back after a stop: what waits for a person or a device gets a fresh window.
    WindowsRenewed {
        offers_until: Timestamp,
        deliver_by: Timestamp,
        claims_until: Timestamp,
        untended_until: Timestamp,
    },
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Event {
    /// The incident whose timeline this belongs to.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::SignalReceived(it) => it.incident,
            Self::UnknownDevice { incident, .. }
            | Self::CallAnswered { incident, .. }
            | Self::CallAbandoned { incident, .. } => *incident,
            Self::IncidentOpened(it) => Some(it.incident),
            Self::OfferMade(it) => Some(it.incident),
            Self::IncidentCorrected(it) => Some(it.incident),
            Self::ResponderEnRoute(it)
            | Self::ResponderAtDoor(it)
            | Self::ResponderInside(it)
            | Self::ResponderClear(it) => Some(it.incident),
            Self::AlarmAttached { incident, .. }
            | Self::AlarmCancelled { incident, .. }
            | Self::UrgencyRaised { incident, .. }
            | Self::IncidentClaimed { incident, .. }
            | Self::ClaimLeaseChanged { incident, .. }
            | Self::IncidentReleased { incident, .. }
            | Self::NobodyAvailable { incident, .. }
            | Self::OfferShown { incident, .. }
            | Self::OfferAccepted { incident, .. }
            | Self::OfferDeclined { incident, .. }
            | Self::OfferExpired { incident, .. }
            | Self::OfferWithdrawn { incident, .. }
            | Self::ArrivalPredicted { incident, .. }
            | Self::SlaWarned { incident, .. }
            | Self::SlaBreached { incident, .. }
            | Self::SlaMet { incident, .. }
            | Self::IncidentEscalated { incident, .. }
            | Self::TaskDue { incident, .. }
            | Self::TaskConfirmed { incident, .. }
            | Self::IncidentMerged { incident, .. }
            | Self::IncidentUnattended { incident, .. }
            | Self::IncidentClosed { incident, .. }
            | Self::IncidentReopened { incident, .. }
            | Self::NoteAdded { incident, .. }
            | Self::CallJoined { incident, .. } => Some(*incident),
            Self::DutyChanged { .. }
            | Self::CallRinging { .. }
            | Self::CallEnded { .. }
            | Self::CallReturned { .. }
            | Self::DeviceOffline { .. }
            | Self::DeviceRestored { .. }
            | Self::OutageDeclared { .. }
            | Self::OutageOver { .. }
            | Self::WindowsRenewed { .. } => None,
        }
    }

    /// The responder whose availability this may change.
    pub fn responder(&self) -> Option<&ResponderId> {
        match self {
            Self::OfferMade(it) => Some(&it.responder),
            Self::ResponderEnRoute(it)
            | Self::ResponderAtDoor(it)
            | Self::ResponderInside(it)
            | Self::ResponderClear(it) => Some(&it.responder),
            Self::OfferShown { responder, .. }
            | Self::OfferAccepted { responder, .. }
            | Self::OfferDeclined { responder, .. }
            | Self::OfferExpired { responder, .. }
            | Self::OfferWithdrawn { responder, .. }
            | Self::ArrivalPredicted { responder, .. }
            | Self::DutyChanged { responder, .. } => Some(responder),
            _ => None,
        }
    }

    /// The private values this event refers to: what an erasure has to find.
    pub fn private_refs(&self) -> Vec<PrivateRef> {
        let mut refs = Vec::new();
        match self {
            Self::SignalReceived(it) => refs.push(it.private),
            Self::UnknownDevice { private, .. } => refs.push(*private),
            Self::IncidentOpened(it) => {
                refs.extend(it.note);
                refs.extend(it.place.as_ref().and_then(|place| place.private));
            }
            Self::IncidentCorrected(it) => refs.extend(it.place.as_ref().and_then(|place| place.private)),
            Self::AlarmAttached { place, .. } => refs.extend(place.as_ref().and_then(|place| place.private)),
            Self::OfferDeclined { reason, .. } | Self::IncidentReopened { reason, .. } => refs.extend(*reason),
            Self::TaskConfirmed { note, .. } | Self::IncidentClosed { note, .. } | Self::CallReturned { note, .. } => {
                refs.extend(*note);
            }
            Self::NoteAdded { note, .. } => refs.push(*note),
            Self::CallRinging { from, .. } => refs.push(*from),
            _ => {}
        }
        refs
    }

    /// The word on the wire and in the journal: `incident_opened`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::SignalReceived(_) => "signal_received",
            Self::UnknownDevice { .. } => "unknown_device",
            Self::AlarmAttached { .. } => "alarm_attached",
            Self::AlarmCancelled { .. } => "alarm_cancelled",
            Self::IncidentOpened(_) => "incident_opened",
            Self::UrgencyRaised { .. } => "urgency_raised",
            Self::IncidentClaimed { .. } => "incident_claimed",
            Self::ClaimLeaseChanged { .. } => "claim_lease_changed",
            Self::IncidentReleased { .. } => "incident_released",
            Self::OfferMade(_) => "offer_made",
            Self::NobodyAvailable { .. } => "nobody_available",
            Self::OfferShown { .. } => "offer_shown",
            Self::OfferAccepted { .. } => "offer_accepted",
            Self::OfferDeclined { .. } => "offer_declined",
            Self::OfferExpired { .. } => "offer_expired",
            Self::OfferWithdrawn { .. } => "offer_withdrawn",
            Self::ResponderEnRoute(_) => "responder_en_route",
            Self::ResponderAtDoor(_) => "responder_at_door",
            Self::ResponderInside(_) => "responder_inside",
            Self::ResponderClear(_) => "responder_clear",
            Self::ArrivalPredicted { .. } => "arrival_predicted",
            Self::DutyChanged { .. } => "duty_changed",
            Self::SlaWarned { .. } => "sla_warned",
            Self::SlaBreached { .. } => "sla_breached",
            Self::SlaMet { .. } => "sla_met",
            Self::IncidentEscalated { .. } => "incident_escalated",
            Self::TaskDue { .. } => "task_due",
            Self::TaskConfirmed { .. } => "task_confirmed",
            Self::IncidentCorrected(_) => "incident_corrected",
            Self::IncidentMerged { .. } => "incident_merged",
            Self::IncidentUnattended { .. } => "incident_unattended",
            Self::IncidentClosed { .. } => "incident_closed",
            Self::IncidentReopened { .. } => "incident_reopened",
            Self::NoteAdded { .. } => "note_added",
            Self::CallRinging { .. } => "call_ringing",
            Self::CallAnswered { .. } => "call_answered",
            Self::CallEnded { .. } => "call_ended",
            Self::CallAbandoned { .. } => "call_abandoned",
            Self::CallJoined { .. } => "call_joined",
            Self::CallReturned { .. } => "call_returned",
            Self::DeviceOffline { .. } => "device_offline",
            Self::DeviceRestored { .. } => "device_restored",
            Self::OutageDeclared { .. } => "outage_declared",
            Self::OutageOver { .. } => "outage_over",
            Self::WindowsRenewed { .. } => "windows_renewed",
        }
    }
}
