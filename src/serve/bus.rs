//! A process among others: its owner's side, which takes what gateways ask of the districts whose engines run here, and
//! its gateway's side, which holds sockets and asks owners.

use std::sync::Arc;
use std::thread::JoinHandle;

use tracing::error;

use super::{Known, ServeError, Stops};
use crate::bus::{BusUrl, Counter, Mirror, MirrorParts, OnMoved, Sealer, Switchboard, Teller};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::DistrictCode;
use crate::engine::{Handle, Sink, fold_to_end};
use crate::history::History;
use crate::journal::{EventReader, PostgresReader, StoreUrl};
use crate::registry::FingerprintKey;
use crate::sources::Handles;

/// What both sides speak with.
pub(super) struct Bus {
    pub url: BusUrl,
    pub store: StoreUrl,
    sealer: Arc<Sealer>,
}

impl Bus {
    /// `None` where one process does everything.
    pub fn of(config: &Config, key: &FingerprintKey) -> Option<Self> {
        let (url, store) = (config.bus.url.clone()?, config.store.url.clone()?);
        Some(Self { url, store, sealer: Arc::new(Sealer::new(key.clone())) })
    }
}

/// The owner's side.
pub(super) struct OwnerSide {
    pub counter: Arc<Counter>,
    teller: Teller,
}

impl OwnerSide {
    pub fn start(bus: &Bus, generation: &str, clock: &Arc<dyn Clock>, stops: &Stops) -> Self {
        let tasks = (&stops.tasks, &stops.sockets);
        Self {
            counter: Counter::start(&bus.url, (bus.sealer.clone(), clock.clone()), tasks),
            teller: Teller::start(bus.url.clone(), bus.sealer.clone(), generation.to_owned()),
        }
    }

    pub fn sink(&self) -> Box<dyn Sink> {
        self.teller.sink()
    }

    pub async fn take_up<'a>(&self, handles: impl IntoIterator<Item = &'a Handle>) {
        for handle in handles {
            self.counter.begin(handle.clone()).await;
        }
    }
}

/// The gateway's side.
pub(super) struct GatewaySide {
    switchboard: Arc<Switchboard>,
    mirror: Mirror,
    thread: Option<JoinHandle<()>>,
    store: StoreUrl,
    history: Arc<History>,
}

impl GatewaySide {
    pub fn start(
        bus: &Bus,
        known: &Known,
        stops: &Stops,
        (sinks, on_moved, history): (Vec<Box<dyn Sink>>, OnMoved, Arc<History>),
    ) -> Result<Self, ServeError> {
        let record = PostgresReader::open(&bus.store)?;
        let generation = record.generation().to_owned();
        let (mirror, unbegun) = Mirror::new();
        let switchboard = Switchboard::start(
            &bus.url,
            (bus.sealer.clone(), known.clock.clone()),
            (mirror.clone(), generation),
            on_moved,
            (&stops.tasks, &stops.sockets),
        );
        let asked = switchboard.clone();
        let parts = MirrorParts {
            record: Box::new(record),
            clock: known.clock.clone(),
            sinks,
            on_owner: Box::new(move |district| asked.owner_changed(district)),
        };
        let thread = Some(unbegun.begin(parts)?);
        Ok(Self { switchboard, mirror, thread, store: bus.store.clone(), history })
    }

    /// Handles of `districts` besides those there are; takes as long as reading their record takes.
    pub fn join(&self, handles: &Handles, districts: &[DistrictCode]) -> Result<Handles, ServeError> {
        let mut all = handles.clone();
        let new: Vec<DistrictCode> = districts.iter().copied().filter(|it| !handles.contains_key(it)).collect();
        if new.is_empty() {
            return Ok(all);
        }
        let record = PostgresReader::open(&self.store)?;
        let snapshots = record.snapshots();
        for district in new {
            let (state, _) = fold_to_end(&record, &*snapshots, district)?;
            let handle = self.switchboard.join(state);
            self.history.begin(&handle);
            all.insert(district, handle);
        }
        Ok(all)
    }

    /// Whoever waits is told to ask again.
    pub fn stop(mut self) {
        self.switchboard.stop();
        self.mirror.stop();
        if self.thread.take().is_some_and(|it| it.join().is_err()) {
            error!("The mirror had found a broken invariant");
        }
    }
}
