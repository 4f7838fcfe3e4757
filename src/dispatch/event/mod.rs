//! Events: what happened, in the past tense, with everything that was used to decide it as resolved values.
//! These lines are read for ever: a field may be added with a default, none may change or go (`tests/vectors/events`).
//! No event carries a name, a number, an identity, a text or a coordinate: those are `PrivateRef`s.

mod about;
mod payload;
mod type_name;
mod word;

use serde::{Deserialize, Serialize};

pub use payload::{AidFor, Correction, OfferMade, Opening, Reported, SignalReceived, Terms};
pub use word::{
    Candidate, DeviceRef, EscalationReason, Lease, OpenedBy, OutageKind, PassedOver, Place, Proof, ReleaseReason, Via,
    Why, WhyNot,
};

use super::aid::Found;
use crate::domain::offer::{ExpiryReason, WithdrawReason};
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
        /// Somebody could be, and whoever is under way elsewhere would be there sooner: until then it is waited for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waits_for: Option<Candidate>,
    },
    /// It reached the responder: on a screen, or as the carrier of another channel says.
    OfferShown {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        #[serde(default, skip_serializing_if = "Channel::is_link")]
        channel: Channel,
    },
    /// It was sent on a channel besides the link, or could not be.
    OfferTried {
        incident: IncidentId,
        offer: OfferId,
        responder: ResponderId,
        channel: Channel,
        outcome: TryOutcome,
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
        /// What it was reckoned along.
        #[serde(default, skip_serializing_if = "Way::is_line")]
        way: Way,
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
    /// A neighbouring district is asked to send somebody.
    AidAsked {
        incident: IncidentId,
        aid: AidId,
        of: DistrictCode,
    },
    /// What that district says has come of it; `heard` is its own event.
    AidReported {
        incident: IncidentId,
        aid: AidId,
        heard: Seq,
        found: Found,
    },
    /// That district is told that nobody is wanted any more.
    AidWithdrawn {
        incident: IncidentId,
        aid: AidId,
        reason: WithdrawReason,
    },
    /// The other district has on its record what we had to say up to our event `told`.
    AidLetterTaken {
        incident: IncidentId,
        aid: AidId,
        told: Seq,
    },
    IncidentCorrected(Box<Correction>),
    /// The alarms of a device have left for an incident of their own, which opens next.
    AlarmDetached {
        incident: IncidentId,
        source: DeviceRef,
        /// Who has left with them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
        into: IncidentId,
    },
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
