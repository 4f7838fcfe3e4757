//! The owner's end of the live streams: what is committed is told to all gateways. What finds no way is not told again:
//! gateways see the gap, or the silence, and read the record.

use std::sync::Arc;

use redis::pipe;
use tokio::sync::mpsc;

use super::keys;
use super::line::Line;
use super::metrics::SHED;
use super::seal::Sealer;
use super::url::BusUrl;
use super::wire::{FIELD, Live, seal};
use crate::dispatch::Stamped;
use crate::domain::{DistrictCode, Timestamp};
use crate::engine::{CommittedBatch, Sink};

/// Batches that may wait to be told: some seconds of a burst.
const QUEUE_MAX: usize = 4_096;

/// Batches told in one go.
const AT_ONCE: usize = 64;

/// Events in one entry.
const EVENTS_AN_ENTRY: usize = 256;

/// Entries kept in a stream: a gateway that was away for longer reads the record.
const ENTRIES_KEPT: usize = 10_000;

/// Tells of all districts of this process. Ends with its last sink.
#[derive(Clone)]
pub struct Teller {
    batches: mpsc::Sender<Arc<CommittedBatch>>,
}

impl Teller {
    pub fn start(url: BusUrl, sealer: Arc<Sealer>, generation: String) -> Self {
        let (batches, taken) = mpsc::channel(QUEUE_MAX);
        let work = Work { line: Line::new(url), sealer, generation, failing: false };
        tokio::spawn(work.run(taken));
        Self { batches }
    }

    /// To be given to the engine's shell.
    pub fn sink(&self) -> Box<dyn Sink> {
        Box::new(TellerSink(self.clone()))
    }
}

struct TellerSink(Teller);

impl Sink for TellerSink {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        if !batch.events.is_empty() && self.0.batches.try_send(batch.clone()).is_err() {
            metrics::counter!(SHED, "reason" => "events").increment(batch.events.len() as u64);
        }
    }
}

struct Work {
    line: Line,
    sealer: Arc<Sealer>,
    generation: String,
    failing: bool,
}

impl Work {
    async fn run(mut self, mut batches: mpsc::Receiver<Arc<CommittedBatch>>) {
        let mut taken = Vec::new();
        while batches.recv_many(&mut taken, AT_ONCE).await > 0 {
            self.tell(&taken).await;
            taken.clear();
        }
    }

    async fn tell(&mut self, batches: &[Arc<CommittedBatch>]) {
        let mut told = pipe();
        let mut rest = batches;
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|it| it.district == first.district).count();
            let events: Vec<&Stamped> = rest[..same].iter().flat_map(|it| &it.events).collect();
            for events in events.chunks(EVENTS_AN_ENTRY) {
                self.entry(&mut told, first.district, events);
            }
            rest = &rest[same..];
        }
        // An id that is there already was told by another, or before a restart: refused, and no harm.
        told.ignore_errors();
        let done: Result<Vec<redis::RedisResult<String>>, _> = self.line.ask(&told).await;
        let refused = match done {
            Ok(entries) => {
                let new = |why: &redis::RedisError| !why.to_string().contains("equal or smaller");
                entries.into_iter().filter_map(Result::err).find(new).map(|why| why.to_string())
            }
            Err(why) => Some(why.to_string()),
        };
        if let Some(why) = &refused {
            let events: usize = batches.iter().map(|it| it.events.len()).sum();
            metrics::counter!(SHED, "reason" => "events").increment(events as u64);
            if !self.failing {
                tracing::error!("Gateways read the record until the bus is back: {why}");
            }
        }
        self.failing = refused.is_some();
    }

    fn entry(&self, told: &mut redis::Pipeline, district: DistrictCode, events: &[&Stamped]) {
        let (Some(last), key) = (events.last(), keys::live(district, &self.generation)) else { return };
        let now: Timestamp = last.at;
        let live = Live { events: events.iter().map(|it| (*it).clone()).collect(), now };
        told.cmd("XADD").arg(&key).arg("MAXLEN").arg("~").arg(ENTRIES_KEPT).arg(format!("{}-0", last.seq));
        told.arg(FIELD).arg(seal(&self.sealer, &key, &live));
    }
}
