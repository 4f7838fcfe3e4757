//! The publisher's thread, one for all districts: keeps the committed folds, lets answers go, tells the sinks, and has
//! snapshots and summaries kept. An answer goes only after the fold that everybody reads has what it says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tracing::warn;

use super::journalist::Job;
use super::load::archive_row;
use crate::dispatch::State;
use crate::dispatch::state::STATE_VERSION;
use crate::domain::{DistrictCode, IncidentId, Seq};
use crate::engine::desk::{Desk, Verdict};
use crate::engine::handle::{AskError, CommittedBatch, Give, Reply, Sink};
use crate::journal::{Head, Snapshot, SnapshotStore};

/// What may wait for the publisher. Where it is full the engines wait too, then their lanes fill, then sources do.
const QUEUE_MAX: usize = 256;

/// Batches whose fold is done and whose sinks are not told: enough to let the answers of the next ones go first.
const BACKLOG_MAX: usize = 64;

/// Replaying as many events takes about two seconds.
const SNAPSHOT_EVERY: Seq = 100_000;

pub(super) enum Post {
    Committed {
        desk: Arc<Desk>,
        batch: Arc<CommittedBatch>,
        head: Head,
    },
    Answers(Vec<(Give, Result<Reply, AskError>)>),
    /// The engine has thrown its speculation away and needs the fold of everything before this post.
    NeedBase(Arc<Desk>),
    /// A district that begins now; nothing of it was posted before.
    Join(Book),
    /// Nothing comes after it: keep last snapshots.
    Stop,
}

pub(super) fn queue() -> (SyncSender<Post>, Receiver<Post>) {
    sync_channel(QUEUE_MAX)
}

pub(super) struct Publisher {
    pub sinks: Vec<Box<dyn Sink>>,
    pub journal: Sender<Job>,
    pub books: BTreeMap<DistrictCode, Book>,
    pub backlog: VecDeque<Arc<CommittedBatch>>,
    pub snapshots: Snapshots,
    pub snapshotting: Option<JoinHandle<()>>,
}

/// What the publisher knows of a district.
#[derive(Clone)]
pub(super) struct Book {
    pub desk: Arc<Desk>,
    /// Where the committed fold ends.
    pub head: Head,
    /// The last event of the newest snapshot.
    pub kept: Seq,
}

pub(super) type Snapshots = Arc<Mutex<Box<dyn SnapshotStore>>>;

impl Publisher {
    pub fn run(mut self, posts: Receiver<Post>) {
        loop {
            if self.backlog.is_empty() {
                let Ok(post) = posts.recv() else { return };
                if self.take(post).is_break() {
                    return;
                }
            }
            // Folds and answers of what has come meanwhile go before the sinks.
            while self.backlog.len() < BACKLOG_MAX {
                let Ok(post) = posts.try_recv() else { break };
                if self.take(post).is_break() {
                    return;
                }
            }
            self.tell_next();
        }
    }

    fn take(&mut self, post: Post) -> std::ops::ControlFlow<()> {
        match post {
            Post::Committed { desk, batch, head } => {
                self.fold(&desk, &batch, head);
                self.backlog.push_back(batch);
            }
            Post::Answers(answers) => answers.into_iter().for_each(|(give, verdict)| give(verdict)),
            Post::NeedBase(desk) => {
                let base = Box::new(desk.committed().clone());
                desk.verdict(Verdict::Base(base));
            }
            Post::Join(book) => drop(self.books.insert(book.desk.district, book)),
            Post::Stop => {
                self.finish();
                return std::ops::ControlFlow::Break(());
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    fn fold(&mut self, desk: &Arc<Desk>, batch: &CommittedBatch, head: Head) {
        if batch.events.is_empty() {
            return;
        }
        let mut state = desk.committed_mut();
        batch.events.iter().for_each(|event| state.apply(event));
        let rows = closed_in(batch, &state);
        drop(state);
        if !rows.is_empty() {
            self.send(Job::Archive(rows));
        }
        let book = self.books.get_mut(&desk.district).expect("every desk has a book");
        book.head = head;
        if head.seq - book.kept >= SNAPSHOT_EVERY && self.snapshotting.as_ref().is_none_or(JoinHandle::is_finished) {
            book.kept = head.seq;
            self.begin_snapshot(desk, head);
        }
    }

    fn tell_next(&mut self) {
        if let Some(batch) = self.backlog.pop_front() {
            self.sinks.iter_mut().for_each(|sink| sink.committed(&batch));
        }
    }

    /// The copy is taken here, so that it ends at `head`; writing it out takes longer and nobody waits for that.
    fn begin_snapshot(&mut self, desk: &Desk, head: Head) {
        let (state, snapshots) = (desk.committed().bare(), self.snapshots.clone());
        let keep = move || save(&snapshots, &snapshot(&state, head));
        let thread = std::thread::Builder::new().name("tw-snapshot".to_owned()).spawn(keep);
        self.snapshotting = thread.ok();
    }

    fn finish(&mut self) {
        while !self.backlog.is_empty() {
            self.tell_next();
        }
        if let Some(thread) = self.snapshotting.take() {
            thread.join().ok();
        }
        let changed: Vec<_> = self.books.values().filter(|it| it.head.seq > it.kept).collect();
        for book in changed {
            save(&self.snapshots, &snapshot(&book.desk.committed(), book.head));
        }
    }

    /// Where the journal's thread has ended the process is ending too.
    fn send(&self, job: Job) {
        self.journal.send(job).ok();
    }
}

/// One after the other. A start goes on without one: what is not kept costs time and no record.
fn save(snapshots: &Snapshots, snapshot: &Snapshot) {
    let mut snapshots = snapshots.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(why) = snapshots.save(snapshot) {
        warn!("Went on without a snapshot: {why}");
    }
}

fn snapshot(state: &State, head: Head) -> Snapshot {
    assert_eq!(state.seq, head.seq, "a snapshot ends at its head");
    Snapshot {
        district: state.district,
        seq: head.seq,
        hash: head.hash,
        state_version: STATE_VERSION,
        body: state.snapshot(),
    }
}

/// The summaries of closed incidents that the batch says something of.
fn closed_in(batch: &CommittedBatch, state: &State) -> Vec<crate::journal::ArchiveRow> {
    let named: BTreeSet<IncidentId> = batch.events.iter().filter_map(|it| it.event.incident()).collect();
    named.into_iter().filter_map(|id| archive_row(state.incident(id)?)).collect()
}
