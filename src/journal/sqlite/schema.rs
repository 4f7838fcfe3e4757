//! The tables, their version, and whether a file is ours. A file of another program is refused before it is touched.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::super::LogError;
use super::fault::At;

/// `TIDW`, in the place where SQLite keeps the name of the program that owns a file.
const APPLICATION_ID: i64 = 0x5449_4457;

/// Entry n brings a journal from version n to n + 1. The first makes a new one.
const UPGRADES: [&str; 1] = ["
    CREATE TABLE log (only INTEGER PRIMARY KEY CHECK (only = 1), generation TEXT NOT NULL) STRICT;
    INSERT INTO log VALUES (1, lower(hex(randomblob(16))));
    CREATE TABLE event (
        district INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (district, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE archive (
        district INTEGER NOT NULL, number INTEGER NOT NULL, closed_seq INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (district, number)) STRICT, WITHOUT ROWID;
"];

/// The version this program writes.
const VERSION: i64 = UPGRADES.len() as i64;

/// How long a reader or the backup may keep us waiting for a lock; none holds one for more than a step.
const BUSY_TIMEOUT_MS: u32 = 1000;

/// Above this the write-ahead log is cut back when it starts anew: a long reader must not leave it large for ever.
const WAL_KEPT_BYTES: u64 = 64 * 1024 * 1024;

/// How every connection that writes is set: durable at each commit. The registry's files and the bench's bare store use
/// the same. How long it waits for a lock is its owner's to say, before this.
pub fn prepare_connection(conn: &Connection) -> rusqlite::Result<()> {
    // Read to its end: the change is committed after the row that tells of it. Where that fails, SQLite goes on with a
    // rollback journal, whose last commit does not outlive a crash, and still calls it `wal`.
    let mut change = conn.prepare("PRAGMA journal_mode = WAL")?;
    change.query_map([], |_| Ok(()))?.collect::<rusqlite::Result<()>>()?;
    conn.execute_batch(&format!("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = {WAL_KEPT_BYTES}"))
}

/// How every connection that only reads is set.
pub(super) fn prepare_reader(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA query_only = ON"))
}

/// The journal copies its write-ahead log itself, so that an error of it is seen and it happens when nobody waits.
pub(super) fn prepare(conn: &Connection, path: &Path) -> Result<(), LogError> {
    let fault = At("preparing", path).fault();
    conn.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")).map_err(&fault)?;
    prepare_connection(conn).map_err(&fault)?;
    let mode: String = ask(conn, "PRAGMA journal_mode", path)?;
    if mode != "wal" {
        let found = format!("journal mode {mode} that cannot be changed");
        return Err(LogError::Foreign {
            path: path.to_owned(),
            found,
            expected: "a disk that can keep a write-ahead log",
        });
    }
    conn.execute_batch("PRAGMA wal_autocheckpoint = 0").map_err(fault)
}

/// Ours, or empty; anything else is refused with what was found.
pub(super) fn admit(conn: &Connection, path: &Path) -> Result<(), LogError> {
    let owner: i64 = ask(conn, "PRAGMA application_id", path).map_err(not_a_database)?;
    let tables: i64 = ask(conn, "SELECT count(*) FROM sqlite_schema", path)?;
    if owner != APPLICATION_ID && (owner != 0 || tables != 0) {
        let found = format!("an SQLite database with application id {owner} and {tables} tables and indexes");
        let expected = "application id 1414087767";
        return Err(LogError::Foreign { path: path.to_owned(), found, expected });
    }
    let found: i64 = ask(conn, "PRAGMA user_version", path)?;
    if found > VERSION {
        return Err(LogError::Newer { path: path.to_owned(), found, expected: VERSION });
    }
    Ok(())
}

/// For who may not write: a journal of this very version.
pub(super) fn admit_as_is(conn: &Connection, path: &Path) -> Result<(), LogError> {
    admit(conn, path)?;
    let found: i64 = ask(conn, "PRAGMA user_version", path)?;
    if found < VERSION {
        return Err(LogError::Older { path: path.to_owned(), found, expected: VERSION });
    }
    Ok(())
}

/// One transaction: a crash leaves the old version or the new one.
pub(super) fn upgrade(conn: &mut Connection, path: &Path) -> Result<(), LogError> {
    let fault = At("upgrading", path).fault();
    let found: i64 = ask(conn, "PRAGMA user_version", path)?;
    let pending = usize::try_from(found).ok().and_then(|from| UPGRADES.get(from..)).unwrap_or_default();
    if pending.is_empty() {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
    for step in pending {
        tx.execute_batch(step).map_err(&fault)?;
    }
    tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}"))
        .map_err(&fault)?;
    tx.commit().map_err(&fault)
}

pub(super) fn generation(conn: &Connection, path: &Path) -> Result<String, LogError> {
    ask(conn, "SELECT generation FROM log", path)
}

fn ask<T: rusqlite::types::FromSql>(conn: &Connection, question: &str, path: &Path) -> Result<T, LogError> {
    conn.query_row(question, [], |row| row.get(0)).map_err(At("reading", path).fault())
}

fn not_a_database(error: LogError) -> LogError {
    match error {
        LogError::Store { path, source, .. }
            if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) =>
        {
            let found = "a file that is not an SQLite database".to_owned();
            LogError::Foreign { path, found, expected: "an SQLite database with application id 1414087767" }
        }
        other => other,
    }
}
