//! The registry: who is protected, where, by which device, who may come, who may ask, and what is private.
//! `registry.db`, or the same tables of a PostgreSQL, hold versioned rows, accounts and the audit; `private.db` the values
//! to which events refer by name.
//! Reads no clock: `at` comes with every change. Decides nothing about alarms; it fills `dispatch::Facts`.
//! Several processes may have the same registry open: each change is one short transaction, and a reader never waits.

mod accounts;
mod audit;
mod change;
mod channels;
mod erase;
mod error;
mod fingerprint;
mod import;
mod known;
mod load;
mod look;
mod moved;
mod schema;
mod search;
mod secret;
mod sessions;
mod shared;
mod sql;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod unknown;
mod vault;
mod versioned;
pub mod world;

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use rand::TryRng;
use rand::rngs::SysRng;
use rusqlite::{Transaction, params};

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

use self::sql::Sql;
use crate::domain::Timestamp;
use crate::journal::{Session as Server, StoreUrl};

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

/// Where a registry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A data folder.
    Folder(PathBuf),
    Server(Box<StoreUrl>),
}

impl From<&Path> for Place {
    fn from(dir: &Path) -> Self {
        Self::Folder(dir.to_owned())
    }
}

impl From<&StoreUrl> for Place {
    fn from(url: &StoreUrl) -> Self {
        Self::Server(Box::new(url.clone()))
    }
}

/// An open registry. One connection: a process may open several.
pub struct Registry {
    sql: Sql,
    key: FingerprintKey,
}

impl Registry {
    /// Opens the registry of a place, and makes it where there is none.
    pub fn open(place: impl Into<Place>) -> Result<Self, RegistryError> {
        match place.into() {
            Place::Folder(dir) => Self::on(Sql::File(store::open(&dir, &schema::REGISTRY, seed)?)),
            Place::Server(url) => {
                let sql = Sql::Server(Box::new(RefCell::new(Server::open(&url)?)));
                sql.execute(&format!("{SEED} ON CONFLICT (one) DO NOTHING"), params![pepper()?])?;
                Self::on(sql)
            }
        }
    }

    /// Opens the registry of a place that must have one already.
    pub fn open_existing(place: impl Into<Place>) -> Result<Self, RegistryError> {
        let place = place.into();
        match &place {
            Place::Folder(dir) => {
                store::must_exist(dir, &schema::REGISTRY)?;
                Self::open(place)
            }
            Place::Server(url) => Self::on(Sql::Server(Box::new(RefCell::new(Server::open_existing(url)?)))),
        }
    }

    fn on(sql: Sql) -> Result<Self, RegistryError> {
        let key = fingerprint::read_key(&sql)?.ok_or(RegistryError::Unmade)?;
        Ok(Self { sql, key })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry(…)")
    }
}

const SEED: &str = "INSERT INTO meta (one, version, pepper) VALUES (1, 0, ?1)";

fn seed(tx: &Transaction<'_>) -> Result<(), RegistryError> {
    tx.execute(SEED, params![pepper()?])?;
    Ok(())
}

/// What no two registries share.
fn pepper() -> Result<[u8; 32], RegistryError> {
    let mut pepper = [0_u8; 32];
    SysRng.try_fill_bytes(&mut pepper).map_err(|error| RegistryError::Random(error.to_string()))?;
    Ok(pepper)
}
