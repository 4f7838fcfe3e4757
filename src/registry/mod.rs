//! The registry: who is protected, where, by which device, who may come, who may ask, and what is private.
//! `registry.db` holds versioned rows, accounts and the audit; `private.db` the values to which events refer by name.
//! Reads no clock: `at` comes with every change. Decides nothing about alarms; it fills `dispatch::Facts`.
//! Several processes may have the same folder open: each change is one short transaction, and a reader never waits.

mod accounts;
mod audit;
mod change;
mod channels;
mod erase;
mod error;
mod fingerprint;
mod import;
mod load;
mod look;
mod schema;
mod search;
mod secret;
mod sessions;
mod shared;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod unknown;
mod vault;
mod versioned;
pub mod world;

use std::path::Path;

use rand::TryRng;
use rand::rngs::SysRng;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

pub use accounts::{Account, AccountError, Accounts};
pub use audit::{AUDIT_PAGE_MAX, AuditEntry, Audited};
pub use change::{ChangeError, Held};
pub use channels::{ChannelRow, Target};
pub use erase::{EraseError, Erased};
pub use error::RegistryError;
pub use fingerprint::FingerprintKey;
pub use import::{ImportError, ImportReport, TableReport};
pub use load::Changes;
pub use look::districts_of;
pub use search::{Matched, Search, SearchIndex};
pub use secret::{Secret, SecretHash};
pub use sessions::Session;
pub use shared::Shared;
pub use table::Table;
pub use unknown::{UNKNOWN_DEVICES_MAX, UnknownDevice};
pub use vault::{Forget, PrivateReader, Vault, VaultError, VaultReader, commit_to, private_page};

pub use world::World;

pub use crate::domain::private::{PrivateRow, PrivateValue};

use crate::domain::Timestamp;

/// The registry's file in the data folder.
pub const REGISTRY_FILE: &str = "registry.db";

/// The file of private values in the data folder.
pub const PRIVATE_FILE: &str = "private.db";

/// Who changes something, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// An account, or a name for the command line such as `import`.
    pub actor: &'a str,
    pub at: Timestamp,
}

/// An open registry. One connection: a process may open several.
#[derive(Debug)]
pub struct Registry {
    conn: Connection,
    key: FingerprintKey,
}

impl Registry {
    /// Opens the registry of a data folder, and makes both where they do not exist.
    pub fn open(dir: &Path) -> Result<Self, RegistryError> {
        let conn = store::open(dir, &schema::REGISTRY, seed)?;
        let key = fingerprint::read_key(&conn)?;
        Ok(Self { conn, key })
    }

    /// Opens the registry of a data folder that must be one already.
    pub fn open_existing(dir: &Path) -> Result<Self, RegistryError> {
        store::must_exist(dir, &schema::REGISTRY)?;
        Self::open(dir)
    }

    /// A transaction that has the write lock from its first statement, so that it never fails half-way for want of it.
    fn write(&mut self) -> Result<Transaction<'_>, RegistryError> {
        Ok(self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

fn seed(tx: &Transaction<'_>) -> Result<(), RegistryError> {
    let mut pepper = [0_u8; 32];
    SysRng.try_fill_bytes(&mut pepper).map_err(|error| RegistryError::Random(error.to_string()))?;
    tx.execute("INSERT INTO meta (one, version, pepper) VALUES (1, 0, ?1)", params![pepper])?;
    Ok(())
}
