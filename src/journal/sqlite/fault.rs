//! What an error of SQLite means for us: nothing written and go on, or nobody knows and end the process.
//! Every code that is not named here is fatal: a wrong guess must cost a restart, never an alarm.

use std::path::Path;

use rusqlite::ffi;

use super::super::{AppendError, LogError};

/// What was being done, and on which file.
#[derive(Clone, Copy)]
pub(super) struct At<'a>(pub &'static str, pub &'a Path);

impl At<'_> {
    pub(super) fn fault(self) -> impl Fn(rusqlite::Error) -> LogError {
        let (doing, path) = (self.0, self.1.to_owned());
        move |source| match primary(&source) {
            Some(ffi::SQLITE_FULL) => LogError::DiskFull { doing, path: path.clone() },
            _ => LogError::Store { doing, path: path.clone(), source },
        }
    }

    /// For a transaction that has been rolled back.
    pub(super) fn append_fault(self, source: rusqlite::Error) -> AppendError {
        let definite = is_definite(&source);
        let error = self.fault()(source);
        if definite { AppendError::Definite(error) } else { AppendError::Fatal(error) }
    }
}

fn primary(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|it| it.extended_code & 0xff)
}

/// In WAL mode the frame that commits is the last one written, and it is synced after that. So where a write failed
/// (no room; over a quota or a size limit, which SQLite calls IOERR_WRITE), that frame is not whole on any disk, and
/// the batch cannot come back. Where a sync failed, the frame may be there after a crash, or not.
fn is_definite(error: &rusqlite::Error) -> bool {
    let Some(error) = error.sqlite_error() else { return false };
    let code = error.extended_code;
    matches!(code & 0xff, ffi::SQLITE_FULL | ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED)
        || matches!(code, ffi::SQLITE_NOMEM | ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_NOMEM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: i32, expect: &str) {
        let source = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let found = match At("appending to", Path::new("d/journal.db")).append_fault(source) {
            AppendError::Definite(_) => "definite",
            AppendError::Fatal(_) => "fatal",
            AppendError::Unknown(_) | AppendError::Refused(_) => "of another store",
        };
        assert_eq!(found, expect, "extended code {code}");
    }

    #[test]
    fn only_what_certainly_wrote_nothing_is_definite() {
        check(ffi::SQLITE_FULL, "definite");
        check(ffi::SQLITE_BUSY, "definite");
        check(ffi::SQLITE_BUSY_SNAPSHOT, "definite");
        check(ffi::SQLITE_IOERR_WRITE, "definite");
        check(ffi::SQLITE_IOERR_FSYNC, "fatal");
        check(ffi::SQLITE_IOERR_DIR_FSYNC, "fatal");
        check(ffi::SQLITE_IOERR_SHMSIZE, "fatal");
        check(ffi::SQLITE_IOERR_READ, "fatal");
        check(ffi::SQLITE_CORRUPT, "fatal");
        check(ffi::SQLITE_NOTADB, "fatal");
        check(ffi::SQLITE_CONSTRAINT_PRIMARYKEY, "fatal");
    }
}
