//! A consistent copy of a folder while it is served, and a new folder out of a copy. The journal first: what the other
//! files say of it can then only be too new, never missing. Overwrites nothing; a copy has its name only when it is whole.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, backup::Backup, backup::StepResult};

use super::super::folder::{JOURNAL_FILE, SNAPSHOT_FILE, create_durably, fault as file_fault, sync_dir};
use super::super::{ChainFault, EventReader, Head, Heads, LogError, verify_chain};
use super::fault::At;
use super::open::{For, open};
use super::reader::SqliteReader;

/// Copies the journal and then the databases `others` of the folder `dir` into the new folder `to`. Gives the heads
/// that the copy has.
pub fn backup(dir: &Path, to: &Path, others: &[&str]) -> Result<Heads, LogError> {
    let whole = Unfinished::beside(to)?;
    copy_all(dir, &whole.dir, others)?;
    let heads = SqliteReader::open(&whole.dir)?.heads()?;
    whole.finish(to)?;
    Ok(heads)
}

/// Makes the new folder `dir` out of the backup `from`, as a new generation: who knows seqs of the old one, which may
/// have been cut off here, must not take the new ones for them. The chain is checked first.
pub fn restore(from: &Path, dir: &Path, others: &[&str]) -> Result<Heads, ChainFault> {
    let whole = Unfinished::beside(dir)?;
    copy_all(from, &whole.dir, others)?;
    renew(&whole.dir.join(JOURNAL_FILE))?;
    let heads = verified(&SqliteReader::open(&whole.dir)?)?;
    whole.finish(dir)?;
    Ok(heads)
}

fn verified(reader: &SqliteReader) -> Result<Heads, ChainFault> {
    let heads = reader.heads()?;
    for district in heads.keys() {
        verify_chain(reader, *district, Head::GENESIS, &mut |_| ControlFlow::Continue(()))?;
    }
    Ok(heads)
}

fn renew(journal: &Path) -> Result<(), LogError> {
    let fault = At("starting a new generation of", journal).fault();
    let conn = Connection::open(journal).map_err(&fault)?;
    conn.execute("UPDATE log SET generation = lower(hex(randomblob(16)))", []).map_err(&fault)?;
    conn.close().map_err(|(_, error)| fault(error))
}

fn copy_all(dir: &Path, to: &Path, others: &[&str]) -> Result<(), LogError> {
    // Before the journal: a snapshot that is newer than the record is of no use.
    let snapshots = dir.join(SNAPSHOT_FILE);
    if snapshots.is_file() {
        copy(&open(&snapshots, For::Reading)?, &to.join(SNAPSHOT_FILE))?;
    }
    copy_journal(dir, &to.join(JOURNAL_FILE))?;
    for name in others {
        copy(&open(&dir.join(name), For::Reading)?, &to.join(name))?;
    }
    Ok(())
}

/// A `serve` that starts just now may write while we copy; its second copy is taken beside it.
fn copy_journal(dir: &Path, to: &Path) -> Result<(), LogError> {
    let reader = SqliteReader::open(dir)?;
    copy(reader.connection(), to)?;
    if !reader.is_overtaken()? {
        return Ok(());
    }
    fs::remove_file(to).map_err(file_fault("copying again to", to))?;
    copy(SqliteReader::open(dir)?.connection(), to)
}

/// In one step, so that it is one moment's content; who writes meanwhile does not wait.
fn copy(from: &Connection, to: &Path) -> Result<(), LogError> {
    const ALL_PAGES: i32 = -1;
    let fault = At("copying to", to).fault();
    let mut target = Connection::open(to).map_err(&fault)?;
    let done = Backup::new(from, &mut target).and_then(|it| it.step(ALL_PAGES)).map_err(&fault)?;
    if done != StepResult::Done {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(fault(rusqlite::Error::SqliteFailure(busy, None)));
    }
    target.close().map_err(|(_, error)| fault(error))
}

/// A folder that is not whole yet, under another name; it goes where it is not finished.
struct Unfinished {
    dir: PathBuf,
    finished: bool,
}

impl Unfinished {
    fn beside(target: &Path) -> Result<Self, LogError> {
        let is_new = match fs::read_dir(target) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if !is_new {
            return Err(LogError::NotEmpty { path: target.to_owned() });
        }
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".unfinished-{:016x}", rand::random::<u64>()));
        let dir = PathBuf::from(name);
        create_durably(&dir).map_err(file_fault("making the folder", &dir))?;
        Ok(Self { dir, finished: false })
    }

    fn finish(mut self, target: &Path) -> Result<(), LogError> {
        let synced =
            fs::read_dir(&self.dir).and_then(|mut files| files.try_for_each(|it| File::open(it?.path())?.sync_all()));
        let parent = target.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let named = synced.and_then(|()| sync_dir(&self.dir)).and_then(|()| fs::rename(&self.dir, target));
        named.and_then(|()| sync_dir(parent)).map_err(file_fault("finishing", target))?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // Its name says that it is not whole, where even this fails.
            fs::remove_dir_all(&self.dir).ok();
        }
    }
}
