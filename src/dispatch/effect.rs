//! Effects: what the outside is asked to do once the event behind it is committed. An effect is named by the seq of
//! its event, so that whoever receives it twice can drop the second.

use crate::domain::offer::WithdrawReason;
use crate::domain::*;

use super::event::{Event, Stamped};
use super::state::State;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub seq: Seq,
    pub deed: Deed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    SendOffer { offer: OfferId, responder: ResponderId, incident: IncidentId },
    SendAssignment { offer: OfferId, responder: ResponderId, incident: IncidentId },
    SendWithdrawal { offer: OfferId, responder: ResponderId, reason: WithdrawReason },
}

/// What an event asks of the outside.
pub fn react(event: &Stamped) -> Vec<Effect> {
    let deed = match &event.event {
        Event::OfferMade(it) => {
            Deed::SendOffer { offer: it.offer, responder: it.responder.clone(), incident: it.incident }
        }
        Event::OfferAccepted { offer, responder, incident, .. } => {
            Deed::SendAssignment { offer: *offer, responder: responder.clone(), incident: *incident }
        }
        Event::OfferWithdrawn { offer, responder, reason, .. } => {
            Deed::SendWithdrawal { offer: *offer, responder: responder.clone(), reason: *reason }
        }
        _ => return Vec::new(),
    };
    vec![Effect { seq: event.seq, deed }]
}

impl State {
    /// What a restart has to perform again: offers that wait for an answer. Withdrawals and assignments are part of
    /// the state that every responder link begins with.
    pub fn outstanding(&self) -> Vec<Effect> {
        self.pending_offers()
            .map(|(incident, it)| Effect {
                seq: it.made_seq,
                deed: Deed::SendOffer { offer: it.offer, responder: it.responder.clone(), incident: incident.id },
            })
            .collect()
    }
}
