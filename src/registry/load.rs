//! From rows to facts: all of them, or what changed since a version. Both read one consistent state.

use rusqlite::{Connection, params};

use super::Registry;
use super::error::RegistryError;
use super::table::{Table, decode, row_id};
use crate::dispatch::Facts;
use crate::dispatch::facts::{Row, RowId};

/// What must be done to facts of an older version to bring them to `version`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub version: u64,
    pub put: Vec<Row>,
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
        version(&self.conn)
    }

    /// All facts.
    pub fn load(&self) -> Result<Facts, RegistryError> {
        let mut facts = Facts::default();
        self.changes_since(0)?.apply_to(&mut facts);
        Ok(facts)
    }

    /// What changed after `since`: rows as they are now, and the names of those that are no more.
    pub fn changes_since(&self, since: u64) -> Result<Changes, RegistryError> {
        let tx = self.conn.unchecked_transaction()?;
        let mut changes = Changes { version: version(&tx)?, ..Changes::default() };
        for table in Table::ALL {
            changed(&tx, table, since, &mut changes.put)?;
            gone(&tx, table, since, &mut changes.removed)?;
        }
        Ok(changes)
    }
}

pub(super) fn version(conn: &Connection) -> Result<u64, RegistryError> {
    let mut statement = conn.prepare_cached("SELECT version FROM meta")?;
    Ok(statement.query_row([], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

fn changed(conn: &Connection, table: Table, since: u64, put: &mut Vec<Row>) -> Result<(), RegistryError> {
    let table_name = table.as_str();
    let sql = format!("SELECT id, body FROM {table_name} WHERE from_version > ?1 AND to_version IS NULL ORDER BY id");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![since.cast_signed()])?;
    while let Some(row) = rows.next()? {
        let id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        put.push(decode(table, id, body)?);
    }
    Ok(())
}

fn gone(conn: &Connection, table: Table, since: u64, removed: &mut Vec<RowId>) -> Result<(), RegistryError> {
    let sql = format!(
        "SELECT id FROM gone WHERE kind = ?1 AND version > ?2
         AND NOT EXISTS (SELECT 1 FROM {} now WHERE now.id = gone.id AND now.to_version IS NULL) ORDER BY id",
        table.as_str()
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![table, since.cast_signed()])?;
    while let Some(row) = rows.next()? {
        removed.push(row_id(table, &row.get::<_, String>(0)?)?);
    }
    Ok(())
}
