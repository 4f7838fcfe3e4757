//! Snapshots of a district's state, in a file beside the journal: writing one takes half a second at a million events,
//! and the journal's lock must be free for an alarm all that time. What is damaged is passed over with a warning, or
//! made anew: the events are the truth.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, params};
use tracing::warn;

use super::super::folder::fault as file_fault;
use super::super::{AppendError, EventReader, Hash, LogError, Snapshot, SnapshotStore, belongs, digest};
use super::append::{commit, integer};
use super::fault::At;
use super::open::{For, open};
use super::read;
use crate::domain::DistrictCode;

/// The newest, and the one before it in case the newest is found damaged.
const KEPT: i64 = 2;

/// `TIDS`, as in `schema`.
const APPLICATION_ID: i64 = 0x5449_4453;

const VERSION: i64 = 1;

const TABLE: &str = "
    CREATE TABLE snapshot (
        district INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, state_version INTEGER NOT NULL,
        body BLOB NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (district, seq)) STRICT;";

/// The one writer of a folder's snapshots; the journal's lock on the folder is its too.
#[derive(Debug)]
pub(super) struct SnapshotFile {
    conn: Connection,
    path: PathBuf,
}

impl SnapshotFile {
    pub(super) fn open(path: PathBuf, purpose: For<'_>) -> Result<Self, LogError> {
        let conn = match ready(&path, purpose) {
            Err(error) if error.is_damage() && matches!(purpose, For::Writing) => {
                warn!("Made {} anew: {error}", path.display());
                fs::remove_file(&path).map_err(file_fault("removing", &path))?;
                ready(&path, purpose)?
            }
            other => other?,
        };
        Ok(Self { conn, path })
    }
}

impl SnapshotStore for SnapshotFile {
    fn save(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        let written = commit(&mut self.conn, |conn| put(conn, snapshot));
        written.map_err(|error| At("saving a snapshot to", &self.path).append_fault(error))
    }

    fn latest(&self, record: &dyn EventReader, district: DistrictCode) -> Result<Option<Snapshot>, LogError> {
        const NEWEST_FIRST: &str =
            "SELECT seq, hash, state_version, body, digest FROM snapshot WHERE district = ?1 ORDER BY seq DESC";
        let fault = At("reading a snapshot of", &self.path).fault();
        let mut statement = self.conn.prepare_cached(NEWEST_FIRST).map_err(&fault)?;
        let mut rows = statement.query([district.number()]).map_err(&fault)?;
        while let Some(row) = rows.next().map_err(&fault)? {
            let found = whole(row, district).map_err(&fault)?;
            if let Some(it) = found
                && belongs(record, &it)?
            {
                return Ok(Some(it));
            }
            warn!(%district, "Passed over a snapshot of `{district}` that is damaged or not of this chain");
        }
        Ok(None)
    }
}

/// Synced when it is committed. Without a write-ahead log, which would have every byte written twice.
fn ready(path: &Path, purpose: For<'_>) -> Result<Connection, LogError> {
    let conn = open(path, purpose)?;
    let fault = At("preparing", path).fault();
    conn.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA").map_err(&fault)?;
    let marks = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
                 FROM pragma_application_id, pragma_user_version";
    let marks = conn.query_row(marks, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let (owner, version, tables): (i64, i64, i64) = marks.map_err(&fault)?;
    if (owner, version) == (APPLICATION_ID, VERSION) {
        return Ok(conn);
    }
    if owner != APPLICATION_ID && (owner != 0 || tables != 0) {
        let found = format!("an SQLite database with application id {owner} and {tables} tables and indexes");
        let expected = "a file of snapshots, application id 1414087763";
        return Err(LogError::Foreign { path: path.to_owned(), found, expected });
    }
    let anew = format!(
        "BEGIN IMMEDIATE; DROP TABLE IF EXISTS snapshot; {TABLE}
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT"
    );
    conn.execute_batch(&anew).map_err(&fault)?;
    Ok(conn)
}

fn put(conn: &Connection, it: &Snapshot) -> rusqlite::Result<()> {
    let district = it.district.number();
    conn.prepare_cached("INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        district,
        integer(it.seq),
        it.hash.0,
        it.state_version,
        it.body,
        digest(it).0
    ])?;
    const DROP_OLD: &str = "DELETE FROM snapshot WHERE district = ?1 AND seq NOT IN \
                            (SELECT seq FROM snapshot WHERE district = ?1 ORDER BY seq DESC LIMIT ?2)";
    conn.prepare_cached(DROP_OLD)?.execute((district, KEPT))?;
    Ok(())
}

fn whole(row: &Row<'_>, district: DistrictCode) -> rusqlite::Result<Option<Snapshot>> {
    let (Ok(seq), Ok(hash), Ok(state_version)) = (read::natural(row, 0), row.get(1), row.get(2)) else {
        return Ok(None);
    };
    let it = Snapshot { district, seq, hash: Hash(hash), state_version, body: row.get(3)? };
    let kept: Option<[u8; 32]> = row.get(4).ok();
    Ok((kept == Some(digest(&it).0)).then_some(it))
}
