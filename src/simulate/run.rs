//! One run: a seed becomes a world, faults and a workload; things happen in virtual time; then the faults end, and
//! within a bounded time everybody must be looked after.

use super::agenda::Agenda;
use super::auditor::Auditor;
use super::faults::Faults;
use super::mail::{Letter, UNTIL_HEARD};
use super::phone::{Phone, PhoneDo};
use super::service::{News, Service};
use super::world::World;
use crate::chance::Chance;
use crate::dispatch::command::ReportCall;
use crate::dispatch::{Deed, Rejection};
use crate::domain::{OfferId, Timestamp};
use crate::engine::supervise::SUPERVISE_EVERY_S;
use crate::engine::{Input, Reply};

/// The wall clock when a run begins: a morning in November.
const BEGINS_AT_MS: i64 = 1_795_219_200_000;

/// After the faults end: the longest promise, and the whole ladder after it.
const CALM_MS: u64 = 85 * 60_000;

/// An engine whose append was refused begins nothing unasked for so long; and a little more.
const PAUSED_MS: u64 = 1_100;

/// Enough for every run that ends by itself; more is a run that feeds itself.
const STEPS_MOST: u64 = 2_000_000;

/// What happens at some time.
#[derive(Debug)]
pub enum Thing {
    Alarm,
    Call(Box<ReportCall>),
    Operator(usize),
    Console(usize, bool),
    Phone(usize, PhoneDo),
    Deliver(Deed),
    Send(usize),
    Arrive(usize),
    Heard(usize, Result<Reply, Rejection>),
    /// The append that this process had in flight ends.
    AppendEnds(u64),
    /// It is found out what came of the one of which nobody knew.
    SettlingEnds(u64),
    Supervise,
    Heartbeats,
    Kill,
    Start,
    StepWall(i64),
    ChangeRegistry,
    /// The faults end.
    Calm,
    End,
}

/// How a run went.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub events: u64,
    pub crashes: u64,
    pub commits: u64,
    /// Times that nobody knew what came of an append.
    pub unknown: u64,
    /// What is wrong, if anything is: the first thing that was found.
    pub complaint: Option<String>,
}

pub struct Simulation {
    pub(super) now_ms: u64,
    agenda: Agenda<Thing>,
    pub(super) chance: Chance,
    pub(super) faults: Faults,
    pub(super) world: World,
    pub(super) service: Service,
    pub(super) auditor: Auditor,
    pub(super) letters: Vec<Letter>,
    /// By number: the letter and the process it was put to.
    pub(super) tickets: Vec<(usize, u64)>,
    pub(super) phones: Vec<Phone>,
    pub(super) on_the_way: Vec<OfferId>,
    pub(super) consoles: Vec<bool>,
    pub(super) is_calm: bool,
    pub(super) is_verbose: bool,
    wall_offset_ms: i64,
    /// District time, as long as there is a process.
    last_now: Timestamp,
    /// When the append in flight began, and since when what it writes was decided: while the one before it was in flight.
    appending_since: Option<(Timestamp, Timestamp)>,
    /// When the last append ended, on the monotonic clock, and when it had begun.
    appended: (u64, Timestamp),
    outcome: Outcome,
    ended: bool,
}

/// Everything of one seed. Panics where the code under test does; `Outcome::complaint` is what the auditor found.
pub fn run(seed: u64, is_verbose: bool) -> Outcome {
    let mut simulation = Simulation::new(seed, is_verbose);
    simulation.go();
    simulation.outcome
}

/// The journal that a seed leaves, line by line.
pub fn record(seed: u64) -> Vec<String> {
    let mut simulation = Simulation::new(seed, false);
    simulation.go();
    simulation.service.lines()
}

impl Simulation {
    fn new(seed: u64, is_verbose: bool) -> Self {
        let mut chance = Chance::new(seed);
        let world = World::drawn(&mut chance.fork(), &mut Chance::new(!seed));
        let faults = Faults::drawn(&mut chance.fork());
        // The seeds that are kept from before are none of these, and find what they found.
        let faults = match seed % 5 {
            4 => faults.with_a_line(&mut Chance::named(seed, "line")),
            _ => faults,
        };
        let service = Service::new(world.district, world.facts.clone(), world.policy.clone(), chance.fork());
        let phones = world.responders.iter().map(|it| Phone::new(it.clone(), chance.draw())).collect();
        let consoles = vec![false; world.operators.len()];
        let supervisors = world.operators.iter().filter(|it| it.supervisor).map(|it| it.account.to_string());
        let auditor = Auditor::new(supervisors);
        let mut it = Self {
            now_ms: 0,
            agenda: Agenda::default(),
            chance,
            faults,
            world,
            service,
            auditor,
            letters: Vec::new(),
            tickets: Vec::new(),
            phones,
            on_the_way: Vec::new(),
            consoles,
            is_calm: false,
            is_verbose,
            wall_offset_ms: 0,
            last_now: Timestamp::EPOCH,
            appending_since: None,
            appended: (0, Timestamp::EPOCH),
            outcome: Outcome::default(),
            ended: false,
        };
        it.begin();
        it
    }

    fn begin(&mut self) {
        let span_ms = self.chance.between(20, 180) * 60_000;
        if self.is_verbose {
            println!("{:#?} for {} min", self.faults, span_ms / 60_000);
        }
        self.agenda.put(0, Thing::Start);
        self.plan(span_ms);
        self.later(1_000, Thing::Supervise);
        self.later(2_000, Thing::Heartbeats);
        self.later(span_ms, Thing::Calm);
        self.later(span_ms + CALM_MS, Thing::End);
    }

    fn go(&mut self) {
        let mut steps = 0;
        while !self.ended && self.outcome.complaint.is_none() {
            steps += 1;
            assert!(steps < STEPS_MOST, "the run feeds itself");
            let wake = self.service.wake_at(self.now_ms);
            let next = self.agenda.next_at().expect("the end is on the agenda");
            if let Some(at) = wake.filter(|at| *at <= next) {
                self.now_ms = at.max(self.now_ms);
                let news = self.service.tick(self.now_ms);
                self.take(news);
            } else {
                let (at, thing) = self.agenda.take().expect("the end is on the agenda");
                self.now_ms = at.max(self.now_ms);
                self.happen(thing);
            }
            self.pump();
            self.last_now = self.service.now(self.now_ms).unwrap_or(self.last_now);
            self.outcome.complaint = self.auditor.complaint();
        }
        self.outcome.events = self.auditor.lines_read();
    }

    pub(super) fn later(&mut self, in_ms: u64, thing: Thing) {
        self.agenda.put(self.now_ms + in_ms, thing);
    }

    pub(super) fn wall(&self) -> Timestamp {
        Timestamp::from_ms(BEGINS_AT_MS + self.now_ms as i64 + self.wall_offset_ms)
    }

    pub(super) fn bring(&mut self, input: Input) {
        let news = self.service.bring(input, self.now_ms);
        self.take(news);
    }

    fn pump(&mut self) {
        let news = self.service.pump(self.now_ms);
        self.take(news);
    }

    fn happen(&mut self, thing: Thing) {
        if self.is_verbose && !matches!(thing, Thing::Supervise | Thing::Heartbeats | Thing::Send(_)) {
            println!("{:>9} {thing:?}", self.now_ms);
        }
        match thing {
            Thing::Alarm => self.alarm(),
            Thing::Call(report) => self.call(*report),
            Thing::Operator(operator) => self.operator_looks(operator),
            Thing::Console(operator, opens) => self.console(operator, opens),
            Thing::Phone(phone, what) => self.phone_does(phone, what),
            Thing::Deliver(deed) => self.delivered(&deed),
            Thing::Send(letter) => self.send(letter),
            Thing::Arrive(letter) => self.arrive(letter),
            Thing::Heard(letter, verdict) => self.heard(letter, &verdict),
            Thing::AppendEnds(epoch) => self.append_ends(epoch),
            Thing::SettlingEnds(epoch) => self.settling_ends(epoch),
            Thing::Supervise => {
                self.later(SUPERVISE_EVERY_S * 1000, Thing::Supervise);
                self.bring(Input::Supervise { shedding: false });
            }
            Thing::Heartbeats => self.heartbeats(),
            Thing::Kill => {
                let news = self.service.kill();
                self.take(news);
            }
            Thing::Start => self.start(),
            Thing::StepWall(by_ms) => self.wall_offset_ms += by_ms,
            Thing::ChangeRegistry => self.change_registry(),
            Thing::Calm => self.calm(),
            Thing::End => self.end(),
        }
    }

    fn append_ends(&mut self, epoch: u64) {
        if epoch == self.service.epoch {
            let failure = self.faults.append(&mut self.chance);
            let news = self.service.end_append(failure, self.now_ms);
            self.take(news);
        }
    }

    fn start(&mut self) {
        let wall = self.wall();
        let lines = self.service.lines();
        self.auditor.reread(&lines);
        let news = self.service.start(wall, self.now_ms);
        let now = self.service.now(self.now_ms).expect("it was just begun");
        self.trouble_until(now);
        self.auditor.restarted(now.ms());
        self.take(news);
        for phone in 0..self.phones.len() {
            if std::mem::take(&mut self.phones[phone].link) {
                let in_ms = self.chance.between(10, 8_000);
                self.later(in_ms, Thing::Phone(phone, PhoneDo::LinkUp));
            }
        }
        for operator in 0..self.consoles.len() {
            if std::mem::take(&mut self.consoles[operator]) {
                let in_ms = self.chance.between(10, 8_000);
                self.later(in_ms, Thing::Console(operator, true));
            }
        }
    }

    fn take(&mut self, news: Vec<News>) {
        for one in news {
            match one {
                News::Appending => {
                    let in_ms = self.faults.commit_ms(&mut self.chance);
                    self.later(in_ms, Thing::AppendEnds(self.service.epoch));
                    self.appending();
                }
                News::Written(lines) => self.written(&lines),
                News::Answer(ticket, verdict) => self.answered(ticket, verdict),
                // Whoever asked hears of no answer, and asks again.
                News::Retry(_) => {}
                News::Published(batch) => self.perform(&batch.effects),
                News::Refused => {
                    let until = self.service.now(self.now_ms).expect("a refusal is told to a process");
                    self.trouble_until(until.after_ms(PAUSED_MS));
                }
                News::Settling => self.settling(),
                News::Died => self.died(),
            }
        }
    }

    /// As with one that was refused, what was decided meanwhile is late, and nobody's fault.
    fn settling(&mut self) {
        self.outcome.unknown += 1;
        let in_ms = self.faults.commit_ms(&mut self.chance);
        self.later(in_ms, Thing::SettlingEnds(self.service.epoch));
        let now = self.service.now(self.now_ms).expect("what is settled is told to a process");
        self.trouble_until(now.after_ms(in_ms + PAUSED_MS));
    }

    fn settling_ends(&mut self, epoch: u64) {
        if epoch == self.service.epoch {
            let is_still_lost = self.faults.is_still_lost(&mut self.chance);
            let news = self.service.end_settling(is_still_lost, self.now_ms);
            self.take(news);
        }
    }

    fn written(&mut self, lines: &[String]) {
        self.outcome.commits += 1;
        if self.is_verbose {
            lines.iter().for_each(|line| println!("{:>9} {line}", self.now_ms));
        }
        if let Some((began, _)) = self.appending_since.take() {
            self.appended = (self.now_ms, began);
        }
        self.auditor.read(lines);
    }

    fn appending(&mut self) {
        let began = self.service.now(self.now_ms).expect("a process appends");
        let gathered = self.appended.0 == self.now_ms;
        self.appending_since = Some((began, if gathered { self.appended.1 } else { began }));
    }

    fn perform(&mut self, effects: &[crate::dispatch::Effect]) {
        for effect in effects {
            for journey in self.faults.journeys(&mut self.chance) {
                self.later(journey, Thing::Deliver(effect.deed.clone()));
            }
        }
    }

    /// What was in flight is lost, and nothing can be done before `until`.
    fn trouble_until(&mut self, until: Timestamp) {
        let from = self.appending_since.take().map_or(self.last_now, |(_, decided_since)| decided_since);
        self.auditor.trouble(from.ms(), until.ms());
    }

    fn died(&mut self) {
        self.outcome.crashes += 1;
        let down_ms =
            if self.chance.pct(10) { self.chance.between(60_000, 900_000) } else { self.chance.between(200, 9_000) };
        self.later(down_ms, Thing::Start);
    }

    fn calm(&mut self) {
        self.is_calm = true;
        self.faults = Faults::default();
    }

    fn end(&mut self) {
        self.ended = true;
        let unheard = self.letters.iter().find(|it| it.tries_left > UNTIL_HEARD / 2 && !it.heard);
        if let Some(letter) = unheard {
            self.outcome.complaint = Some(format!("never answered: {:?}", letter.asked.command));
            return;
        }
        self.service.compare();
        let now = self.service.now(self.now_ms).map_or(0, Timestamp::ms);
        self.auditor.end(now);
        self.outcome.complaint = self.auditor.complaint();
    }
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation").field("now_ms", &self.now_ms).finish_non_exhaustive()
    }
}
