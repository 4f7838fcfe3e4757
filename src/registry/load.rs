//! From rows to facts: all of them, or what changed since a version. Both read one consistent state.

use rusqlite::params;

use super::Registry;
use super::error::RegistryError;
use super::sql::{Row, Sql};
use super::table::{Table, decode, row_id};
use crate::dispatch::Facts;
use crate::dispatch::facts::{Row as Fact, RowId};

/// What must be done to facts of an older version to bring them to `version`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub version: u64,
    pub put: Vec<Fact>,
    pub removed: Vec<RowId>,
}

impl Changes {
    /// Brings `facts` to the version of these changes. Removals go first: a device's name may have gone to another.
    pub fn apply_to(self, facts: &mut Facts) {
        for row in &self.removed {
            facts.remove(row);
        }
        for row in self.put {
            facts.put(row);
        }
        facts.version = self.version;
    }
}

impl Registry {
    /// The version of the registry now. One row by its key, some microseconds: a server asks every 500 ms.
    pub fn version(&self) -> Result<u64, RegistryError> {
        version(&self.sql)
    }

    /// All facts.
    pub fn load(&self) -> Result<Facts, RegistryError> {
        let mut facts = Facts::default();
        self.changes_since(0)?.apply_to(&mut facts);
        Ok(facts)
    }

    /// What changed after `since`: rows as they are now, and the names of those that are no more.
    pub fn changes_since(&self, since: u64) -> Result<Changes, RegistryError> {
        let tx = self.sql.read()?;
        let mut changes = Changes { version: version(&tx)?, ..Changes::default() };
        for table in Table::ALL {
            changed(&tx, table, since, &mut changes.put)?;
            gone(&tx, table, since, &mut changes.removed)?;
        }
        Ok(changes)
    }
}

pub(super) fn version(sql: &Sql) -> Result<u64, RegistryError> {
    version_in(sql.row("SELECT version FROM meta", &[])?)
}

/// `row` is that of `meta`.
pub(super) fn version_in(row: Option<Row>) -> Result<u64, RegistryError> {
    let row = row.ok_or_else(|| RegistryError::Damaged {
        table: "meta",
        id: "1".to_owned(),
        why: "there is no such row".to_owned(),
    })?;
    Ok(row.get::<i64>(0)?.cast_unsigned())
}

fn changed(sql: &Sql, table: Table, since: u64, put: &mut Vec<Fact>) -> Result<(), RegistryError> {
    let table_name = table.as_str();
    let text = format!("SELECT id, body FROM {table_name} WHERE from_version > ?1 AND to_version IS NULL ORDER BY id");
    for row in sql.rows(&text, params![since.cast_signed()])? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        put.push(decode(table, &id, &body)?);
    }
    Ok(())
}

fn gone(sql: &Sql, table: Table, since: u64, removed: &mut Vec<RowId>) -> Result<(), RegistryError> {
    let text = format!(
        "SELECT id FROM gone WHERE kind = ?1 AND version > ?2
         AND NOT EXISTS (SELECT 1 FROM {} now WHERE now.id = gone.id AND now.to_version IS NULL) ORDER BY id",
        table.as_str()
    );
    for row in sql.rows(&text, params![table, since.cast_signed()])? {
        removed.push(row_id(table, &row.get::<String>(0)?)?);
    }
    Ok(())
}
