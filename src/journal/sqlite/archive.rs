//! Summaries of closed incidents, for queries: derived from the events, and not in the chain.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::{AppendError, ArchiveRow, LogError};
use super::SqliteLog;
use super::append::{commit, integer, settle};
use super::fault::At;
use super::read::natural;
use crate::domain::DistrictCode;

pub(super) fn put(log: &mut SqliteLog, rows: &[ArchiveRow]) -> Result<(), AppendError> {
    let written = commit(&mut log.conn, |conn| insert(conn, rows));
    written.map_err(|error| settle(log, error))
}

fn insert(conn: &Connection, rows: &[ArchiveRow]) -> rusqlite::Result<()> {
    let mut insert = conn.prepare_cached("INSERT OR REPLACE INTO archive VALUES (?1, ?2, ?3, ?4)")?;
    for row in rows {
        insert.execute(params![row.district.number(), integer(row.number), integer(row.closed_seq), row.body])?;
    }
    Ok(())
}

pub(super) fn one(
    conn: &Connection,
    path: &Path,
    district: DistrictCode,
    number: u64,
) -> Result<Option<ArchiveRow>, LogError> {
    const ONE: &str = "SELECT number, closed_seq, body FROM archive WHERE district = ?1 AND number = ?2";
    let fault = At("reading the archive of", path).fault();
    let mut statement = conn.prepare_cached(ONE).map_err(&fault)?;
    let found = statement.query_row((district.number(), integer(number)), |row| archive_row(row, district));
    found.optional().map_err(&fault)
}

pub(super) fn page(
    conn: &Connection,
    path: &Path,
    district: DistrictCode,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<ArchiveRow>, LogError> {
    const PAGE: &str = "SELECT number, closed_seq, body FROM archive WHERE district = ?1 AND number < ?2 \
                        ORDER BY number DESC LIMIT ?3";
    let fault = At("reading the archive of", path).fault();
    let mut statement = conn.prepare_cached(PAGE).map_err(&fault)?;
    let key = (district.number(), before.map_or(i64::MAX, integer), integer(limit as u64));
    let rows = statement.query_map(key, |row| archive_row(row, district)).map_err(&fault)?;
    rows.collect::<Result<_, _>>().map_err(&fault)
}

fn archive_row(row: &Row<'_>, district: DistrictCode) -> rusqlite::Result<ArchiveRow> {
    Ok(ArchiveRow { district, number: natural(row, 0)?, closed_seq: natural(row, 1)?, body: row.get(2)? })
}
