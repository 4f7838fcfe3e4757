//! Reading a folder beside whoever serves it, or one that nobody serves, or a backup; and changing nothing.
//! A folder that nobody serves may hold a write-ahead log that a crash left. SQLite would finish it in place, which is
//! the next `serve`'s to do: so the two files are copied aside and read there.

use std::fs::{self, DirBuilder};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::folder::{JOURNAL_FILE, fault as file_fault, is_served};
use super::super::{ArchiveRow, EventReader, Heads, LogError, Record};
use super::open::{For, look_at, open};
use super::{archive, read, schema};
use crate::domain::{DistrictCode, Seq};

/// One connection of any number.
pub struct SqliteReader {
    conn: Connection,
    path: PathBuf,
    generation: String,
    /// Somebody served the folder when it was opened, so that SQLite's locks hold for us.
    beside_a_writer: bool,
    _copy: Option<Copy>,
}

impl SqliteReader {
    pub fn open(dir: &Path) -> Result<Self, LogError> {
        let path = there(dir)?;
        if is_served(dir)? {
            return Self::beside(path, For::Reading);
        }
        let left = wal_of(&path);
        if fs::metadata(&left).map_or(0, |it| it.len()) == 0 {
            return Self::start(open(&path, For::ReadingAtRest)?, path, None);
        }
        let copy = Copy::make(&path, &left)?;
        Self::start(open(&copy.dir.join(JOURNAL_FILE), For::Reading)?, path, Some(copy))
    }

    /// For the process that serves the folder: whichever of its connections is closed last, this or the log's, leaves
    /// one file that is whole.
    pub fn open_own(dir: &Path) -> Result<Self, LogError> {
        Self::beside(there(dir)?, For::ReadingOwn)
    }

    fn beside(path: PathBuf, purpose: For<'_>) -> Result<Self, LogError> {
        let beside = Self::start(open(&path, purpose)?, path, None)?;
        Ok(Self { beside_a_writer: true, ..beside })
    }

    fn start(conn: Connection, path: PathBuf, copy: Option<Copy>) -> Result<Self, LogError> {
        schema::admit_as_is(&conn, &path)?;
        let generation = schema::generation(&conn, &path)?;
        Ok(Self { conn, path, generation, beside_a_writer: false, _copy: copy })
    }

    /// Nobody served the folder when this was opened, and now somebody does: what was read may be of two moments.
    /// Whoever found a fault, or copied, asks this and begins again with a new reader.
    pub fn is_overtaken(&self) -> Result<bool, LogError> {
        let dir = self.path.parent().unwrap_or(&self.path);
        Ok(!self.beside_a_writer && is_served(dir)?)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }
}

fn there(dir: &Path) -> Result<PathBuf, LogError> {
    let path = dir.join(JOURNAL_FILE);
    look_at(&path)?;
    if path.exists() { Ok(path) } else { Err(LogError::Missing { dir: dir.to_owned() }) }
}

fn wal_of(path: &Path) -> PathBuf {
    path.with_file_name(format!("{JOURNAL_FILE}-wal"))
}

/// The files of a folder that nobody serves, in a folder of our own that goes when we go.
struct Copy {
    dir: PathBuf,
}

impl Copy {
    fn make(journal: &Path, wal: &Path) -> Result<Self, LogError> {
        let copy = Self { dir: std::env::temp_dir().join(format!("tidewatch-{:032x}", rand::random::<u128>())) };
        DirBuilder::new().mode(0o700).create(&copy.dir).map_err(file_fault("making the folder", &copy.dir))?;
        let target = copy.dir.join(JOURNAL_FILE);
        let copied: io::Result<u64> = fs::copy(journal, &target).and_then(|_| fs::copy(wal, wal_of(&target)));
        copied.map_err(file_fault("copying the journal that a crash left to", &copy.dir))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files, under our name, and readable by us alone.
        fs::remove_dir_all(&self.dir).ok();
    }
}

impl EventReader for SqliteReader {
    fn generation(&self) -> &str {
        &self.generation
    }

    fn heads(&self) -> Result<Heads, LogError> {
        read::heads(&self.conn, &self.path)
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
