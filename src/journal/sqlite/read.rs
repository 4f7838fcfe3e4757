//! Reading records and heads. A row that cannot be a record is an error that names it, never passed over.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::{Hash, Head, Heads, LogError, Record};
use super::append::integer;
use super::fault::At;
use crate::domain::{DistrictCode, Seq};

/// Rows read in one go: a reader that pauses in between holds up no checkpoint.
const PAGE_ROWS: usize = 1000;

/// One look-up a district, however many records there are.
pub(super) fn heads(conn: &Connection, path: &Path) -> Result<Heads, LogError> {
    let mut heads = Heads::new();
    let mut after = i64::MIN;
    while let Some((number, seq)) = next_district(conn, after).map_err(At("reading", path).fault())? {
        let (district, seq) = key(path, number, seq)?;
        heads.insert(district, Head { seq, hash: hash_at(conn, path, district, seq)? });
        after = number;
    }
    Ok(heads)
}

fn next_district(conn: &Connection, after: i64) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut next = conn.prepare_cached("SELECT min(district) FROM event WHERE district > ?1")?;
    let Some(district) = next.query_row([after], |row| row.get::<_, Option<i64>>(0))? else { return Ok(None) };
    let mut last = conn.prepare_cached("SELECT max(seq) FROM event WHERE district = ?1")?;
    last.query_row([district], |row| Ok(Some((district, row.get(0)?))))
}

fn hash_at(conn: &Connection, path: &Path, district: DistrictCode, seq: Seq) -> Result<Hash, LogError> {
    let fault = At("reading", path).fault();
    let mut one = conn.prepare_cached("SELECT hash FROM event WHERE district = ?1 AND seq = ?2").map_err(&fault)?;
    let found = one.query_row([i64::from(district.number()), integer(seq)], |row| {
        Ok(row.get_ref(0)?.as_blob().ok().and_then(|bytes| bytes.try_into().ok()).map(Hash))
    });
    match found.optional().map_err(&fault)? {
        None => Err(LogError::HeadMoved { district, found: 0, expected: seq }),
        Some(Some(hash)) => Ok(hash),
        Some(None) => Err(no_hash(district, seq)),
    }
}

/// See `EventReader::read`.
pub(super) fn records(
    conn: &Connection,
    path: &Path,
    district: DistrictCode,
    from: Seq,
    visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<(), LogError> {
    // From the start means from whatever is there: a row with a seq below 1 is not ours and must be found.
    let mut next = if from <= 1 { i64::MIN } else { integer(from) };
    while let Some(after) = page(conn, path, district, next, visit)? {
        next = after;
    }
    Ok(())
}

/// Gives where the next page starts, if there is one and it is wanted.
fn page(
    conn: &Connection,
    path: &Path,
    district: DistrictCode,
    from: i64,
    visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<Option<i64>, LogError> {
    const PAGE: &str = "SELECT seq, body, hash FROM event WHERE district = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
    let fault = At("reading", path).fault();
    let mut statement = conn.prepare_cached(PAGE).map_err(&fault)?;
    let mut rows = statement.query((district.number(), from, PAGE_ROWS as i64)).map_err(&fault)?;
    let mut count = 0;
    let mut last = from;
    while let Some(row) = rows.next().map_err(&fault)? {
        last = row.get(0).map_err(&fault)?;
        count += 1;
        if visit(record(row, path, district, last)?).is_break() {
            return Ok(None);
        }
    }
    Ok((count == PAGE_ROWS).then_some(last).and_then(|it| it.checked_add(1)))
}

fn record(row: &Row<'_>, path: &Path, district: DistrictCode, seq: i64) -> Result<Record, LogError> {
    let (district, seq) = key(path, i64::from(district.number()), seq)?;
    let fault = At("reading", path).fault();
    let body = match row.get_ref(1).map_err(&fault)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    };
    let unreadable = LogError::Unreadable { district, seq, found: "a body that is no text", expected: "UTF-8" };
    let body = body.ok_or(unreadable)?.to_owned();
    let hash = row.get_ref(2).map_err(&fault)?.as_blob().ok().and_then(|bytes| bytes.try_into().ok());
    Ok(Record { district, seq, body, hash: Hash(hash.ok_or_else(|| no_hash(district, seq))?) })
}

fn no_hash(district: DistrictCode, seq: Seq) -> LogError {
    LogError::Unreadable { district, seq, found: "a hash of another length", expected: "32 bytes" }
}

/// A count of ours, which is never below 0.
pub(super) fn natural(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let found: i64 = row.get(column)?;
    u64::try_from(found).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, found))
}

fn key(path: &Path, district: i64, seq: i64) -> Result<(DistrictCode, Seq), LogError> {
    let bad = || LogError::BadKey { path: path.to_owned(), district, seq };
    let code = format!("{district:06}").parse().map_err(|_| bad())?;
    let seq = u64::try_from(seq).ok().filter(|seq| *seq > 0).ok_or_else(bad)?;
    Ok((code, seq))
}
