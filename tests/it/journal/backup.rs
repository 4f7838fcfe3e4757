//! Backup while the folder is served, and restore as a new generation.

use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;
use tidewatch::journal::{EventLog, EventReader, JOURNAL_FILE, SqliteLog, SqliteReader, backup, restore};

use super::{all, entry, verified};

#[test]
fn a_backup_while_it_is_served_has_everything_and_restores_as_a_new_generation() {
    let home = TempDir::new().unwrap();
    let [data, copy, anew] = ["data", "copy", "anew"].map(|name| home.path().join(name));
    let mut log = SqliteLog::open(&data).unwrap();
    log.append(&[entry("330481", 1), entry("330481", 2)]).unwrap();
    Connection::open(data.join("registry.db")).unwrap().execute_batch("CREATE TABLE subject (id)").unwrap();

    assert_eq!(backup(&data, &copy, &["registry.db"]).unwrap(), log.heads().unwrap());
    let kept = all(&log);
    log.append(&[entry("330481", 3)]).unwrap();
    assert_eq!(all(&SqliteReader::open(&copy).unwrap()), kept);

    restore(&copy, &anew, &["registry.db"]).unwrap();
    let mut restored = SqliteLog::open(&anew).unwrap();
    assert_eq!(all(&restored), kept);
    assert_ne!(restored.generation(), log.generation());
    restored.append(&[entry("330481", 3)]).unwrap();
    verified(&restored);
    Connection::open(anew.join("registry.db")).unwrap().execute_batch("INSERT INTO subject VALUES (1)").unwrap();
    drop((log, restored));
    assert_eq!(names(home.path()), ["anew", "copy", "data"]);
}

#[test]
fn nothing_is_overwritten() {
    let home = TempDir::new().unwrap();
    let [data, copy] = ["data", "copy"].map(|name| home.path().join(name));
    drop(SqliteLog::open(&data).unwrap());
    fs::create_dir(&copy).unwrap();
    backup(&data, &copy, &[]).unwrap();
    let expect = format!("{} exists and is not empty: give a new name, nothing is ever overwritten", copy.display());
    assert_eq!(backup(&data, &copy, &[]).unwrap_err().to_string(), expect);
    assert_eq!(restore(&data, &copy, &[]).unwrap_err().to_string(), expect);
}

#[test]
fn an_edited_backup_is_not_restored_and_leaves_nothing() {
    let home = TempDir::new().unwrap();
    let [data, anew] = ["data", "anew"].map(|name| home.path().join(name));
    SqliteLog::open(&data).unwrap().append(&[entry("330481", 1)]).unwrap();
    Connection::open(data.join(JOURNAL_FILE)).unwrap().execute_batch("UPDATE event SET body = '{}'").unwrap();
    let fault = restore(&data, &anew, &[]).unwrap_err().to_string();
    assert!(fault.starts_with("district=330481 seq=1: hash found "), "{fault}");
    assert!(backup(&data, &anew, &["registry.db"]).is_err(), "a file that is not there was backed up");
    assert_eq!(names(home.path()), ["data"]);
}

fn names(dir: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
