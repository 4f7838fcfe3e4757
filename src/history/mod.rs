//! History: what is asked of the record afterwards. Today's figures are kept as events are committed, and begun from the
//! committed state after a start. Decides nothing, writes nothing, and holds no private value.

mod ledger;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use ledger::{Doors, Tally};

use self::ledger::Ledger;
use crate::domain::{DistrictCode, Timestamp};
use crate::engine::{CommittedBatch, Handle, Sink};

/// A ledger of each district.
#[derive(Debug, Default)]
pub struct History {
    ledgers: Mutex<BTreeMap<DistrictCode, Ledger>>,
}

impl History {
    /// To be given to the engine's shell.
    pub fn sink(self: &Arc<Self>) -> Box<dyn Sink> {
        Box::new(HistorySink(self.clone()))
    }

    /// Takes up a district that has a record. What is committed meanwhile waits, and is taken once.
    pub fn begin(&self, handle: &Handle) {
        let mut ledgers = self.ledgers();
        ledgers.insert(handle.district(), handle.read(Ledger::of));
    }

    /// The figures from `since` on; none where nothing happened yet.
    pub fn tally(&self, district: DistrictCode, since: Timestamp, answer_s: u64) -> Tally {
        self.ledgers().get(&district).map_or_else(Tally::default, |it| it.tally(since, answer_s))
    }

    fn ledgers(&self) -> MutexGuard<'_, BTreeMap<DistrictCode, Ledger>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The publisher's end.
struct HistorySink(Arc<History>);

impl Sink for HistorySink {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        let Some(first) = batch.events.first() else { return };
        let mut ledgers = self.0.ledgers();
        // A district that has a record is begun from its state, which has these events already.
        if first.seq == 1 {
            ledgers.entry(batch.district).or_default();
        }
        if let Some(ledger) = ledgers.get_mut(&batch.district) {
            batch.events.iter().for_each(|event| ledger.apply(event));
        }
    }
}
