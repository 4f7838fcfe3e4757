//! Whom and what an event concerns.

use super::Event;
use crate::domain::{IncidentId, PrivateRef, ResponderId};

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
            | Self::OfferTried { incident, .. }
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
            | Self::AidAsked { incident, .. }
            | Self::AidReported { incident, .. }
            | Self::AidWithdrawn { incident, .. }
            | Self::AidLetterTaken { incident, .. }
            | Self::AlarmDetached { incident, .. }
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
            | Self::OfferTried { responder, .. }
            | Self::OfferAccepted { responder, .. }
            | Self::OfferDeclined { responder, .. }
            | Self::OfferExpired { responder, .. }
            | Self::OfferWithdrawn { responder, .. }
            | Self::ArrivalPredicted { responder, .. }
            | Self::DutyChanged { responder, .. } => Some(responder),
            Self::SignalReceived(_)
            | Self::UnknownDevice { .. }
            | Self::AlarmAttached { .. }
            | Self::AlarmCancelled { .. }
            | Self::IncidentOpened(_)
            | Self::UrgencyRaised { .. }
            | Self::IncidentClaimed { .. }
            | Self::ClaimLeaseChanged { .. }
            | Self::IncidentReleased { .. }
            | Self::NobodyAvailable { .. }
            | Self::SlaWarned { .. }
            | Self::SlaBreached { .. }
            | Self::SlaMet { .. }
            | Self::IncidentEscalated { .. }
            | Self::TaskDue { .. }
            | Self::TaskConfirmed { .. }
            | Self::AidAsked { .. }
            | Self::AidReported { .. }
            | Self::AidWithdrawn { .. }
            | Self::AidLetterTaken { .. }
            | Self::IncidentCorrected(_)
            | Self::AlarmDetached { .. }
            | Self::IncidentMerged { .. }
            | Self::IncidentUnattended { .. }
            | Self::IncidentClosed { .. }
            | Self::IncidentReopened { .. }
            | Self::NoteAdded { .. }
            | Self::CallRinging { .. }
            | Self::CallAnswered { .. }
            | Self::CallEnded { .. }
            | Self::CallAbandoned { .. }
            | Self::CallJoined { .. }
            | Self::CallReturned { .. }
            | Self::DeviceOffline { .. }
            | Self::DeviceRestored { .. }
            | Self::OutageDeclared { .. }
            | Self::OutageOver { .. }
            | Self::WindowsRenewed { .. } => None,
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
            Self::AlarmCancelled { .. }
            | Self::UrgencyRaised { .. }
            | Self::IncidentClaimed { .. }
            | Self::ClaimLeaseChanged { .. }
            | Self::IncidentReleased { .. }
            | Self::OfferMade(_)
            | Self::NobodyAvailable { .. }
            | Self::OfferShown { .. }
            | Self::OfferTried { .. }
            | Self::OfferAccepted { .. }
            | Self::OfferExpired { .. }
            | Self::OfferWithdrawn { .. }
            | Self::ArrivalPredicted { .. }
            | Self::ResponderEnRoute(_)
            | Self::ResponderAtDoor(_)
            | Self::ResponderInside(_)
            | Self::ResponderClear(_)
            | Self::DutyChanged { .. }
            | Self::SlaWarned { .. }
            | Self::SlaBreached { .. }
            | Self::SlaMet { .. }
            | Self::IncidentEscalated { .. }
            | Self::TaskDue { .. }
            | Self::AidAsked { .. }
            | Self::AidReported { .. }
            | Self::AidWithdrawn { .. }
            | Self::AidLetterTaken { .. }
            | Self::AlarmDetached { .. }
            | Self::IncidentMerged { .. }
            | Self::IncidentUnattended { .. }
            | Self::CallAnswered { .. }
            | Self::CallEnded { .. }
            | Self::CallAbandoned { .. }
            | Self::CallJoined { .. }
            | Self::DeviceOffline { .. }
            | Self::DeviceRestored { .. }
            | Self::OutageDeclared { .. }
            | Self::OutageOver { .. }
            | Self::WindowsRenewed { .. } => {}
        }
        refs
    }
}
