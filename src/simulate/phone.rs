//! Responders and their phones: links that come and go, offers shown or not, yes, no or silence, and words that a phone
//! keeps while it is offline and sends later with their own time.

use super::mail::{A_FEW_TRIES, Then, UNTIL_HEARD};
use super::run::{Simulation, Thing};
use super::world::somewhere;
use crate::dispatch::event::Via;
use crate::dispatch::{Asked, Command, Deed};
use crate::domain::offer::Progress;
use crate::domain::*;
use crate::engine::{Hint, Input, Lane};

#[derive(Debug)]
pub struct Phone {
    pub responder: ResponderId,
    pub link: bool,
    /// Of a hundred offers, how many this responder shows, answers, and answers with yes.
    shows_pct: u64,
    answers_pct: u64,
    yes_pct: u64,
    /// Offers that were dealt with: an effect may be performed twice.
    seen: Vec<OfferId>,
    /// What is still to be said, in order.
    pub outbox: Vec<Owed>,
    /// The first of the outbox is on its way.
    sending: bool,
}

/// A word about an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub incident: IncidentId,
    pub progress: Progress,
    pub at: Option<Timestamp>,
}

/// What a responder does at some time.
#[derive(Debug, Clone)]
pub enum PhoneDo {
    LinkUp,
    LinkDown,
    Locate,
    Duty(bool),
    Show(OfferId),
    Accept(OfferId, IncidentId),
    Decline(OfferId),
    Say(IncidentId, Progress),
}

impl Phone {
    pub fn new(responder: ResponderId, temper: u64) -> Self {
        let (shows_pct, answers_pct, yes_pct) = match temper % 5 {
            0 => (100, 95, 95),
            1 => (90, 80, 60),
            2 => (80, 70, 20),
            3 => (60, 30, 50),
            _ => (10, 5, 50),
        };
        let (seen, outbox) = (Vec::new(), Vec::new());
        Self { responder, link: false, shows_pct, answers_pct, yes_pct, seen, outbox, sending: false }
    }
}

impl Simulation {
    pub fn phone_does(&mut self, phone: usize, what: PhoneDo) {
        let responder = self.phones[phone].responder.clone();
        match what {
            PhoneDo::LinkUp => self.link_up(phone),
            PhoneDo::LinkDown => self.link_down(phone),
            PhoneDo::Locate => self.locate(phone),
            PhoneDo::Duty(on) => {
                let command = Command::SetDuty { responder, on, via: Via::Link };
                self.ask(phone, command, Then::Nothing, A_FEW_TRIES);
            }
            PhoneDo::Show(offer) => {
                self.ask(
                    phone,
                    Command::ConfirmShown { offer, responder, channel: Channel::Link },
                    Then::Nothing,
                    A_FEW_TRIES,
                );
            }
            PhoneDo::Accept(offer, incident) => {
                let then = Then::Accepted { phone, incident, offer };
                self.ask(phone, Command::AcceptOffer { offer, responder }, then, UNTIL_HEARD);
            }
            PhoneDo::Decline(offer) => {
                let command = Command::DeclineOffer { offer, responder, reason: None };
                self.ask(phone, command, Then::Nothing, A_FEW_TRIES);
            }
            PhoneDo::Say(incident, progress) => {
                let at = self.chance.pct(80).then(|| self.phone_time());
                self.phones[phone].outbox.push(Owed { incident, progress, at });
                self.say_next(phone);
            }
        }
    }

    fn ask(&mut self, phone: usize, command: Command, then: Then, tries: u32) {
        if self.phones[phone].link || tries == UNTIL_HEARD {
            self.post(Lane::People, Asked::plain(command), then, tries);
        }
    }

    /// A phone's clock is nearly right.
    fn phone_time(&mut self) -> Timestamp {
        let skew = self.chance.below(4_000);
        self.wall().after_ms(skew).before_ms(2_000)
    }

    pub fn link_up(&mut self, phone: usize) {
        let it = &mut self.phones[phone];
        if self.service.process.is_none() || std::mem::replace(&mut it.link, true) {
            return;
        }
        let responder = it.responder.clone();
        self.bring(Input::Hint(Hint::LinkOpened(responder)));
        self.hello(phone);
        self.say_next(phone);
    }

    pub fn link_down(&mut self, phone: usize) {
        let it = &mut self.phones[phone];
        if std::mem::replace(&mut it.link, false) {
            let responder = it.responder.clone();
            self.bring(Input::Hint(Hint::LinkClosed(responder)));
        }
    }

    /// Every link begins with the offer or assignment that the committed fold has for them.
    fn hello(&mut self, phone: usize) {
        let Some(process) = &self.service.process else { return };
        let responder = &self.phones[phone].responder;
        let Some(known) = process.fold.responder(responder) else { return };
        let theirs = [known.held, known.turn].into_iter().flatten();
        let open = theirs.filter_map(|(offer, incident)| Some((offer, incident, process.fold.offer(offer)?.1.state)));
        for (offer, incident, state) in open.collect::<Vec<_>>() {
            match state {
                AssignmentState::Offered => self.offered(phone, offer, incident),
                state if state.is_under_way() => self.sets_out(phone, incident, offer),
                _ => {}
            }
        }
    }

    pub fn delivered(&mut self, deed: &Deed) {
        let (Deed::SendOffer { responder, .. }
        | Deed::SendAssignment { responder, .. }
        | Deed::SendWithdrawal { responder, .. }) = deed;
        let Some(phone) = self.phones.iter().position(|it| &it.responder == responder && it.link) else { return };
        match deed {
            Deed::SendOffer { offer, incident, .. } => self.offered(phone, *offer, *incident),
            Deed::SendAssignment { offer, incident, .. } => self.sets_out(phone, *incident, *offer),
            Deed::SendWithdrawal { .. } => {}
        }
    }

    fn offered(&mut self, phone: usize, offer: OfferId, incident: IncidentId) {
        let chance = &mut self.chance;
        let it = &mut self.phones[phone];
        if it.seen.contains(&offer) || !chance.pct(it.shows_pct) {
            return;
        }
        it.seen.push(offer);
        let shown_ms = chance.between(200, 3_000);
        // Some answer after the deadline, and must be told so.
        let answered_ms = shown_ms + chance.between(500, 33_000);
        let answer = chance.pct(it.answers_pct).then(|| chance.pct(it.yes_pct));
        self.later(shown_ms, Thing::Phone(phone, PhoneDo::Show(offer)));
        match answer {
            Some(true) => self.later(answered_ms, Thing::Phone(phone, PhoneDo::Accept(offer, incident))),
            Some(false) => self.later(answered_ms, Thing::Phone(phone, PhoneDo::Decline(offer))),
            None => {}
        }
    }

    /// On the way, at the door, inside, done; some say little, some give up, some are very late.
    pub fn sets_out(&mut self, phone: usize, incident: IncidentId, offer: OfferId) {
        if self.on_the_way.contains(&offer) {
            return;
        }
        self.on_the_way.push(offer);
        let mut at_ms = self.chance.between(1_000, 60_000);
        let gives_up = self.chance.pct(8);
        let skips = self.chance.pct(15);
        let steps = [Progress::EnRoute, Progress::AtDoor, Progress::Inside, Progress::Clear];
        for progress in steps {
            let skipped = match progress {
                Progress::EnRoute | Progress::Inside => skips,
                Progress::AtDoor => gives_up,
                Progress::Clear => false,
            };
            if !(skipped || gives_up && progress == Progress::Inside) {
                self.later(at_ms, Thing::Phone(phone, PhoneDo::Say(incident, progress)));
            }
            at_ms += self.chance.between(60_000, 1_200_000);
        }
    }

    /// One word at a time, in order, until it is noted; while there is a link.
    pub fn say_next(&mut self, phone: usize) {
        let it = &mut self.phones[phone];
        if it.sending || !it.link {
            return;
        }
        let Some(owed) = it.outbox.first().cloned() else { return };
        it.sending = true;
        let Owed { incident, progress, at } = owed;
        let responder = it.responder.clone();
        let command = Command::ReportProgress { incident, responder, progress, at, via: Via::Link, scanned: false };
        self.post(Lane::People, Asked::plain(command), Then::Noted { phone, owed }, UNTIL_HEARD);
    }

    pub fn noted(&mut self, phone: usize, owed: &Owed) {
        let it = &mut self.phones[phone];
        it.sending = false;
        it.outbox.retain(|other| other != owed);
        self.say_next(phone);
    }

    fn locate(&mut self, phone: usize) {
        if !self.phones[phone].link {
            return;
        }
        let fix = Fix { point: somewhere(&mut self.chance), accuracy_m: 10, at: self.wall() };
        let responder = self.phones[phone].responder.clone();
        self.bring(Input::Hint(Hint::Located { responder, fix }));
    }
}
