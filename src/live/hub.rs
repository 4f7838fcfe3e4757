//! The hub: one channel a district, fed by the publisher. The way from a commit to every console.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::channel::Channel;
use crate::dispatch::Facts;
use crate::domain::{DistrictCode, Fix, ResponderId, Seq};
use crate::engine::{CommittedBatch, Sink};
use crate::sources::Source;

pub struct Hub {
    channels: Mutex<BTreeMap<DistrictCode, Arc<Channel>>>,
    facts: Source<Facts>,
    runtime: runtime::Handle,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Hub {
    /// `runtime`: where frames are made.
    pub fn new(
        facts: Source<Facts>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
        runtime: runtime::Handle,
    ) -> Arc<Self> {
        let channels = Mutex::default();
        Arc::new(Self { channels, facts, runtime, tasks, shutdown })
    }

    /// To be given to the engine's shell.
    pub fn sink(self: &Arc<Self>) -> Box<dyn Sink> {
        Box::new(HubSink(Arc::clone(self)))
    }

    /// Where a responder is; told on within a second.
    pub fn moved(&self, district: DistrictCode, responder: &ResponderId, fix: Fix) {
        if let Some(channel) = self.existing(district) {
            channel.moved(responder, fix);
        }
    }

    pub fn forget_position(&self, district: DistrictCode, responder: &ResponderId) {
        if let Some(channel) = self.existing(district) {
            channel.forget_position(responder);
        }
    }

    /// The newest positions of a district.
    pub fn positions(&self, district: DistrictCode) -> BTreeMap<ResponderId, Fix> {
        self.existing(district).map_or_else(BTreeMap::new, |channel| channel.all_positions())
    }

    /// The channel of a district whose committed fold is at `head`.
    pub(super) fn channel(&self, district: DistrictCode, head: Seq) -> Arc<Channel> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = channels.entry(district).or_insert_with(|| self.open(district, head));
        Arc::clone(channel)
    }

    fn existing(&self, district: DistrictCode) -> Option<Arc<Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).get(&district).cloned()
    }

    fn open(&self, district: DistrictCode, head: Seq) -> Arc<Channel> {
        let channel = Arc::new(Channel::new(district, head));
        let (flushed, facts, shutdown) = (Arc::clone(&channel), self.facts.clone(), self.shutdown.clone());
        let flush = async move { flushed.flush_until(facts, shutdown).await };
        self.tasks.spawn_on(flush, &self.runtime);
        channel
    }
}

/// The publisher's end of the hub.
pub struct HubSink(Arc<Hub>);

impl Sink for HubSink {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        let Some(first) = batch.events.first() else { return };
        self.0.channel(batch.district, first.seq - 1).committed(batch);
    }
}
