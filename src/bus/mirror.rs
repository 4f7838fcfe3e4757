//! The gateway's fold of what is committed, and the one who tells its consoles and responders: a thread, as the
//! publisher's of an owner is. Fed by the live streams; where they have a gap, or are silent, it reads the record, which
//! it asks for its heads every second in any case. So a lost bus makes a console late by two seconds, and never wrong.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::metrics::{FILLED, SHED};
use super::remote::Image;
use super::wire::Live;
use crate::clock::Clock;
use crate::dispatch::{Stamped, react};
use crate::domain::private::{PrivateId, PrivateRow};
use crate::domain::{DistrictCode, Seq};
use crate::engine::{CommittedBatch, Sink};
use crate::journal::{EventReader, LogError, PostgresReader, Tenure};
use crate::registry::PrivateReader;

/// Between two looks at where the record ends, and who owns what.
const LOOK_EVERY_MS: u64 = 1_000;

/// A record that has not been read for so long is away.
const AWAY_MS: u64 = 5_000;

/// Entries of live streams that may wait; more are dropped, and read from the record.
const LIVE_MAX: usize = 8_192;

/// Events folded in one go.
const EVENTS_AT_ONCE: usize = 1_000;

/// What the mirror reads.
pub trait Record: EventReader + PrivateReader {
    /// Who owns which district, by the record's own clock.
    fn tenures(&self) -> Result<Vec<Tenure>, LogError>;
}

impl Record for PostgresReader {
    fn tenures(&self) -> Result<Vec<Tenure>, LogError> {
        PostgresReader::tenures(self)
    }
}

/// Called with a district that has another owner.
pub type OnOwner = Box<dyn Fn(DistrictCode) + Send>;

type Release = Box<dyn FnOnce() + Send>;

enum News {
    Join(Arc<Image>),
    Live(Arc<Image>, Live),
    When(DistrictCode, Seq, Release),
    Stop,
}

/// The way to its thread; clones are the same.
#[derive(Clone)]
pub struct Mirror {
    news: Sender<News>,
    waiting: Arc<AtomicUsize>,
    seen: Arc<Mutex<BTreeMap<DistrictCode, Seq>>>,
}

/// What its thread is given.
pub struct Parts {
    pub record: Box<dyn Record + Send>,
    pub clock: Arc<dyn Clock>,
    pub sinks: Vec<Box<dyn Sink>>,
    pub on_owner: OnOwner,
    /// Called with each look.
    pub on_look: Box<dyn FnMut() + Send>,
}

/// The thread is begun with its parts: these know the mirror already.
pub struct Unbegun {
    told: Receiver<News>,
    waiting: Arc<AtomicUsize>,
}

impl Mirror {
    pub fn new() -> (Self, Unbegun) {
        let (news, told) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        (Self { news, waiting: waiting.clone(), seen: Arc::default() }, Unbegun { told, waiting })
    }

    pub(super) fn add(&self, image: Arc<Image>) {
        self.tell(News::Join(image));
    }

    /// The last seq that came in of a live stream, or was folded.
    pub(super) fn seen(&self, image: &Image) -> Seq {
        let folded = image.seq();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(image.district).or_default();
        *seen = folded.max(*seen);
        *seen
    }

    pub(super) fn live(&self, image: &Arc<Image>, live: Live) {
        let Some(last) = live.events.last() else { return };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(image.district, last.seq);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= LIVE_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            metrics::counter!(SHED, "reason" => "live").increment(live.events.len() as u64);
            return;
        }
        self.tell(News::Live(image.clone(), live));
    }

    /// Calls `release` once the fold of the district has the event `seq`.
    pub(super) fn when(&self, district: DistrictCode, seq: Seq, release: Release) {
        self.tell(News::When(district, seq, release));
    }

    pub fn stop(&self) {
        self.tell(News::Stop);
    }

    /// Where its thread has ended, the process is ending too.
    fn tell(&self, news: News) {
        self.news.send(news).ok();
    }
}

impl Unbegun {
    pub fn begin(self, parts: Parts) -> io::Result<JoinHandle<()>> {
        let thread = Thread {
            parts,
            waiting: self.waiting,
            districts: BTreeMap::new(),
            look_at_ms: 0,
            read_at_ms: 0,
            failing: false,
        };
        Builder::new().name("tw-mirror".to_owned()).spawn(move || thread.run(&self.told))
    }
}

struct Known {
    image: Arc<Image>,
    epoch: i64,
    /// Where the record ended at the last look: by now a live stream has brought that.
    expected: Seq,
    /// Answers that wait for the fold, as they came.
    held: VecDeque<(Seq, Release)>,
}

struct Thread {
    parts: Parts,
    waiting: Arc<AtomicUsize>,
    districts: BTreeMap<DistrictCode, Known>,
    look_at_ms: u64,
    /// When the record was last read.
    read_at_ms: u64,
    failing: bool,
}

impl Thread {
    fn run(mut self, told: &Receiver<News>) {
        self.read_at_ms = self.now_ms();
        loop {
            let wait = Duration::from_millis(self.look_at_ms.saturating_sub(self.now_ms()));
            match told.recv_timeout(wait) {
                Ok(News::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(news) => self.take(news),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.now_ms() >= self.look_at_ms {
                self.look();
                self.look_at_ms = self.now_ms() + LOOK_EVERY_MS;
            }
        }
    }

    fn take(&mut self, news: News) {
        match news {
            News::Join(image) => {
                let known = Known { image: image.clone(), epoch: 0, expected: 0, held: VecDeque::new() };
                self.districts.insert(image.district, known);
                self.look_at_ms = 0;
            }
            News::Live(image, live) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                image.told_time(live.now);
                self.follow(&image, live.events);
            }
            News::When(district, seq, release) => self.hold(district, seq, release),
            News::Stop => {}
        }
    }

    /// What is folded already is passed over; what came before these and did not come is read.
    fn follow(&mut self, image: &Arc<Image>, events: Vec<Stamped>) {
        let next = image.seq() + 1;
        let new: Vec<Stamped> = events.into_iter().filter(|it| it.seq >= next).collect();
        match new.first() {
            None => {}
            Some(first) if first.seq == next => self.fold(image, new),
            Some(_) => self.fill(image),
        }
    }

    /// Answers wait for the live stream, which is a moment behind; were it broken, they wait for the next look.
    fn hold(&mut self, district: DistrictCode, seq: Seq, release: Release) {
        match self.districts.get_mut(&district) {
            Some(known) if known.image.seq() < seq => known.held.push_back((seq, release)),
            Some(_) | None => release(),
        }
    }

    /// Where the record ends and who owns what; what the live streams did not bring is read.
    fn look(&mut self) {
        (self.parts.on_look)();
        let tenures = match self.parts.record.tenures() {
            Ok(tenures) => tenures,
            Err(why) => return self.away(&why),
        };
        (self.read_at_ms, self.failing) = (self.now_ms(), false);
        for tenure in tenures {
            let Some(known) = self.districts.get_mut(&tenure.district) else { continue };
            if tenure.epoch != known.epoch {
                known.epoch = tenure.epoch;
                (self.parts.on_owner)(tenure.district);
            }
            known.image.set_health(if tenure.held {
                Ok(())
            } else {
                Err("no process owns the district, expected one within seconds".to_owned())
            });
            let expected = std::mem::replace(&mut known.expected, tenure.head.seq);
            if known.image.seq() < expected {
                let image = known.image.clone();
                self.fill(&image);
            }
        }
    }

    fn away(&mut self, why: &LogError) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::error!("The record cannot be read, what is committed is not shown: {why}");
        }
        if self.now_ms() >= self.read_at_ms + AWAY_MS {
            let why = format!("PostgreSQL does not answer: {why}");
            self.districts.values().for_each(|it| it.image.set_health(Err(why.clone())));
        }
    }

    /// Reads from the record what is not folded yet.
    fn fill(&mut self, image: &Arc<Image>) {
        let mut events: Vec<Stamped> = Vec::new();
        loop {
            let next = image.seq() + 1;
            let read = EventReader::read(&*self.parts.record, image.district, next, &mut |record| {
                // One that cannot be read is of a newer version: here nobody goes on from it.
                let Ok(event) = serde_json::from_str(&record.body) else { return ControlFlow::Break(()) };
                events.push(event);
                if events.len() < EVENTS_AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if let Err(why) = read {
                return self.away(&why);
            }
            let read = events.len();
            metrics::counter!(FILLED).increment(read as u64);
            if read > 0 {
                self.fold(image, std::mem::take(&mut events));
            }
            if read < EVENTS_AT_ONCE || image.seq() < next {
                return;
            }
        }
    }

    /// The events go on from the fold. Private values first: without them nothing is shown, and the next look comes again.
    fn fold(&mut self, image: &Arc<Image>, events: Vec<Stamped>) {
        let private = match self.private(&events) {
            Ok(private) => private,
            Err(why) => {
                tracing::error!(district = %image.district, "Private values cannot be read, so nothing is shown: {why}");
                return;
            }
        };
        let mut state = image.committed_mut();
        events.iter().for_each(|event| state.apply(event));
        let head = state.seq;
        drop(state);
        let effects = events.iter().flat_map(react).collect();
        let batch = Arc::new(CommittedBatch { district: image.district, events, private, effects, received_us: None });
        self.release(image.district, head);
        self.parts.sinks.iter_mut().for_each(|sink| sink.committed(&batch));
    }

    fn private(&self, events: &[Stamped]) -> Result<Vec<PrivateRow>, crate::registry::RegistryError> {
        let ids: Vec<PrivateId> = events.iter().flat_map(|it| it.event.private_refs()).map(|it| it.id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let values = PrivateReader::read(&*self.parts.record, &ids)?;
        Ok(values.into_iter().map(|(id, value)| PrivateRow::kept(id, value)).collect())
    }

    fn release(&mut self, district: DistrictCode, head: Seq) {
        let Some(known) = self.districts.get_mut(&district) else { return };
        let (now, later): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut known.held).into_iter().partition(|(seq, _)| *seq <= head);
        known.held = later;
        now.into_iter().for_each(|(_, release)| release());
    }

    fn now_ms(&self) -> u64 {
        self.parts.clock.now_monotonic_ms()
    }
}
