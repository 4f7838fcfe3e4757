//! The journal in one SQLite file of the data folder: WAL, every commit synced, one writer, any number of readers.
//! Decides nothing about events. Never opens a file for writing that is not its own, or is newer than it knows.

mod append;
mod archive;
mod backup;
mod damage;
mod fault;
mod open;
mod read;
mod reader;
mod schema;
mod snapshot;
mod wal;

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use backup::{backup, restore};
pub use damage::cut_off;
pub use reader::SqliteReader;
pub use schema::prepare_connection;
pub use wal::{Checkpointer, LogEnd};

use self::fault::At;
use self::open::{For, look_at, open};
use self::snapshot::SnapshotFile;
use super::folder::{FolderLock, JOURNAL_FILE, SNAPSHOT_FILE, fault as file_fault};
use super::{
    AppendError, ArchiveRow, Entry, EventLog, EventReader, Heads, Housekeeper, LogError, Record, SnapshotStore,
};
use crate::domain::{DistrictCode, Seq};

/// The one writer of a folder.
pub struct SqliteLog {
    conn: Connection,
    path: PathBuf,
    /// The file system of SQLite that it is on, where that is not the usual one.
    vfs: Option<String>,
    generation: String,
    /// What is committed, as this log wrote it or found it.
    heads: Heads,
    end: LogEnd,
    _lock: Option<FolderLock>,
}

impl SqliteLog {
    /// Makes the folder and the journal where there is none, and holds the folder's lock as long as it lives.
    pub fn open(dir: &Path) -> Result<Self, LogError> {
        let lock = FolderLock::take(dir)?;
        let path = dir.join(JOURNAL_FILE);
        look_at(&path)?;
        Self::start(open(&path, For::Writing)?, path, None, Some(lock))
    }

    /// On another of SQLite's file systems, for tests of what a disk may do. Takes no lock.
    pub fn open_with(path: &Path, vfs: &str) -> Result<Self, LogError> {
        Self::start(open(path, For::WritingOn(vfs))?, path.to_owned(), Some(vfs.to_owned()), None)
    }

    /// Copies the write-ahead log into the file now, as far as no reader needs it.
    pub fn checkpoint(&mut self) -> Result<(), AppendError> {
        wal::copy(&self.conn).map_err(|error| At("checkpointing", &self.path).append_fault(error))
    }

    fn start(
        mut conn: Connection,
        path: PathBuf,
        vfs: Option<String>,
        lock: Option<FolderLock>,
    ) -> Result<Self, LogError> {
        schema::admit(&conn, &path)?;
        if conn.is_readonly("main").map_err(At("opening", &path).fault())? {
            return Err(file_fault("writing", &path)(io::ErrorKind::PermissionDenied.into()));
        }
        schema::prepare(&conn, &path)?;
        schema::upgrade(&mut conn, &path)?;
        let generation = schema::generation(&conn, &path)?;
        let heads = read::heads(&conn, &path)?;
        Ok(Self { conn, path, vfs, generation, heads, end: LogEnd::default(), _lock: lock })
    }
}

impl EventReader for SqliteLog {
    fn generation(&self) -> &str {
        &self.generation
    }

    fn heads(&self) -> Result<Heads, LogError> {
        Ok(self.heads.clone())
    }

    fn read(
        &self,
        district: DistrictCode,
        from: Seq,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        read::records(&self.conn, &self.path, district, from, visit)
    }

    fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError> {
        archive::one(&self.conn, &self.path, district, number)
    }

    fn archived_page(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, LogError> {
        archive::page(&self.conn, &self.path, district, before, limit)
    }
}

impl EventLog for SqliteLog {
    fn append(&mut self, batch: &[Entry]) -> Result<Heads, AppendError> {
        append::append(self, batch)
    }

    fn archive(&mut self, rows: &[ArchiveRow]) -> Result<(), AppendError> {
        archive::put(self, rows)
    }

    fn probe(&mut self) -> Result<(), AppendError> {
        append::probe(self)
    }

    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, LogError> {
        let purpose = self.vfs.as_deref().map_or(For::Writing, For::WritingOn);
        Ok(Box::new(SnapshotFile::open(self.path.with_file_name(SNAPSHOT_FILE), purpose)?))
    }

    fn housekeeper(&self) -> Result<Option<Box<dyn Housekeeper>>, LogError> {
        Ok(Some(Box::new(Checkpointer::open(&self.path)?)))
    }
}
