//! Private values as they lie in the store. They are written by `append`, in the commit of the events that name them.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::Row;

use super::super::LogError;
use super::line::Line;
use crate::domain::SubjectId;
use crate::domain::private::{PrivateId, PrivateRow, PrivateValue};

/// Room for a table of some millions: erasing is nobody's hurry.
const VACUUM: Duration = Duration::from_secs(300);

pub(super) fn values(line: &mut Line, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, LogError> {
    const VALUES: &str = "SELECT id, subject, kind, salt, value FROM private WHERE id = ANY ($1)";
    let wanted = names(ids);
    let rows = line.ask(move |client| async move { client.query(VALUES, &[&wanted]).await });
    let rows = rows.map_err(|it| it.fault("reading private values of", &line.url))?;
    let mut found = rows.iter().map(|row| value(line, row)).collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(ids.iter().filter_map(|id| found.remove_entry(id)).collect())
}

pub(super) fn page(line: &mut Line, after: Option<PrivateId>, limit: usize) -> Result<Vec<PrivateRow>, LogError> {
    const PAGE: &str = "SELECT id, subject, kind, salt, value FROM private WHERE id > $1 ORDER BY id LIMIT $2";
    // Nothing is below the empty name.
    let after = after.map_or(Vec::new(), |it| it.0.to_be_bytes().to_vec());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = line.ask(move |client| async move { client.query(PAGE, &[&after, &limit]).await });
    let rows = rows.map_err(|it| it.fault("reading private values of", &line.url))?;
    rows.iter().map(|row| value(line, row).map(|(id, it)| PrivateRow::kept(id, it))).collect()
}

pub(super) fn forget(line: &mut Line, subject: &SubjectId, also: &[PrivateId]) -> Result<usize, LogError> {
    const FORGET: &str = "DELETE FROM private WHERE subject = $1 OR id = ANY ($2)";
    let (subject, also) = (subject.to_string(), names(also));
    let deleted = line.ask(move |client| async move { client.execute(FORGET, &[&subject, &also]).await });
    let deleted = deleted.map_err(|it| it.fault("erasing from", &line.url))?;
    Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
}

pub(super) fn vacuum(line: &mut Line) -> Result<(), LogError> {
    vacuum_with(line, "VACUUM private")
}

pub(super) fn vacuum_with(line: &mut Line, sql: &'static str) -> Result<(), LogError> {
    let done = line.ask_for(VACUUM, move |client| async move {
        client.batch_execute("SET statement_timeout = 0").await?;
        client.batch_execute(sql).await
    });
    done.map_err(|it| it.fault("tidying up", &line.url))
}

fn names(ids: &[PrivateId]) -> Vec<Vec<u8>> {
    ids.iter().map(|it| it.0.to_be_bytes().to_vec()).collect()
}

fn value(line: &Line, row: &Row) -> Result<(PrivateId, PrivateValue), LogError> {
    let (id, salt): (&[u8], &[u8]) = (row.get(0), row.get(3));
    let value = String::from_utf8(row.get::<_, Vec<u8>>(4)).ok();
    let (Ok(id), Ok(salt), Some(value)) = (<[u8; 16]>::try_from(id), <[u8; 16]>::try_from(salt), value) else {
        let why = "a private value that is none of ours: restore it from a backup".to_owned();
        return Err(LogError::Server { doing: "reading private values of", store: line.url.to_string(), why });
    };
    let subject = row.get::<_, Option<&str>>(1).and_then(|it| it.parse().ok());
    Ok((PrivateId(u128::from_be_bytes(id)), PrivateValue { subject, kind: row.get(2), salt, value }))
}
