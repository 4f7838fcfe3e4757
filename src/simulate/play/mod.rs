//! The player: a scenario in virtual time, on the same core and engine as a service, in one thread and from one seed.
//! What comes in is drawn before anything is played, and what people do is a pure function of the seed, of what it is
//! about and of who does it (`deal`): two policies are played on the same chance.

mod around;
mod arrive;
mod availability;
mod coverage;
mod deal;
mod desk;
mod errand;
mod journey;
mod letters;
mod phones;
mod tally;
#[cfg(test)]
mod tests;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use availability::Availability;
pub use coverage::{CellFigures, Coverage};
pub use deal::{Deal, Reaction};
pub(super) use phones::SHOWN_MS;
pub use tally::{Around, Case, Tally, Work};

use self::desk::{Desk, DeskDo};
use self::letters::Letters;
use self::phones::{Phone, PhoneDo};
use self::trouble::Troubled;
use super::agenda::Agenda;
use super::service::{News, Scrutiny, Service};
use crate::chance::Chance;
use crate::dispatch::{Event, Policy, Stamped};
use crate::domain::{DeviceId, Fingerprint, ResponderId, Timestamp};
use crate::engine::Input;
use crate::engine::supervise::SUPERVISE_EVERY_S;
use crate::scenario::{Arrival, Scenario};

/// After the last arrival: everybody whom it concerns has been at the door, or was given up, and this much more.
const DRAIN_MS: u64 = 1_800_000;

/// Steps of one run: a year of a county has some hundred million. More is a run that feeds itself.
const STEPS_MOST: u64 = 2_000_000_000;

/// An append on a healthy disk, in milliseconds.
const COMMIT_MS: (u64, u64) = (2, 5);

/// Devices are heard in slots of this length, so that not all are in the same millisecond.
const PULSE_MS: u64 = 15_000;

/// What happens at some time.
#[derive(Debug)]
enum Thing {
    Start,
    Arrival(usize),
    /// A letter reaches the service.
    Deliver(u64),
    /// The append that this process had in flight ends.
    AppendEnds(u64),
    Supervise,
    Pulse(u64),
    Sample,
    Phone(usize, PhoneDo),
    Desk(DeskDo),
    Mishap(usize),
    End,
}

/// One run that is over.
#[derive(Debug, Clone)]
pub struct Run {
    pub seed: u64,
    pub tally: Tally,
    pub coverage: Coverage,
    /// What was played, in milliseconds of virtual time, without the drain.
    pub length_ms: u64,
    pub events: u64,
    pub restarts: u64,
    /// Events that a process wrote before it died and told nobody, read from the record by the next one.
    pub caught_up: u64,
}

pub struct Player<'a> {
    scenario: &'a Scenario,
    arrivals: &'a [Arrival],
    deal: Deal<'a>,
    now_ms: u64,
    agenda: Agenda<Thing>,
    service: Service,
    letters: Letters,
    phones: Vec<Phone>,
    by_responder: BTreeMap<ResponderId, usize>,
    desk: Desk,
    tally: Tally,
    coverage: Coverage,
    /// Commits take a little chance; nobody's decisions hang on it.
    chance: Chance,
    /// Signals by their fingerprint: the arrival that said it.
    said: BTreeMap<Fingerprint, usize>,
    silent: BTreeSet<DeviceId>,
    troubled: Troubled,
    /// The last event that was seen committed, and how many were.
    seen: u64,
    heard: u64,
    caught_up: u64,
    restarts: u64,
    is_over: bool,
}

/// Plays `scenario` with `arrivals`, which `scenario::draw` made of the same seed, under `policy`.
///
/// # Panics
/// Where the core breaks an invariant of its own: a run that is wrong is worth nothing.
pub fn play(scenario: &Scenario, arrivals: &[Arrival], policy: &Arc<Policy>, seed: u64) -> Run {
    let mut player = Player::new(scenario, arrivals, policy.clone(), seed);
    player.begin();
    player.go();
    assert_eq!(player.heard, player.seen, "events of the record that the player did not hear of");
    Run {
        seed,
        tally: player.tally,
        coverage: player.coverage,
        length_ms: scenario.clock.length_ms,
        events: player.seen,
        restarts: player.restarts,
        caught_up: player.caught_up,
    }
}

impl<'a> Player<'a> {
    fn new(scenario: &'a Scenario, arrivals: &'a [Arrival], policy: Arc<Policy>, seed: u64) -> Self {
        let population = &scenario.population;
        let [district] = population.districts()[..] else {
            panic!("the simulator plays one district, which whoever calls it has checked")
        };
        let chance = Chance::of(seed, &[3]);
        let service = Service::new(district, population.facts.clone(), policy.clone(), Chance::of(seed, &[4]));
        let phones = phones::all(scenario, seed);
        let by_responder = population.responders.iter().enumerate().map(|(at, it)| (it.id.clone(), at)).collect();
        Self {
            scenario,
            arrivals,
            deal: Deal::new(scenario, seed),
            now_ms: 0,
            agenda: Agenda::default(),
            service: service.under(Scrutiny::AtStarts),
            letters: Letters::default(),
            desk: Desk::new(scenario.operators.count),
            tally: Tally::new(population.responders.len(), policy.sla),
            coverage: Coverage::new(scenario, policy.sla),
            phones,
            by_responder,
            chance,
            said: BTreeMap::new(),
            silent: BTreeSet::new(),
            troubled: Troubled::default(),
            seen: 0,
            heard: 0,
            caught_up: 0,
            restarts: 0,
            is_over: false,
        }
    }

    fn begin(&mut self) {
        self.agenda.put(0, Thing::Start);
        self.plan_phones();
        for (nth, mishap) in self.scenario.mishaps.iter().enumerate() {
            self.agenda.put(mishap.at_ms, Thing::Mishap(nth));
        }
        if let Some(first) = self.arrivals.first() {
            self.agenda.put(first.at_ms, Thing::Arrival(0));
        }
        self.agenda.put(1_000, Thing::Supervise);
        self.agenda.put(PULSE_MS, Thing::Pulse(0));
        self.agenda.put(self.coverage.every_ms(), Thing::Sample);
        self.agenda.put(self.end_ms(), Thing::End);
    }

    /// Everything is decided by then: the promise has run out, and who was not reached is given up.
    fn end_ms(&self) -> u64 {
        let promise_ms = self.tally.promise.door_urban_s.max(self.tally.promise.door_rural_s) * 1000;
        self.scenario.clock.length_ms + promise_ms.max(self.scenario.operators.give_up_ms) + DRAIN_MS
    }

    fn go(&mut self) {
        for _ in 0..STEPS_MOST {
            if self.is_over {
                return;
            }
            let next = self.agenda.next_at().expect("the end is on the agenda");
            if let Some(at) = self.service.wake_at(self.now_ms).filter(|at| *at <= next) {
                self.now_ms = at.max(self.now_ms);
                let news = self.service.tick(self.now_ms);
                self.take(news);
            } else if let Some((at, thing)) = self.agenda.take() {
                self.now_ms = at.max(self.now_ms);
                self.happen(thing);
            }
            let news = self.service.pump(self.now_ms);
            self.take(news);
        }
        panic!("the run feeds itself");
    }

    fn later(&mut self, in_ms: u64, thing: Thing) {
        self.agenda.put(self.now_ms + in_ms, thing);
    }

    /// The time of day as it really is; the machine's own clock may stand elsewhere.
    fn time(&self) -> Timestamp {
        self.scenario.clock.start.after_ms(self.now_ms)
    }

    fn happen(&mut self, thing: Thing) {
        match thing {
            Thing::Start => self.start(),
            Thing::Arrival(nth) => self.arrives(nth),
            Thing::Deliver(letter) => self.deliver(letter),
            Thing::AppendEnds(epoch) => self.append_ends(epoch),
            Thing::Supervise => {
                self.later(SUPERVISE_EVERY_S * 1000, Thing::Supervise);
                let shedding = self.troubled.is_shedding(self.now_ms);
                self.bring(Input::Supervise { shedding });
            }
            Thing::Pulse(slot) => self.pulse(slot),
            Thing::Sample => self.sample(),
            Thing::Phone(phone, what) => self.phone_does(phone, what),
            Thing::Desk(what) => self.desk_does(what),
            Thing::Mishap(nth) => self.mishap(nth),
            Thing::End => self.is_over = true,
        }
    }

    fn bring(&mut self, input: Input) {
        let news = self.service.bring(input, self.now_ms);
        self.take(news);
    }

    fn start(&mut self) {
        let wall = self.time().ms() + self.troubled.wall_offset_ms();
        let news = self.service.start(Timestamp::from_ms(wall), self.now_ms);
        self.take(news);
        self.catch_up();
        self.reconnect();
        self.letters_again();
    }

    /// What a process wrote before it died, and told nobody.
    fn catch_up(&mut self) {
        let lines = self.service.lines();
        let seen = usize::try_from(self.seen).expect("a count fits");
        self.caught_up += lines.len().saturating_sub(seen) as u64;
        for line in lines.iter().skip(seen) {
            let stamped: Stamped = serde_json::from_str(line).expect("a line of the journal is an event");
            self.committed(&stamped);
        }
    }

    fn take(&mut self, news: Vec<News>) {
        for one in news {
            match one {
                News::Appending => {
                    let in_ms = self.chance.between(COMMIT_MS.0, COMMIT_MS.1) + self.slow_ms();
                    self.later(in_ms, Thing::AppendEnds(self.service.epoch));
                }
                News::Written(_) => {}
                News::Answer(ticket, verdict) => self.answered(ticket, verdict),
                News::Retry(tickets) => self.not_taken(&tickets),
                News::Published(batch) => {
                    batch.events.iter().for_each(|it| self.committed(it));
                    batch.effects.iter().for_each(|it| self.perform(&it.deed));
                }
                News::Refused => {}
                News::Settling => unreachable!("no scenario loses the line to its store in a commit"),
                News::Died => self.restarts += 1,
            }
        }
    }

    fn committed(&mut self, stamped: &Stamped) {
        if stamped.seq <= self.seen {
            return;
        }
        self.seen = stamped.seq;
        self.heard += 1;
        let origin = self.origin_of(stamped);
        self.tally.event(stamped, self.now_ms, origin, &self.by_responder);
        if let Event::IncidentOpened(it) = &stamped.event {
            self.look_around(it.incident);
        }
        self.desk_hears(stamped);
    }
}

impl std::fmt::Debug for Player<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").field("now_ms", &self.now_ms).finish_non_exhaustive()
    }
}
