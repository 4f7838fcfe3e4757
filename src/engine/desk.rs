//! The desk of one district: where everybody puts what is for its engine, and where its committed fold lies.
//! Decides nothing. Nobody holds one of its locks while waiting for anything else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use super::clock::DistrictClock;
use super::handle::{AskError, Give, Hint, Show};
use super::lanes::{Lane, Lanes};
use super::look::Look;
use super::metrics as names;
use super::supervise::LastHeard;
use crate::clock::Clock;
use crate::dispatch::{Asked, Facts, State};
use crate::domain::{DistrictCode, Fix, ResponderId, Timestamp};
use crate::registry::PrivateRow;

/// Looks that may wait: each is a person who waits for a list, and there are not more consoles than that.
const QUERIES_MAX: usize = 1_024;

/// Responders whose newest position may wait to be taken: more than any district has.
const LOCATED_MAX: usize = 20_000;

/// Positions taken in one round, so that a flood of them costs an alarm less than a millisecond.
const LOCATED_A_ROUND: usize = 256;

/// A command on its way to a decision.
pub(super) struct Waiting {
    pub asked: Asked,
    pub private: Vec<PrivateRow>,
    pub answer: Give,
    pub received_us: u64,
}

/// What the journal made of the batch in flight.
pub(super) enum Verdict {
    Committed(crate::journal::Head),
    /// Nothing was written. The publisher is asked for the committed fold next.
    NotWritten(String),
    /// The committed fold, after everything that was committed.
    Base(Box<State>),
    /// Nobody knows whether it was written: to be settled.
    Unknown(String),
    /// It was settled, and is not in the record.
    Absent,
    /// Another owns the district.
    LeaseLost,
    /// What a probe found, after an append that failed.
    Writable(bool),
}

/// What waits for the engine's thread.
#[derive(Default)]
struct Inbox {
    lanes: Lanes<Waiting>,
    verdicts: VecDeque<Verdict>,
    queries: VecDeque<(Look, Show)>,
    facts: Option<Arc<Facts>>,
    hinted: bool,
    stopping: bool,
}

/// What is kept in memory alone, until the engine's thread takes it.
#[derive(Default)]
struct HintBox {
    /// Links, consoles and places: in order, never shed. Bounded by the sockets that are open.
    edges: VecDeque<Hint>,
    /// The newest position of each responder; shed first.
    located: BTreeMap<ResponderId, Fix>,
    /// How many positions found no room so far.
    shed: u64,
}

/// One turn of work.
pub(super) struct Turn {
    pub verdicts: VecDeque<Verdict>,
    pub facts: Option<Arc<Facts>>,
    pub hints: Vec<Hint>,
    pub queries: VecDeque<(Look, Show)>,
    pub round: Vec<(Lane, Waiting)>,
    /// Nothing more comes, and nothing more lies in the lanes.
    pub last: bool,
}

/// What the engine's thread can take, and until when it waits for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub room: usize,
    /// Nothing is in flight: a stop need not wait.
    pub idle: bool,
    pub wait_ms: u64,
}

pub(super) struct Desk {
    pub district: DistrictCode,
    clock: Arc<dyn Clock>,
    time: DistrictClock,
    inbox: Mutex<Inbox>,
    bell: Condvar,
    hints: Mutex<HintBox>,
    pub heard: Arc<LastHeard>,
    committed: RwLock<State>,
    health: Mutex<Result<(), String>>,
}

impl Desk {
    pub fn new(state: State, clock: Arc<dyn Clock>) -> Self {
        let time = DistrictClock::start(state.at, clock.wall(), clock.now_monotonic_ms());
        Self {
            district: state.district,
            clock,
            time,
            inbox: Mutex::default(),
            bell: Condvar::new(),
            hints: Mutex::default(),
            heard: Arc::default(),
            committed: RwLock::new(state),
            health: Mutex::new(Ok(())),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.time.now(self.clock.now_monotonic_ms())
    }

    pub fn monotonic_us(&self) -> u64 {
        self.clock.monotonic_us()
    }

    /// What finds no room is refused at once.
    pub fn put(&self, lane: Lane, it: Waiting) {
        let mut inbox = self.inbox();
        let refused = if inbox.stopping {
            Some((it, stopping()))
        } else {
            let full = inbox.lanes.put(lane, it).err();
            full.map(|full| (full.refused, AskError::NoRoom { retry_after_s: full.retry_after_s }))
        };
        drop(inbox);
        self.bell.notify_one();
        metrics::counter!(if refused.is_none() { names::RECEIVED } else { names::REFUSED }, "lane" => lane.as_str())
            .increment(1);
        if let Some((it, why)) = refused {
            (it.answer)(Err(why));
        }
    }

    pub fn query(&self, look: Look, show: Show) {
        let mut inbox = self.inbox();
        let why = if inbox.stopping {
            stopping()
        } else if inbox.queries.len() >= QUERIES_MAX {
            AskError::NoRoom { retry_after_s: Lane::People.retry_after_s() }
        } else {
            inbox.queries.push_back((look, show));
            drop(inbox);
            self.bell.notify_one();
            return;
        };
        drop(inbox);
        show(Err(why));
    }

    pub fn hint(&self, hint: Hint) {
        match hint {
            Hint::DeviceHeard(device) => {
                self.heard.note(&device, self.now());
                return;
            }
            Hint::BatteryTold(device, battery_pct) => {
                self.heard.note_battery(&device, battery_pct, self.now());
                return;
            }
            Hint::BatteryLow(device) => {
                self.heard.note_battery_low(&device, self.now());
                return;
            }
            Hint::Located { responder, fix } => lock(&self.hints).locate(responder, fix),
            Hint::LinkOpened(_)
            | Hint::LinkClosed(_)
            | Hint::ReachedOtherwise(..)
            | Hint::ConsoleOpened(_)
            | Hint::ConsoleClosed(_) => lock(&self.hints).edges.push_back(hint),
        }
        self.inbox().hinted = true;
        self.bell.notify_one();
    }

    /// How many positions found no room so far: while that rises, silence means nothing.
    pub fn shed(&self) -> u64 {
        lock(&self.hints).shed
    }

    /// What there is to do, or nothing where nothing came in time.
    pub fn turn(&self, wish: Wish) -> Turn {
        let mut inbox = self.inbox();
        if !inbox.has_work(wish) {
            let until = Duration::from_millis(wish.wait_ms);
            inbox = self.bell.wait_timeout_while(inbox, until, |it| !it.has_work(wish)).expect(NO_PANIC).0;
        }
        let mut turn = Turn {
            verdicts: std::mem::take(&mut inbox.verdicts),
            facts: inbox.facts.take(),
            hints: Vec::new(),
            queries: std::mem::take(&mut inbox.queries),
            round: inbox.lanes.round(wish.room),
            last: inbox.stopping && inbox.lanes.is_empty(),
        };
        let hinted = std::mem::take(&mut inbox.hinted);
        drop(inbox);
        if hinted {
            let (hints, more) = lock(&self.hints).take();
            turn.hints = hints;
            self.inbox().hinted |= more;
        }
        turn
    }

    pub fn verdict(&self, verdict: Verdict) {
        self.inbox().verdicts.push_back(verdict);
        self.bell.notify_one();
    }

    pub fn facts(&self, facts: Arc<Facts>) {
        self.inbox().facts = Some(facts);
        self.bell.notify_one();
    }

    pub fn stop(&self) {
        self.inbox().stopping = true;
        self.bell.notify_one();
    }

    pub fn health(&self) -> Result<(), String> {
        if self.inbox().stopping {
            return Err(STOPPING.to_owned());
        }
        lock(&self.health).clone()
    }

    pub fn set_health(&self, health: Result<(), String>) {
        *lock(&self.health) = health;
    }

    pub fn committed(&self) -> RwLockReadGuard<'_, State> {
        self.committed.read().expect(NO_PANIC)
    }

    pub fn committed_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.committed.write().expect(NO_PANIC)
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        lock(&self.inbox)
    }
}

impl Inbox {
    fn has_work(&self, wish: Wish) -> bool {
        let commands = wish.room > 0 && !self.lanes.is_empty();
        let over = self.stopping && wish.idle && self.lanes.is_empty();
        let told = !self.verdicts.is_empty() || self.facts.is_some() || self.hinted || !self.queries.is_empty();
        commands || told || over
    }
}

impl HintBox {
    fn locate(&mut self, responder: ResponderId, fix: Fix) {
        metrics::counter!(names::HINTS).increment(1);
        if self.located.len() >= LOCATED_MAX && !self.located.contains_key(&responder) {
            self.shed += 1;
            metrics::counter!(names::SHED, "reason" => "full").increment(1);
        } else if self.located.insert(responder, fix).is_some() {
            metrics::counter!(names::SHED, "reason" => "newer").increment(1);
        }
    }

    /// All edges, a round of positions, and whether some are left.
    fn take(&mut self) -> (Vec<Hint>, bool) {
        let mut hints: Vec<Hint> = self.edges.drain(..).collect();
        while hints.len() < LOCATED_A_ROUND {
            let Some((responder, fix)) = self.located.pop_first() else { break };
            hints.push(Hint::Located { responder, fix });
        }
        (hints, !self.located.is_empty())
    }
}

const NO_PANIC: &str = "nothing panics while it holds a lock of the desk";

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().expect(NO_PANIC)
}

pub(super) const STOPPING: &str = "the service is stopping";

pub(super) fn stopping() -> AskError {
    AskError::Unavailable { why: STOPPING.to_owned() }
}
