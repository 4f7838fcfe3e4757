//! Responders' telephones: on duty by their shifts, with a link that comes and goes; yes, no or silence to an offer. What
//! a phone has to say without a link it says later, with its own time.

use std::collections::BTreeMap;

use super::availability::Availability;
use super::journey::Whereabouts;
use super::letters::Then;
use super::{Player, Reaction, Thing};
use crate::dispatch::event::Via;
use crate::dispatch::{Asked, Command, Deed};
use crate::domain::offer::Progress;
use crate::domain::{Channel, IncidentId, OfferId, Point, ResponderId};
use crate::engine::{Hint, Input, Lane};
use crate::scenario::Scenario;

/// From the effect to the screen.
pub(in crate::simulate) const SHOWN_MS: u64 = 800;

/// After a restart a link is back within this.
const LINK_BACK_MS: (u64, u64) = (200, 5_000);

#[derive(Debug)]
pub(super) enum PhoneDo {
    Duty(bool),
    LinkLost,
    LinkBack,
    Answer { offer: OfferId, incident: IncidentId, reaction: Reaction },
    Step { offer: OfferId, progress: Progress },
    Locate { offer: Option<OfferId> },
}

#[derive(Debug)]
pub(super) struct Phone {
    pub responder: ResponderId,
    pub base: Point,
    availability: Availability,
    pub on_duty: bool,
    /// The shift is over; they go when they are done.
    pub leaves: bool,
    /// Reasons for which there is no network just now.
    lost: u32,
    pub whereabouts: Whereabouts,
    pub job: Option<Job>,
    /// How often each incident was put to them.
    asked: BTreeMap<IncidentId, u64>,
    seen: Vec<OfferId>,
    /// What is still to be said.
    outbox: Vec<Command>,
}

/// Offers that a phone remembers, so that one which is sent twice is dealt with once.
const SEEN_MOST: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub offer: OfferId,
    pub incident: IncidentId,
    pub since_ms: u64,
}

/// Everybody's phone, with their shifts and the gaps of their network.
pub(super) fn all(scenario: &Scenario, seed: u64) -> Vec<Phone> {
    let availability = Availability::all(scenario, seed);
    let people = scenario.population.responders.iter().zip(availability);
    let phone = |(it, availability): (&std::sync::Arc<crate::domain::Responder>, Availability)| Phone {
        responder: it.id.clone(),
        base: it.base,
        availability,
        on_duty: false,
        leaves: false,
        lost: 0,
        whereabouts: Whereabouts::At(it.base),
        job: None,
        asked: BTreeMap::new(),
        seen: Vec::new(),
        outbox: Vec::new(),
    };
    people.map(phone).collect()
}

impl Phone {
    pub fn has_link(&self) -> bool {
        self.on_duty && self.lost == 0
    }
}

impl Player<'_> {
    pub(super) fn plan_phones(&mut self) {
        for nth in 0..self.phones.len() {
            let Availability { duties, gaps } = self.phones[nth].availability.clone();
            for (from, to) in duties {
                self.agenda.put(from + 1, Thing::Phone(nth, PhoneDo::Duty(true)));
                if to < self.scenario.clock.length_ms {
                    self.agenda.put(to, Thing::Phone(nth, PhoneDo::Duty(false)));
                }
            }
            for (from, to) in gaps {
                self.agenda.put(from, Thing::Phone(nth, PhoneDo::LinkLost));
                self.agenda.put(to, Thing::Phone(nth, PhoneDo::LinkBack));
            }
        }
    }

    /// A service has begun: links and consoles come back to it.
    pub(super) fn reconnect(&mut self) {
        self.open_consoles();
        for nth in 0..self.phones.len() {
            if self.phones[nth].has_link() {
                self.phones[nth].lost += 1;
                let in_ms = self.chance.between(LINK_BACK_MS.0, LINK_BACK_MS.1);
                self.later(in_ms, Thing::Phone(nth, PhoneDo::LinkBack));
            }
        }
    }

    pub(super) fn phone_does(&mut self, nth: usize, what: PhoneDo) {
        match what {
            PhoneDo::Duty(on) => self.duty(nth, on),
            PhoneDo::LinkLost => self.link_lost(nth),
            PhoneDo::LinkBack => self.link_back(nth),
            PhoneDo::Answer { offer, incident, reaction } => self.answer(nth, offer, incident, reaction),
            PhoneDo::Step { offer, progress } => self.step(nth, offer, progress),
            PhoneDo::Locate { offer } => self.locate(nth, offer),
        }
    }

    fn duty(&mut self, nth: usize, on: bool) {
        let phone = &mut self.phones[nth];
        let responder = phone.responder.clone();
        if on {
            phone.leaves = false;
            if std::mem::replace(&mut phone.on_duty, true) {
                return;
            }
            if phone.lost == 0 {
                self.link(Hint::LinkOpened(responder.clone()));
            }
            self.say(nth, Command::SetDuty { responder, on, via: Via::Link });
        } else if phone.job.is_some() {
            phone.leaves = true;
        } else {
            self.goes_home(nth);
        }
    }

    pub(super) fn goes_home(&mut self, nth: usize) {
        let responder = self.phones[nth].responder.clone();
        self.say(nth, Command::SetDuty { responder: responder.clone(), on: false, via: Via::Radio });
        let phone = &mut self.phones[nth];
        let had_link = phone.has_link();
        (phone.on_duty, phone.leaves) = (false, false);
        if had_link {
            self.link(Hint::LinkClosed(responder));
        }
    }

    fn link(&mut self, hint: Hint) {
        if self.service.process.is_some() {
            self.bring(Input::Hint(hint));
        }
    }

    fn link_lost(&mut self, nth: usize) {
        let phone = &mut self.phones[nth];
        let had_link = phone.has_link();
        phone.lost += 1;
        if had_link {
            let responder = phone.responder.clone();
            self.link(Hint::LinkClosed(responder));
        }
    }

    fn link_back(&mut self, nth: usize) {
        let phone = &mut self.phones[nth];
        phone.lost -= 1;
        if phone.has_link() {
            let (responder, owed) = (phone.responder.clone(), std::mem::take(&mut phone.outbox));
            self.link(Hint::LinkOpened(responder));
            owed.into_iter().for_each(|it| self.say(nth, it));
        }
    }

    /// Now, or when there is a link again.
    pub(super) fn say(&mut self, nth: usize, command: Command) {
        if self.phones[nth].lost > 0 {
            self.phones[nth].outbox.push(command);
        } else {
            self.post(Lane::People, Asked::plain(command), Then::Nothing);
        }
    }

    pub(super) fn perform(&mut self, deed: &Deed) {
        let (Deed::SendOffer { responder, .. }
        | Deed::SendAssignment { responder, .. }
        | Deed::SendWithdrawal { responder, .. }) = deed;
        let Some(nth) = self.by_responder.get(responder).copied() else { return };
        match deed {
            Deed::SendOffer { offer, incident, .. } => self.offered(nth, *offer, *incident),
            Deed::SendAssignment { .. } => {}
            Deed::SendWithdrawal { offer, .. } => self.withdrawn(nth, *offer),
        }
    }

    fn offered(&mut self, nth: usize, offer: OfferId, incident: IncidentId) {
        let phone = &mut self.phones[nth];
        if !phone.has_link() || phone.seen.contains(&offer) {
            return;
        }
        phone.seen.push(offer);
        if phone.seen.len() > SEEN_MOST {
            phone.seen.remove(0);
        }
        let times = phone.asked.entry(incident).or_default();
        let n = *times;
        *times += 1;
        let responder = phone.responder.clone();
        let (reaction, after_ms) = self.deal.reaction(self.origin(incident), nth, n);
        let shown = Command::ConfirmShown { offer, responder, channel: Channel::Link };
        self.post(Lane::People, Asked::plain(shown), Then::Nothing);
        self.later(SHOWN_MS + after_ms, Thing::Phone(nth, PhoneDo::Answer { offer, incident, reaction }));
    }

    fn answer(&mut self, nth: usize, offer: OfferId, incident: IncidentId, reaction: Reaction) {
        let phone = &self.phones[nth];
        if !phone.has_link() {
            return;
        }
        let responder = phone.responder.clone();
        match reaction {
            Reaction::Yes => {
                let then = Then::Accepted { phone: nth, incident, offer };
                self.post(Lane::People, Asked::plain(Command::AcceptOffer { offer, responder }), then);
            }
            Reaction::No => {
                let command = Command::DeclineOffer { offer, responder, reason: None };
                self.post(Lane::People, Asked::plain(command), Then::Nothing);
            }
            Reaction::Silence => {}
        }
    }
}
