//! The audit: who did or tried what, when. It holds ids and actions, never a value of a row: a person who is erased
//! leaves an id here and nothing else.

use rusqlite::params;
use rusqlite::types::Value;

use super::error::RegistryError;
use super::sql::{Row, Sql};
use super::{By, Registry};
use crate::domain::{DistrictCode, Timestamp};

/// Entries of one page at most: a screenful is read at a time, and an answer must not hold a year.
pub const AUDIT_PAGE_MAX: usize = 1000;

/// All but `seq`, which the table counts.
pub(super) const COLUMNS: [&str; 8] = ["at", "actor", "action", "kind", "id", "district", "version", "detail"];

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// An account, or the command line.
    pub actor: String,
    /// What was done or tried, such as `added`, `revoked` or `refused`.
    pub action: String,
    /// The table and the id it was done to.
    pub kind: Option<String>,
    pub id: Option<String>,
    pub district: Option<DistrictCode>,
    /// The version of the registry that it made.
    pub version: Option<u64>,
    /// Free of private values: a path and a code, or counts.
    pub detail: Option<String>,
}

/// An entry with its place in the audit; the newest has the greatest `seq`. A server leaves out the numbers of changes
/// that were undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    pub seq: u64,
    pub entry: AuditEntry,
}

impl AuditEntry {
    pub fn of(by: By<'_>, action: &str) -> Self {
        Self {
            at: by.at,
            actor: by.actor.to_owned(),
            action: action.to_owned(),
            kind: None,
            id: None,
            district: None,
            version: None,
            detail: None,
        }
    }

    #[must_use]
    pub fn on(mut self, kind: &str, id: &str) -> Self {
        (self.kind, self.id) = (Some(kind.to_owned()), Some(id.to_owned()));
        self
    }

    #[must_use]
    pub fn within(mut self, district: DistrictCode) -> Self {
        self.district = Some(district);
        self
    }

    #[must_use]
    pub fn at_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    #[must_use]
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl Registry {
    /// Adds an entry: a refusal, or the reading of something private.
    pub fn audit(&mut self, entry: &AuditEntry) -> Result<(), RegistryError> {
        write(&self.sql, entry)
    }

    /// The newest entries before `before` (`None`: the newest of all), at most `limit` and `AUDIT_PAGE_MAX`. With
    /// `districts`, those of other districts are left out; entries of no district are everybody's.
    pub fn audit_page(
        &self,
        before: Option<u64>,
        limit: usize,
        districts: &[DistrictCode],
    ) -> Result<Vec<Audited>, RegistryError> {
        let sql = "SELECT seq, at, actor, action, kind, id, district, version, detail FROM audit
                   WHERE seq < ?1 AND (?2 = '' OR district IS NULL OR ?2 LIKE '%' || district || '%')
                   ORDER BY seq DESC LIMIT ?3";
        // Codes of six digits, with a letter between them: none is found across two.
        let districts = districts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let before = before.map_or(i64::MAX, u64::cast_signed);
        let limit = limit.min(AUDIT_PAGE_MAX) as i64;
        self.sql.rows(sql, params![before, districts, limit])?.iter().map(read).collect()
    }
}

pub(super) fn write(sql: &Sql, entry: &AuditEntry) -> Result<(), RegistryError> {
    write_each(sql, std::iter::once(entry.clone()))
}

pub(super) fn write_each(sql: &Sql, entries: impl Iterator<Item = AuditEntry>) -> Result<(), RegistryError> {
    let row = |it: AuditEntry| -> Vec<Value> {
        let district = it.district.map(|it| it.to_string());
        let version = it.version.map(u64::cast_signed);
        vec![
            it.at.ms().into(),
            it.actor.into(),
            it.action.into(),
            it.kind.into(),
            it.id.into(),
            district.into(),
            version.into(),
            it.detail.into(),
        ]
    };
    sql.insert_each("audit", &COLUMNS, entries.map(row).collect())
}

fn read(row: &Row) -> Result<Audited, RegistryError> {
    let entry = AuditEntry {
        at: Timestamp::from_ms(row.get(1)?),
        actor: row.get(2)?,
        action: row.get(3)?,
        kind: row.get(4)?,
        id: row.get(5)?,
        district: row.get::<Option<String>>(6)?.and_then(|code| code.parse().ok()),
        version: row.get::<Option<i64>>(7)?.map(i64::cast_unsigned),
        detail: row.get(8)?,
    };
    Ok(Audited { seq: row.get::<i64>(0)?.cast_unsigned(), entry })
}
