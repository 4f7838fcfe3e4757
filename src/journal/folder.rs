//! The data folder: which files of it are the journal's, and who serves it.
//! Says nothing about what is in the files. A lock is the process's and goes with it, however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::LogError;

/// The journal, in the data folder and in every backup.
pub const JOURNAL_FILE: &str = "journal.db";

/// Snapshots of what the journal adds up to. Can be made again from it.
pub const SNAPSHOT_FILE: &str = "snapshots.db";

/// Empty; whoever serves the folder holds a lock on it.
pub const LOCK_FILE: &str = "tidewatch.lock";

/// A reader that looks whether a folder is served holds the lock for some microseconds: so we ask again before refusing.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE_MS: u64 = 10;

/// Says where record and registry are, in a folder that has them not.
const STORE_FILE: &str = "store";

/// Notes in the folder, which is made where there is none, that its record is in `store`, so that nobody begins another
/// one here.
pub fn note_store(dir: &Path, store: &str) -> Result<(), LogError> {
    let path = dir.join(STORE_FILE);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&path, format!("{store}\n")));
    written.and_then(|()| sync_dir(dir)).map_err(fault("writing", &path))
}

/// Where the record of a folder is, if it is not in the folder.
pub fn store_of(dir: &Path) -> Option<String> {
    fs::read_to_string(dir.join(STORE_FILE)).ok().map(|it| it.trim().to_owned())
}

/// The record is in the folder again.
pub(super) fn forget_store(dir: &Path) -> Result<(), LogError> {
    let path = dir.join(STORE_FILE);
    match fs::remove_file(&path).and_then(|()| sync_dir(dir)) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(fault("removing", &path)(source)),
        _ => Ok(()),
    }
}

/// Refuses a folder whose record is elsewhere.
pub fn record_is_here(dir: &Path) -> Result<(), LogError> {
    let elsewhere = |store| LogError::Elsewhere { dir: dir.to_owned(), store };
    store_of(dir).map_or(Ok(()), |store| Err(elsewhere(store)))
}

/// Held by the one process that serves a folder, until it ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Makes the folder where there is none. `LogError::Locked` where another process serves it.
    pub fn take(dir: &Path) -> Result<Self, LogError> {
        create_durably(dir).map_err(fault("making the folder", dir))?;
        let path = dir.join(LOCK_FILE);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(fault("opening", &path))?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(LOCK_PAUSE_MS)),
                Err(TryLockError::Error(source)) => return Err(fault("locking", &path)(source)),
            }
        }
        Err(LogError::Locked { dir: dir.to_owned() })
    }
}

/// Whether some process serves this folder now.
pub(super) fn is_served(dir: &Path) -> Result<bool, LogError> {
    let path = dir.join(LOCK_FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(fault("opening", &path)(source)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(fault("locking", &path)(source)),
    }
}

/// A new folder must still be there after a power cut, or all that is synced inside is lost with it.
pub(super) fn create_durably(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|it| !it.as_os_str().is_empty()).map_or(Path::new("."), |it| it);
    fs::create_dir_all(dir)?;
    sync_dir(parent)
}

pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

pub(super) fn fault(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LogError {
    let path: PathBuf = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => LogError::DiskFull { doing, path },
        _ => LogError::File { doing, path, source },
    }
}
