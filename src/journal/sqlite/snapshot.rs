//! Snapshots of a district's state, kept beside the events they were folded from.
//! One that is damaged, or whose record is not in the chain, is passed over with a warning: the events are the truth.

use std::path::Path;

use rusqlite::{Connection, Row, params};
use tracing::warn;

use super::super::{AppendError, Hash, LogError, Snapshot};
use super::append::{commit, integer, settle};
use super::fault::At;
use super::{SqliteLog, read};
use crate::domain::DistrictCode;
use crate::domain::digest::sha256;

/// The newest, and the one before it in case the newest is found damaged.
const KEPT: i64 = 2;

pub(super) fn save(log: &mut SqliteLog, snapshot: &Snapshot) -> Result<(), AppendError> {
    let written = commit(&mut log.conn, |conn| put(conn, snapshot));
    written.map_err(|error| settle(log, error))
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

pub(super) fn latest(conn: &Connection, path: &Path, district: DistrictCode) -> Result<Option<Snapshot>, LogError> {
    const NEWEST_FIRST: &str =
        "SELECT seq, hash, state_version, body, digest FROM snapshot WHERE district = ?1 ORDER BY seq DESC";
    let fault = At("reading a snapshot of", path).fault();
    let mut statement = conn.prepare_cached(NEWEST_FIRST).map_err(&fault)?;
    let mut rows = statement.query([district.number()]).map_err(&fault)?;
    while let Some(row) = rows.next().map_err(&fault)? {
        let found = whole(row, district).map_err(&fault)?;
        if let Some(it) = found
            && read::hash_of(conn, path, district, it.seq)? == Some(it.hash)
        {
            return Ok(Some(it));
        }
        warn!(%district, "Passed over a snapshot of `{district}` that is damaged or not of this chain");
    }
    Ok(None)
}

fn whole(row: &Row<'_>, district: DistrictCode) -> rusqlite::Result<Option<Snapshot>> {
    let (Ok(seq), Ok(hash), Ok(state_version)) = (read::natural(row, 0), row.get(1), row.get(2)) else {
        return Ok(None);
    };
    let it = Snapshot { district, seq, hash: Hash(hash), state_version, body: row.get(3)? };
    let kept: Option<[u8; 32]> = row.get(4).ok();
    Ok((kept == Some(digest(&it).0)).then_some(it))
}

fn digest(it: &Snapshot) -> Hash {
    Hash(sha256(&[&it.hash.0, &it.seq.to_be_bytes(), &it.state_version.to_be_bytes(), &it.body]))
}
