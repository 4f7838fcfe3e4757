//! The journal: what happened, in order, durable before anybody is answered, and provably unchanged.
//! Knows nothing of dispatch: an event is an opaque text with a district and a seq. It decides nothing and reads no clock;
//! no personal data is in a record, only, where a server keeps both, in a table beside it. Only `engine` may append.

mod copy;
mod error;
mod folder;
mod memory;
mod postgres;
mod record;
mod sqlite;
mod verify;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

pub use copy::{CopyError, copy_record, record_came_back};
pub use error::{AppendError, LogError};
pub use folder::{FolderLock, JOURNAL_FILE, LOCK_FILE, SNAPSHOT_FILE, note_store, record_is_here, store_of};
pub use memory::{Failure, MemoryDisk, MemoryLog};
pub use postgres::{
    Answer, BadStoreUrl, Begin, LOCK_TIMEOUT_MS, OnLost, Ownership, PostgresLog, PostgresReader, ProcessRow, Roster,
    Session, SessionError, Standing, StoreUrl, Tenure,
};
pub use record::{Hash, Head, Record};
pub use sqlite::{Checkpointer, LogEnd, SqliteLog, SqliteReader, backup, cut_off, prepare_connection, restore};
pub use verify::{ChainFault, ExpectedHead, verify_chain};

use crate::domain::digest::sha256;
use crate::domain::private::PrivateRow;
use crate::domain::{DistrictCode, Seq};

/// The last record of each district that has any.
pub type Heads = BTreeMap<DistrictCode, Head>;

/// What is to be written: the event `seq` of `district`, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub district: DistrictCode,
    pub seq: Seq,
    pub body: String,
}

/// The state of a district after the record `seq`, so that a start need not read everything.
/// Derived: one that does not belong to the chain, or was damaged, is passed over and the events are read instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub district: DistrictCode,
    pub seq: Seq,
    /// The hash of the record `seq`.
    pub hash: Hash,
    /// The version of the encoding of `body`; another one is no use to its reader.
    pub state_version: u32,
    pub body: Vec<u8>,
}

/// A summary of a closed incident, for queries. Derived from the events, therefore not in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    pub district: DistrictCode,
    /// The number of the incident within its district.
    pub number: u64,
    /// The event that closed it; a row written again for a later closing replaces the earlier one.
    pub closed_seq: Seq,
    pub body: String,
}

/// What came of a batch of which nobody knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is in the record, which ends here.
    Written(Head),
    /// Nothing of it is there, and nothing will be: the same batch may be appended again.
    Absent,
}

/// Reading what was committed, and nothing else.
pub trait EventReader {
    /// Names this history: a restored store has another one, so that a sequence number of the old is not taken for new.
    fn generation(&self) -> &str;

    fn heads(&self) -> Result<Heads, LogError>;

    /// The records of `district` from the seq `from` on, in order, until `visit` breaks. 0 and 1 both mean all of them.
    /// Does not check the chain: `verify_chain` does.
    fn read(
        &self,
        district: DistrictCode,
        from: Seq,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), LogError>;

    fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError>;

    /// At most `limit` closed incidents with numbers below `before`, the newest first.
    fn archived_page(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, LogError>;
}

/// The one way to write: batches, all or nothing, durable when `append` returns.
pub trait EventLog: EventReader + Send {
    /// Writes the batch in one commit and returns the new heads of its districts.
    ///
    /// # Panics
    /// Where the seqs of a district do not continue its head one by one: the caller has lost count.
    fn append(&mut self, batch: &[Entry]) -> Result<Heads, AppendError>;

    /// Whether private values are kept here, in the commit of the events that name them. Where not, the vault keeps
    /// them before that.
    fn keeps_private(&self) -> bool {
        false
    }

    /// As `append`, with private values in the same commit.
    ///
    /// # Panics
    /// Where there are any and this store keeps none.
    fn append_with(&mut self, batch: &[Entry], private: &[PrivateRow]) -> Result<Heads, AppendError> {
        assert!(private.is_empty(), "private values were brought to a store that keeps none");
        self.append(batch)
    }

    /// After `AppendError::Unknown`: what came of the entries of one district of that batch. Afterwards nothing can
    /// come of it any more. Another `Unknown`: ask again.
    ///
    /// # Panics
    /// In a store that never says `Unknown`.
    fn settle(&mut self, batch: &[Entry]) -> Result<Settled, AppendError> {
        unreachable!("this store knows what came of a batch of {} entries", batch.len())
    }

    fn archive(&mut self, rows: &[ArchiveRow]) -> Result<(), AppendError>;

    /// Whether it can write again, after an append that failed: a commit that changes nothing.
    fn probe(&mut self) -> Result<(), AppendError>;

    /// Where this record's snapshots are kept.
    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, LogError>;

    /// Who does this store's housekeeping, on a thread of its own; `None` where there is none to do.
    fn housekeeper(&self) -> Result<Option<Box<dyn Housekeeper>>, LogError>;
}

/// Snapshots beside the record: keeping one, however large, does not make an event wait.
pub trait SnapshotStore: Send {
    /// Keeps it, and the one before it in case this one is found damaged.
    fn save(&mut self, snapshot: &Snapshot) -> Result<(), AppendError>;

    /// The newest one of the district that is whole and belongs to this record.
    fn latest(&self, record: &dyn EventReader, district: DistrictCode) -> Result<Option<Snapshot>, LogError>;
}

/// Whether the record has what the snapshot says it ends with.
fn belongs(record: &dyn EventReader, snapshot: &Snapshot) -> Result<bool, LogError> {
    let mut found = false;
    record.read(snapshot.district, snapshot.seq, &mut |it| {
        found = it.seq == snapshot.seq && it.hash == snapshot.hash;
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// Over everything that a snapshot says.
fn digest(it: &Snapshot) -> Hash {
    Hash(sha256(&[&it.hash.0, &it.seq.to_be_bytes(), &it.state_version.to_be_bytes(), &it.body]))
}

/// Keeps a store in order beside its writer, who does not wait for it.
pub trait Housekeeper: Send {
    /// What is due; call it whenever something was written.
    fn tidy(&mut self) -> Result<(), AppendError>;
}
