//! Commands: what is asked of a district, in the imperative. They bring time, chance and private values in by the
//! door: ids of private values are drawn where the value came in, and only the reference reaches the core.

use serde::{Deserialize, Serialize};

use crate::domain::offer::Progress;
use crate::domain::signal::PlaceGiven;
use crate::domain::*;

use super::aid::Letter;
use super::event::{DeviceRef, Via};

/// A command with who asked and under which request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub command: Command,
    pub by: Option<By>,
    /// The same request within 24 h gets the first answer.
    pub request: Option<Fingerprint>,
}

impl Asked {
    /// By the system itself or by a device: nobody's account stands behind it.
    pub fn plain(command: Command) -> Self {
        Self { command, by: None, request: None }
    }
}

/// The account behind a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub account: AccountName,
    /// May take over claims.
    pub supervisor: bool,
}

/// A place as it came in, with the reference under which the vault keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenPlace {
    pub fix: Fix,
    pub private: PrivateRef,
}

/// When a signal with the same fingerprint is a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RepeatRule {
    /// Its sender names each signal: within a day, whatever became of the incident.
    Named,
    /// Its sender retransmits the same bytes: within ten minutes and while the incident is open.
    Retransmitted,
}

/// One signal, decoded, validated and recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    pub kind: SignalKind,
    pub fingerprint: Fingerprint,
    pub repeat: RepeatRule,
    /// The device's own time, where it can be believed.
    pub occurred_at: Option<Timestamp>,
    pub time_refused: bool,
    /// Received more than 120 s after the device's own time.
    pub late: bool,
    pub place: PlaceGiven,
    pub private: PrivateRef,
}

/// Everything one message of one device says: one press, however many signals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveSignals {
    pub source: DeviceRef,
    /// In the order of life; never empty.
    pub signals: Vec<Signal>,
    pub fix: Option<GivenPlace>,
    /// Where the device was last seen, if the message does not say where it is.
    pub last_known: Option<GivenPlace>,
    /// The listener it came in by; unknown devices are capped by listener.
    pub listener: String,
}

/// What the telephone exchange saw of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallEvent {
    Ringing,
    Answered { operator: Option<AccountName> },
    Ended,
    Abandoned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportCall {
    pub call: CallId,
    pub event: CallEvent,
    pub from: PrivateRef,
    /// The subject whose own number it is, or whose contact's.
    pub subject: Option<SubjectId>,
    /// The number is the subject's own, not a contact's.
    pub own_phone: bool,
}

/// An incident opened by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenByHand {
    pub kind: SignalKind,
    pub call: Option<CallId>,
    pub subject: Option<SubjectId>,
    pub premises: Option<PremisesId>,
    pub place: Option<GivenPlace>,
    pub note: Option<PrivateRef>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Correct {
    pub kind: Option<SignalKind>,
    pub urgency: Option<Urgency>,
    pub subject: Option<SubjectId>,
    pub premises: Option<PremisesId>,
    pub place: Option<GivenPlace>,
}

/// A device and since when nothing has been heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    pub device: DeviceId,
    pub since: Timestamp,
}

/// Everything that can be asked of a district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    ReceiveSignals(Box<ReceiveSignals>),
    ReportCall(ReportCall),
    ReturnCall {
        call: CallId,
        note: Option<PrivateRef>,
    },
    OpenByHand(Box<OpenByHand>),
    Claim {
        incident: IncidentId,
    },
    Release {
        incident: IncidentId,
    },
    /// The account has signed out: its claims go back.
    ReleaseAll {
        account: AccountName,
    },
    /// The account's first live feed of this district opened, or its last one closed.
    ConsoleConnected {
        account: AccountName,
    },
    ConsoleLost {
        account: AccountName,
    },
    Correct {
        incident: IncidentId,
        to: Box<Correct>,
    },
    Merge {
        incident: IncidentId,
        into: IncidentId,
    },
    /// The alarms of a device belong to somebody else, and get an incident of their own.
    Detach {
        incident: IncidentId,
        source: DeviceRef,
        /// What it is, where that is not what the incident is.
        kind: Option<SignalKind>,
    },
    MakeOffer {
        incident: IncidentId,
        responder: Option<ResponderId>,
        parallel: Option<u8>,
    },
    WithdrawOffer {
        incident: IncidentId,
        offer: OfferId,
    },
    Escalate {
        incident: IncidentId,
        rung: Option<String>,
    },
    ConfirmTask {
        incident: IncidentId,
        task: TaskId,
        note: Option<PrivateRef>,
    },
    /// What another district has to say about an aid. `place`: the exact one, where the letter refers to one.
    TakeLetter {
        letter: Box<Letter>,
        place: Option<GivenPlace>,
    },
    /// That district has on its record what we had to say up to our event `told`.
    NoteLetterTaken {
        aid: AidId,
        told: Seq,
    },
    AddNote {
        incident: IncidentId,
        note: PrivateRef,
    },
    Close {
        incident: IncidentId,
        disposition: Disposition,
        note: Option<PrivateRef>,
        force: bool,
    },
    Reopen {
        incident: IncidentId,
        reason: Option<PrivateRef>,
    },
    ConfirmShown {
        offer: OfferId,
        responder: ResponderId,
        channel: Channel,
    },
    /// A channel besides the link was tried.
    NoteTry {
        offer: OfferId,
        channel: Channel,
        outcome: TryOutcome,
    },
    AcceptOffer {
        offer: OfferId,
        responder: ResponderId,
    },
    DeclineOffer {
        offer: OfferId,
        responder: ResponderId,
        reason: Option<PrivateRef>,
    },
    /// `at` is the phone's own time; absent where it was said by radio just now.
    ReportProgress {
        incident: IncidentId,
        responder: ResponderId,
        progress: Progress,
        at: Option<Timestamp>,
        via: Via,
        /// The code at the door was read, and was the right one.
        scanned: bool,
    },
    SetDuty {
        responder: ResponderId,
        on: bool,
        via: Via,
    },
    /// A newer estimate for a responder under way, from their positions.
    PredictArrival {
        incident: IncidentId,
        responder: ResponderId,
        eta_s: u64,
        way: Way,
    },
    /// People became free or reachable: the incidents that wait for somebody are asked for again.
    AskAgain,
    ReportSilence {
        devices: Vec<Silence>,
    },
    ReportHeard {
        devices: Vec<DeviceId>,
    },
    /// Something is due: `State::next_deadline()` has come.
    Tick,
    /// The service has come back after a stop.
    RenewWindows,
}
