//! The desk of one district: where everybody puts what is for its engine, and where its committed fold lies.
//! Decides nothing. Nobody holds one of its locks while waiting for anything else.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use super::clock::DistrictClock;
use super::handle::{AskError, Hint, Reply};
use super::lanes::{Lane, Lanes};
use crate::clock::Clock;
use crate::dispatch::{Asked, Facts, Known, State};
use crate::domain::{DeviceId, DistrictCode, Fix, ResponderId, Timestamp};
use crate::registry::PrivateRow;

/// How an answer reaches whoever asked.
pub(super) type Give = Box<dyn FnOnce(Result<Reply, AskError>) + Send>;

/// A look at what the next decision would look at.
pub(super) type Look = Box<dyn FnOnce(&Known<'_>, Timestamp) + Send>;

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
    pub answer: Option<Give>,
    pub received_us: u64,
}

/// What the journal made of the batch in flight.
pub(super) enum Verdict {
    Committed(crate::journal::Head),
    /// Nothing was written. The publisher is asked for the committed fold next.
    NotWritten(String),
    /// The committed fold, after everything that was committed.
    Base(Box<State>),
}

/// What waits for the engine's thread.
#[derive(Default)]
struct Inbox {
    lanes: Lanes<Waiting>,
    verdicts: VecDeque<Verdict>,
    queries: VecDeque<Look>,
    facts: Option<Arc<Facts>>,
    stopping: bool,
}

/// What is kept in memory alone, until the engine's thread takes it.
#[derive(Default)]
struct HintBox {
    /// Links, consoles and places: in order, never shed. Bounded by the sockets that are open.
    edges: VecDeque<Hint>,
    /// The newest position of each responder; shed first.
    located: BTreeMap<ResponderId, Fix>,
    shed: u64,
}

/// One turn of work.
pub(super) struct Turn {
    pub verdicts: VecDeque<Verdict>,
    pub facts: Option<Arc<Facts>>,
    pub hints: Vec<Hint>,
    pub queries: VecDeque<Look>,
    pub round: Vec<(Lane, Waiting)>,
    pub stopping: bool,
    /// Nothing more lies in the lanes.
    pub drained: bool,
}

pub(super) struct Desk {
    pub district: DistrictCode,
    clock: Arc<dyn Clock>,
    time: DistrictClock,
    inbox: Mutex<Inbox>,
    bell: Condvar,
    hints: Mutex<HintBox>,
    /// When each device was last heard: bounded by the devices the registry knows, never shed.
    heard: Mutex<HashMap<DeviceId, Timestamp>>,
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
            heard: Mutex::default(),
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

    pub fn put(&self, lane: Lane, it: Waiting) -> Result<(), AskError> {
        let mut inbox = self.inbox();
        if inbox.stopping {
            return Err(stopping());
        }
        let full = inbox.lanes.put(lane, it);
        drop(inbox);
        self.bell.notify_one();
        full.map_err(|full| AskError::NoRoom { retry_after_s: full.retry_after_s })
    }

    pub fn query(&self, look: Look) -> Result<(), AskError> {
        let mut inbox = self.inbox();
        if inbox.stopping {
            return Err(stopping());
        }
        if inbox.queries.len() >= QUERIES_MAX {
            return Err(AskError::NoRoom { retry_after_s: Lane::People.retry_after_s() });
        }
        inbox.queries.push_back(look);
        drop(inbox);
        self.bell.notify_one();
        Ok(())
    }

    pub fn hint(&self, hint: Hint) {
        match hint {
            Hint::DeviceHeard(device) => {
                let now = self.now();
                lock(&self.heard).insert(device, now);
                return;
            }
            Hint::Located { responder, fix } => self.locate(responder, fix),
            Hint::LinkOpened(_)
            | Hint::LinkClosed(_)
            | Hint::ConsoleOpened(_)
            | Hint::ConsoleClosed(_)
            | Hint::LearnPlace(..) => lock(&self.hints).edges.push_back(hint),
        }
        self.ring();
    }

    fn locate(&self, responder: ResponderId, fix: Fix) {
        let mut hints = lock(&self.hints);
        if hints.located.len() >= LOCATED_MAX && !hints.located.contains_key(&responder) {
            hints.shed += 1;
            return;
        }
        hints.located.insert(responder, fix);
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

    /// The lock is taken so that a thread about to wait cannot miss the bell.
    fn ring(&self) {
        drop(self.inbox());
        self.bell.notify_one();
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        lock(&self.inbox)
    }
}

const NO_PANIC: &str = "nothing panics while it holds a lock of the desk";

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().expect(NO_PANIC)
}

fn stopping() -> AskError {
    AskError::Unavailable { why: "the service is stopping".to_owned() }
}
