//! One district's feed: commits come in, frames go out to whoever has joined. Joining at a seq and the order of frames
//! hold under one lock, so that nobody misses an event between catching up and listening.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, broadcast};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::line::{Frame, Line, lookup};
use super::pages::Pages;
use super::positions::Positions;
use super::snapshot::SnapshotCache;
use crate::dispatch::Facts;
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, Fix, ResponderId, Seq};
use crate::engine::CommittedBatch;
use crate::sources::Source;

/// Frames that may wait for one console: five seconds under load. Frames are shared, so a slow one costs no memory.
const QUEUE_FRAMES: usize = 256;

/// Serialised events kept for consoles that come back: minutes of a busy night, a few megabytes.
const RING_EVENTS: usize = 4096;

/// Events in one frame: a hundred kilobytes or two, which a console draws in one go.
const FRAME_EVENTS: usize = 500;

/// Under load, frames go out this far apart; an event after a pause goes out at once.
const COALESCE: Duration = Duration::from_millis(20);

/// Positions are told at most this often.
const POSITIONS_EVERY: Duration = Duration::from_secs(1);

/// What every console of a district is sent.
#[derive(Debug, Clone)]
pub enum Pushed {
    Frame(Arc<Frame>),
    /// For those who see private values.
    Positions(Utf8Bytes),
}

pub struct Channel {
    pub district: DistrictCode,
    track: Mutex<Track>,
    positions: Mutex<Positions>,
    bell: Notify,
    sender: broadcast::Sender<Pushed>,
    pub snapshots: SnapshotCache,
    pub pages: Pages,
}

struct Track {
    /// The last event that went out.
    head: Seq,
    /// The last event that came in.
    seen: Seq,
    pending: VecDeque<Arc<CommittedBatch>>,
    ring: VecDeque<Arc<Line>>,
}

/// How a console joins.
pub enum Joined {
    /// With what it missed, and everything from then on.
    Live { missed: Vec<Arc<Line>>, pushed: broadcast::Receiver<Pushed> },
    /// It must read up to `head` elsewhere first.
    Behind { head: Seq },
}

impl Channel {
    /// `head`: the last event that is in the committed fold.
    pub fn new(district: DistrictCode, head: Seq) -> Self {
        let track = Track { head, seen: head, pending: VecDeque::new(), ring: VecDeque::new() };
        Self {
            district,
            track: Mutex::new(track),
            positions: Mutex::default(),
            bell: Notify::new(),
            sender: broadcast::Sender::new(QUEUE_FRAMES),
            snapshots: SnapshotCache::default(),
            pages: Pages::default(),
        }
    }

    /// Never waits: serialising is the flusher's.
    pub fn committed(&self, batch: &Arc<CommittedBatch>) {
        let Some(last) = batch.events.last() else { return };
        let mut track = self.track();
        if last.seq > track.seen {
            track.seen = last.seq;
            track.pending.push_back(Arc::clone(batch));
            drop(track);
            self.bell.notify_one();
        }
    }

    /// Sends what comes in until `shutdown`.
    pub async fn flush_until(&self, facts: Source<Facts>, shutdown: CancellationToken) {
        let mut positions = interval(POSITIONS_EVERY);
        positions.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = positions.tick() => self.tell_positions(),
                () = self.bell.notified() => {
                    self.flush(&facts());
                    sleep(COALESCE).await;
                }
            }
        }
    }

    /// Everything that came in, as frames.
    pub fn flush(&self, facts: &Facts) {
        let (pending, head) = {
            let mut track = self.track();
            (std::mem::take(&mut track.pending), track.head)
        };
        let lines: Vec<Arc<Line>> = pending.iter().flat_map(|batch| lines(batch, head, facts)).collect();
        for lines in lines.chunks(FRAME_EVENTS) {
            self.send(lines);
        }
    }

    /// Joins at `next`, if the events from there on are at hand.
    pub fn join(&self, next: Seq) -> Joined {
        let track = self.track();
        let missed: Vec<Arc<Line>> = if next > track.head {
            Vec::new()
        } else if track.ring.front().is_some_and(|first| first.seq <= next) {
            track.ring.iter().filter(|line| line.seq >= next).cloned().collect()
        } else {
            return Joined::Behind { head: track.head };
        };
        Joined::Live { missed, pushed: self.sender.subscribe() }
    }

    /// Whether a console that has everything up to `seq` could join without reading elsewhere.
    pub fn covers(&self, seq: Seq) -> bool {
        let track = self.track();
        seq >= track.head || track.ring.front().is_some_and(|first| first.seq <= seq + 1)
    }

    pub fn moved(&self, responder: &ResponderId, fix: Fix) {
        self.positions().put(responder, fix);
    }

    pub fn forget_position(&self, responder: &ResponderId) {
        self.positions().forget(responder);
    }

    pub fn all_positions(&self) -> BTreeMap<ResponderId, Fix> {
        self.positions().all().clone()
    }

    fn tell_positions(&self) {
        let news = self.positions().news(self.district);
        if let Some(news) = news {
            self.push(Pushed::Positions(news.to_string().into()));
        }
    }

    fn send(&self, lines: &[Arc<Line>]) {
        let Some(frame) = Frame::of(self.district, lines.to_vec()) else { return };
        let mut track = self.track();
        let (from, head) = (frame.from(), track.head);
        assert_eq!(from, head + 1, "district={}: the feed at {head} was given {from} next", self.district);
        track.head = frame.to();
        let too_many = (track.ring.len() + lines.len()).saturating_sub(RING_EVENTS).min(track.ring.len());
        track.ring.drain(..too_many);
        track.ring.extend(lines.iter().cloned());
        // Under the lock: whoever joins now has this frame in the ring, or hears it, and not both.
        self.push(Pushed::Frame(Arc::new(frame)));
    }

    /// Nobody listening is no fault.
    fn push(&self, pushed: Pushed) {
        self.sender.send(pushed).ok();
    }

    fn track(&self) -> MutexGuard<'_, Track> {
        self.track.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn positions(&self) -> MutexGuard<'_, Positions> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lines(batch: &CommittedBatch, head: Seq, facts: &Facts) -> Vec<Arc<Line>> {
    let values: BTreeMap<PrivateId, String> = batch.private.iter().map(|row| (row.id, row.value.clone())).collect();
    let private = lookup(&values);
    let new = batch.events.iter().filter(|event| event.seq > head);
    new.map(|event| Arc::new(Line::write(event, facts, &private))).collect()
}
