//! Effects that reach people. The one channel there is: the sockets that a responder has open. All of them are told;
//! each drops what it has had. Nothing waits here: a socket that does not take is closed, and begins anew with its state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::dispatch::event::Via;
use crate::dispatch::{Deed, Event, Stamped};
use crate::domain::offer::WithdrawReason;
use crate::domain::{OfferId, ResponderId, Seq};
use crate::engine::{CommittedBatch, Sink};

/// What may wait for one socket: more than a responder is ever asked before a screen draws.
const QUEUE_MAX: usize = 64;

/// What a responder's sockets are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push {
    /// `distance_m`: absent where the event that made the offer is long written.
    Offer {
        offer: OfferId,
        distance_m: Option<u64>,
    },
    Assignment {
        offer: OfferId,
    },
    Withdrawn {
        offer: OfferId,
        reason: WithdrawReason,
    },
    /// Duty or work has changed, maybe by another's word.
    State,
}

#[derive(Debug, Default)]
struct Open {
    links: BTreeMap<ResponderId, BTreeMap<u64, mpsc::Sender<Push>>>,
    next: u64,
}

/// The open sockets of responders.
#[derive(Debug, Default)]
pub struct Links(Mutex<Open>);

/// One socket's place among them, given back when it is dropped.
#[derive(Debug)]
pub struct Link {
    links: Arc<Links>,
    responder: ResponderId,
    number: u64,
    pushes: mpsc::Receiver<Push>,
}

impl Link {
    /// The next thing to tell. `None`: it was not taken for too long.
    pub async fn next(&mut self) -> Option<Push> {
        self.pushes.recv().await
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.links.close(&self.responder, self.number);
    }
}

impl Links {
    pub fn open(self: &Arc<Self>, responder: &ResponderId) -> Link {
        let (sender, pushes) = mpsc::channel(QUEUE_MAX);
        let mut open = self.lock();
        open.next += 1;
        let number = open.next;
        open.links.entry(responder.clone()).or_default().insert(number, sender);
        Link { links: Arc::clone(self), responder: responder.clone(), number, pushes }
    }

    /// To be given to the engine's shell.
    pub fn sink(self: &Arc<Self>) -> Box<dyn Sink> {
        Box::new(LinksSink(Arc::clone(self)))
    }

    /// Tells every socket of a responder; one that has no room is let go.
    pub fn push(&self, responder: &ResponderId, push: &Push) {
        if let Some(links) = self.lock().links.get_mut(responder) {
            links.retain(|_, link| link.try_send(push.clone()).is_ok());
        }
    }

    fn close(&self, responder: &ResponderId, number: u64) {
        let mut open = self.lock();
        let Some(links) = open.links.get_mut(responder) else { return };
        links.remove(&number);
        if links.is_empty() {
            open.links.remove(responder);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct LinksSink(Arc<Links>);

impl Sink for LinksSink {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        for effect in &batch.effects {
            let (responder, push) = told(&effect.deed, batch, effect.seq);
            self.0.push(responder, &push);
        }
        for responder in batch.events.iter().filter_map(|it| changed(&it.event)) {
            self.0.push(responder, &Push::State);
        }
    }
}

fn told<'a>(deed: &'a Deed, batch: &CommittedBatch, seq: Seq) -> (&'a ResponderId, Push) {
    match deed {
        Deed::SendOffer { offer, responder, .. } => {
            (responder, Push::Offer { offer: *offer, distance_m: distance_m(&batch.events, seq) })
        }
        Deed::SendAssignment { offer, responder, .. } => (responder, Push::Assignment { offer: *offer }),
        Deed::SendWithdrawal { offer, responder, reason } => {
            (responder, Push::Withdrawn { offer: *offer, reason: *reason })
        }
    }
}

fn distance_m(events: &[Stamped], seq: Seq) -> Option<u64> {
    match &events.iter().find(|it| it.seq == seq)?.event {
        Event::OfferMade(it) => Some(it.distance_m),
        _ => None,
    }
}

fn changed(event: &Event) -> Option<&ResponderId> {
    match event {
        Event::DutyChanged { responder, .. } => Some(responder),
        Event::ResponderClear(it) => Some(&it.responder),
        // The phone knows what it said itself.
        Event::ResponderEnRoute(it) | Event::ResponderAtDoor(it) | Event::ResponderInside(it) => {
            (it.via == Via::Radio).then_some(&it.responder)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::event::Reported;

    #[test]
    fn a_phone_is_told_what_was_said_of_it_by_radio_and_not_what_it_said_itself() {
        let said = |via| {
            Event::ResponderAtDoor(Reported {
                incident: "330481-1".parse().unwrap(),
                offer: "330481-o1".parse().unwrap(),
                responder: "R-1".parse().unwrap(),
                occurred_at: crate::domain::Timestamp::EPOCH,
                via,
                proof: None,
            })
        };
        assert_eq!(changed(&said(Via::Radio)).map(ToString::to_string).as_deref(), Some("R-1"));
        assert_eq!(changed(&said(Via::Link)), None);
    }

    #[tokio::test]
    async fn every_socket_is_told_and_one_that_does_not_take_is_let_go() {
        let links = Arc::new(Links::default());
        let responder: ResponderId = "R-1".parse().unwrap();
        let (mut one, mut other) = (links.open(&responder), links.open(&responder));
        for n in 0..=QUEUE_MAX {
            links.push(&responder, &Push::State);
            if n > 0 {
                assert_eq!(one.next().await, Some(Push::State));
            }
        }
        links.push(&responder, &Push::State);
        for _ in 0..QUEUE_MAX {
            assert_eq!(other.next().await, Some(Push::State));
        }
        assert_eq!(other.next().await, None, "the full one was let go");
        drop(one);
        drop(other);
        assert!(links.lock().links.is_empty());
    }
}
