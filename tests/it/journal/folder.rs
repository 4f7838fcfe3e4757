//! The folder: whose it is, who serves it, what a crash left in it, and a disk without room.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tempfile::TempDir;
use tidewatch::journal::{
    AppendError, Entry, EventLog, EventReader, FolderLock, JOURNAL_FILE, LOCK_FILE, LogError, SqliteLog, SqliteReader,
};

use super::{all, code, entry, verified};
use crate::small_disk::SmallDisk;

#[test]
fn a_folder_is_served_by_one_at_a_time() {
    let dir = TempDir::new().unwrap();
    let log = SqliteLog::open(dir.path()).unwrap();
    let expect = "DIR is in use by another process: stop that one, or give this one a folder of its own";
    assert_eq!(refusal(dir.path(), SqliteLog::open(dir.path())), expect);
    assert!(matches!(FolderLock::take(dir.path()), Err(LogError::Locked { .. })));
    drop(log);
    SqliteLog::open(dir.path()).unwrap();
}

/// What opening says of a folder whose journal was made by `make`.
fn check(make: impl Fn(&Path), expect: &str) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(JOURNAL_FILE);
    make(&path);
    let before = files(dir.path());
    assert_eq!(refusal(dir.path(), SqliteLog::open(dir.path())), expect);
    assert_eq!(refusal(dir.path(), SqliteReader::open(dir.path())), expect);
    assert_eq!(without_lock(files(dir.path())), without_lock(before), "a refused file was changed");
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    let not_ours = |found: &str, expected: &str| {
        format!(
            "DIR/journal.db is not a journal of tidewatch: found {found}, expected {expected}; give another folder, \
                 or restore a backup into a new one"
        )
    };
    let ours = "application id 1414087767";
    check(
        |path| fs::write(path, "a letter to somebody else, of more than sixteen bytes").unwrap(),
        &not_ours("a file that is not an SQLite database", "an SQLite database with application id 1414087767"),
    );
    check(
        |path| sql(path, "CREATE TABLE orders (n)"),
        &not_ours("an SQLite database with application id 0 and 1 tables and indexes", ours),
    );
    check(
        |path| sql(path, "CREATE TABLE orders (n); PRAGMA application_id = 5"),
        &not_ours("an SQLite database with application id 5 and 1 tables and indexes", ours),
    );
    check(|path| fs::create_dir(path).unwrap(), &not_ours("a folder", "a file"));
    check(
        |path| sql(path, "CREATE TABLE t (n); PRAGMA application_id = 1414087767; PRAGMA user_version = 7"),
        "DIR/journal.db has format 7, expected 1 or less: it was written by a newer tidewatch, start that one",
    );
}

#[test]
fn a_path_that_is_no_folder_says_so() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "").unwrap();
    let told = refusal(dir.path(), SqliteLog::open(&path));
    assert_eq!(
        told,
        "making the folder DIR/file: File exists (os error 17); expected a folder and files that this user \
                      may read and write"
    );
}

#[test]
fn a_reader_needs_a_journal() {
    let dir = TempDir::new().unwrap();
    let told = refusal(dir.path(), SqliteReader::open(dir.path()));
    assert_eq!(told, "no journal.db in DIR: give the folder of a `serve`, or a backup");
    assert!(files(dir.path()).is_empty(), "a reader made a file");
}

#[test]
fn a_journal_of_an_older_format_is_upgraded_by_the_log_and_not_by_a_reader() {
    let dir = TempDir::new().unwrap();
    sql(&dir.path().join(JOURNAL_FILE), "PRAGMA application_id = 1414087767; PRAGMA user_version = 0");
    let told = refusal(dir.path(), SqliteReader::open(dir.path()));
    assert_eq!(told, "DIR/journal.db has format 0, expected 1: start `serve` on it once, which upgrades it");
    SqliteLog::open(dir.path()).unwrap().append(&[entry("330481", 1)]).unwrap();
    assert_eq!(all(&SqliteReader::open(dir.path()).unwrap()).len(), 1);
}

#[test]
fn a_folder_left_by_a_crash_is_read_whole_and_not_changed_by_a_byte() {
    let served = TempDir::new().unwrap();
    let mut log = SqliteLog::open(served.path()).unwrap();
    log.append(&[entry("330481", 1), entry("330482", 1)]).unwrap();
    log.checkpoint().unwrap();
    log.append(&[entry("330481", 2)]).unwrap();
    for left in [&["", "-wal", "-shm"][..], &["", "-wal"]] {
        let crashed = TempDir::new().unwrap();
        fs::write(crashed.path().join(LOCK_FILE), "").unwrap();
        for suffix in left {
            let name = format!("{JOURNAL_FILE}{suffix}");
            fs::copy(served.path().join(&name), crashed.path().join(&name)).unwrap();
        }
        let before = files(crashed.path());
        let reader = SqliteReader::open(crashed.path()).unwrap();
        assert_eq!(all(&reader), all(&log));
        assert_eq!(verified(&reader), log.heads().unwrap());
        drop(reader);
        assert_eq!(files(crashed.path()), before);
        assert_eq!(all(&SqliteLog::open(crashed.path()).unwrap()), all(&log));
    }
}

#[test]
fn a_folder_that_was_closed_well_is_not_changed_by_a_byte() {
    let dir = TempDir::new().unwrap();
    SqliteLog::open(dir.path()).unwrap().append(&[entry("330481", 1)]).unwrap();
    let before = files(dir.path());
    assert_eq!(before.len(), 2, "a journal that was closed well is one file beside the lock");
    let reader = SqliteReader::open(dir.path()).unwrap();
    assert_eq!(all(&reader).len(), 1);
    assert_eq!(files(dir.path()), before);
}

#[test]
fn a_reader_of_a_folder_at_rest_knows_when_somebody_begins_to_serve_it() {
    let dir = TempDir::new().unwrap();
    drop(SqliteLog::open(dir.path()).unwrap());
    let at_rest = SqliteReader::open(dir.path()).unwrap();
    assert!(!at_rest.is_overtaken().unwrap());
    let log = SqliteLog::open(dir.path()).unwrap();
    assert!(at_rest.is_overtaken().unwrap());
    let beside = SqliteReader::open(dir.path()).unwrap();
    assert!(!beside.is_overtaken().unwrap());
    drop(log);
}

/// Who is not root may not write what root keeps to itself; so the test starts itself again as somebody else.
#[test]
fn what_this_user_may_not_write_says_so() {
    let Ok(dir) = std::env::var("READONLY_DIR") else { return as_nobody() };
    let dir = Path::new(&dir);
    let told = refusal(dir, SqliteLog::open(dir));
    let mend = "expected a folder and files that this user may read and write";
    assert_eq!(told, format!("writing DIR/journal.db: permission denied; {mend}"));
    let told = refusal(dir, SqliteReader::open(&dir.join("secret")));
    assert_eq!(told, format!("opening DIR/secret/journal.db: Permission denied (os error 13); {mend}"));
    fs::write(dir.join("reached"), "").unwrap();
}

fn as_nobody() {
    if !rustix::process::geteuid().is_root() {
        println!("NOT RUN: what a user may not write takes root, who may become another user");
        return;
    }
    let dir = TempDir::new().unwrap();
    let secret = dir.path().join("secret");
    drop(SqliteLog::open(&secret).unwrap());
    drop(SqliteLog::open(dir.path()).unwrap());
    let exe = dir.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &exe).unwrap();
    let allow = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    allow(dir.path(), 0o777);
    allow(&dir.path().join(LOCK_FILE), 0o666);
    allow(&dir.path().join(JOURNAL_FILE), 0o444);
    allow(&secret.join(JOURNAL_FILE), 0o600);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(exe);
    command.args(["--exact", "journal::folder::what_this_user_may_not_write_says_so"]);
    run(command.env("READONLY_DIR", dir.path()).current_dir(dir.path()));
    assert!(dir.path().join("reached").exists(), "the test as nobody did not run");
}

#[test]
fn a_name_with_odd_letters_is_a_folder_like_any_other() {
    let dir = TempDir::new().unwrap();
    let odd = dir.path().join("100% 潮安?#&");
    SqliteLog::open(&odd).unwrap().append(&[entry("330481", 1)]).unwrap();
    assert_eq!(all(&SqliteReader::open(&odd).unwrap()).len(), 1);
}

#[test]
fn a_full_disk_is_told_and_the_log_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(4, "a journal on a full disk") else { return };
    let mut log = SqliteLog::open(disk.path()).unwrap();
    log.append(&[entry("330481", 1)]).unwrap();
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 2 * 1024 * 1024]).unwrap();
    let mut seq = 1;
    let error = loop {
        match log.append(&[large(seq + 1)]) {
            Ok(_) => seq += 1,
            Err(error) => break error,
        }
    };
    let told = error.to_string().replace(disk.path().to_str().unwrap(), "DIR");
    assert_eq!(
        told,
        "nothing was written: appending to DIR/journal.db: no room on the disk; free some, and it goes on by itself"
    );
    assert!(matches!(error, AppendError::Definite(LogError::DiskFull { .. })));
    assert_eq!(log.heads().unwrap()[&code("330481")].seq, seq);
    fs::remove_file(ballast).unwrap();
    log.append(&[large(seq + 1)]).unwrap();
    drop(log);
    let log = SqliteLog::open(disk.path()).unwrap();
    assert_eq!(all(&log).len() as u64, seq + 1);
    verified(&log);
}

fn large(seq: u64) -> Entry {
    Entry { district: code("330481"), seq, body: "x".repeat(20_000) }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn refusal<T>(dir: &Path, opened: Result<T, LogError>) -> String {
    let Err(error) = opened else { panic!("{} was taken", dir.display()) };
    error.to_string().replace(dir.to_str().unwrap(), "DIR")
}

fn sql(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let entries = fs::read_dir(dir).unwrap().map(|it| it.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(path).ok())).collect()
}

fn without_lock(mut files: BTreeMap<PathBuf, Option<Vec<u8>>>) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    files.retain(|path, _| !path.ends_with(LOCK_FILE));
    files
}
