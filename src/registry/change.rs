//! One row changed by hand: put in the place of the version that its editor saw, or ended. Whoever was slower is told
//! the version that holds now; nothing is overwritten unseen. Ended rows keep their old versions; erasing is another
//! thing.

use std::collections::BTreeSet;

use rusqlite::params;

use super::audit::{AuditEntry, write};
use super::error::RegistryError;
use super::known::Known;
use super::sql::Sql;
use super::table::{Table, decode, encode};
use super::versioned::{close, current, holds_since, insert, next_version};
use super::world::{Fault, World, check};
use super::{By, Registry};
use crate::dispatch::facts::Row;
use crate::domain::DistrictCode;

/// A row that holds, and since which version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub version: u64,
    pub row: Row,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else was quicker. `None`: there is no such row now.
    #[error("the row is at version {found:?}, expected the one that was seen")]
    Moved { found: Option<u64> },
    #[error("{} faults", .0.len())]
    Faults(Vec<Fault>),
    #[error("it belongs to district {0}, which is out of reach")]
    OutOfReach(DistrictCode),
    #[error("{table} `{id}` refers to it")]
    InUse { table: &'static str, id: String },
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// So that whoever follows the changes hears of it.
const GONE: &str = "INSERT INTO gone (kind, id, version, at) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, at = excluded.at";

/// What names a row: a table, and the condition that finds the row's name (`?1`) in its bodies.
type Reference = (&'static str, &'static str);

impl Registry {
    /// The row that holds now.
    pub fn held(&self, table: Table, id: &str) -> Result<Option<Held>, RegistryError> {
        held(&*self.sql.read()?, table, id)
    }

    /// Puts the only row of `world` in the place of version `on`, or makes it new (`None`). Tells the version from which
    /// it holds: that of before where nothing is different. `reach`: the districts of whoever asks; none are all.
    pub fn put_row(
        &mut self,
        world: &World,
        on: Option<u64>,
        reach: &BTreeSet<DistrictCode>,
        by: By<'_>,
    ) -> Result<u64, ChangeError> {
        let tx = self.sql.write()?;
        let known = Known::of(&tx, std::slice::from_ref(world))?;
        let faults = check(std::slice::from_ref(world), &known);
        let (table, id, row) = match world.entries.as_slice() {
            [entry] if faults.is_empty() => (entry.table, entry.id.as_str(), entry.row.as_ref()),
            _ => return Err(ChangeError::Faults(faults)),
        };
        let row = row.expect("an entry without a row has a fault");
        let before = seen(&tx, table, id, on, reach)?;
        let district = within(&tx, row, reach)?;
        if known.is_erased(table, id) {
            return Err(ChangeError::Faults(vec![of_erased(table)]));
        }
        if let Some(before) = before.as_ref().filter(|it| it.row == *row) {
            return Ok(before.version);
        }
        let version = next_version(&tx)?;
        close(&tx, table.as_str(), id, version)?;
        insert(&tx, table.as_str(), id, version, &encode(row))?;
        let action = if before.is_some() { "changed" } else { "added" };
        let entry = AuditEntry::of(by, action).on(table.as_str(), id).at_version(version);
        write(&tx, &AuditEntry { district, ..entry })?;
        tx.commit()?;
        Ok(version)
    }

    /// Ends the row that has held since version `on`. Refused while anything names it.
    pub fn end_row(
        &mut self,
        table: Table,
        id: &str,
        on: u64,
        reach: &BTreeSet<DistrictCode>,
        by: By<'_>,
    ) -> Result<u64, ChangeError> {
        let tx = self.sql.write()?;
        let before = seen(&tx, table, id, Some(on), reach)?;
        let district = before.map(|it| district_of(&tx, &it.row)).transpose()?.flatten();
        if let Some((table, id)) = who_names(&tx, table, id)? {
            return Err(ChangeError::InUse { table, id });
        }
        let version = next_version(&tx)?;
        close(&tx, table.as_str(), id, version)?;
        tx.execute(GONE, params![table, id, version.cast_signed(), by.at.ms()])?;
        let entry = AuditEntry::of(by, "ended").on(table.as_str(), id).at_version(version);
        write(&tx, &AuditEntry { district, ..entry })?;
        tx.commit()?;
        Ok(version)
    }
}

pub(super) fn held(sql: &Sql, table: Table, id: &str) -> Result<Option<Held>, RegistryError> {
    let Some(version) = holds_since(sql, table.as_str(), id)? else { return Ok(None) };
    let Some(body) = current(sql, table.as_str(), id)? else { return Ok(None) };
    Ok(Some(Held { version, row: decode(table, id, &body)? }))
}

/// The row as whoever asks has seen it. That it is theirs comes first: a version tells something, too.
fn seen(
    sql: &Sql,
    table: Table,
    id: &str,
    on: Option<u64>,
    reach: &BTreeSet<DistrictCode>,
) -> Result<Option<Held>, ChangeError> {
    let found = held(sql, table, id)?;
    if let Some(it) = &found {
        within(sql, &it.row, reach)?;
    }
    let version = found.as_ref().map(|it| it.version);
    if version == on { Ok(found) } else { Err(ChangeError::Moved { found: version }) }
}

fn within(sql: &Sql, row: &Row, reach: &BTreeSet<DistrictCode>) -> Result<Option<DistrictCode>, ChangeError> {
    let district = district_of(sql, row)?;
    match district {
        Some(it) if !reach.is_empty() && !reach.contains(&it) => Err(ChangeError::OutOfReach(it)),
        found => Ok(found),
    }
}

/// The district to which a row belongs, over the rows that it names.
pub(super) fn district_of(sql: &Sql, row: &Row) -> Result<Option<DistrictCode>, RegistryError> {
    let named = match row {
        Row::District(it) => return Ok(Some(it.code)),
        Row::Premises(it) => return Ok(Some(it.district)),
        Row::Responder(it) => return Ok(Some(it.district)),
        Row::Subject(it) => held(sql, Table::Premises, it.premises.as_str())?,
        Row::Device(it) => held(sql, Table::Subject, it.subject.as_str())?,
    };
    named.map_or(Ok(None), |it| district_of(sql, &it.row))
}

fn who_names(sql: &Sql, table: Table, id: &str) -> Result<Option<(&'static str, String)>, RegistryError> {
    let references: &[Reference] = match table {
        Table::District => &[
            ("premises", "json_extract(body, '$.district') = ?1"),
            ("responder", "json_extract(body, '$.district') = ?1"),
        ],
        Table::Premises => &[("subject", "json_extract(body, '$.premises') = ?1")],
        Table::Subject => &[("device", "json_extract(body, '$.subject') = ?1")],
        Table::Device => &[(
            "account",
            "json_extract(body, '$.device') = (SELECT json_extract(body, '$.name') FROM device
             WHERE id = ?1 AND to_version IS NULL)",
        )],
        Table::Responder => &[("account", "json_extract(body, '$.responder') = ?1")],
    };
    for (table, condition) in references {
        let naming = format!("SELECT id FROM {table} WHERE to_version IS NULL AND {condition} ORDER BY id LIMIT 1");
        if let Some(found) = sql.row(&naming, params![id])? {
            return Ok(Some((table, found.get(0)?)));
        }
    }
    Ok(None)
}

fn of_erased(table: Table) -> Fault {
    Fault {
        file: table.as_str().to_owned(),
        line: 1,
        found: "the id of one that was erased".to_owned(),
        expected: "an id that was never given".to_owned(),
        mend: "give it a new id".to_owned(),
        field: Some("id".to_owned()),
    }
}
