//! The registry beside us: imports and accounts of other processes are seen within half a second, and reach decisions,
//! sign-ins and sources alike. A district that comes into the registry is served from then on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::Known;
use super::districts::Districts;
use crate::api::renewal::{Follower, Renewal};
use crate::clock::Clock;
use crate::dispatch::Facts;
use crate::domain::DistrictCode;
use crate::registry::{Registry, RegistryError};

/// An import takes effect within 2 s: this leaves time to load a large one.
const EVERY: Duration = Duration::from_millis(400);

/// Sessions that have ended are swept as often, in polls: every five minutes.
const SWEEP_EVERY: u32 = 750;

pub(super) struct Poller {
    stopping: Arc<AtomicBool>,
    renewal: Renewal,
    thread: JoinHandle<()>,
}

struct Polled {
    registry: Registry,
    known: Known,
    districts: Arc<Districts>,
    clock: Arc<dyn Clock>,
    version: watch::Sender<u64>,
}

impl Poller {
    pub fn start(
        registry: Registry,
        known: Known,
        districts: Arc<Districts>,
        clock: Arc<dyn Clock>,
        (renewal, follower): (Renewal, Follower),
    ) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = stopping.clone();
        let mut polled = Polled { registry, known, districts, clock, version: follower.version };
        let thread = std::thread::Builder::new().name("registry".to_owned()).spawn(move || {
            let mut polls: u32 = 0;
            loop {
                // Woken, or as usual; both mean to look.
                follower.woken.recv_timeout(EVERY).ok();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                polls = polls.wrapping_add(1);
                if let Err(error) = polled.poll(polls.is_multiple_of(SWEEP_EVERY)) {
                    tracing::warn!("The registry cannot be read, going on with what it said last: {error}");
                }
            }
        })?;
        Ok(Self { stopping, renewal, thread })
    }

    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.renewal.wake();
        self.thread.join().ok();
    }
}

impl Polled {
    fn poll(&mut self, sweep: bool) -> Result<(), RegistryError> {
        if sweep {
            self.registry.purge_sessions(self.clock.wall())?;
        }
        let version = self.registry.version()?;
        let known = self.known.facts.get();
        if version == known.version && version == self.known.accounts.get().version {
            return Ok(());
        }
        let mut facts = known.as_ref().clone();
        self.registry.changes_since(known.version)?.apply_to(&mut facts);
        let facts = Arc::new(facts);
        self.known.facts.set(facts.clone());
        self.known.accounts.set(Arc::new(self.registry.accounts()?));
        self.districts.facts_changed(&facts);
        self.version.send_replace(facts.version);
        // Nobody who searches next has to wait for it.
        self.known.search.of(&facts);
        tracing::info!(registry.version = facts.version, "The registry is at version {}", facts.version);
        Ok(())
    }
}

/// The districts of the registry and those of `recorded`, in their order.
pub(super) fn served(facts: &Facts, recorded: impl IntoIterator<Item = DistrictCode>) -> Vec<DistrictCode> {
    let all: BTreeSet<DistrictCode> = facts.districts().map(|it| it.code).chain(recorded).collect();
    all.into_iter().collect()
}
