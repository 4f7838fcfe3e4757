//! A registry that moves from a place to another, whole: rows of all versions, accounts, audit, and the key by which what
//! was seen is known again. Overwrites nothing but an older state of itself.

use std::path::Path;

use rusqlite::params;
use rusqlite::types::Value;

use super::audit::COLUMNS;
use super::error::RegistryError;
use super::sql::{Row, Sql};
use super::{Place, REGISTRY_FILE, Registry, fingerprint};

/// Its tables but for `meta` and the audit, and their columns.
const TABLES: [(&str, &[&str]); 10] = [
    ("district", VERSIONED),
    ("premises", VERSIONED),
    ("subject", VERSIONED),
    ("device", VERSIONED),
    ("responder", VERSIONED),
    ("account", VERSIONED),
    ("gone", &["kind", "id", "version", "at"]),
    ("session", &["token_hash", "account", "created_at", "expires_at"]),
    (
        "channel",
        &[
            "responder",
            "channel",
            "target",
            "confirmed_at",
            "last_ok_at",
            "last_fault",
            "test_hash",
            "tested_at",
            "test_tries",
        ],
    ),
    ("unknown_device", &["name", "first_at", "last_at", "count", "kind"]),
];

const VERSIONED: &[&str] = &["id", "from_version", "to_version", "body"];

/// Lines of the audit in memory at once: of years there may be millions.
const AUDIT_AT_ONCE: i64 = 10_000;

impl Registry {
    /// Takes over all that `from` has; gives its version. Nobody may be serving either of them. Again does no harm.
    ///
    /// # Errors
    /// `Another` where there is something that is not an older state of `from`.
    pub fn take_over(&mut self, from: &Registry, name: &str) -> Result<u64, RegistryError> {
        let source = from.sql.read()?;
        let version = super::load::version(&source)?;
        let tx = self.sql.write()?;
        let found = super::load::version(&tx)?;
        let is_older_state = self.key == from.key && found <= version;
        let may_go = is_older_state || (found == 0 && is_untouched(&tx)?);
        if !may_go {
            return Err(RegistryError::Another { store: name.to_owned() });
        }
        for (table, columns) in TABLES {
            tx.execute(&format!("DELETE FROM {table}"), &[])?;
            let rows = source.rows(&format!("SELECT {} FROM {table}", columns.join(", ")), &[])?;
            tx.insert_each(table, columns, rows.into_iter().map(Row::into_values).collect())?;
        }
        take_audit(&source, &tx)?;
        let pepper: Option<[u8; 32]> = source.row("SELECT pepper FROM meta", &[])?.map(|row| row.get(0)).transpose()?;
        tx.execute("UPDATE meta SET version = ?1, pepper = ?2", params![version.cast_signed(), pepper])?;
        tx.commit()?;
        self.key = fingerprint::read_key(&self.sql)?.ok_or(RegistryError::Unmade)?;
        Ok(version)
    }

    /// A registry that was left in the folder `dir` must be in this one as it is: else everybody in it would be unknown.
    pub fn came_along(&self, dir: &Path, place: &Place) -> Result<(), RegistryError> {
        let Place::Server(url) = place else { return Ok(()) };
        if !dir.join(REGISTRY_FILE).exists() {
            return Ok(());
        }
        let left = Registry::open_existing(dir)?;
        let version = left.version()?;
        if version == 0 || (left.key == self.key && version <= self.version()?) {
            return Ok(());
        }
        Err(RegistryError::NotCopied { dir: dir.to_owned(), store: url.to_string() })
    }
}

fn is_untouched(sql: &Sql) -> Result<bool, RegistryError> {
    Ok(sql.row("SELECT 1 FROM audit LIMIT 1", &[])?.is_none())
}

/// `seq` is of its place: only the order moves.
fn take_audit(from: &Sql, to: &Sql) -> Result<(), RegistryError> {
    to.execute("DELETE FROM audit", &[])?;
    let text = format!("SELECT seq, {} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2", COLUMNS.join(", "));
    let mut after = 0_i64;
    loop {
        let rows = from.rows(&text, params![after, AUDIT_AT_ONCE])?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.get(0)?;
        let without_seq = |row: Row| -> Vec<Value> { row.into_values().into_iter().skip(1).collect() };
        to.insert_each("audit", &COLUMNS, rows.into_iter().map(without_seq).collect())?;
    }
}
