//! The journal: what was acknowledged is there, in order, once, and a change is found.

mod backup;
mod copy;
mod folder;
mod ownership;
mod secured;
mod stores;
mod tamper;
mod unknown;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use tidewatch::domain::{DistrictCode, Seq};
use tidewatch::journal::{
    AppendError, ArchiveRow, Entry, EventLog, EventReader, Failure, Hash, Head, Heads, LogError, MemoryDisk, MemoryLog,
    Record, Snapshot, verify_chain,
};

use self::stores::every_store;

#[test]
fn what_was_appended_is_read_back_by_the_log_by_a_reader_and_after_a_restart() {
    for store in every_store() {
        let mut log = store.log();
        let heads = log.append(&[entry("330481", 1), entry("330482", 1), entry("330481", 2)]).unwrap();
        assert_eq!(heads[&code("330481")].seq, 2);
        log.append(&[entry("330481", 3)]).unwrap();
        let reader = store.reader();
        assert_eq!(all(&*reader), all(&*log));
        assert_eq!(reader.heads().unwrap(), log.heads().unwrap());
        assert_eq!(seqs(&*log, "330481", 2), [2, 3]);
        let before = (all(&*log), log.heads().unwrap(), log.generation().to_owned());
        drop(reader);
        drop(log);
        let log = store.log();
        assert_eq!((all(&*log), log.heads().unwrap(), log.generation().to_owned()), before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_the_batches_are_cut_every_store_keeps_the_same_records(
        events in prop::collection::vec((0..3usize, ".{0,60}"), 1..60),
        cuts in prop::collection::vec(1..9usize, 1..40),
    ) {
        let mut memory = MemoryLog::new("test");
        let entries = entries(&events);
        let batches = cut(&entries, &cuts);
        let ends: Vec<Heads> = batches.iter().map(|batch| memory.append(batch).unwrap()).collect();
        for store in every_store() {
            let mut log = store.log();
            let found: Vec<Heads> = batches.iter().map(|batch| log.append(batch).unwrap()).collect();
            prop_assert_eq!(&found, &ends);
            prop_assert_eq!(all(&*log), all(&memory));
            prop_assert_eq!(log.heads().unwrap(), memory.heads().unwrap());
            prop_assert_eq!(verified(&*store.reader()), memory.heads().unwrap());
        }
    }
}

#[test]
fn a_gap_is_a_bug_of_the_caller() {
    for store in every_store() {
        let mut log = store.log();
        log.append(&[entry("330481", 1)]).unwrap();
        let gap = catch_unwind(AssertUnwindSafe(|| drop(log.append(&[entry("330481", 3)]))));
        let told = gap.unwrap_err().downcast::<String>().unwrap();
        assert!(told.contains("district=330481: the next record is 2, not 3"), "{told}");
    }
}

#[test]
fn snapshots_and_archive_are_kept_alike_by_every_store() {
    every_store().iter().for_each(|store| keeps_what_is_derived(&mut *store.log()));
}

fn keeps_what_is_derived(log: &mut dyn EventLog) {
    let district = code("330481");
    let mut snapshots = log.snapshots().unwrap();
    assert_eq!(snapshots.latest(log, district).unwrap(), None);
    for seq in 1..=3 {
        let hash = log.append(&[entry("330481", seq)]).unwrap()[&district].hash;
        snapshots.save(&snapshot(seq, hash)).unwrap();
    }
    assert_eq!(snapshots.latest(log, district).unwrap().unwrap().seq, 3);
    // One that says another hash than the chain is not of this chain.
    snapshots.save(&snapshot(3, Hash::GENESIS)).unwrap();
    assert_eq!(snapshots.latest(log, district).unwrap().unwrap().seq, 2);

    log.archive(&[closed(1, "once"), closed(2, "b"), closed(9, "c")]).unwrap();
    log.archive(&[closed(1, "again")]).unwrap();
    assert_eq!(log.archived(district, 1).unwrap(), Some(closed(1, "again")));
    assert_eq!(log.archived(district, 3).unwrap(), None);
    assert_eq!(log.archived_page(district, None, 2).unwrap(), [closed(9, "c"), closed(2, "b")]);
    assert_eq!(log.archived_page(district, Some(2), 2).unwrap(), [closed(1, "again")]);
    assert_eq!(log.archived_page(code("330482"), None, 2).unwrap(), []);
}

#[test]
fn a_script_says_when_memory_fails_and_what_the_disk_then_has() {
    check_failure(Failure::Definite, "definite", 1, true);
    check_failure(Failure::CrashBefore, "fatal", 1, false);
    check_failure(Failure::CrashInside { written: false }, "fatal", 1, false);
    check_failure(Failure::CrashInside { written: true }, "fatal", 2, false);
    check_failure(Failure::CrashAfter, "acknowledged", 2, false);
}

fn check_failure(failure: Failure, told: &str, on_disk: Seq, goes_on: bool) {
    let disk = MemoryDisk::new("test");
    disk.script([None, Some(failure)]);
    let mut log = disk.log();
    log.append(&[entry("330481", 1)]).unwrap();
    let found = match log.append(&[entry("330481", 2)]) {
        Ok(_) => "acknowledged",
        Err(AppendError::Definite(_)) => "definite",
        Err(AppendError::Fatal(_)) => "fatal",
        Err(AppendError::Unknown(_)) => "unknown",
        Err(AppendError::Refused(_)) => "refused",
    };
    assert_eq!(found, told, "{failure:?}");
    assert_eq!(disk.log().heads().unwrap()[&code("330481")].seq, on_disk, "{failure:?}");
    assert_eq!(!log.is_crashed(), goes_on, "{failure:?}");
    assert_eq!(log.append(&[entry("330481", log_seq(&disk) + 1)]).is_ok(), goes_on, "{failure:?}");
}

fn log_seq(disk: &MemoryDisk) -> Seq {
    disk.log().heads().unwrap()[&code("330481")].seq
}

#[test]
fn the_second_owner_of_a_disk_is_told_that_the_head_has_moved() {
    let disk = MemoryDisk::new("test");
    let (mut old, mut new) = (disk.log(), disk.log());
    new.append(&[entry("330481", 1)]).unwrap();
    let error = old.append(&[entry("330481", 1)]).unwrap_err();
    assert!(matches!(error, AppendError::Fatal(LogError::HeadMoved { found: 1, expected: 0, .. })), "{error}");
}

fn snapshot(seq: Seq, hash: Hash) -> Snapshot {
    Snapshot { district: code("330481"), seq, hash, state_version: 1, body: vec![1, 2, 3] }
}

fn closed(number: u64, body: &str) -> ArchiveRow {
    ArchiveRow { district: code("330481"), number, closed_seq: 7, body: body.to_owned() }
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
