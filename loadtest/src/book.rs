//! What was said, when it was meant to be said, and when it was answered: one entry a signal, written by many tasks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tidewatch::domain::SignalKind;

use crate::moment::Us;

/// By which the record knows a signal again: the device, and its own id or the second it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `PROTOCOL:IDENTITY`.
    pub device: String,
    pub mark: String,
}

/// One signal.
#[derive(Debug)]
pub struct Entry {
    /// When the scenario wanted it said, after the plan began.
    pub intended: Us,
    pub kind: SignalKind,
    /// Told when it is first said: a watch says the second in which it was pressed.
    pub key: OnceLock<Key>,
    acked: AtomicU64,
    tries: AtomicU32,
}

impl Entry {
    pub fn new(intended: Us, kind: SignalKind) -> Self {
        let (acked, tries) = Default::default();
        Self { intended, kind, key: OnceLock::new(), acked, tries }
    }

    /// It went out, for the first time or again.
    pub fn went_out(&self) {
        self.tries.fetch_add(1, Ordering::Relaxed);
    }

    /// The first acknowledgement counts.
    pub fn acknowledged(&self, at: Us) {
        self.acked.compare_exchange(0, at.max(1), Ordering::Relaxed, Ordering::Relaxed).ok();
    }

    pub fn acked(&self) -> Option<Us> {
        Some(self.acked.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }

    pub fn tries(&self) -> u32 {
        self.tries.load(Ordering::Relaxed)
    }
}

/// All signals of a run, by their numbers; and what is only counted.
#[derive(Debug, Default)]
pub struct Book {
    start: AtomicU64,
    pub entries: Vec<Entry>,
    /// Connections of watches that were made a first time.
    pub lines: AtomicU64,
    /// Answers 503: no room just now.
    pub refusals: AtomicU64,
    /// Answers that nobody should get: neither 200 nor 503.
    pub wrong: AtomicU64,
    /// Connections that were lost and made again.
    pub reconnects: AtomicU64,
    pub heartbeats_sent: AtomicU64,
    pub heartbeats_answered: AtomicU64,
    /// Calls of which everything was told.
    pub calls: AtomicU64,
}

pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

pub fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Book {
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries, ..Self::default() }
    }

    /// The plan begins.
    pub fn begin(&self, start: Us) {
        self.start.store(start, Ordering::Relaxed);
    }

    pub fn start(&self) -> Us {
        self.start.load(Ordering::Relaxed)
    }

    /// From the moment at which the scenario wanted it said until `at`.
    pub fn took(&self, entry: &Entry, at: Us) -> Us {
        at.saturating_sub(self.start() + entry.intended)
    }

    pub fn alarms(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|it| it.kind.is_alarm())
    }

    /// Entries that nobody has answered.
    pub fn unanswered(&self) -> usize {
        self.entries.iter().filter(|it| it.acked().is_none()).count()
    }
}
