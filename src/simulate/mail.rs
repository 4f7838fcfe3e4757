//! Letters: what actors ask, on its way there and back. Messages and answers are lost, late and doubled; whoever must
//! know asks again, with the same fingerprints, until there is an answer.

use super::auditor::{Question, Refusal, Said};
use super::phone::Owed;
use super::run::{Simulation, Thing};
use crate::dispatch::{Asked, Command, Rejection};
use crate::domain::{IncidentId, OfferId};
use crate::engine::{Lane, Order, Reply, Ticket};

/// How long an actor waits for an answer before they ask again.
const ASK_AGAIN_MS: u64 = 4_000;

/// A person gives up after as many tries.
pub const A_FEW_TRIES: u32 = 4;

/// A source never gives up.
pub const UNTIL_HEARD: u32 = u32::MAX;

#[derive(Debug)]
pub struct Letter {
    pub lane: Lane,
    pub asked: Asked,
    pub then: Then,
    pub tries_left: u32,
    pub heard: bool,
}

/// What an actor does once they know.
#[derive(Debug, Clone)]
pub enum Then {
    Nothing,
    /// The responder `phone` has said yes.
    Accepted {
        phone: usize,
        incident: IncidentId,
        offer: OfferId,
    },
    /// A word of `phone` is noted, or refused: the next one may go.
    Noted {
        phone: usize,
        owed: Owed,
    },
}

impl Simulation {
    pub fn post(&mut self, lane: Lane, asked: Asked, then: Then, tries_left: u32) {
        self.letters.push(Letter { lane, asked, then, tries_left, heard: false });
        self.send(self.letters.len() - 1);
    }

    pub fn send(&mut self, letter: usize) {
        let it = &mut self.letters[letter];
        if it.heard || it.tries_left == 0 {
            return;
        }
        it.tries_left -= 1;
        for journey in self.faults.journeys(&mut self.chance) {
            self.later(journey, Thing::Arrive(letter));
        }
        let pause = ASK_AGAIN_MS + self.chance.below(ASK_AGAIN_MS);
        self.later(pause, Thing::Send(letter));
    }

    /// A message reaches the service, if there is one.
    pub fn arrive(&mut self, letter: usize) {
        if self.service.process.is_none() {
            return;
        }
        self.tickets.push((letter, self.service.epoch));
        let it = &self.letters[letter];
        let (asked, received_us) = (it.asked.clone(), self.now_ms * 1000);
        let ticket = Ticket(self.tickets.len() as u64 - 1);
        let order = Order { ticket, lane: it.lane, asked, private: Vec::new(), received_us };
        assert!(self.service.put(order), "a small world does not fill a lane");
    }

    /// The service lets an answer go: the auditor hears it whether the actor does or not.
    pub fn answered(&mut self, ticket: Ticket, verdict: Result<Reply, Rejection>) {
        let (letter, epoch) = self.tickets[ticket.0 as usize];
        assert_eq!(epoch, self.service.epoch, "an answer to a question that was put to a process long gone");
        let question = question(&self.letters[letter].asked);
        self.auditor.answered(&question, said(&verdict));
        if self.is_verbose {
            println!("{:>9} answer {:?} {verdict:?}", self.now_ms, self.letters[letter].asked.command);
        }
        for journey in self.faults.journeys(&mut self.chance) {
            self.later(journey, Thing::Heard(letter, verdict.clone()));
        }
    }

    pub fn heard(&mut self, letter: usize, verdict: &Result<Reply, Rejection>) {
        let it = &mut self.letters[letter];
        if std::mem::replace(&mut it.heard, true) {
            return;
        }
        match it.then.clone() {
            Then::Nothing => {}
            Then::Accepted { phone, incident, offer } if verdict.is_ok() => {
                self.sets_out(phone, incident, offer);
            }
            Then::Accepted { .. } => {}
            Then::Noted { phone, owed } => self.noted(phone, &owed),
        }
    }
}

/// What the auditor is told of a question: no more than the actor knows.
fn question(asked: &Asked) -> Question {
    let mut question = Question { request: asked.request.map(|it| it.to_string()), ..Question::default() };
    match &asked.command {
        Command::ReceiveSignals(it) => {
            question.signals = it.signals.iter().map(|it| it.fingerprint.to_string()).collect()
        }
        Command::AcceptOffer { offer, responder } => {
            question.accept = Some((offer.to_string(), responder.to_string()));
        }
        _ => {}
    }
    question
}

fn said(verdict: &Result<Reply, Rejection>) -> Result<Said, Refusal> {
    match verdict {
        Ok(reply) => Ok(Said {
            seq: reply.answer.seq,
            incident: reply.answer.incident.map(|it| it.to_string()),
            repeat: reply.repeat,
        }),
        Err(why) => Err(Refusal { code: why.code().to_owned(), names: names(why) }),
    }
}

/// The owner whom a refusal names, and of what.
fn names(why: &Rejection) -> Option<(String, String)> {
    match why {
        Rejection::Claimed { incident, owner } | Rejection::NotOwner { incident, owner } => {
            Some((incident.to_string(), owner.to_string()))
        }
        _ => None,
    }
}
