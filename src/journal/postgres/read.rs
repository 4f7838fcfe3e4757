//! Reading records and heads. A row that cannot be a record is an error that names it, never passed over.

use std::ops::ControlFlow;
use std::path::PathBuf;

use tokio_postgres::Row;

use super::super::{Hash, Head, Heads, LogError, Record};
use super::lease::number;
use super::line::Line;
use crate::domain::{DistrictCode, Seq};

/// Rows read in one go.
const PAGE_ROWS: usize = 1_000;

/// One look-up a district, however many records there are; beside each what its lease says.
const HEADS: &str = "
    WITH RECURSIVE known (district) AS (
        SELECT min(district) FROM event
        UNION ALL
        SELECT (SELECT min(it.district) FROM event it WHERE it.district > known.district) FROM known
        WHERE known.district IS NOT NULL)
    SELECT district, last.seq, last.hash, lease.head_seq, lease.head_hash
    FROM (SELECT district FROM known WHERE district IS NOT NULL UNION SELECT district FROM lease) all_known
    LEFT JOIN LATERAL
        (SELECT seq, hash FROM event it WHERE it.district = all_known.district ORDER BY seq DESC LIMIT 1) last ON true
    LEFT JOIN lease USING (district)
    ORDER BY district";

/// The heads of the record. Where a lease tells of another end, the end was cut off, or something was written beside us.
pub(super) fn heads(line: &mut Line) -> Result<Heads, LogError> {
    let rows = line.ask(|client| async move { client.query(HEADS, &[]).await });
    let rows = rows.map_err(|it| it.fault("reading", &line.url))?;
    let mut heads = Heads::new();
    for row in rows {
        let (seq, told): (Option<i64>, Option<i64>) = (row.get(1), row.get(3));
        let district = code(line, row.get(0), seq.unwrap_or(1))?;
        let end = end(seq, row.get(2), district)?;
        let told = told.map(|it| self::end(Some(it), row.get(4), district)).transpose()?;
        if let Some(told) = told.filter(|it| *it != end) {
            return Err(LogError::HeadDiffers { district, found: end.seq, expected: told.seq });
        }
        if end != Head::GENESIS {
            heads.insert(district, end);
        }
    }
    Ok(heads)
}

/// Where the record of a district ends, whatever its lease says.
pub(super) fn head_of_record(line: &mut Line, district: DistrictCode) -> Result<Head, LogError> {
    const LAST: &str = "SELECT seq, hash FROM event WHERE district = $1 ORDER BY seq DESC LIMIT 1";
    let row = line.ask(move |client| async move { client.query_opt(LAST, &[&number(district)]).await });
    let row = row.map_err(|it| it.fault("reading", &line.url))?;
    row.map_or(Ok(Head::GENESIS), |row| end(Some(row.get(0)), row.get(1), district))
}

fn end(seq: Option<i64>, hash: Option<&[u8]>, district: DistrictCode) -> Result<Head, LogError> {
    let Some(seq) = seq else { return Ok(Head::GENESIS) };
    let seq = seq_of(seq, district)?;
    Ok(Head { seq, hash: hash_of(hash.unwrap_or_default()).ok_or_else(|| no_hash(district, seq))? })
}

/// See `EventReader::read`.
pub(super) fn records(
    line: &mut Line,
    district: DistrictCode,
    from: Seq,
    visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<(), LogError> {
    const PAGE: &str = "SELECT seq, body, hash FROM event WHERE district = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
    // From the start means from whatever is there: a row with a seq below 1 is not ours and must be found.
    let mut next = if from <= 1 { i64::MIN } else { integer(from) };
    // Who breaks after one has not paid for a thousand.
    let mut limit = 1;
    loop {
        let asked =
            line.ask(move |client| async move { client.query(PAGE, &[&number(district), &next, &limit]).await });
        let rows = asked.map_err(|it| it.fault("reading", &line.url))?;
        for row in &rows {
            if visit(record(line, row, district)?).is_break() {
                return Ok(());
            }
        }
        let after = rows.last().and_then(|row| row.get::<_, i64>(0).checked_add(1));
        match after {
            Some(after) if rows.len() as i64 == limit => (next, limit) = (after, PAGE_ROWS as i64),
            Some(_) | None => return Ok(()),
        }
    }
}

fn record(line: &Line, row: &Row, district: DistrictCode) -> Result<Record, LogError> {
    let number = i64::from(district.number());
    let seq = key(line, number, row.get(0))?.1;
    let body = String::from_utf8(row.get::<_, Vec<u8>>(1));
    let unreadable = LogError::Unreadable { district, seq, found: "a body that is no text", expected: "UTF-8" };
    let hash = hash_of(row.get(2)).ok_or_else(|| no_hash(district, seq))?;
    Ok(Record { district, seq, body: body.map_err(|_| unreadable)?, hash })
}

pub(super) fn code(line: &Line, district: i32, seq: i64) -> Result<DistrictCode, LogError> {
    key(line, i64::from(district), seq).map(|(district, _)| district)
}

fn key(line: &Line, district: i64, seq: i64) -> Result<(DistrictCode, Seq), LogError> {
    let bad = || LogError::BadKey { path: PathBuf::from(line.url.to_string()), district, seq };
    let code = format!("{district:06}").parse().map_err(|_| bad())?;
    let seq = u64::try_from(seq).ok().filter(|seq| *seq > 0).ok_or_else(bad)?;
    Ok((code, seq))
}

/// A count of ours, which is never below 0.
pub(super) fn seq_of(found: i64, district: DistrictCode) -> Result<Seq, LogError> {
    let bad = LogError::Unreadable { district, seq: 0, found: "a number below 0", expected: "a count" };
    u64::try_from(found).map_err(|_| bad)
}

pub(super) fn hash_of(bytes: &[u8]) -> Option<Hash> {
    bytes.try_into().ok().map(Hash)
}

pub(super) fn no_hash(district: DistrictCode, seq: Seq) -> LogError {
    LogError::Unreadable { district, seq, found: "a hash of another length", expected: "32 bytes" }
}

/// Seqs and numbers are counted from 1 by us; none reaches 2^63.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
