//! Summaries of closed incidents, for queries: derived from the events, and not in the chain.

use tokio_postgres::Row;

use super::super::{AppendError, ArchiveRow, LogError};
use super::lease::number;
use super::line::Line;
use super::read::{integer, seq_of};
use crate::domain::DistrictCode;

/// What an earlier owner still knows does not replace what a later one wrote. The last of several of one incident holds.
const PUT: &str = "
    INSERT INTO archive SELECT DISTINCT ON (1, 2) district, number, closed_seq, body
    FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bytea[])
        WITH ORDINALITY AS it (district, number, closed_seq, body, nth)
    ORDER BY 1, 2, nth DESC
    ON CONFLICT (district, number) DO UPDATE SET closed_seq = excluded.closed_seq, body = excluded.body
    WHERE archive.closed_seq <= excluded.closed_seq";

/// Doing it again does no harm: an answer that was lost is a failure.
pub(super) fn put(line: &mut Line, rows: &[ArchiveRow]) -> Result<(), AppendError> {
    let districts: Vec<i32> = rows.iter().map(|it| self::number(it.district)).collect();
    let numbers: Vec<i64> = rows.iter().map(|it| integer(it.number)).collect();
    let seqs: Vec<i64> = rows.iter().map(|it| integer(it.closed_seq)).collect();
    let bodies: Vec<Vec<u8>> = rows.iter().map(|it| it.body.clone().into_bytes()).collect();
    let put = line.ask(move |client| async move { client.execute(PUT, &[&districts, &numbers, &seqs, &bodies]).await });
    put.map(drop).map_err(|it| AppendError::Definite(it.fault("archiving in", &line.url)))
}

pub(super) fn one(line: &mut Line, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError> {
    const ONE: &str = "SELECT number, closed_seq, body FROM archive WHERE district = $1 AND number = $2";
    let row = line
        .ask(move |client| async move { client.query_opt(ONE, &[&self::number(district), &integer(number)]).await });
    let row = row.map_err(|it| it.fault("reading the archive of", &line.url))?;
    row.map(|row| archive_row(&row, district)).transpose()
}

pub(super) fn page(
    line: &mut Line,
    district: DistrictCode,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<ArchiveRow>, LogError> {
    const PAGE: &str = "SELECT number, closed_seq, body FROM archive WHERE district = $1 AND number < $2 \
                        ORDER BY number DESC LIMIT $3";
    let (before, limit) = (before.map_or(i64::MAX, integer), integer(limit as u64));
    let rows = line.ask(move |client| async move { client.query(PAGE, &[&number(district), &before, &limit]).await });
    let rows = rows.map_err(|it| it.fault("reading the archive of", &line.url))?;
    rows.iter().map(|row| archive_row(row, district)).collect()
}

fn archive_row(row: &Row, district: DistrictCode) -> Result<ArchiveRow, LogError> {
    let (number, closed_seq) = (seq_of(row.get(0), district)?, seq_of(row.get(1), district)?);
    let bad = LogError::Unreadable { district, seq: closed_seq, found: "a summary that is no text", expected: "UTF-8" };
    let body = String::from_utf8(row.get::<_, Vec<u8>>(2)).map_err(|_| bad)?;
    Ok(ArchiveRow { district, number, closed_seq, body })
}
