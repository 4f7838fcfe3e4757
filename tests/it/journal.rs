//! The journal: what was acknowledged is there, in order, once, and a change is found.

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;
use tidewatch::domain::{DistrictCode, Seq};
use tidewatch::journal::{
    AppendError, ArchiveRow, Entry, EventLog, EventReader, ExpectedHead, Failure, FolderLock, Head, Heads,
    JOURNAL_FILE, MemoryDisk, MemoryLog, Record, Snapshot, SqliteLog, SqliteReader, verify_chain,
};

#[test]
fn what_was_appended_is_read_back_by_the_log_by_a_reader_and_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let mut log = SqliteLog::open(dir.path()).unwrap();
    let heads = log.append(&[entry("330481", 1), entry("330482", 1), entry("330481", 2)]).unwrap();
    assert_eq!(heads[&code("330481")].seq, 2);
    log.append(&[entry("330481", 3)]).unwrap();
    let reader = SqliteReader::open(dir.path()).unwrap();
    assert_eq!(all(&reader), all(&log));
    assert_eq!(seqs(&log, "330481", 2), [2, 3]);
    let before = (all(&log), log.heads().unwrap(), log.generation().to_owned());
    drop(reader);
    drop(log);
    let log = SqliteLog::open(dir.path()).unwrap();
    assert_eq!((all(&log), log.heads().unwrap(), log.generation().to_owned()), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_the_batches_are_cut_memory_and_sqlite_keep_the_same_records(
        events in prop::collection::vec((0..3usize, ".{0,60}"), 1..60),
        cuts in prop::collection::vec(1..9usize, 1..40),
    ) {
        let dir = TempDir::new().unwrap();
        let mut sqlite = SqliteLog::open(dir.path()).unwrap();
        let mut memory = MemoryLog::new("test");
        for batch in cut(&entries(&events), &cuts) {
            prop_assert_eq!(sqlite.append(batch).unwrap(), memory.append(batch).unwrap());
        }
        prop_assert_eq!(all(&sqlite), all(&memory));
        prop_assert_eq!(sqlite.heads().unwrap(), memory.heads().unwrap());
        prop_assert_eq!(verified(&sqlite), sqlite.heads().unwrap());
    }
}

fn code(text: &str) -> DistrictCode {
    text.parse().unwrap()
}

fn entry(district: &str, seq: Seq) -> Entry {
    Entry { district: code(district), seq, body: format!("{{\"event\":{seq}}}") }
}

fn entries(events: &[(usize, String)]) -> Vec<Entry> {
    let mut seqs = [0; 3];
    let entry = |(n, body): &(usize, String)| {
        seqs[*n] += 1;
        Entry { district: code(["110101", "330481", "330482"][*n]), seq: seqs[*n], body: body.clone() }
    };
    events.iter().map(entry).collect()
}

fn cut<'a>(entries: &'a [Entry], cuts: &[usize]) -> Vec<&'a [Entry]> {
    let (mut rest, mut batches) = (entries, Vec::new());
    for size in cuts.iter().cycle() {
        if rest.is_empty() {
            return batches;
        }
        let (batch, tail) = rest.split_at(rest.len().min(*size));
        batches.push(batch);
        rest = tail;
    }
    unreachable!("cuts is never empty")
}

fn read(log: &dyn EventReader, district: DistrictCode, from: Seq) -> Vec<Record> {
    let mut records = Vec::new();
    log.read(district, from, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })
    .unwrap();
    records
}

fn all(log: &dyn EventReader) -> Vec<Record> {
    log.heads().unwrap().keys().flat_map(|district| read(log, *district, 0)).collect()
}

fn seqs(log: &dyn EventReader, district: &str, from: Seq) -> Vec<Seq> {
    read(log, code(district), from).iter().map(|record| record.seq).collect()
}

fn verify(log: &dyn EventReader, district: DistrictCode) -> Result<Head, String> {
    verify_chain(log, district, Head::GENESIS, &mut |_| ControlFlow::Continue(())).map_err(|fault| fault.to_string())
}

fn verified(log: &dyn EventReader) -> Heads {
    log.heads().unwrap().keys().map(|district| (*district, verify(log, *district).unwrap())).collect()
}
