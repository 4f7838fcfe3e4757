//! What an event is called.

use super::Event;

impl Event {
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
            Self::OfferTried { .. } => "offer_tried",
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
            Self::AlarmDetached { .. } => "alarm_detached",
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
