//! The service as a process on a disk: it begins, decides, commits, dies and begins again. What `engine::Shell` does
//! with threads and a clock is done here by hand, so that every order of things can be had.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::chance::Chance;
use crate::dispatch::state::STATE_VERSION;
use crate::dispatch::{Facts, Known, Policy, Rejection, Stamped, State, invariant};
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, Point, Timestamp};
use crate::engine::supervise::LastHeard;
use crate::engine::{Batch, CommittedBatch, DistrictClock, Engine, Input, Lanes, Order, Output, Reply, Ticket};
use crate::journal::{
    AppendError, EventLog, EventReader, Failure, Head, MemoryDisk, MemoryLog, Settled, Snapshot, SnapshotStore,
};

/// A tick that leaves its own deadline in place may do so this often before the engine counts as spinning.
const SPINS_MOST: u32 = 3;

/// How closely the service is looked at while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrutiny {
    /// Snapshots are kept now and then and begun from, and what is decided on is compared with what is committed.
    Close,
    /// At the starts alone.
    AtStarts,
}

/// What the world hears of the service.
#[derive(Debug)]
pub enum News {
    /// An append has begun; its end is to be brought by `end_append`.
    Appending,
    /// Durable lines, in order.
    Written(Vec<String>),
    Answer(Ticket, Result<Reply, Rejection>),
    /// These hear of no answer, and ask again.
    Retry(Vec<Ticket>),
    Published(Arc<CommittedBatch>),
    /// The disk refused an append.
    Refused,
    /// Nobody knows what came of the append; it is to be found out by `end_settling`.
    Settling,
    Died,
}

/// What stays when the process is gone.
#[derive(Debug)]
pub struct Service {
    district: DistrictCode,
    disk: MemoryDisk,
    policy: Arc<Policy>,
    pub facts: Arc<Facts>,
    /// Exact places, as the vault keeps them.
    pub vault: BTreeMap<PrivateId, Point>,
    pub process: Option<Process>,
    /// The number of the present or the last process.
    pub epoch: u64,
    chance: Chance,
    scrutiny: Scrutiny,
}

/// What dies with it.
#[derive(Debug)]
pub struct Process {
    engine: Engine,
    log: MemoryLog,
    clock: DistrictClock,
    /// The committed fold, as queries see it.
    pub fold: State,
    lanes: Lanes<Order>,
    in_flight: Option<Arc<Batch>>,
    settling: Option<Arc<Batch>>,
    heard: Arc<LastHeard>,
    spins: u32,
}

impl Service {
    pub fn new(district: DistrictCode, facts: Arc<Facts>, policy: Arc<Policy>, chance: Chance) -> Self {
        let (disk, vault) = (MemoryDisk::new("simulated"), BTreeMap::new());
        let scrutiny = Scrutiny::Close;
        Self { district, disk, policy, facts, vault, process: None, epoch: 0, chance, scrutiny }
    }

    pub fn under(self, scrutiny: Scrutiny) -> Self {
        Self { scrutiny, ..self }
    }

    /// Where the sockets note when a device was heard.
    pub fn heard(&self) -> Option<&LastHeard> {
        self.process.as_ref().map(|it| &*it.heard)
    }

    /// District time, while there is a process.
    pub fn now(&self, mono_ms: u64) -> Option<Timestamp> {
        self.process.as_ref().map(|it| it.clock.now(mono_ms))
    }

    /// The committed fold, as a console sees it.
    pub fn fold(&self) -> Option<&State> {
        self.process.as_ref().map(|it| &it.fold)
    }

    /// What the next decision would look at.
    pub fn known(&self) -> Option<Known<'_>> {
        self.process.as_ref().map(|it| it.engine.known())
    }

    /// Every line on the disk.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let each = &mut |record: crate::journal::Record| {
            lines.push(record.body);
            ControlFlow::Continue(())
        };
        self.disk.log().read(self.district, 1, each).expect("a new log has not crashed");
        lines
    }

    /// Begins on what is on the disk: by full replay, and by snapshot and tail, which must agree.
    pub fn start(&mut self, wall: Timestamp, mono_ms: u64) -> Vec<News> {
        let lines = self.lines();
        let replayed = replay(State::new(self.district), &lines);
        let log = self.disk.log();
        let shortened = self.shortened(&log, &lines);
        assert_same(&replayed, &shortened, "a full replay and a snapshot with its tail");
        invariant::check_all(&replayed).unwrap_or_else(|broken| panic!("after a replay: {broken}"));
        let clock = DistrictClock::start(replayed.at, wall, mono_ms);
        let now = clock.now(mono_ms);
        let (facts, policy) = (self.facts.clone(), self.policy.clone());
        let heard = Arc::new(LastHeard::default());
        let engine = Engine::new(shortened, facts, policy, heard.clone(), now);
        self.epoch += 1;
        let lanes = Lanes::default();
        let (in_flight, settling, spins) = (None, None, 0);
        let fold = replayed;
        self.process = Some(Process { engine, log, clock, fold, lanes, in_flight, settling, heard, spins });
        self.teach_places();
        let process = self.process.as_mut().expect("it was just begun");
        let (out, mut news) = (process.engine.begin(now), Vec::new());
        self.absorb(out, &mut news);
        news
    }

    fn shortened(&self, log: &MemoryLog, lines: &[String]) -> State {
        let snapshot = log.disk().latest(log, self.district).expect("a new log has not crashed");
        let Some(snapshot) = snapshot else { return replay(State::new(self.district), lines) };
        let state = State::restore(&snapshot.body).expect("a snapshot reads back");
        replay(state, &lines[snapshot.seq as usize..])
    }

    fn teach_places(&mut self) {
        let Some(process) = &mut self.process else { return };
        let places = process.fold.incidents().filter_map(|it| it.place.as_ref()?.private);
        for private in places {
            if let Some(point) = self.vault.get(&private.id) {
                process.engine.learn_place(private.id, *point);
            }
        }
    }

    /// False where there is no room for it, or no process: whoever asks must ask again.
    #[must_use]
    pub fn put(&mut self, order: Order) -> bool {
        let Some(process) = &mut self.process else { return false };
        process.lanes.put(order.lane, order).is_ok()
    }

    /// Brings what waits, as far as there is room.
    pub fn pump(&mut self, mono_ms: u64) -> Vec<News> {
        let Some(process) = &mut self.process else { return Vec::new() };
        let room = process.engine.room();
        let orders: Vec<Order> = process.lanes.round(room).into_iter().map(|(_, order)| order).collect();
        if orders.is_empty() { Vec::new() } else { self.bring(Input::Commands(orders), mono_ms) }
    }

    pub fn bring(&mut self, input: Input, mono_ms: u64) -> Vec<News> {
        let mut news = Vec::new();
        if let Some(process) = &mut self.process {
            let out = process.engine.handle(input, process.clock.now(mono_ms));
            self.absorb(out, &mut news);
        }
        news
    }

    /// When the engine wants to be woken, on the monotonic clock.
    pub fn wake_at(&self, mono_ms: u64) -> Option<u64> {
        let process = self.process.as_ref()?;
        let at = process.engine.next_wake()?;
        Some(mono_ms + process.clock.until_ms(at, mono_ms))
    }

    pub fn tick(&mut self, mono_ms: u64) -> Vec<News> {
        let news = self.bring(Input::Tick, mono_ms);
        let due = self.wake_at(mono_ms).is_some_and(|at| at <= mono_ms);
        if let Some(process) = &mut self.process {
            process.spins = if due { process.spins + 1 } else { 0 };
            assert!(process.spins <= SPINS_MOST, "the engine wants to be woken now, and again, and does nothing");
        }
        news
    }

    /// The append in flight ends, as `failure` says.
    pub fn end_append(&mut self, failure: Option<Failure>, mono_ms: u64) -> Vec<News> {
        let Some(process) = &mut self.process else { return Vec::new() };
        let Some(batch) = process.in_flight.take() else { return Vec::new() };
        self.disk.script([failure]);
        let appended = process.log.append(&batch.entries);
        let mut news = Vec::new();
        match appended {
            Ok(_) if process.log.is_crashed() => self.die(&mut news),
            Ok(heads) => self.written(&batch, heads[&self.district], mono_ms, &mut news),
            Err(AppendError::Unknown(why)) => {
                news.extend(self.bring(Input::Unknown { why: why.to_string() }, mono_ms));
            }
            Err(AppendError::Definite(why)) => {
                news.push(News::Refused);
                let base = Box::new(process.fold.clone());
                news.extend(self.bring(Input::Failed { base, why: why.to_string() }, mono_ms));
            }
            Err(why @ (AppendError::Fatal(_) | AppendError::Refused(_))) => {
                news.extend(self.bring(Input::Broken { why: why.to_string() }, mono_ms));
                assert!(self.process.is_none(), "an engine goes on with a store that cannot be trusted");
            }
        }
        news
    }

    /// What came of an append of which nobody knew is found out, unless the line is lost still.
    pub fn end_settling(&mut self, is_still_lost: bool, mono_ms: u64) -> Vec<News> {
        let Some(process) = &mut self.process else { return Vec::new() };
        let Some(batch) = process.settling.take() else { return Vec::new() };
        if is_still_lost {
            return self.bring(Input::Unknown { why: "the line is lost still".to_owned() }, mono_ms);
        }
        let mut news = Vec::new();
        match process.log.settle(&batch.entries).expect("nobody else writes to this disk") {
            Settled::Written(head) => self.written(&batch, head, mono_ms, &mut news),
            Settled::Absent => news.extend(self.bring(Input::Absent, mono_ms)),
        }
        news
    }

    fn written(&mut self, batch: &Batch, head: Head, mono_ms: u64, news: &mut Vec<News>) {
        if self.scrutiny == Scrutiny::Close {
            news.push(News::Written(batch.entries.iter().map(|it| it.body.clone()).collect()));
        }
        news.extend(self.bring(Input::Committed(head), mono_ms));
        if self.scrutiny == Scrutiny::Close {
            self.keep_snapshot(head);
            self.compare_when_idle();
        }
    }

    /// The process ends now; what is in flight may reach the disk, or not.
    pub fn kill(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        if let Some(process) = &mut self.process {
            if let Some(batch) = process.in_flight.take() {
                self.disk.script([Some(Failure::CrashInside { written: self.chance.pct(50) })]);
                process.log.append(&batch.entries).expect_err("a crash inside an append tells nobody");
            }
            self.die(&mut news);
        }
        news
    }

    fn die(&mut self, news: &mut Vec<News>) {
        self.process = None;
        news.push(News::Died);
    }

    fn absorb(&mut self, out: Vec<Output>, news: &mut Vec<News>) {
        for output in out {
            let Some(process) = &mut self.process else { return };
            match output {
                Output::Keep(_) => unreachable!("what is simulated brings no private values"),
                Output::Append(batch) => {
                    assert!(process.in_flight.is_none(), "two appends in flight");
                    process.in_flight = Some(batch);
                    news.push(News::Appending);
                }
                Output::Settle(batch) => {
                    process.settling = Some(batch);
                    news.push(News::Settling);
                }
                Output::Publish(batch) => {
                    batch.events.iter().for_each(|it| fold_in(&mut process.fold, it));
                    news.push(News::Published(batch));
                }
                Output::Release(answers) => {
                    news.extend(answers.into_iter().map(|(ticket, verdict)| News::Answer(ticket, verdict)));
                }
                Output::Retry(tickets) => news.push(News::Retry(tickets)),
                Output::Stop(_) | Output::StepDown => self.die(news),
            }
        }
    }

    fn keep_snapshot(&mut self, head: Head) {
        let Some(process) = &mut self.process else { return };
        if process.fold.seq != head.seq || !self.chance.pct(4) {
            return;
        }
        let body = process.fold.snapshot();
        let snapshot =
            Snapshot { district: self.district, seq: head.seq, hash: head.hash, state_version: STATE_VERSION, body };
        process.log.disk().clone().save(&snapshot).expect("nobody scripts a snapshot");
    }

    /// Nothing being in flight, what the engine decides on is what is committed; and it knows where everybody is.
    fn compare_when_idle(&mut self) {
        let Some(process) = self.process.as_ref().filter(|it| it.engine.is_idle()) else { return };
        let known = process.engine.known();
        for incident in known.state.open_incidents() {
            let private = incident.place.as_ref().and_then(|place| place.private);
            if let Some(private) = private.filter(|it| self.vault.contains_key(&it.id)) {
                assert!(known.hints.place(private.id).is_some(), "the place of {} is forgotten", incident.id);
            }
        }
        if self.chance.pct(3) {
            assert_same(known.state, &process.fold, "what is decided on and what is committed");
        }
    }

    /// At the end: all of it once more.
    pub fn compare(&self) {
        let Some(process) = &self.process else { return };
        let replayed = replay(State::new(self.district), &self.lines());
        assert_same(&process.fold, &replayed, "the committed fold and a replay");
    }
}

fn fold_in(state: &mut State, stamped: &Stamped) {
    state.apply(stamped);
    invariant::check(state, stamped).unwrap_or_else(|broken| panic!("{broken}"));
}

fn replay(mut state: State, lines: &[String]) -> State {
    for line in lines {
        let stamped: Stamped = serde_json::from_str(line).unwrap_or_else(|why| panic!("{line} is no event: {why}"));
        state.apply(&stamped);
    }
    state
}

/// Not `assert_eq`: two whole states would be printed.
fn assert_same(one: &State, other: &State, which: &str) {
    if one == other {
        return;
    }
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let differ = one.lines().zip(other.lines()).enumerate().find(|(_, (a, b))| a != b);
    let (line, (found, expected)) = differ.unwrap_or((0, ("one is longer", "the other is not")));
    let before = one.lines().skip(line.saturating_sub(12)).take(12).collect::<Vec<_>>().join("\n");
    panic!("{which} differ after:\n{before}\n  one: {found}\n  other: {expected}");
}
