//! Responders: on duty by their shifts, with a link that comes and goes; yes, no or silence to an offer; on the way, at
//! the door, inside, done, and back to where they wait. What a phone has to say without a link it says later, with its
//! own time.

use std::collections::BTreeMap;

use super::availability::Availability;
use super::journey::Whereabouts;
use super::letters::Then;
use super::{Player, Reaction, Thing};
use crate::dispatch::event::Via;
use crate::dispatch::{Asked, Command, Deed};
use crate::domain::offer::Progress;
use crate::domain::{Channel, Fix, IncidentId, OfferId, Point, ResponderId, Timestamp, Travel};
use crate::engine::{Hint, Input, Lane};
use crate::geo::roads::Leg;
use crate::scenario::Scenario;

/// From the effect to the screen.
pub(in crate::simulate) const SHOWN_MS: u64 = 800;

/// From the yes to the word that one is on the way.
const LEAVES_MS: u64 = 5_000;

/// From the door to being inside.
const INSIDE_MS: u64 = 60_000;

/// How often a phone on the way says where it is.
const LOCATE_MS: u64 = 90_000;

/// As exact as a phone is between houses.
const ACCURACY_M: u32 = 12;

/// Somebody who does not get away after all says so after this.
const TURNS_BACK_MS: u64 = 240_000;

/// Where the place of an incident is not known to the player, somebody is on the way for this long.
const WAY_UNKNOWN_S: u64 = 600;

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
    base: Point,
    availability: Availability,
    on_duty: bool,
    /// The shift is over; they go when they are done.
    leaves: bool,
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
    offer: OfferId,
    incident: IncidentId,
    since_ms: u64,
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
    fn has_link(&self) -> bool {
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

    fn goes_home(&mut self, nth: usize) {
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

    pub(super) fn link_lost(&mut self, nth: usize) {
        let phone = &mut self.phones[nth];
        let had_link = phone.has_link();
        phone.lost += 1;
        if had_link {
            let responder = phone.responder.clone();
            self.link(Hint::LinkClosed(responder));
        }
    }

    pub(super) fn link_back(&mut self, nth: usize) {
        let phone = &mut self.phones[nth];
        phone.lost -= 1;
        if phone.has_link() {
            let (responder, owed) = (phone.responder.clone(), std::mem::take(&mut phone.outbox));
            self.link(Hint::LinkOpened(responder));
            owed.into_iter().for_each(|it| self.say(nth, it));
        }
    }

    /// Now, or when there is a link again.
    fn say(&mut self, nth: usize, command: Command) {
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

    /// They have said yes, and the service has the word.
    pub(super) fn sets_out(&mut self, nth: usize, incident: IncidentId, offer: OfferId) {
        let origin = self.origin(incident);
        let from = self.phones[nth].whereabouts.point(self.now_ms);
        let to = self.tally.place(incident);
        let travel = self.scenario.population.responders[nth].travel;
        let way_s = to.map_or(WAY_UNKNOWN_S, |to| self.way_s(from, to, travel));
        let way_ms = way_s * 10 * self.deal.travel_pct(origin, nth);
        let turns_back = self.deal.turns_back(origin, nth);
        if !turns_back {
            self.phones[nth].whereabouts = Whereabouts::way(from, to.unwrap_or(from), self.now_ms, way_ms);
        }
        self.phones[nth].job = Some(Job { offer, incident, since_ms: self.now_ms });
        let mut step = |after_ms, progress| {
            self.agenda.put(self.now_ms + after_ms, Thing::Phone(nth, PhoneDo::Step { offer, progress }));
        };
        step(LEAVES_MS.min(way_ms), Progress::EnRoute);
        if turns_back {
            step(TURNS_BACK_MS, Progress::Clear);
        } else {
            let on_scene_ms = self.deal.on_scene_ms(self.arrivals, origin, nth);
            step(way_ms, Progress::AtDoor);
            step(way_ms + INSIDE_MS.min(on_scene_ms), Progress::Inside);
            step(way_ms + on_scene_ms, Progress::Clear);
        }
        self.later(LOCATE_MS, Thing::Phone(nth, PhoneDo::Locate { offer: Some(offer) }));
    }

    fn step(&mut self, nth: usize, offer: OfferId, progress: Progress) {
        let Some(job) = self.phones[nth].job.filter(|it| it.offer == offer) else { return };
        let incident = job.incident;
        if progress == Progress::AtDoor {
            self.tally.at_door(incident, nth, self.now_ms);
            self.tell_place(nth);
        }
        let (responder, at) = (self.phones[nth].responder.clone(), Some(self.phone_time()));
        let command = Command::ReportProgress { incident, responder, progress, at, via: Via::Link, scanned: false };
        self.say(nth, command);
        if progress == Progress::Clear {
            self.is_done(nth, job);
        }
    }

    /// Back to where they wait, and ready for the next on the way.
    fn is_done(&mut self, nth: usize, job: Job) {
        self.tally.worked(nth, self.now_ms - job.since_ms);
        let origin = self.origin(job.incident);
        self.phones[nth].job = None;
        if !self.deal.turns_back(origin, nth) {
            let (from, to) = (self.phones[nth].whereabouts.point(self.now_ms), self.phones[nth].base);
            let travel = self.scenario.population.responders[nth].travel;
            let way_ms = self.way_s(from, to, travel) * 1000;
            self.phones[nth].whereabouts = Whereabouts::way(from, to, self.now_ms, way_ms);
        }
        if std::mem::take(&mut self.phones[nth].leaves) {
            self.goes_home(nth);
        } else {
            self.later(1, Thing::Phone(nth, PhoneDo::Locate { offer: None }));
        }
    }

    /// Over the roads of the world, where it has any; else by the straight line.
    fn way_s(&self, from: Point, to: Point, travel: Travel) -> u64 {
        Leg::between(self.scenario.population.facts.roads(), from, to, travel).eta_s
    }

    /// Taken back: they stop where they are.
    fn withdrawn(&mut self, nth: usize, offer: OfferId) {
        if let Some(job) = self.phones[nth].job.filter(|it| it.offer == offer) {
            self.is_done(nth, job);
        }
    }

    /// On the way to somebody, or back: where they are, and again a little later.
    fn locate(&mut self, nth: usize, offer: Option<OfferId>) {
        let phone = &self.phones[nth];
        if !phone.on_duty || phone.job.map(|it| it.offer) != offer {
            return;
        }
        let moving = phone.whereabouts.is_moving(self.now_ms);
        self.tell_place(nth);
        if moving {
            self.later(LOCATE_MS, Thing::Phone(nth, PhoneDo::Locate { offer }));
        }
    }

    fn tell_place(&mut self, nth: usize) {
        let phone = &self.phones[nth];
        if !phone.has_link() || self.service.process.is_none() {
            return;
        }
        let (point, responder) = (phone.whereabouts.point(self.now_ms), phone.responder.clone());
        let at = self.service.now(self.now_ms).unwrap_or_else(|| self.time());
        self.bring(Input::Hint(Hint::Located { responder, fix: Fix { point, accuracy_m: ACCURACY_M, at } }));
    }

    /// A phone's clock is right, whatever the machine's says.
    fn phone_time(&self) -> Timestamp {
        self.time()
    }
}
