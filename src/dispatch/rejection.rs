//! Rejections: why a command changes nothing. Each has a stable code, which the outside may rely on.

use serde::{Deserialize, Serialize};

use crate::domain::offer::Progress;
use crate::domain::signal::SignalOutcome;
use crate::domain::*;

use super::event::{Event, Stamped, WhyNot};

/// What a command is answered with; kept for repeats.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<SignalOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
}

impl Answer {
    /// The answer to a command is the sum of its events: the seq of the last one, but of the signal itself where
    /// one was received; the first incident, offer and subject they name.
    pub fn absorb(&mut self, event: &Stamped) {
        if self.outcome.is_none() {
            self.seq = Some(event.seq);
        }
        match &event.event {
            Event::SignalReceived(it) if self.outcome.is_none() => self.outcome = Some(it.outcome),
            // What was asked for is the new one.
            Event::AlarmDetached { into, .. } => self.incident = Some(*into),
            // Who turns is asked about the new one, and leaves the old one first.
            Event::OfferAccepted { incident, .. } => self.incident = Some(*incident),
            Event::OfferMade(it) => self.offer = self.offer.or(Some(it.offer)),
            Event::CallRinging { subject, .. } => self.subject.clone_from(subject),
            _ => {}
        }
        self.incident = self.incident.or(event.event.incident());
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// Taken before: this was the answer.
    #[error("taken before")]
    Repeat(Answer),
    #[error("there is no incident {0}")]
    NoSuchIncident(IncidentId),
    #[error("there is no offer {0}")]
    NoSuchOffer(OfferId),
    #[error("there is no open task {0}")]
    NoSuchTask(TaskId),
    #[error("there is no call {0}")]
    NoSuchCall(CallId),
    #[error("there is no responder {0} in this district")]
    NoSuchResponder(ResponderId),
    #[error("there is no subject {0} in this district")]
    NoSuchSubject(SubjectId),
    #[error("there is no premises {0} in this district")]
    NoSuchPremises(PremisesId),
    #[error("the ladder of incident {incident} has no rung `{rung}`, expected one of {known}")]
    NoSuchRung { incident: IncidentId, rung: String, known: String },
    #[error("{kind} is no alarm, expected a kind that asks for help")]
    NotAnAlarm { kind: SignalKind },
    #[error("incident {incident} is closed, reopen it first")]
    IncidentClosed { incident: IncidentId },
    #[error("incident {incident} is open")]
    IncidentOpen { incident: IncidentId },
    #[error("an incident needs a subject, premises or a place")]
    NowhereToGo,
    #[error("nothing to correct: give kind, urgency, subject, premises or place")]
    NothingToCorrect,
    #[error("incident {incident} is claimed by {owner}")]
    Claimed { incident: IncidentId, owner: AccountName },
    #[error("incident {incident} is owned by {owner}")]
    NotOwner { incident: IncidentId, owner: AccountName },
    #[error("responder {responder} is under way to incident {incident}")]
    ResponderUnderWay { incident: IncidentId, responder: ResponderId },
    #[error("an incident cannot be merged into itself")]
    MergeIntoItself,
    #[error("subject {subject} has open incident {incident}: work that one, or merge")]
    SubjectHasIncident { subject: SubjectId, incident: IncidentId },
    #[error("offer expired at {expired_at}")]
    OfferExpired { offer: OfferId, expired_at: Timestamp },
    #[error("offer {offer} was withdrawn")]
    OfferWithdrawn { offer: OfferId },
    #[error("offer {offer} was answered before")]
    OfferAnswered { offer: OfferId },
    #[error("offer {offer} was not made to this responder")]
    NotYourOffer { offer: OfferId },
    #[error("responder {responder} cannot be asked: {}", why.as_str())]
    NotEligible { responder: ResponderId, why: WhyNot },
    #[error("nobody eligible is free now")]
    NobodyAvailable,
    #[error("parallel is {found}, expected 1 to {most}")]
    TooManyAtOnce { found: u8, most: u8 },
    #[error("responder {responder} has no assignment to incident {incident}")]
    NotAssigned { incident: IncidentId, responder: ResponderId },
    #[error("status {found} comes after {state}, which is said already")]
    StatusOutOfOrder { found: Progress, state: Progress },
    #[error("responder {responder} is under way and cannot go off duty")]
    OnAssignment { responder: ResponderId },
    #[error("incident {incident} has no alarm of that device")]
    NotOfIncident { incident: IncidentId },
    #[error("incident {incident} has no other alarm: correct it instead")]
    OnlyAlarm { incident: IncidentId },
    #[error("incident {incident} was opened for district {of}, which reopens its own and asks again")]
    OfAnotherDistrict { incident: IncidentId, of: DistrictCode },
    #[error("the ladder has no further rung")]
    LadderExhausted,
    #[error("call {call} is over")]
    CallOver { call: CallId },
    #[error("nothing changes")]
    NothingToDo,
}

impl Rejection {
    /// The stable code of a problem document.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Repeat(_) => "repeat",
            Self::NoSuchIncident(_) => "no_such_incident",
            Self::NoSuchOffer(_) => "no_such_offer",
            Self::NoSuchTask(_) => "no_such_task",
            Self::NoSuchCall(_) => "no_such_call",
            Self::NoSuchResponder(_) => "no_such_responder",
            Self::NoSuchSubject(_) => "no_such_subject",
            Self::NoSuchPremises(_) => "no_such_premises",
            Self::NoSuchRung { .. } => "no_such_rung",
            Self::NotAnAlarm { .. } => "not_an_alarm",
            Self::IncidentClosed { .. } => "incident_closed",
            Self::IncidentOpen { .. } => "incident_open",
            Self::NowhereToGo => "nowhere_to_go",
            Self::NothingToCorrect => "nothing_to_correct",
            Self::Claimed { .. } => "claimed",
            Self::NotOwner { .. } => "not_owner",
            Self::ResponderUnderWay { .. } => "responder_under_way",
            Self::MergeIntoItself => "merge_into_itself",
            Self::SubjectHasIncident { .. } => "subject_has_incident",
            Self::OfferExpired { .. } => "offer_expired",
            Self::OfferWithdrawn { .. } => "offer_withdrawn",
            Self::OfferAnswered { .. } => "offer_answered",
            Self::NotYourOffer { .. } => "not_your_offer",
            Self::NotEligible { .. } => "not_eligible",
            Self::NobodyAvailable => "nobody_available",
            Self::TooManyAtOnce { .. } => "too_many_at_once",
            Self::NotAssigned { .. } => "not_assigned",
            Self::StatusOutOfOrder { .. } => "status_out_of_order",
            Self::OnAssignment { .. } => "on_assignment",
            Self::NotOfIncident { .. } => "not_of_incident",
            Self::OnlyAlarm { .. } => "only_alarm",
            Self::OfAnotherDistrict { .. } => "of_another_district",
            Self::LadderExhausted => "ladder_exhausted",
            Self::CallOver { .. } => "call_over",
            Self::NothingToDo => "nothing_to_do",
        }
    }
}
