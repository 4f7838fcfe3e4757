//! Taking districts and giving them up. One statement each, so that there is no moment in between.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::Row;

use super::super::{Hash, Head, LogError};
use super::line::Line;
use super::read::{head_of_record, seq_of};
use super::{PostgresLog, read};
use crate::domain::DistrictCode;

/// What we hold of a district.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub epoch: i64,
    /// What is committed, as this log wrote it or found it.
    pub head: Head,
}

/// Who owns a district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenure {
    pub district: DistrictCode,
    /// Rises with every owner.
    pub epoch: i64,
    pub owner: String,
    /// To whom it is being handed.
    pub heir: Option<String>,
    /// Whether the lease still runs, by the server's clock.
    pub held: bool,
    /// Since when it does not, in ms.
    pub free_ms: u64,
    /// Where the record ends.
    pub head: Head,
}

/// How often a lease is asked for that another holds.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Beyond the length of a lease: an owner that died renewed it a moment before, and the server is asked in steps.
const PATIENCE_MS: u64 = 1_500;

const TAKE: &str = "
    INSERT INTO lease VALUES ($1, $2, 1, 0, $4, clock_timestamp() + make_interval(secs => $3))
    ON CONFLICT (district) DO UPDATE SET owner = $2, epoch = lease.epoch + 1, heir = '',
        held_until = clock_timestamp() + make_interval(secs => $3)
    WHERE lease.held_until <= clock_timestamp() OR lease.owner = $2
    RETURNING epoch, head_seq, head_hash";

impl PostgresLog {
    pub(super) fn take_all(&mut self, districts: &[DistrictCode]) -> Result<(), LogError> {
        let mut wanted: BTreeSet<DistrictCode> = districts.iter().copied().collect();
        wanted.extend(known(self.line.get_mut())?);
        let patience = self.lease + Duration::from_millis(PATIENCE_MS);
        let tries = patience.as_millis() / ASK_AGAIN.as_millis();
        for district in wanted {
            self.take_patiently(district, tries)?;
        }
        Ok(())
    }

    fn take_patiently(&mut self, district: DistrictCode, tries: u128) -> Result<(), LogError> {
        for _ in 0..tries {
            match self.take(district) {
                Err(LogError::Held { .. }) => self.line.get_mut().bridge.wait(async { sleep(ASK_AGAIN).await }),
                other => return other,
            }
        }
        self.take(district)
    }

    /// Raises the epoch, and reads where the record ends. `LogError::Held` where another holds the district.
    pub(super) fn take(&mut self, district: DistrictCode) -> Result<(), LogError> {
        let (owner, length_s) = (self.owner.clone(), self.lease.as_secs_f64());
        let line = self.line.get_mut();
        let taken = line.ask(move |client| async move {
            client.query_opt(TAKE, &[&number(district), &owner, &length_s, &Hash::GENESIS.0.as_slice()]).await
        });
        let Some(row) = taken.map_err(|it| it.fault("taking a lease in", &line.url))? else {
            return Err(held_by_another(line, district)?);
        };
        let held = held(&row, district)?;
        let found = head_of_record(line, district)?;
        if found != held.head {
            return Err(LogError::HeadDiffers { district, found: found.seq, expected: held.head.seq });
        }
        self.renewal.renew_too(district);
        self.held.insert(district, held);
        Ok(())
    }
}

/// From `epoch, head_seq, head_hash`.
pub(super) fn held(row: &Row, district: DistrictCode) -> Result<Held, LogError> {
    let seq = seq_of(row.get(1), district)?;
    let hash = read::hash_of(row.get(2)).ok_or_else(|| read::no_hash(district, seq))?;
    Ok(Held { epoch: row.get(0), head: Head { seq, hash } })
}

pub(super) fn number(district: DistrictCode) -> i32 {
    i32::try_from(district.number()).expect("a code has six digits")
}

/// What is still ours of these; what another has taken meanwhile stays theirs.
pub(super) fn release(line: &mut Line, owner: &str, held: &BTreeMap<DistrictCode, Held>) -> Result<(), LogError> {
    const RELEASE: &str = "UPDATE lease SET held_until = clock_timestamp()
                           FROM unnest($1::int4[], $2::int8[]) AS it (district, epoch)
                           WHERE lease.district = it.district AND lease.epoch = it.epoch AND lease.owner = $3";
    let owner = owner.to_owned();
    let (districts, epochs): (Vec<i32>, Vec<i64>) = held.iter().map(|(code, it)| (number(*code), it.epoch)).unzip();
    let released = line.ask(move |client| async move { client.execute(RELEASE, &[&districts, &epochs, &owner]).await });
    released.map(drop).map_err(|it| it.fault("releasing leases in", &line.url))
}

fn known(line: &mut Line) -> Result<Vec<DistrictCode>, LogError> {
    let rows = line.ask(|client| async move { client.query("SELECT district FROM lease", &[]).await });
    let rows = rows.map_err(|it| it.fault("reading", &line.url))?;
    rows.iter().map(|row| read::code(line, row.get(0), 1)).collect()
}

/// All leases that ever were taken.
pub(super) fn tenures(line: &mut Line) -> Result<Vec<Tenure>, LogError> {
    const ALL: &str = "SELECT epoch, head_seq, head_hash, district, owner, held_until > clock_timestamp(), heir,
                              (extract(epoch FROM clock_timestamp() - held_until) * 1000)::bigint
                       FROM lease ORDER BY district";
    let rows = line.ask(|client| async move { client.query(ALL, &[]).await });
    let rows = rows.map_err(|it| it.fault("reading", &line.url))?;
    let tenure = |row: &Row| {
        let district = read::code(line, row.get(3), 1)?;
        let Held { epoch, head } = held(row, district)?;
        let heir = Some(row.get::<_, String>(6)).filter(|it| !it.is_empty());
        let free_ms = u64::try_from(row.get::<_, i64>(7)).unwrap_or(0);
        Ok(Tenure { district, epoch, owner: row.get(4), heir, held: row.get(5), free_ms, head })
    };
    rows.iter().map(tenure).collect()
}

fn held_by_another(line: &mut Line, district: DistrictCode) -> Result<LogError, LogError> {
    let asked = line.ask(move |client| async move {
        client.query_one_scalar("SELECT owner FROM lease WHERE district = $1", &[&number(district)]).await
    });
    let owner = asked.map_err(|it| it.fault("reading", &line.url))?;
    Ok(LogError::Held { district, owner, store: line.url.to_string() })
}
