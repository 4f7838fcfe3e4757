//! Snapshots beside the record, on a connection of their own: keeping one, however large, does not make an event wait.

use std::cell::RefCell;
use std::time::Duration;

use tokio_postgres::Row;
use tracing::warn;

use super::super::{AppendError, EventReader, LogError, Snapshot, SnapshotStore, belongs, digest};
use super::lease::number;
use super::line::Line;
use super::read::{hash_of, integer, seq_of};
use crate::domain::DistrictCode;

/// The newest, and the one before it in case the newest is found damaged.
const KEPT: i64 = 2;

/// Some hundred megabytes over a city's network.
const SAVED: Duration = Duration::from_secs(60);

const PUT: &str = "INSERT INTO snapshot VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (district, seq) DO UPDATE
                   SET hash = excluded.hash, state_version = excluded.state_version, body = excluded.body,
                       digest = excluded.digest";

const DROP_OLD: &str = "DELETE FROM snapshot WHERE district = $1 AND seq NOT IN
                        (SELECT seq FROM snapshot WHERE district = $1 ORDER BY seq DESC LIMIT $2)";

pub(super) struct SnapshotTable {
    line: RefCell<Line>,
}

impl SnapshotTable {
    pub fn new(line: Line) -> Self {
        Self { line: RefCell::new(line) }
    }
}

impl SnapshotStore for SnapshotTable {
    fn save(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        let (it, line) = (snapshot.clone(), self.line.get_mut());
        let saved = line.ask_for(SAVED, move |client| async move {
            client.batch_execute(&format!("SET statement_timeout = '{} s'", SAVED.as_secs())).await?;
            let (district, version, digest) = (number(it.district), i64::from(it.state_version), digest(&it));
            let hash = it.hash.0.as_slice();
            client
                .execute(PUT, &[&district, &integer(it.seq), &hash, &version, &it.body, &digest.0.as_slice()])
                .await?;
            client.execute(DROP_OLD, &[&district, &KEPT]).await
        });
        saved.map(drop).map_err(|it| AppendError::Definite(it.fault("saving a snapshot to", &line.url)))
    }

    fn latest(&self, record: &dyn EventReader, district: DistrictCode) -> Result<Option<Snapshot>, LogError> {
        const SEQS: &str = "SELECT seq FROM snapshot WHERE district = $1 ORDER BY seq DESC";
        let asked =
            self.line.borrow_mut().ask(move |client| async move { client.query(SEQS, &[&number(district)]).await });
        for row in asked.map_err(|it| it.fault("reading snapshots of", &self.line.borrow().url))? {
            let found = self.one(district, row.get(0))?;
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

impl SnapshotTable {
    fn one(&self, district: DistrictCode, seq: i64) -> Result<Option<Snapshot>, LogError> {
        const ONE: &str = "SELECT seq, hash, state_version, body, digest FROM snapshot
                           WHERE district = $1 AND seq = $2";
        let mut line = self.line.borrow_mut();
        let asked = line.ask_for(SAVED, move |client| async move {
            client.batch_execute(&format!("SET statement_timeout = '{} s'", SAVED.as_secs())).await?;
            client.query_opt(ONE, &[&number(district), &seq]).await
        });
        let row = asked.map_err(|it| it.fault("reading a snapshot of", &line.url))?;
        row.map_or(Ok(None), |row| whole(&row, district))
    }
}

fn whole(row: &Row, district: DistrictCode) -> Result<Option<Snapshot>, LogError> {
    let seq = seq_of(row.get(0), district)?;
    let (hash, kept) = (hash_of(row.get(1)), hash_of(row.get(4)));
    let (Some(hash), Ok(state_version)) = (hash, u32::try_from(row.get::<_, i64>(2))) else { return Ok(None) };
    let it = Snapshot { district, seq, hash, state_version, body: row.get(3) };
    Ok((kept == Some(digest(&it))).then_some(it))
}
