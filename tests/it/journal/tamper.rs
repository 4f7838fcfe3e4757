//! An edited or shortened journal is found, and the first bad record is named.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use tidewatch::journal::{EventLog, EventReader, ExpectedHead, JOURNAL_FILE, SNAPSHOT_FILE, SqliteLog, SqliteReader};

use super::{code, entry, snapshot, verify};

/// Three records of each of two districts, edited with `sql`, and what verifying then says.
fn check(sql: &str, expect: &str) {
    let dir = written();
    edit(dir.path(), sql);
    let found = verified(dir.path());
    assert!(found.starts_with(expect), "{sql}\n  found {found}\n  expected {expect}");
}

#[test]
fn every_column_of_a_record_is_covered() {
    check("SELECT 1", "ok");
    check("UPDATE event SET body = body || ' ' WHERE seq = 2", "district=330481 seq=2: hash found ");
    check("UPDATE event SET hash = zeroblob(32) WHERE seq = 3", "district=330481 seq=3: hash found 0000");
    check("UPDATE event SET seq = 9 WHERE seq = 3", "district=330481 seq=3: found the record 9, expected 3");
    check(
        "UPDATE event SET seq = 0 WHERE seq = 1 AND district = 330481",
        "DIR/journal.db: a record says district=330481 seq=0",
    );
    check(
        "UPDATE event SET district = 330483 WHERE seq = 1 AND district = 330481",
        "district=330481 seq=1: found the record 2, expected 1",
    );
    check(
        "UPDATE event SET district = 330483 WHERE seq = 3 AND district = 330481",
        "district=330483 seq=1: found the record 3, expected 1",
    );
    check(
        "UPDATE event SET district = 3304810 WHERE seq = 3 AND district = 330481",
        "DIR/journal.db: a record says district=3304810 seq=3, expected a code of six digits and a seq from 1",
    );
}

#[test]
fn a_record_that_cannot_be_read_is_named() {
    check(
        "UPDATE event SET body = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "district=330481 seq=2: a body that is no text, expected UTF-8",
    );
    check(
        "UPDATE event SET hash = x'00' WHERE seq = 2",
        "district=330481 seq=2: a hash of another length, expected 32 bytes",
    );
    check(
        "UPDATE event SET hash = x'00' WHERE seq = 3",
        "district=330481 seq=3: a hash of another length, expected 32 bytes",
    );
}

#[test]
fn a_missing_or_foreign_record_is_named() {
    check("DELETE FROM event WHERE seq = 2", "district=330481 seq=2: found the record 3, expected 2");
    check("INSERT INTO event VALUES (330481, 4, '{}', zeroblob(32))", "district=330481 seq=4: hash found 0000");
    check(
        "INSERT INTO event VALUES (330481, -1, '{}', zeroblob(32))",
        "DIR/journal.db: a record says district=330481 seq=-1",
    );
}

#[test]
fn a_head_kept_outside_finds_what_was_cut_off_or_written_anew() {
    let dir = written();
    let expected = head_of(dir.path());
    edit(dir.path(), "SELECT 1");
    assert_eq!(expect_head(dir.path(), expected), "ok");
    longer(dir.path());
    assert_eq!(expect_head(dir.path(), expected), "ok");
    edit(dir.path(), "DELETE FROM event WHERE seq >= 3");
    assert_eq!(verified(dir.path()), "ok", "a chain that was cut off is whole");
    let cut = "district=330481 seq=3: the journal ends at 2, expected this record: the end was cut off";
    assert_eq!(expect_head(dir.path(), expected), cut);
    longer(dir.path());
    let anew = expect_head(dir.path(), expected);
    assert!(anew.starts_with("district=330481 seq=3: hash found "), "{anew}");
    assert!(anew.ends_with(&format!("expected {}", expected.head.hash)), "{anew}");
}

#[test]
fn a_damaged_snapshot_is_passed_over_for_the_one_before() {
    let dir = written();
    let log = SqliteLog::open(dir.path()).unwrap();
    let chain = super::read(&log, code("330481"), 0);
    let mut snapshots = log.snapshots().unwrap();
    snapshots.save(&snapshot(2, chain[1].hash)).unwrap();
    snapshots.save(&snapshot(3, chain[2].hash)).unwrap();
    let file = Connection::open(dir.path().join(SNAPSHOT_FILE)).unwrap();
    file.execute("UPDATE snapshot SET body = x'09' WHERE seq = 3", []).unwrap();
    assert_eq!(snapshots.latest(&log, code("330481")).unwrap(), Some(snapshot(2, chain[1].hash)));
}

#[test]
fn a_file_of_snapshots_that_is_none_is_made_anew_and_one_of_somebody_else_is_refused() {
    let dir = written();
    let file = dir.path().join(SNAPSHOT_FILE);
    std::fs::write(&file, "not a database, but more than sixteen bytes").unwrap();
    let log = SqliteLog::open(dir.path()).unwrap();
    let head = log.heads().unwrap()[&code("330481")];
    let mut snapshots = log.snapshots().unwrap();
    snapshots.save(&snapshot(head.seq, head.hash)).unwrap();
    assert_eq!(snapshots.latest(&log, code("330481")).unwrap(), Some(snapshot(head.seq, head.hash)));
    drop(snapshots);
    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE orders (n)").unwrap();
    let told = log.snapshots().map(drop).unwrap_err().to_string();
    assert!(told.contains("found an SQLite database with application id 0 and 1 tables"), "{told}");
    let kept: i64 =
        Connection::open(&file).unwrap().query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0);
}

fn written() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut log = SqliteLog::open(dir.path()).unwrap();
    for seq in 1..=3 {
        log.append(&[entry("330481", seq), entry("330482", seq)]).unwrap();
    }
    dir
}

/// One more record, other than what a first writer would have written there.
fn longer(dir: &Path) {
    let mut log = SqliteLog::open(dir).unwrap();
    let mut next = entry("330481", log.heads().unwrap()[&code("330481")].seq + 1);
    next.body.push(' ');
    log.append(&[next]).unwrap();
}

fn edit(dir: &Path, sql: &str) {
    Connection::open(dir.join(JOURNAL_FILE)).unwrap().execute_batch(sql).unwrap();
}

fn verified(dir: &Path) -> String {
    let reader = SqliteReader::open(dir).unwrap();
    let told = reader
        .heads()
        .map_err(|error| error.to_string())
        .and_then(|heads| heads.keys().try_for_each(|district| verify(&reader, *district).map(drop)));
    told.map_or_else(|fault| fault.replace(dir.to_str().unwrap(), "DIR"), |()| "ok".to_owned())
}

fn head_of(dir: &Path) -> ExpectedHead {
    let reader = SqliteReader::open(dir).unwrap();
    let district = code("330481");
    ExpectedHead { district, head: reader.heads().unwrap()[&district] }
}

fn expect_head(dir: &Path, expected: ExpectedHead) -> String {
    let checked = expected.check(&SqliteReader::open(dir).unwrap());
    checked.map_or_else(|fault| fault.to_string(), |()| "ok".to_owned())
}
