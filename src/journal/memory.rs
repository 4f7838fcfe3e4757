//! The journal without a disk, for simulation: the same order, heads and refusals, and failures by script.
//! A `MemoryDisk` outlives the logs that run on it, as a disk outlives a process.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{
    AppendError, ArchiveRow, Entry, EventLog, EventReader, Head, Heads, Housekeeper, LogError, Record, Settled,
    Snapshot, SnapshotStore, belongs,
};
use crate::domain::{DistrictCode, Seq};

/// What the next append does instead of succeeding. After a crash the log is dead; start another on the same disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is written, and the log goes on.
    Definite,
    /// The line is lost in the commit: all of it is written, or nothing, and the log goes on and settles it.
    Unknown { written: bool },
    /// The process ends before anything is written.
    CrashBefore,
    /// The process ends inside the commit: all of it is on the disk, or nothing, and nobody was told which.
    CrashInside { written: bool },
    /// The append returns its heads, and the process ends before anybody else hears of it.
    CrashAfter,
}

/// A disk that logs run on. Clones are the same disk; `copy` makes another.
#[derive(Debug, Clone)]
pub struct MemoryDisk {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    generation: String,
    records: BTreeMap<DistrictCode, Vec<Record>>,
    snapshots: BTreeMap<(DistrictCode, Seq), Snapshot>,
    archive: BTreeMap<(DistrictCode, u64), ArchiveRow>,
    /// For the appends to come, one each; `None` succeeds. Then all succeed.
    script: VecDeque<Option<Failure>>,
}

impl MemoryDisk {
    pub fn new(generation: &str) -> Self {
        let kept = Kept { generation: generation.to_owned(), ..Kept::default() };
        Self { kept: Arc::new(Mutex::new(kept)) }
    }

    /// What the next appends will do, in their order, whichever log makes them.
    pub fn script(&self, failures: impl IntoIterator<Item = Option<Failure>>) {
        self.kept().script = failures.into_iter().collect();
    }

    /// Another disk with the same content and no script.
    #[must_use]
    pub fn copy(&self) -> Self {
        let kept = Kept { script: VecDeque::new(), ..self.kept().clone() };
        Self { kept: Arc::new(Mutex::new(kept)) }
    }

    /// A start of a process on this disk.
    pub fn log(&self) -> MemoryLog {
        let kept = self.kept();
        let (generation, heads) = (kept.generation.clone(), kept.heads());
        drop(kept);
        MemoryLog { disk: self.clone(), generation, heads, crashed: false }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nothing panics while it holds the disk")
    }
}

impl Kept {
    fn heads(&self) -> Heads {
        self.records.iter().filter_map(|(district, it)| Some((*district, head_of(it.last()?)))).collect()
    }

    fn head(&self, district: DistrictCode) -> Head {
        self.records.get(&district).and_then(|it| it.last()).map_or(Head::GENESIS, head_of)
    }

    fn write(&mut self, records: &[Record]) {
        for record in records {
            self.records.entry(record.district).or_default().push(record.clone());
        }
    }
}

fn head_of(record: &Record) -> Head {
    Head { seq: record.seq, hash: record.hash }
}

/// One process's log on a `MemoryDisk`.
#[derive(Debug)]
pub struct MemoryLog {
    disk: MemoryDisk,
    generation: String,
    /// What this log believes to be committed.
    heads: Heads,
    crashed: bool,
}

impl MemoryLog {
    /// On a new disk of its own.
    pub fn new(generation: &str) -> Self {
        MemoryDisk::new(generation).log()
    }

    pub fn disk(&self) -> &MemoryDisk {
        &self.disk
    }

    pub fn is_crashed(&self) -> bool {
        self.crashed
    }

    fn kept(&self) -> Result<MutexGuard<'_, Kept>, LogError> {
        if self.crashed { Err(LogError::Crashed) } else { Ok(self.disk.kept()) }
    }

    fn crash(&mut self) -> AppendError {
        self.crashed = true;
        AppendError::Fatal(LogError::Crashed)
    }
}

/// The records of `batch` as they follow `heads`, and where they end.
fn chain(heads: &Heads, batch: &[Entry]) -> (Vec<Record>, Heads) {
    let mut ends = Heads::new();
    let records = batch.iter().map(|entry| {
        let head =
            ends.entry(entry.district).or_insert_with(|| heads.get(&entry.district).copied().unwrap_or_default());
        *head = head.after(entry);
        Record { district: entry.district, seq: entry.seq, body: entry.body.clone(), hash: head.hash }
    });
    (records.collect(), ends)
}

/// Another log has written to this disk: what this one believes is no longer so.
fn check_heads(kept: &Kept, heads: &Heads, ends: &Heads) -> Result<(), LogError> {
    for district in ends.keys() {
        let (found, expected) = (kept.head(*district), heads.get(district).copied().unwrap_or_default());
        if found != expected {
            let (district, found, expected) = (*district, found.seq, expected.seq);
            return Err(LogError::HeadMoved { district, found, expected });
        }
    }
    Ok(())
}

impl EventReader for MemoryLog {
    fn generation(&self) -> &str {
        &self.generation
    }

    fn heads(&self) -> Result<Heads, LogError> {
        Ok(self.kept()?.heads())
    }

    fn read(
        &self,
        district: DistrictCode,
        from: Seq,
        visit: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        let records = self.kept()?.records.get(&district).cloned().unwrap_or_default();
        for record in records.into_iter().skip_while(|it| it.seq < from) {
            if visit(record).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError> {
        Ok(self.kept()?.archive.get(&(district, number)).cloned())
    }

    fn archived_page(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, LogError> {
        let kept = self.kept()?;
        let rows = kept.archive.range((district, 0)..(district, before.unwrap_or(u64::MAX)));
        Ok(rows.rev().take(limit).map(|(_, row)| row.clone()).collect())
    }
}

impl EventLog for MemoryLog {
    fn append(&mut self, batch: &[Entry]) -> Result<Heads, AppendError> {
        let mut kept = self.kept().map_err(AppendError::Fatal)?;
        let (records, ends) = chain(&self.heads, batch);
        check_heads(&kept, &self.heads, &ends).map_err(AppendError::Fatal)?;
        let failure = kept.script.pop_front().flatten();
        let written = match failure {
            None | Some(Failure::CrashAfter) => true,
            Some(Failure::Definite | Failure::CrashBefore) => false,
            Some(Failure::CrashInside { written } | Failure::Unknown { written }) => written,
        };
        if written {
            kept.write(&records);
        }
        drop(kept);
        match failure {
            None => {}
            Some(Failure::Definite) => return Err(AppendError::Definite(LogError::Scripted)),
            Some(Failure::Unknown { .. }) => return Err(AppendError::Unknown(LogError::Scripted)),
            Some(Failure::CrashBefore | Failure::CrashInside { .. }) => return Err(self.crash()),
            Some(Failure::CrashAfter) => self.crashed = true,
        }
        self.heads.extend(&ends);
        Ok(ends)
    }

    fn settle(&mut self, batch: &[Entry]) -> Result<Settled, AppendError> {
        let (_, ends) = chain(&self.heads, batch);
        let kept = self.kept().map_err(AppendError::Fatal)?;
        if check_heads(&kept, &self.heads, &ends).is_ok() {
            return Ok(Settled::Absent);
        }
        let district = batch.first().expect("a batch has an entry").district;
        let (found, end) = (kept.head(district), ends[&district]);
        drop(kept);
        if found != end {
            return Err(AppendError::Refused(LogError::LeaseLost { district }));
        }
        self.heads.insert(district, end);
        Ok(Settled::Written(end))
    }

    fn archive(&mut self, rows: &[ArchiveRow]) -> Result<(), AppendError> {
        let mut kept = self.kept().map_err(AppendError::Fatal)?;
        kept.archive.extend(rows.iter().map(|row| ((row.district, row.number), row.clone())));
        Ok(())
    }

    /// Fails as long as the next append would: a disk that is full stays full.
    fn probe(&mut self) -> Result<(), AppendError> {
        let kept = self.kept().map_err(AppendError::Fatal)?;
        match kept.script.front() {
            Some(Some(Failure::Definite)) => Err(AppendError::Definite(LogError::Scripted)),
            _ => Ok(()),
        }
    }

    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, LogError> {
        Ok(Box::new(self.disk.clone()))
    }

    fn housekeeper(&self) -> Result<Option<Box<dyn Housekeeper>>, LogError> {
        Ok(None)
    }
}

impl SnapshotStore for MemoryDisk {
    fn save(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        self.kept().snapshots.insert((snapshot.district, snapshot.seq), snapshot.clone());
        Ok(())
    }

    fn latest(&self, record: &dyn EventReader, district: DistrictCode) -> Result<Option<Snapshot>, LogError> {
        let snapshots = self.kept().snapshots.clone();
        for (_, it) in snapshots.range((district, 0)..=(district, Seq::MAX)).rev() {
            if belongs(record, it)? {
                return Ok(Some(it.clone()));
            }
        }
        Ok(None)
    }
}
