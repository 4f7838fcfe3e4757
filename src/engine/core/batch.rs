//! Batches: what is decided and goes to the journal together, all or nothing.

use std::sync::Arc;

use super::super::handle::CommittedBatch;
use crate::dispatch::{Effect, Stamped, react};
use crate::domain::{DistrictCode, Seq};
use crate::journal::Entry;
use crate::registry::PrivateRow;

/// Commands in one batch: more gain nothing over the cost of one sync, and all of them wait for it.
const COMMANDS_MAX: usize = 512;

/// Events in one batch. A command causes a few; what is due by itself may be thousands after a pause.
const EVENTS_MAX: usize = 4_096;

/// For the journal, and for everybody once it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub entries: Vec<Entry>,
    pub content: Arc<CommittedBatch>,
}

impl Batch {
    pub fn last_seq(&self) -> Seq {
        self.entries.last().expect("a batch has an event").seq
    }
}

/// What was decided since the last append, ready to be appended: its text is made while the batch before it is written,
/// so that the disk waits for none of it.
#[derive(Debug, Default)]
pub(super) struct OpenBatch {
    commands: usize,
    events: Vec<Stamped>,
    entries: Vec<Entry>,
    effects: Vec<Effect>,
    /// A place to write in, so that each body is allocated once and in its size.
    text: Vec<u8>,
    private: Vec<PrivateRow>,
    /// How many of the private values were handed over to be kept.
    handed: usize,
    received_us: Option<u64>,
}

impl OpenBatch {
    pub fn room(&self) -> usize {
        if self.events.len() >= EVENTS_MAX { 0 } else { COMMANDS_MAX.saturating_sub(self.commands) }
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub fn count_command(&mut self) {
        self.commands += 1;
    }

    pub fn push(&mut self, district: DistrictCode, event: Stamped) {
        self.effects.extend(react(&event));
        self.entries.push(entry(district, &event, &mut self.text));
        self.events.push(event);
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Of the values that came with a command, those that its events, the ones from `first` on, refer to.
    pub fn keep_private(&mut self, rows: Vec<PrivateRow>, first: usize, received_us: u64) {
        let refs: Vec<_> = self.events[first..].iter().flat_map(|it| it.event.private_refs()).collect();
        self.private.extend(rows.into_iter().filter(|row| refs.iter().any(|it| it.id == row.id)));
        self.received_us = Some(self.received_us.map_or(received_us, |oldest| oldest.min(received_us)));
    }

    /// Private values that were not handed over before: they are kept while the batch before this one is written.
    pub fn hand_over(&mut self) -> Option<Vec<PrivateRow>> {
        let rows = self.private[self.handed..].to_vec();
        self.handed = self.private.len();
        (!rows.is_empty()).then_some(rows)
    }

    /// All of it, if there is anything to write.
    pub fn take(&mut self, district: DistrictCode) -> Option<Arc<Batch>> {
        let Self { events, entries, effects, text, private, received_us, .. } = std::mem::take(self);
        self.text = text;
        if events.is_empty() {
            return None;
        }
        let content = Arc::new(CommittedBatch { district, events, private, effects, received_us });
        Some(Arc::new(Batch { entries, content }))
    }
}

fn entry(district: DistrictCode, event: &Stamped, text: &mut Vec<u8>) -> Entry {
    text.clear();
    serde_json::to_writer(&mut *text, event).expect("an event has no map key that is not text");
    let body = str::from_utf8(text).expect("JSON is UTF-8").to_owned();
    Entry { district, seq: event.seq, body }
}
