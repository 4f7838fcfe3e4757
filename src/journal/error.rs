//! What can go wrong with a journal, in words that say what was found, what was expected and how to mend it.
//! Carries folders, district codes and seqs; never the text of an event.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::domain::{DistrictCode, Seq};

/// Why a batch was not acknowledged. Each asks for something else of the caller.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Nothing was written, and the log goes on: the same batch, or another with the same seqs, may be tried again.
    #[error("nothing was written: {0}")]
    Definite(#[source] LogError),
    /// Nobody knows what is on the disk: the process must end, and the next start reads what is there.
    #[error("what was written is unknown until a restart: {0}")]
    Fatal(#[source] LogError),
    /// The line was lost in the commit: `EventLog::settle` finds out what came of it.
    #[error("whether it was written is not known yet: {0}")]
    Unknown(#[source] LogError),
    /// Nothing was written, and nothing of ours will be: another owns the district.
    #[error("nothing was written, the district is another's: {0}")]
    Refused(#[source] LogError),
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("no {} in {}: give the folder of a `serve`, or a backup", super::JOURNAL_FILE, dir.display())]
    Missing { dir: PathBuf },
    #[error("{} is in use by another process: stop that one, or give this one a folder of its own", dir.display())]
    Locked { dir: PathBuf },
    #[error("{} is not a journal of tidewatch: found {found}, expected {expected}; give another folder, or restore a \
             backup into a new one", path.display())]
    Foreign { path: PathBuf, found: String, expected: &'static str },
    #[error("{} has format {found}, expected {expected} or less: it was written by a newer tidewatch, start that one",
            path.display())]
    Newer { path: PathBuf, found: i64, expected: i64 },
    #[error("{} has format {found}, expected {expected}: start `serve` on it once, which upgrades it", path.display())]
    Older { path: PathBuf, found: i64, expected: i64 },
    #[error("{doing} {}: {source}; expected a folder and files that this user may read and write", path.display())]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{doing} {}: no room on the disk; free some, and it goes on by itself", path.display())]
    DiskFull { doing: &'static str, path: PathBuf },
    #[error("{doing} {}: {source}", path.display())]
    Store { doing: &'static str, path: PathBuf, source: rusqlite::Error },
    #[error("{}: a record says district={district} seq={seq}, expected a code of six digits and a seq from 1",
            path.display())]
    BadKey { path: PathBuf, district: i64, seq: i64 },
    #[error("district={district} seq={seq}: {found}, expected {expected}")]
    Unreadable { district: DistrictCode, seq: Seq, found: &'static str, expected: &'static str },
    #[error("district={district}: the journal ends at {found}, expected {expected}: somebody else writes to it")]
    HeadMoved { district: DistrictCode, found: Seq, expected: Seq },
    #[error("{doing} {store}: {why}")]
    Server { doing: &'static str, store: String, why: String },
    #[error(
        "{store} has format {found}, expected {expected} or less: it was written by a newer tidewatch, start that one"
    )]
    NewerStore { store: String, found: i64, expected: i64 },
    #[error("{store} has format {found}, expected {expected}: start `serve` on it once, which makes or upgrades it")]
    OlderStore { store: String, found: i64, expected: i64 },
    #[error("district={district}: `{owner}` holds its lease in {store}; stop that one, or give this one another store")]
    Held { district: DistrictCode, owner: String, store: String },
    #[error(
        "district={district}: the lease is another's, who goes on from the record; nothing that was acknowledged is lost"
    )]
    LeaseLost { district: DistrictCode },
    #[error(
        "district={district}: the record ends at {found}, its lease at {expected}: it was cut off, or changed beside us"
    )]
    HeadDiffers { district: DistrictCode, found: Seq, expected: Seq },
    #[error(
        "district={district}: the other store has another record of it: nothing is ever overwritten, give an empty one"
    )]
    Recorded { district: DistrictCode },
    #[error("record and registry of {} are in {store}: give that with --store; or bring them back with `tidewatch copy`", dir.display())]
    Elsewhere { dir: PathBuf, store: String },
    #[error("district={district}: the record in {} is not in {store} up to its end: bring it there first with `tidewatch copy`",
            dir.display())]
    NotCopied { district: DistrictCode, dir: PathBuf, store: String },
    #[error("{} exists and is not empty: give a new name, nothing is ever overwritten", path.display())]
    NotEmpty { path: PathBuf },
    #[error("a failure that the script of a simulation asked for")]
    Scripted,
    #[error("this log has crashed; start another on its disk")]
    Crashed,
}

impl LogError {
    /// The record itself is spoilt: not a path, a lock, a format, a right or a disk, which somebody can put right.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::BadKey { .. } | Self::Unreadable { .. } | Self::HeadMoved { .. } | Self::HeadDiffers { .. } => true,
            Self::Store { source, .. } => {
                matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            }
            Self::Missing { .. }
            | Self::Locked { .. }
            | Self::Foreign { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::File { .. }
            | Self::DiskFull { .. }
            | Self::Server { .. }
            | Self::NewerStore { .. }
            | Self::OlderStore { .. }
            | Self::Held { .. }
            | Self::LeaseLost { .. }
            | Self::Recorded { .. }
            | Self::Elsewhere { .. }
            | Self::NotCopied { .. }
            | Self::NotEmpty { .. }
            | Self::Scripted
            | Self::Crashed => false,
        }
    }
}
