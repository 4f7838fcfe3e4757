//! The pure loop of one district: commands, commits and ticks in; batches, answers and effects out. It has no clock,
//! no thread and no I/O: `shell` drives it in a service, a simulation drives it in one thread.
//! One append is in flight at a time; what is decided meanwhile gathers in the next batch. Whoever hears an answer
//! hears of something that is durable: that is `barrier`.

mod barrier;
mod batch;
mod deciding;
mod hinting;
mod places;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::barrier::Barrier;
use self::batch::OpenBatch;
use self::places::Places;
use super::handle::{CommittedBatch, Hint, Reply};
use super::lanes::Lane;
use super::supervise::{LastHeard, Supervision};
use crate::dispatch::{Asked, Facts, Hints, Known, Policy, Rejection, State};
use crate::domain::private::PrivateId;
use crate::domain::{Point, ResponderId, Seq, Timestamp};
use crate::journal::Head;
use crate::registry::PrivateRow;
pub use batch::Batch;
pub use places::needed as needed_places;

/// After a failed append nothing is begun unasked for so long: the disk may be full for hours, and a deadline that
/// has passed would be tried again without end.
const PAUSE_MS: u64 = 1_000;

/// Names a command until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A command on its way to a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub ticket: Ticket,
    pub lane: Lane,
    pub asked: Asked,
    /// What its events will refer to; only what they do refer to is kept.
    pub private: Vec<PrivateRow>,
    /// Carried through for metrics.
    pub received_us: u64,
}

#[derive(Debug, Clone)]
pub enum Input {
    /// At most `Engine::room()` of them. People's come before what is due by itself at the same instant.
    Commands(Vec<Order>),
    Hint(Hint),
    FactsChanged(Arc<Facts>),
    /// The batch in flight is durable, and the record now ends here.
    Committed(Head),
    /// Nothing of the batch in flight was written. `base` is the fold of what is committed.
    Failed {
        base: Box<State>,
        why: String,
    },
    /// Nothing was appended since the last failure, but it could be.
    Writable,
    /// Nobody knows whether the batch in flight was written: it is to be settled.
    Unknown {
        why: String,
    },
    /// The batch in flight was settled: nothing of it is in the record, and nothing will be.
    Absent,
    /// The store cannot be trusted until a restart.
    Broken {
        why: String,
    },
    /// Something may be due.
    Tick,
    /// Devices are to be looked at, and old positions forgotten. `shedding`: telemetry is being dropped.
    Supervise {
        shedding: bool,
    },
    /// Somebody else writes this district now.
    LeaseLost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// To be made durable at once. An append that comes later waits for it: no event may name a value that is not kept.
    Keep(Vec<PrivateRow>),
    /// To be made durable, after everything that was to be kept before it.
    Append(Arc<Batch>),
    /// To be found out: whether this, the batch in flight, is in the record.
    Settle(Arc<Batch>),
    /// Committed: for the committed fold, the feeds, and whoever performs effects.
    Publish(Arc<CommittedBatch>),
    /// These may hear their answers now.
    Release(Vec<(Ticket, Result<Reply, Rejection>)>),
    /// What these were to hear is not so any more: they must ask again.
    Retry(Vec<Ticket>),
    /// This engine takes nothing any more; the process must end.
    Stop(String),
    /// This engine takes nothing any more: the district is another's.
    StepDown,
}

/// The single writer of one district.
#[derive(Debug)]
pub struct Engine {
    /// What is decided, committed or not. Nobody outside sees it before it is committed.
    state: State,
    facts: Arc<Facts>,
    hints: Hints,
    policy: Arc<Policy>,
    committed: Seq,
    in_flight: Option<Arc<Batch>>,
    open: OpenBatch,
    barrier: Barrier,
    places: Places,
    heard: Arc<LastHeard>,
    supervision: Supervision,
    /// Links that came up, and changes of the registry: what the state cannot count and may end a wait.
    arrivals: u64,
    /// The sum of capacity and arrivals for which those who wait were last asked for.
    asked_for: u64,
    /// When the arrival of a responder was last estimated.
    estimated: BTreeMap<ResponderId, Timestamp>,
    failed: Option<String>,
    paused_until: Option<Timestamp>,
    /// Speculation was thrown away, perhaps with news of consoles in it.
    consoles_unsure: bool,
    /// The event by which windows were renewed after the start.
    renewed: Seq,
    /// Speculation was thrown away, and that event with it.
    renewal_owed: bool,
    stopped: bool,
}

impl Engine {
    /// On the fold of what is committed. Call `begin` next.
    pub fn new(state: State, facts: Arc<Facts>, policy: Arc<Policy>, heard: Arc<LastHeard>, now: Timestamp) -> Self {
        let (mut hints, mut supervision) = (Hints::default(), Supervision::default());
        hints.rebuild(&state, &facts, now);
        supervision.watch(&facts, state.district, now);
        Self {
            committed: state.seq,
            places: Places::of(&state),
            asked_for: state.capacity,
            state,
            facts,
            hints,
            policy,
            in_flight: None,
            open: OpenBatch::default(),
            barrier: Barrier::default(),
            heard,
            supervision,
            arrivals: 0,
            estimated: BTreeMap::new(),
            failed: None,
            paused_until: None,
            consoles_unsure: false,
            renewed: 0,
            renewal_owed: false,
            stopped: false,
        }
    }

    /// An exact place that only the vault knows, one of `needed_places`; before `begin`.
    pub fn learn_place(&mut self, private: PrivateId, point: Point) {
        self.hints.learn_place(private, point);
    }

    /// Renews what waits for people, performs again what was perhaps not, and decides what is due since.
    pub fn begin(&mut self, now: Timestamp) -> Vec<Output> {
        let now = now.max(self.state.at);
        let effects = self.state.outstanding();
        let mut out = Vec::new();
        if !effects.is_empty() {
            let district = self.state.district;
            out.push(Output::Publish(Arc::new(CommittedBatch { effects, ..CommittedBatch::empty(district) })));
        }
        self.renew_windows(now);
        self.finish(now, &mut out);
        out
    }

    /// District time `now` never lies before an earlier one; what lies before the last event is taken as its time.
    pub fn handle(&mut self, input: Input, now: Timestamp) -> Vec<Output> {
        let mut out = Vec::new();
        if self.stopped {
            return out;
        }
        let now = now.max(self.state.at);
        match input {
            Input::Commands(orders) => self.take_all(orders, now),
            Input::Hint(hint) => self.hint(hint, now),
            Input::FactsChanged(facts) => self.facts_changed(facts, now),
            Input::Committed(head) => self.committed(head, &mut out),
            Input::Failed { base, why } => self.failed(*base, why, now, &mut out),
            Input::Supervise { shedding } => self.supervise(shedding, now),
            Input::Writable => self.failed = None,
            Input::Tick => {}
            Input::Unknown { why } => self.unknown(why, &mut out),
            Input::Absent => self.append_again(&mut out),
            Input::Broken { why } => return self.stop(format!("the store cannot be trusted: {why}")),
            Input::LeaseLost => return self.step_down(),
        }
        self.finish(now, &mut out);
        out
    }

    /// Commands that may be brought now. 0: wait for the commit.
    pub fn room(&self) -> usize {
        self.open.room()
    }

    /// When to bring a `Tick`; `None`: when something else has come.
    pub fn next_wake(&self) -> Option<Timestamp> {
        if self.stopped || self.room() == 0 {
            return None;
        }
        let due = self.state.next_deadline()?;
        Some(self.paused_until.map_or(due, |until| due.max(until)))
    }

    /// Nothing is in flight, and nothing waits for a commit.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.open.is_empty() && self.barrier.is_empty()
    }

    /// Whether the last append went well; else why not.
    pub fn health(&self) -> Result<(), &str> {
        self.failed.as_deref().map_or(Ok(()), Err)
    }

    /// What the next decision would look at.
    pub fn known(&self) -> Known<'_> {
        Known { state: &self.state, facts: &self.facts, hints: &self.hints, policy: &self.policy }
    }

    fn finish(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        self.settle(now);
        // What goes to the disk goes first: everybody waits for it.
        let mut first: Vec<Output> = self.open.hand_over().map(Output::Keep).into_iter().collect();
        self.flush(&mut first);
        out.splice(0..0, first);
        self.barrier.release(self.committed, out);
    }

    fn flush(&mut self, out: &mut Vec<Output>) {
        if self.in_flight.is_some() {
            return;
        }
        if let Some(batch) = self.open.take(self.state.district) {
            self.in_flight = Some(batch.clone());
            out.push(Output::Append(batch));
        }
    }

    fn committed(&mut self, head: Head, out: &mut Vec<Output>) {
        let batch = self.in_flight.take().expect("a commit answers an append");
        assert_eq!(batch.last_seq(), head.seq, "another batch was committed than the one in flight");
        self.committed = head.seq;
        self.failed = None;
        self.paused_until = None;
        out.push(Output::Publish(batch.content.clone()));
    }

    /// Speculation stays: it may well be the record. Those who wait are told to ask again; then they hear what holds.
    fn unknown(&mut self, why: String, out: &mut Vec<Output>) {
        let batch = self.in_flight.clone().expect("an outcome is unknown of an append");
        self.failed = Some(why);
        self.barrier.give_up(out);
        out.push(Output::Settle(batch));
    }

    /// The identical bytes: what was decided after them stands on them.
    fn append_again(&mut self, out: &mut Vec<Output>) {
        let batch = self.in_flight.clone().expect("an append was settled");
        out.push(Output::Append(batch));
    }

    /// What was decided and not written never was.
    fn failed(&mut self, base: State, why: String, now: Timestamp, out: &mut Vec<Output>) {
        assert_eq!(base.seq, self.committed, "the base is not the fold of what is committed");
        self.in_flight = None;
        self.open = OpenBatch::default();
        self.state = base;
        self.hints.rebuild(&self.state, &self.facts, now);
        self.places.forget_gone(&self.state, &mut self.hints);
        self.asked_for = 0;
        self.consoles_unsure = true;
        self.renewal_owed = self.renewal_owed || self.renewed > self.committed;
        self.failed = Some(why);
        self.paused_until = Some(now.after_ms(PAUSE_MS));
        self.barrier.give_up(out);
    }

    fn stop(&mut self, why: String) -> Vec<Output> {
        self.stopped = true;
        let mut out = Vec::new();
        self.barrier.give_up(&mut out);
        out.push(Output::Stop(why));
        out
    }

    fn step_down(&mut self) -> Vec<Output> {
        self.stopped = true;
        let mut out = Vec::new();
        self.barrier.give_up(&mut out);
        out.push(Output::StepDown);
        out
    }

    fn facts_changed(&mut self, facts: Arc<Facts>, now: Timestamp) {
        self.facts = facts;
        self.hints.rebuild(&self.state, &self.facts, now);
        self.supervision.watch(&self.facts, self.state.district, now);
        self.arrivals += 1;
    }

    fn supervise(&mut self, shedding: bool, now: Timestamp) {
        self.hints.forget_stale(&self.state, &self.facts, now);
        if self.is_paused(now) {
            return;
        }
        for command in self.supervision.due(&self.heard, &self.state, shedding, now) {
            self.by_itself(command, now);
        }
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests;
