//! How a file of the registry is opened: whose it is, which schema it has, and with which promises it is written.
//! Refuses a file of somebody else before changing a byte of it, and one of a newer Tidewatch.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::{RegistryError, is_no_database};
use crate::journal::prepare_connection;

/// How long one process waits for another's write, in ms: an import of 100,000 homes holds the lock for some seconds.
pub(super) const BUSY_TIMEOUT_MS: u64 = 15_000;

/// Statements kept prepared: every table has about six, and there are ten tables.
const STATEMENTS_KEPT: usize = 64;

/// Tries at the switch to the write-ahead log, which SQLite refuses at once while another process is making it.
const WAL_TRIES: u32 = 100;

/// Pause between two such tries, in ms.
const WAL_PAUSE_MS: u64 = 20;

/// One kind of file: its name in the data folder, its marks and its tables.
pub(super) struct Kind {
    pub file: &'static str,
    pub what: &'static str,
    pub application_id: i64,
    pub schema_version: i64,
    pub schema: &'static str,
}

/// What lies at a path.
enum Found {
    Nothing,
    Ours,
}

/// Opens for writing, and makes folder, file and tables where there are none. `seed` runs once, in the transaction
/// that makes the tables.
pub(super) fn open(
    dir: &Path,
    kind: &Kind,
    seed: impl FnOnce(&Transaction<'_>) -> Result<(), RegistryError>,
) -> Result<Connection, RegistryError> {
    let path = dir.join(kind.file);
    std::fs::create_dir_all(dir).map_err(|source| RegistryError::Folder { path: dir.to_owned(), source })?;
    make_private(&path)?;
    let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    begin(conn, &path, kind, seed)
}

/// As `open`, on another of SQLite's file systems, for tests of what a disk may do.
pub(super) fn open_with(path: &Path, vfs: &str, kind: &Kind) -> Result<Connection, RegistryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    begin(Connection::open_with_flags_and_vfs(path, flags, vfs)?, path, kind, |_| Ok(()))
}

fn begin(
    mut conn: Connection,
    path: &Path,
    kind: &Kind,
    seed: impl FnOnce(&Transaction<'_>) -> Result<(), RegistryError>,
) -> Result<Connection, RegistryError> {
    set(&conn)?;
    let found = identify(&conn, path, kind)?;
    promise(&conn, path)?;
    if let Found::Nothing = found {
        build(&mut conn, path, kind, seed)?;
    }
    Ok(conn)
}

/// Opens for reading alone a file that exists. `access`: `SQLITE_OPEN_READ_WRITE` for the process that serves, whose
/// last connection to close finishes the write-ahead log and must be able to; else `SQLITE_OPEN_READ_ONLY`.
pub(super) fn open_to_read(dir: &Path, kind: &Kind, access: OpenFlags) -> Result<Connection, RegistryError> {
    let path = must_exist(dir, kind)?;
    let conn = Connection::open_with_flags(&path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    set(&conn)?;
    conn.pragma_update(None, "query_only", "ON")?;
    match identify(&conn, &path, kind)? {
        Found::Ours => Ok(conn),
        Found::Nothing => Err(RegistryError::Missing { path }),
    }
}

pub(super) fn must_exist(dir: &Path, kind: &Kind) -> Result<PathBuf, RegistryError> {
    let path = dir.join(kind.file);
    if path.is_file() { Ok(path) } else { Err(RegistryError::Missing { path }) }
}

/// The file, as a user of this machine other than ours must not read it.
fn make_private(path: &Path) -> Result<(), RegistryError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| RegistryError::Folder { path: path.to_owned(), source })
}

fn set(conn: &Connection) -> Result<(), RegistryError> {
    conn.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

fn identify(conn: &Connection, path: &Path, kind: &Kind) -> Result<Found, RegistryError> {
    let sql = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
               FROM pragma_application_id, pragma_user_version";
    let marks = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let not_ours = || RegistryError::NotOurs { path: path.to_owned(), what: kind.what };
    let (application_id, version, tables): (i64, i64, i64) = match marks {
        Ok(marks) => marks,
        Err(error) if is_no_database(&error) => return Err(not_ours()),
        Err(error) => return Err(error.into()),
    };
    if application_id == 0 && version == 0 && tables == 0 {
        return Ok(Found::Nothing);
    }
    if application_id != kind.application_id {
        return Err(not_ours());
    }
    if version > kind.schema_version {
        let (what, expected) = (kind.what, kind.schema_version);
        return Err(RegistryError::Newer { path: path.to_owned(), what, found: version, expected });
    }
    Ok(Found::Ours)
}

/// Readers never wait for a writer, a commit is on the disk before it is told (as in the journal), and what is deleted
/// is overwritten.
fn promise(conn: &Connection, path: &Path) -> Result<(), RegistryError> {
    prepare(conn)?;
    let found: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if found != "wal" {
        return Err(RegistryError::NoLog { path: path.to_owned(), found });
    }
    conn.pragma_update(None, "secure_delete", "ON")?;
    Ok(())
}

fn prepare(conn: &Connection) -> Result<(), RegistryError> {
    for _ in 1..WAL_TRIES {
        match prepare_connection(conn).map_err(RegistryError::from) {
            Err(RegistryError::Busy { .. }) => std::thread::sleep(Duration::from_millis(WAL_PAUSE_MS)),
            done => return done,
        }
    }
    Ok(prepare_connection(conn)?)
}

fn build(
    conn: &mut Connection,
    path: &Path,
    kind: &Kind,
    seed: impl FnOnce(&Transaction<'_>) -> Result<(), RegistryError>,
) -> Result<(), RegistryError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have built it between our look and our lock.
    if let Found::Ours = identify(&tx, path, kind)? {
        return Ok(());
    }
    tx.execute_batch(kind.schema)?;
    seed(&tx)?;
    tx.pragma_update(None, "application_id", kind.application_id)?;
    tx.pragma_update(None, "user_version", kind.schema_version)?;
    Ok(tx.commit()?)
}

/// Rewrites the file without what was deleted, and empties its write-ahead log, so that no byte of it is left.
/// `Busy` where a reader of another process still holds an old state; nothing is lost by trying again.
pub(super) fn scrub(conn: &Connection) -> Result<(), RegistryError> {
    conn.execute_batch("VACUUM")?;
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        return Err(RegistryError::Busy { waited_ms: BUSY_TIMEOUT_MS });
    }
    Ok(())
}
