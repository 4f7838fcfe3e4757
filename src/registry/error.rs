//! What can go wrong with the registry's files. A message names files, tables and ids; it never holds a value of a row.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::journal::LogError;

/// Why the registry could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error(
        "{path}: there is no such file, expected the registry of a data folder; check --data, or import a world first"
    )]
    Missing { path: PathBuf },
    #[error("{path}: found a file that is not Tidewatch's, expected its {what}; check --data, or move the file away")]
    NotOurs { path: PathBuf, what: &'static str },
    #[error(
        "{path}: found schema version {found} of the {what}, expected at most {expected}; run the newer tidewatch that wrote it"
    )]
    Newer { path: PathBuf, what: &'static str, found: i64, expected: i64 },
    #[error("{path}: the data folder cannot be used: {source}; check that it exists and may be written")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("another process has been writing the registry for {waited_ms} ms; try again when its import is over")]
    Busy { waited_ms: u64 },
    #[error("the registry cannot be read or written: {0}")]
    Sqlite(rusqlite::Error),
    #[error("{table} `{id}` cannot be read: {why}; restore the registry from a backup")]
    Damaged { table: &'static str, id: String, why: String },
    #[error(
        "{path}: found journal mode {found} that cannot be changed, expected a disk that can keep a write-ahead log"
    )]
    NoLog { path: PathBuf, found: String },
    #[error(transparent)]
    Record(#[from] LogError),
    #[error("found no registry there, expected one: import a world first, or bring one there with `tidewatch copy`")]
    Unmade,
    #[error("the registry of {} is not in {store} as it is now: bring it there first with `tidewatch copy`", dir.display())]
    NotCopied { dir: PathBuf, store: String },
    #[error(
        "{store} has a registry of its own already: nothing is ever overwritten; give an empty one, or import worlds"
    )]
    Another { store: String },
    #[error("no random numbers from the system: {0}")]
    Random(String),
}

impl RegistryError {
    /// The file itself is spoilt: not a path, a lock, a format, a right or a disk, which somebody can put right.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt),
            Self::Record(error) => error.is_damage(),
            Self::Missing { .. }
            | Self::NotOurs { .. }
            | Self::Newer { .. }
            | Self::Folder { .. }
            | Self::Busy { .. }
            | Self::NoLog { .. }
            | Self::Unmade
            | Self::NotCopied { .. }
            | Self::Another { .. }
            | Self::Random(_) => false,
        }
    }
}

impl RegistryError {
    /// The server is not there just now, or somebody has the lock: it passes by itself.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Record(LogError::Server { .. }))
    }
}

impl From<rusqlite::Error> for RegistryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { waited_ms: super::store::BUSY_TIMEOUT_MS }
            }
            _ => Self::Sqlite(error),
        }
    }
}

/// Whether the file is no database at all, or a spoilt one.
pub(super) fn is_no_database(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::NotADatabase)
}
