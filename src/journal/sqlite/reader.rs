//! Reading a folder beside whoever serves it, or one that nobody serves, or a backup; and changing nothing.
//! A folder that nobody serves may hold a write-ahead log that a crash left. SQLite would finish it in place, which is
//! the next `serve`'s to do: so the two files are copied aside and read there.

use std::fs::{self, DirBuilder};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::super::folder::{JOURNAL_FILE, fault as file_fault, is_served};
use super::super::{ArchiveRow, EventReader, Heads, LogError, Record, Snapshot};
use super::fault::At;
use super::{archive, look_at, read, schema, snapshot, why};
use crate::domain::{DistrictCode, Seq};

/// One connection of any number. Drop those of the serving process before its `SqliteLog`, so that the last one to
/// close leaves no write-ahead log behind.
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
        let path = dir.join(JOURNAL_FILE);
        look_at(&path)?;
        if !path.exists() {
            return Err(LogError::Missing { dir: dir.to_owned() });
        }
        if is_served(dir)? {
            let beside = Self::start(connect(&path, "")?, path, None)?;
            return Ok(Self { beside_a_writer: true, ..beside });
        }
        let left = wal_of(&path);
        if fs::metadata(&left).map_or(0, |it| it.len()) == 0 {
            return Self::start(connect(&path, "?immutable=1")?, path, None);
        }
        let copy = Copy::make(&path, &left)?;
        Self::start(connect(&copy.dir.join(JOURNAL_FILE), "")?, path, Some(copy))
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

pub(super) fn connect(path: &Path, query: &str) -> Result<Connection, LogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let name = format!("file:{}{query}", escaped(path));
    let conn = Connection::open_with_flags(name, flags).map_err(|error| why(path, error))?;
    schema::prepare_reader(&conn).map_err(At("opening", path).fault())?;
    Ok(conn)
}

/// A path as it must stand in a URI, whatever bytes it has.
fn escaped(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte);
    let escape = |byte: &u8| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    path.as_os_str().as_encoded_bytes().iter().map(escape).collect()
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
