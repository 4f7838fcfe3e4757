//! The one way in which a versioned row is read and changed: the old one is closed at a version, the new one opens at
//! it, and the audit says so.

use rusqlite::params;
use rusqlite::types::Value;

use super::By;
use super::audit::{AuditEntry, write};
use super::error::RegistryError;
use super::load::version_in;
use super::sql::Sql;
use super::table::Table;

/// Counts one change of the registry. Called once a transaction, by whoever changes rows in it.
pub(super) fn next_version(tx: &Sql) -> Result<u64, RegistryError> {
    let row = tx.row("UPDATE meta SET version = version + 1 RETURNING version", &[])?;
    version_in(row)
}

/// The body of the row that holds now.
pub(super) fn current(sql: &Sql, table: &str, id: &str) -> Result<Option<String>, RegistryError> {
    let body = format!("SELECT body FROM {table} WHERE id = ?1 AND to_version IS NULL");
    sql.row(&body, params![id])?.map(|row| row.get(0)).transpose()
}

/// The version from which the row that holds now has held.
pub(super) fn holds_since(sql: &Sql, table: &str, id: &str) -> Result<Option<u64>, RegistryError> {
    let since = format!("SELECT from_version FROM {table} WHERE id = ?1 AND to_version IS NULL");
    sql.row(&since, params![id])?.map(|row| row.get::<i64>(0).map(i64::cast_unsigned)).transpose()
}

/// Ends the row that holds now, if there is one. Tells whether there was.
pub(super) fn close(tx: &Sql, table: &str, id: &str, version: u64) -> Result<bool, RegistryError> {
    Ok(tx.execute(&closing(table), params![id, version.cast_signed()])? > 0)
}

/// As `close`, for many rows of a table.
pub(super) fn close_each<'a>(
    tx: &Sql,
    table: Table,
    ids: impl Iterator<Item = &'a str>,
    version: u64,
) -> Result<(), RegistryError> {
    let rows = ids.map(|id| vec![Value::Text(id.to_owned()), Value::Integer(version.cast_signed())]).collect();
    tx.execute_each(&closing(table.as_str()), rows)
}

fn closing(table: &str) -> String {
    format!("UPDATE {table} SET to_version = ?2 WHERE id = ?1 AND to_version IS NULL")
}

/// Makes `body` the row that holds from `version` on. The row before it must have been closed.
pub(super) fn insert(tx: &Sql, table: &str, id: &str, version: u64, body: &str) -> Result<(), RegistryError> {
    let row = vec![id.to_owned().into(), version.cast_signed().into(), body.to_owned().into()];
    tx.insert_each(table, &["id", "from_version", "body"], vec![row])
}

/// As `insert`, for many rows of a table: their ids and bodies.
pub(super) fn insert_each<'a>(
    tx: &Sql,
    table: Table,
    rows: impl Iterator<Item = (&'a str, String)>,
    version: u64,
) -> Result<(), RegistryError> {
    let version = version.cast_signed();
    let rows = rows.map(|(id, body)| vec![Value::Text(id.to_owned()), Value::Integer(version), Value::Text(body)]);
    tx.insert_each(table.as_str(), &["id", "from_version", "body"], rows.collect())
}

/// Writes into the audit that `by` did `action` to a row.
pub(super) fn note(
    tx: &Sql,
    by: By<'_>,
    action: &str,
    table: &str,
    id: &str,
    version: u64,
) -> Result<(), RegistryError> {
    let entry = AuditEntry::of(by, action).on(table, id).at_version(version);
    write(tx, &entry)
}
