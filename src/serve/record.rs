//! Where the record and the private values are, as the configuration says: in the data folder, or in a PostgreSQL.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::ServeError;
use crate::config::{Config, StoreConfig};
use crate::domain::DistrictCode;
use crate::engine::{Private, Shell};
use crate::journal::{
    EventReader, ExpectedHead, FolderLock, Heads, JOURNAL_FILE, LogError, Ownership, PostgresLog, PostgresReader,
    Roster, SqliteLog, SqliteReader, Standing, StoreUrl, note_store, record_is_here,
};
use crate::registry::{PrivateReader, Vault, VaultReader};

/// The data folder is ours; the record is not open yet where it is elsewhere.
pub(super) enum Claimed {
    Folder(SqliteLog),
    Server(FolderLock, StoreUrl),
}

/// The record, open for its one writer.
pub(super) enum Record {
    Folder(Box<SqliteLog>),
    Server(Box<PostgresLog>),
}

impl Claimed {
    pub fn take(config: &Config) -> Result<Self, LogError> {
        match &config.store.url {
            Some(url) => Ok(Self::Server(FolderLock::take(&config.data)?, url.clone())),
            None => {
                record_is_here(&config.data)?;
                Ok(Self::Folder(SqliteLog::open(&config.data)?))
            }
        }
    }

    /// The folder's lock is handed back where the record does not hold it.
    pub fn open(
        self,
        data: &Path,
        store: &StoreConfig,
        districts: &[DistrictCode],
    ) -> Result<(Record, Option<FolderLock>), LogError> {
        let (lock, url) = match self {
            Self::Folder(log) => return Ok((Record::Folder(Box::new(log)), None)),
            Self::Server(lock, url) => (lock, url),
        };
        let owner = Ownership::name(&format!("serve, process {}", std::process::id()));
        let it = Ownership { url: url.clone(), lease: Duration::from_secs(store.lease_s), owner };
        let log = PostgresLog::open(it, districts, Arc::new(Shell::exit_at_once))?;
        came_along(data, &log, &url)?;
        note_store(data, &url.to_string())?;
        info!(store = %url, "The record is in {url}");
        if !store.single && !log.standing().has_synchronous_standby() {
            warn!(
                "{url} has no synchronous standby: with its machine goes what was acknowledged; set \
                 synchronous_standby_names, or start with --single-store where that is wanted"
            );
        }
        Ok((Record::Server(Box::new(log)), Some(lock)))
    }
}

/// Beside a bus: the store has its tables, and what was left in the folder is in it.
pub(super) fn share(data: &Path, url: &StoreUrl) -> Result<(), LogError> {
    drop(Roster::open(url)?);
    came_along(data, &PostgresReader::open(url)?, url)?;
    note_store(data, &url.to_string())?;
    info!(store = %url, "The record is in {url}, shared with other processes");
    Ok(())
}

/// A record that was left in the folder must be in the server up to its end: else its incidents would be numbered anew.
fn came_along(data: &Path, log: &dyn EventReader, url: &StoreUrl) -> Result<(), LogError> {
    if !data.join(JOURNAL_FILE).exists() {
        return Ok(());
    }
    for (district, head) in SqliteReader::open(data)?.heads()? {
        if (ExpectedHead { district, head }).check(log).is_err() {
            return Err(LogError::NotCopied { district, dir: data.to_owned(), store: url.to_string() });
        }
    }
    Ok(())
}

impl Record {
    pub fn heads(&self) -> Result<Heads, LogError> {
        match self {
            Self::Folder(log) => log.heads(),
            Self::Server(log) => log.heads(),
        }
    }

    /// What readiness says of a server.
    pub fn standing(&self) -> Option<Arc<Standing>> {
        match self {
            Self::Folder(_) => None,
            Self::Server(log) => Some(log.standing()),
        }
    }
}

pub(super) fn private(config: &Config) -> Result<Private, ServeError> {
    Ok(match &config.store.url {
        None => Private::Beside(Vault::open(&config.data)?),
        Some(url) => Private::Within(Box::new(PostgresReader::open(url)?)),
    })
}

/// For those who read what is committed, beside the writer.
pub(super) fn reader(config: &Config) -> Result<Box<dyn EventReader + Send>, LogError> {
    Ok(match &config.store.url {
        None => Box::new(SqliteReader::open_own(&config.data)?),
        Some(url) => Box::new(PostgresReader::open(url)?),
    })
}

pub(super) fn private_reader(config: &Config) -> Result<Box<dyn PrivateReader>, ServeError> {
    Ok(match &config.store.url {
        None => Box::new(VaultReader::open(&config.data)?),
        Some(url) => Box::new(PostgresReader::open(url)?),
    })
}
