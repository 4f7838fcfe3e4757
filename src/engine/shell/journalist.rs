//! The journal's thread, one for all districts: takes every batch that waits and makes them durable together.
//! Private values go first, for no event may name one that is not kept.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tracing::{error, warn};

use super::OnFatal;
use crate::clock::Clock;
use crate::engine::core::Batch;
use crate::engine::desk::{Desk, Verdict};
use crate::engine::metrics as names;
use crate::journal::{AppendError, ArchiveRow, EventLog, Heads, Snapshot};
use crate::registry::{Vault, VaultError};

/// What is to be written. The queue is bounded by what sends: one batch per district, one snapshot, and the archive
/// rows of what the publisher may have in hand.
pub(super) enum Job {
    Append { desk: Arc<Desk>, batch: Arc<Batch> },
    Snapshot(Snapshot),
    Archive(Vec<ArchiveRow>),
}

pub(super) struct Journalist {
    pub log: Box<dyn EventLog>,
    pub vault: Vault,
    pub clock: Arc<dyn Clock>,
    pub on_fatal: OnFatal,
}

/// A batch that did not become durable.
enum Fault {
    NotWritten(String),
    Fatal(String),
}

pub(super) fn queue() -> (Sender<Job>, Receiver<Job>) {
    channel()
}

impl Journalist {
    /// Until everybody who could send has gone, or the store cannot be trusted.
    pub fn run(mut self, jobs: Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let (mut appends, mut others) = (Vec::new(), Vec::new());
            for job in std::iter::once(first).chain(jobs.try_iter()) {
                match job {
                    Job::Append { desk, batch } => appends.push((desk, batch)),
                    Job::Snapshot(_) | Job::Archive(_) => others.push(job),
                }
            }
            let done = self.append(&appends).and_then(|()| others.iter().try_for_each(|it| self.keep(it)));
            if let Err(why) = done.and_then(|()| minor(self.log.tidy(), "tidying the journal")) {
                (self.on_fatal)(&why);
                return;
            }
        }
    }

    fn append(&mut self, appends: &[(Arc<Desk>, Arc<Batch>)]) -> Result<(), String> {
        if appends.is_empty() {
            return Ok(());
        }
        let began_us = self.clock.monotonic_us();
        let written = self.write(appends);
        match written {
            Ok(heads) => {
                let took_us = self.clock.monotonic_us().saturating_sub(began_us);
                metrics::histogram!(names::COMMIT_S).record(took_us as f64 / 1e6);
                for (desk, _) in appends {
                    desk.verdict(Verdict::Committed(heads[&desk.district]));
                }
                Ok(())
            }
            Err(Fault::NotWritten(why)) => {
                error!("Nothing was written, sources have to ask again: {why}");
                metrics::counter!(names::APPENDS_FAILED).increment(1);
                appends.iter().for_each(|(desk, _)| desk.verdict(Verdict::NotWritten(why.clone())));
                Ok(())
            }
            Err(Fault::Fatal(why)) => Err(why),
        }
    }

    fn write(&mut self, appends: &[(Arc<Desk>, Arc<Batch>)]) -> Result<Heads, Fault> {
        let private = together(appends, |batch| &batch.content.private);
        self.vault.keep(&private).map_err(|error| match error {
            VaultError::Definite(_) => Fault::NotWritten(error.to_string()),
            VaultError::Fatal(_) => Fault::Fatal(error.to_string()),
        })?;
        let entries = together(appends, |batch| &batch.entries);
        metrics::histogram!(names::BATCH).record(entries.len() as f64);
        self.log.append(&entries).map_err(|error| match error {
            AppendError::Definite(_) => Fault::NotWritten(error.to_string()),
            AppendError::Fatal(_) => Fault::Fatal(error.to_string()),
        })
    }

    fn keep(&mut self, job: &Job) -> Result<(), String> {
        match job {
            Job::Snapshot(it) => minor(self.log.save_snapshot(it), "saving a snapshot"),
            Job::Archive(rows) => minor(self.log.archive(rows), "archiving closed incidents"),
            Job::Append { .. } => unreachable!("appends are written together, before"),
        }
    }
}

/// What several batches have of one kind; of a single one it is not copied.
fn together<T: Clone>(appends: &[(Arc<Desk>, Arc<Batch>)], of: impl Fn(&Batch) -> &Vec<T>) -> Cow<'_, [T]> {
    match appends {
        [(_, only)] => Cow::Borrowed(of(only)),
        several => several.iter().flat_map(|(_, batch)| of(batch).iter().cloned()).collect(),
    }
}

/// What can be done without: a definite failure is told and passed over.
fn minor(done: Result<(), AppendError>, doing: &str) -> Result<(), String> {
    match done {
        Ok(()) => Ok(()),
        Err(AppendError::Definite(why)) => {
            warn!("Went on without {doing}: {why}");
            Ok(())
        }
        Err(why @ AppendError::Fatal(_)) => Err(format!("{doing}: {why}")),
    }
}
