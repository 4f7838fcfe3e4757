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

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use backup::{backup, restore};
pub use damage::cut_off;
pub use reader::SqliteReader;
pub use schema::prepare_connection;

use self::fault::At;
use self::open::{For, look_at, open};
use super::folder::{FolderLock, JOURNAL_FILE, fault as file_fault};
use super::{AppendError, ArchiveRow, Entry, EventLog, EventReader, Heads, LogError, Record, Snapshot};
use crate::domain::{DistrictCode, Seq};

/// The one writer of a folder.
pub struct SqliteLog {
    conn: Connection,
    path: PathBuf,
    generation: String,
    /// What is committed, as this log wrote it or found it.
    heads: Heads,
    _lock: Option<FolderLock>,
}

impl SqliteLog {
    /// Makes the folder and the journal where there is none, and holds the folder's lock as long as it lives.
    pub fn open(dir: &Path) -> Result<Self, LogError> {
        let lock = FolderLock::take(dir)?;
        let path = dir.join(JOURNAL_FILE);
        look_at(&path)?;
        Self::start(open(&path, For::Writing)?, path, Some(lock))
    }

    /// On another of SQLite's file systems, for tests of what a disk may do. Takes no lock.
    pub fn open_with(path: &Path, vfs: &str) -> Result<Self, LogError> {
        Self::start(open(path, For::WritingOn(vfs))?, path.to_owned(), None)
    }

    /// Copies the write-ahead log into the file now, as far as no reader needs it.
    pub fn checkpoint(&mut self) -> Result<(), AppendError> {
        append::checkpoint_when(self, 0)
    }

    fn start(mut conn: Connection, path: PathBuf, lock: Option<FolderLock>) -> Result<Self, LogError> {
        schema::admit(&conn, &path)?;
        if conn.is_readonly("main").map_err(At("opening", &path).fault())? {
            return Err(file_fault("writing", &path)(io::ErrorKind::PermissionDenied.into()));
        }
        schema::prepare(&conn, &path)?;
        schema::upgrade(&mut conn, &path)?;
        let generation = schema::generation(&conn, &path)?;
        let heads = read::heads(&conn, &path)?;
        Ok(Self { conn, path, generation, heads, _lock: lock })
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

    fn latest_snapshot(&self, district: DistrictCode) -> Result<Option<Snapshot>, LogError> {
        snapshot::latest(&self.conn, &self.path, district)
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

    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        snapshot::save(self, snapshot)
    }

    fn archive(&mut self, rows: &[ArchiveRow]) -> Result<(), AppendError> {
        archive::put(self, rows)
    }

    fn probe(&mut self) -> Result<(), AppendError> {
        append::probe(self)
    }

    fn tidy(&mut self) -> Result<(), AppendError> {
        append::checkpoint_when(self, append::CHECKPOINT_PAGES)
    }
}
