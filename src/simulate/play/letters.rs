//! Letters: what actors ask of the service. Whoever is not answered asks again, with the same words, until there is
//! an answer: over a restart, and while the disk is full.

use std::collections::BTreeMap;

use super::{Player, Thing};
use crate::dispatch::{Asked, Rejection};
use crate::domain::{IncidentId, OfferId};
use crate::engine::{Lane, Order, Reply, Ticket};

/// From an actor to the service.
const NETWORK_MS: u64 = 20;

/// Not taken, or no room: asked again after this.
const AGAIN_MS: u64 = 2_000;

/// After a start everybody who waits for an answer asks again within this.
const AFTER_START_MS: (u64, u64) = (500, 4_000);

#[derive(Debug, Clone)]
pub(super) struct Letter {
    lane: Lane,
    asked: Asked,
    then: Then,
}

/// What the actor does with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    /// A source has its acknowledgement: the arrival of this number.
    Acknowledged(usize),
    /// The responder has said yes.
    Accepted {
        phone: usize,
        incident: IncidentId,
        offer: OfferId,
    },
    /// An operator's close: refused while somebody is under way, it is tried again.
    Closed(IncidentId),
}

#[derive(Debug, Default)]
pub(super) struct Letters {
    written: u64,
    waiting: BTreeMap<u64, Letter>,
    /// By number of the ticket: the letter. Tickets of a process that died are never answered.
    tickets: BTreeMap<u64, u64>,
    torn: u64,
}

impl Player<'_> {
    pub(super) fn post(&mut self, lane: Lane, asked: Asked, then: Then) {
        self.letters.written += 1;
        let number = self.letters.written;
        self.letters.waiting.insert(number, Letter { lane, asked, then });
        self.later(NETWORK_MS, Thing::Deliver(number));
    }

    pub(super) fn deliver(&mut self, number: u64) {
        let Some(letter) = self.letters.waiting.get(&number) else { return };
        if self.service.process.is_none() {
            // It is asked again when there is one.
            return;
        }
        self.letters.torn += 1;
        let ticket = Ticket(self.letters.torn);
        let (lane, asked) = (letter.lane, letter.asked.clone());
        let order = Order { ticket, lane, asked, private: Vec::new(), received_us: self.now_ms * 1000 };
        if self.service.put(order) {
            self.letters.tickets.insert(ticket.0, number);
        } else {
            self.later(AGAIN_MS, Thing::Deliver(number));
        }
    }

    pub(super) fn not_taken(&mut self, tickets: &[Ticket]) {
        for ticket in tickets {
            if let Some(number) = self.letters.tickets.remove(&ticket.0) {
                self.later(AGAIN_MS, Thing::Deliver(number));
            }
        }
    }

    /// Everybody who was not answered by the process before this one.
    pub(super) fn letters_again(&mut self) {
        self.letters.tickets.clear();
        let waiting: Vec<u64> = self.letters.waiting.keys().copied().collect();
        for number in waiting {
            let in_ms = self.chance.between(AFTER_START_MS.0, AFTER_START_MS.1);
            self.later(in_ms, Thing::Deliver(number));
        }
    }

    pub(super) fn answered(&mut self, ticket: Ticket, verdict: Result<Reply, Rejection>) {
        let Some(number) = self.letters.tickets.remove(&ticket.0) else { return };
        let Some(Letter { then, .. }) = self.letters.waiting.remove(&number) else { return };
        match then {
            Then::Nothing => {}
            Then::Acknowledged(origin) => self.acknowledged(origin, &verdict),
            Then::Accepted { phone, incident, offer } if verdict.is_ok() => self.sets_out(phone, incident, offer),
            Then::Accepted { .. } => {}
            Then::Closed(incident) => self.closed(incident, &verdict),
        }
    }
}
