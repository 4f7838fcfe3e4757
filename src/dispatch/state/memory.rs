//! What has been taken before: signals and requests, each for a day and a margin, across restarts.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::dispatch::event::Stamped;
use crate::dispatch::rejection::Answer;
use crate::domain::{Fingerprint, IncidentId, Seq, Timestamp};

/// At least the 24 h of the contract, and an hour for a sender whose clock or queue is slow.
const KEPT_S: u64 = 25 * 3600;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    signals: BTreeMap<Fingerprint, Seen>,
    requests: BTreeMap<Fingerprint, Answer>,
    order: VecDeque<(Timestamp, Entry)>,
}

/// A signal that was taken: what its repeat is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub seq: Seq,
    pub at: Timestamp,
    pub incident: Option<IncidentId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Entry {
    Signal(Fingerprint),
    Request(Fingerprint),
}

impl Memory {
    pub fn signal(&self, fingerprint: Fingerprint) -> Option<Seen> {
        self.signals.get(&fingerprint).copied()
    }

    pub fn request(&self, fingerprint: Fingerprint) -> Option<&Answer> {
        self.requests.get(&fingerprint)
    }

    pub(super) fn keep_signal(&mut self, fingerprint: Fingerprint, seen: Seen) {
        self.forget(seen.at);
        self.signals.insert(fingerprint, seen);
        self.order.push_back((seen.at, Entry::Signal(fingerprint)));
    }

    /// One request may cause several events: its answer grows with each.
    pub(super) fn keep_request(&mut self, fingerprint: Fingerprint, event: &Stamped) {
        self.forget(event.at);
        if !self.requests.contains_key(&fingerprint) {
            self.order.push_back((event.at, Entry::Request(fingerprint)));
        }
        self.requests.entry(fingerprint).or_default().absorb(event);
    }

    fn forget(&mut self, now: Timestamp) {
        let before = now.before_s(KEPT_S);
        while let Some((at, entry)) = self.order.front().copied() {
            if at >= before {
                return;
            }
            self.order.pop_front();
            match entry {
                // Taken again since under the same fingerprint: the newer entry lies further back.
                Entry::Signal(it) if self.signals.get(&it).is_some_and(|seen| seen.at > at) => {}
                Entry::Signal(it) => drop(self.signals.remove(&it)),
                Entry::Request(it) => drop(self.requests.remove(&it)),
            }
        }
    }
}
