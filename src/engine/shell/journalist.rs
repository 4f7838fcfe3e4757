//! The journal's thread, one for all districts: takes every batch that waits and makes them durable together.
//! First it waits for the batch's private values, for no event may name one that is not kept.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tracing::{error, warn};

use super::OnFatal;
use super::keeper::{Fault, Receipt};
use super::tidier::{Tidier, minor};
use crate::clock::Clock;
use crate::engine::core::Batch;
use crate::engine::desk::{Desk, Verdict};
use crate::engine::metrics as names;
use crate::journal::{ArchiveRow, Entry, EventLog, Heads, Settled};
use crate::registry::PrivateRow;

/// What is to be done. The queue is bounded by what sends: one batch, settling or probe per district, and the archive
/// rows of what the publisher may have in hand.
pub(super) enum Job {
    Append {
        desk: Arc<Desk>,
        batch: Arc<Batch>,
        keeping: Vec<Receipt>,
    },
    /// Of whose append nobody knows: is it in the record?
    Settle {
        desk: Arc<Desk>,
        batch: Arc<Batch>,
    },
    Archive(Vec<ArchiveRow>),
    /// Can it be written again?
    Probe {
        desk: Arc<Desk>,
        keeping: Receipt,
    },
}

pub(super) struct Journalist {
    pub log: Box<dyn EventLog>,
    pub tidier: Tidier,
    pub clock: Arc<dyn Clock>,
    pub on_fatal: OnFatal,
}

pub(super) fn queue() -> (Sender<Job>, Receiver<Job>) {
    channel()
}

impl Journalist {
    /// Until everybody who could send has gone, or the store cannot be trusted.
    pub fn run(mut self, jobs: Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let (mut appends, mut receipts, mut others) = (Vec::new(), Vec::new(), Vec::new());
            for job in std::iter::once(first).chain(jobs.try_iter()) {
                match job {
                    Job::Append { desk, batch, keeping } => {
                        receipts.extend(keeping);
                        appends.push((desk, batch));
                    }
                    Job::Settle { .. } | Job::Archive(_) | Job::Probe { .. } => others.push(job),
                }
            }
            let done =
                self.append(&appends, receipts).and_then(|()| others.into_iter().try_for_each(|it| self.keep(it)));
            if let Err(why) = done {
                (self.on_fatal)(&why);
                return;
            }
            self.tidier.written();
        }
    }

    fn append(&mut self, appends: &[(Arc<Desk>, Arc<Batch>)], receipts: Vec<Receipt>) -> Result<(), String> {
        if appends.is_empty() {
            return Ok(());
        }
        let began_us = self.clock.monotonic_us();
        let kept = receipts.into_iter().try_for_each(Receipt::wait);
        let written = kept.and_then(|()| self.write(appends));
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
            Err(Fault::Unknown(why)) => {
                warn!("What came of an append is being found out: {why}");
                metrics::counter!(names::APPENDS_UNKNOWN).increment(1);
                appends.iter().for_each(|(desk, _)| desk.verdict(Verdict::Unknown(why.clone())));
                Ok(())
            }
            Err(Fault::Refused(why)) => {
                error!("{why}");
                appends.iter().for_each(|(desk, _)| desk.verdict(Verdict::LeaseLost));
                Ok(())
            }
            Err(Fault::Fatal(why)) => Err(why),
        }
    }

    fn write(&mut self, appends: &[(Arc<Desk>, Arc<Batch>)]) -> Result<Heads, Fault> {
        let entries = together(appends);
        metrics::histogram!(names::BATCH).record(entries.len() as f64);
        let written = if self.log.keeps_private() {
            let private: Vec<PrivateRow> =
                appends.iter().flat_map(|(_, batch)| batch.content.private.iter().cloned()).collect();
            self.log.append_with(&entries, &private)
        } else {
            self.log.append(&entries)
        };
        written.map_err(Fault::of)
    }

    /// The store itself paces this: where it cannot be reached it takes its time to say so.
    fn settle(&mut self, desk: &Desk, batch: &Batch) -> Result<(), String> {
        match self.log.settle(&batch.entries).map_err(Fault::of) {
            Ok(Settled::Written(head)) => desk.verdict(Verdict::Committed(head)),
            Ok(Settled::Absent) => desk.verdict(Verdict::Absent),
            Err(Fault::Unknown(why) | Fault::NotWritten(why)) => desk.verdict(Verdict::Unknown(why)),
            Err(Fault::Refused(why)) => {
                error!("{why}");
                desk.verdict(Verdict::LeaseLost);
            }
            Err(Fault::Fatal(why)) => return Err(why),
        }
        Ok(())
    }

    fn keep(&mut self, job: Job) -> Result<(), String> {
        match job {
            Job::Settle { desk, batch } => self.settle(&desk, &batch),
            Job::Archive(rows) => minor(self.log.archive(&rows), "archiving closed incidents"),
            Job::Probe { desk, keeping } => {
                let written = self.log.probe();
                let kept = keeping.wait();
                desk.verdict(Verdict::Writable(written.is_ok() && kept.is_ok()));
                minor(written, "writing again")?;
                match kept {
                    Err(Fault::Fatal(why)) => Err(why),
                    Err(Fault::NotWritten(_) | Fault::Unknown(_) | Fault::Refused(_)) | Ok(()) => Ok(()),
                }
            }
            Job::Append { .. } => unreachable!("appends are written together, before"),
        }
    }
}

/// The entries of all; of a single batch they are not copied.
fn together(appends: &[(Arc<Desk>, Arc<Batch>)]) -> Cow<'_, [Entry]> {
    match appends {
        [(_, only)] => Cow::Borrowed(&only.entries),
        several => several.iter().flat_map(|(_, batch)| batch.entries.iter().cloned()).collect(),
    }
}
