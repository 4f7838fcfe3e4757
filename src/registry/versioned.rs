//! The one way in which a versioned row is read and changed: the old one is closed at a version, the new one opens at
//! it, and the audit says so.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::By;
use super::audit::{AuditEntry, write};
use super::error::RegistryError;

/// Counts one change of the registry. Called once a transaction, by whoever changes rows in it.
pub(super) fn next_version(tx: &Transaction<'_>) -> Result<u64, RegistryError> {
    let sql = "UPDATE meta SET version = version + 1 RETURNING version";
    Ok(tx.query_row(sql, [], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

/// The body of the row that holds now.
pub(super) fn current(conn: &Connection, table: &str, id: &str) -> Result<Option<String>, RegistryError> {
    let sql = format!("SELECT body FROM {table} WHERE id = ?1 AND to_version IS NULL");
    Ok(conn.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()?)
}

/// The version from which the row that holds now has held.
pub(super) fn holds_since(conn: &Connection, table: &str, id: &str) -> Result<Option<u64>, RegistryError> {
    let sql = format!("SELECT from_version FROM {table} WHERE id = ?1 AND to_version IS NULL");
    let since = conn.prepare_cached(&sql)?.query_row([id], |row| row.get::<_, i64>(0)).optional()?;
    Ok(since.map(i64::cast_unsigned))
}

/// Ends the row that holds now, if there is one. Tells whether there was.
pub(super) fn close(tx: &Transaction<'_>, table: &str, id: &str, version: u64) -> Result<bool, RegistryError> {
    let sql = format!("UPDATE {table} SET to_version = ?2 WHERE id = ?1 AND to_version IS NULL");
    Ok(tx.prepare_cached(&sql)?.execute(params![id, version.cast_signed()])? > 0)
}

/// Makes `body` the row that holds from `version` on. The row before it must have been closed.
pub(super) fn insert(
    tx: &Transaction<'_>,
    table: &str,
    id: &str,
    version: u64,
    body: &str,
) -> Result<(), RegistryError> {
    let sql = format!("INSERT INTO {table} (id, from_version, body) VALUES (?1, ?2, ?3)");
    tx.prepare_cached(&sql)?.execute(params![id, version.cast_signed(), body])?;
    Ok(())
}

/// Writes into the audit that `by` did `action` to a row.
pub(super) fn note(
    tx: &Transaction<'_>,
    by: By<'_>,
    action: &str,
    table: &str,
    id: &str,
    version: u64,
) -> Result<(), RegistryError> {
    let entry = AuditEntry::of(by, action).on(table, id).at_version(version);
    write(tx, &entry)
}
