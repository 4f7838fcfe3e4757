//! The journal in PostgreSQL 15: the same rows and the same chain, and the private values in the commit of the events
//! that name them. One owner a district, by a lease that the server's clock judges; an append begins by comparing its
//! row. Decides nothing about events.

mod append;
mod archive;
mod bridge;
mod lease;
mod line;
mod private;
mod read;
mod reader;
mod renewal;
mod roster;
mod schema;
mod session;
mod settle;
mod snapshot;
mod url;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

pub use lease::Tenure;
pub use reader::PostgresReader;
pub use renewal::{OnLost, Standing};
pub use roster::{ProcessRow, Roster};
pub use session::{Answer, Begin, LOCK_TIMEOUT_MS, Session, SessionError};
pub use url::{BadStoreUrl, StoreUrl};

use self::lease::Held;
use self::line::Line;
use self::renewal::Renewal;
use self::snapshot::SnapshotTable;
use super::{
    AppendError, ArchiveRow, Entry, EventLog, EventReader, Head, Heads, Housekeeper, LogError, Record, Settled,
    SnapshotStore,
};
use crate::domain::private::{PrivateId, PrivateRow};
use crate::domain::{DistrictCode, Seq};

/// How a store is owned.
#[derive(Debug, Clone)]
pub struct Ownership {
    pub url: StoreUrl,
    /// An owner that has not renewed for so long may be followed by another.
    pub lease: Duration,
    /// Who this is, unlike any other.
    pub owner: String,
}

impl Ownership {
    /// A name for people, made unlike any other.
    pub fn name(words: &str) -> String {
        format!("{words} {:016x}", rand::random::<u64>())
    }
}

/// The owner of the districts of a store.
pub struct PostgresLog {
    line: RefCell<Line>,
    owner: String,
    lease: Duration,
    generation: String,
    held: BTreeMap<DistrictCode, Held>,
    prepared: append::Prepared,
    renewal: Renewal,
}

impl PostgresLog {
    /// Makes the tables where there are none, and takes the lease of each of `districts` and of every one in the record.
    /// Waits for leases of an owner that died; `LogError::Held` where one lives. `on_lost` is called, once, where
    /// another has taken a district from us.
    pub fn open(it: Ownership, districts: &[DistrictCode], on_lost: OnLost) -> Result<Self, LogError> {
        let mut log = Self::begin(it, on_lost)?;
        log.take_all(districts)?;
        Ok(log)
    }

    /// Takes one district and no other; `LogError::Held` at once where another holds it.
    pub fn open_one(it: Ownership, district: DistrictCode, on_lost: OnLost) -> Result<Self, LogError> {
        let mut log = Self::begin(it, on_lost)?;
        log.take(district)?;
        Ok(log)
    }

    fn begin(it: Ownership, on_lost: OnLost) -> Result<Self, LogError> {
        let mut line = Line::start(&it.url, "")?;
        schema::upgrade(&mut line)?;
        let generation = schema::generation(&mut line)?;
        let renewal = Renewal::begin(&line, &it.owner, it.lease, on_lost);
        let (held, prepared) = Default::default();
        Ok(Self { line: RefCell::new(line), owner: it.owner, lease: it.lease, generation, held, prepared, renewal })
    }

    /// What readiness says of this store, as it is renewed.
    pub fn standing(&self) -> Arc<Standing> {
        self.renewal.standing.clone()
    }

    /// Keeps private values that are not of an append of ours: those of a store that is moved here. Again does no harm.
    pub fn keep_private(&mut self, rows: &[PrivateRow]) -> Result<(), AppendError> {
        append::keep_private(self.line.get_mut(), rows)
    }

    /// At most `limit` private values with names above `after`, in the order of their names.
    pub fn private_page(&self, after: Option<PrivateId>, limit: usize) -> Result<Vec<PrivateRow>, LogError> {
        private::page(&mut self.line.borrow_mut(), after, limit)
    }

    fn head(&self, district: DistrictCode) -> Head {
        self.held.get(&district).map_or(Head::GENESIS, |it| it.head)
    }
}

impl Drop for PostgresLog {
    /// Gives the districts up, so that the next owner need not wait.
    fn drop(&mut self) {
        self.renewal.end(&self.line.borrow().bridge);
        if let Err(error) = lease::release(self.line.get_mut(), &self.owner, &self.held) {
            tracing::warn!("The leases end by themselves within {} s: {error}", self.lease.as_secs());
        }
    }
}

impl EventReader for PostgresLog {
    fn generation(&self) -> &str {
        &self.generation
    }

    fn heads(&self) -> Result<Heads, LogError> {
        Ok(self.held.iter().filter(|(_, it)| it.head != Head::GENESIS).map(|(code, it)| (*code, it.head)).collect())
    }

    fn read(
        &self,
        district: DistrictCode,
        from: Seq,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        read::records(&mut self.line.borrow_mut(), district, from, visit)
    }

    fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError> {
        archive::one(&mut self.line.borrow_mut(), district, number)
    }

    fn archived_page(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, LogError> {
        archive::page(&mut self.line.borrow_mut(), district, before, limit)
    }
}

impl EventLog for PostgresLog {
    fn append(&mut self, batch: &[Entry]) -> Result<Heads, AppendError> {
        append::append(self, batch, &[])
    }

    fn keeps_private(&self) -> bool {
        true
    }

    fn append_with(&mut self, batch: &[Entry], private: &[PrivateRow]) -> Result<Heads, AppendError> {
        append::append(self, batch, private)
    }

    fn settle(&mut self, batch: &[Entry]) -> Result<Settled, AppendError> {
        settle::settle(self, batch)
    }

    fn archive(&mut self, rows: &[ArchiveRow]) -> Result<(), AppendError> {
        archive::put(self.line.get_mut(), rows)
    }

    fn probe(&mut self) -> Result<(), AppendError> {
        settle::probe(self)
    }

    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, LogError> {
        Ok(Box::new(SnapshotTable::new(self.line.borrow().another())))
    }

    fn housekeeper(&self) -> Result<Option<Box<dyn Housekeeper>>, LogError> {
        Ok(None)
    }
}
