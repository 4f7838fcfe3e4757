//! Errands: from the yes to the door, inside, done, and back to where they wait; where the telephone says they are
//! meanwhile.

use super::journey::Whereabouts;
use super::phones::{Job, PhoneDo};
use super::{Player, Thing};
use crate::dispatch::Command;
use crate::dispatch::event::Via;
use crate::domain::offer::Progress;
use crate::domain::{Fix, IncidentId, OfferId, Point, Travel};
use crate::engine::{Hint, Input};
use crate::geo::roads::Leg;

/// From the yes to the word that one is on the way.
const LEAVES_MS: u64 = 5_000;

/// Somebody who does not get away after all says so after this.
const TURNS_BACK_MS: u64 = 240_000;

/// From the door to being inside.
const INSIDE_MS: u64 = 60_000;

/// How often a phone on the way says where it is.
const LOCATE_MS: u64 = 90_000;

/// As exact as a phone is between houses.
const ACCURACY_M: u32 = 12;

/// Where the place of an incident is not known to the player, somebody is on the way for this long.
const WAY_UNKNOWN_S: u64 = 600;

impl Player<'_> {
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

    pub(super) fn step(&mut self, nth: usize, offer: OfferId, progress: Progress) {
        let Some(job) = self.phones[nth].job.filter(|it| it.offer == offer) else { return };
        let incident = job.incident;
        if progress == Progress::AtDoor {
            self.tally.at_door(incident, nth, self.now_ms);
            self.tell_place(nth);
        }
        let (responder, at) = (self.phones[nth].responder.clone(), Some(self.time()));
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
    pub(super) fn withdrawn(&mut self, nth: usize, offer: OfferId) {
        if let Some(job) = self.phones[nth].job.filter(|it| it.offer == offer) {
            self.is_done(nth, job);
        }
    }

    /// On the way to somebody, or back: where they are, and again a little later.
    pub(super) fn locate(&mut self, nth: usize, offer: Option<OfferId>) {
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
}
