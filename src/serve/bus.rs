//! A process among others: its owner's side, which takes what gateways ask of the districts whose engines run here, and
//! its gateway's side, which holds sockets and asks owners.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime;
use tracing::{debug, error};

use super::{Known, ServeError, Stops};
use crate::bus::{BusUrl, Counter, Mirror, MirrorParts, OnMoved, Sealer, Switchboard, Teller};
use crate::cluster::{self, Attached};
use crate::config::Config;
use crate::domain::DistrictCode;
use crate::engine::{Handle, Sink, fold_to_end};
use crate::history::History;
use crate::journal::{EventReader, Ownership, PostgresReader, Roster, Standing, StoreUrl};
use crate::notify::{Outbox, Reach};
use crate::registry::{FingerprintKey, Shared};
use crate::sources::Handles;

/// How long answers may take on their way to the bus at the end.
const ANSWERS_DRAIN: Duration = Duration::from_secs(1);

/// What both sides speak with.
pub(super) struct Bus {
    pub url: BusUrl,
    pub store: StoreUrl,
    /// Who this process is, unlike any other.
    pub id: String,
    sealer: Arc<Sealer>,
}

impl Bus {
    /// `None` where one process does everything.
    pub fn of(config: &Config, key: &FingerprintKey) -> Option<Self> {
        let (url, store) = (config.bus.url.clone()?, config.store.url.clone()?);
        let id = Ownership::name(&format!("{}, process {}", config.bus.role.as_str(), std::process::id()));
        Some(Self { url, store, id, sealer: Arc::new(Sealer::new(key.clone())) })
    }
}

/// What an owner tells the people outside, besides those at gateways.
pub(super) struct Messengers {
    pub outbox: Arc<Outbox>,
    pub reach: Arc<Reach>,
}

/// The owner's side.
pub(super) struct OwnerSide {
    owner: cluster::Owner,
    counter: Arc<Counter>,
}

impl OwnerSide {
    pub fn start(
        bus: &Bus,
        (config, address): (&Config, String),
        (known, owned): (&Known, Shared<Handles>),
        stops: &Stops,
        (messengers, standing): (Messengers, Arc<Standing>),
    ) -> Result<Self, ServeError> {
        let roster = Roster::open(&bus.store)?;
        let generation = PostgresReader::open(&bus.store)?.generation().to_owned();
        let tasks = (&stops.tasks, &stops.sockets);
        let counter = Counter::start(&bus.url, (bus.sealer.clone(), known.clock.clone()), tasks);
        let attached = Arc::new(Desk {
            counter: counter.clone(),
            teller: Teller::start(bus.url.clone(), bus.sealer.clone(), generation),
            messengers,
            owned,
            runtime: runtime::Handle::current(),
        });
        let facts = known.facts.clone();
        let parts = cluster::Parts {
            store: bus.store.clone(),
            lease: Duration::from_secs(config.store.lease_s),
            id: bus.id.clone(),
            role: config.bus.role.as_str(),
            address,
            facts: Arc::new(move || facts.get()),
            policy: Arc::new(config.policy.clone()),
            clock: known.clock.clone(),
            attached,
            standing,
        };
        Ok(Self { owner: cluster::Owner::start(parts, roster)?, counter })
    }

    pub fn facts_changed(&self) {
        self.owner.facts_changed();
    }

    /// Hands its districts over, and has told what was answered.
    pub async fn stop(self) {
        let (owner, counter) = (self.owner, self.counter);
        tokio::task::spawn_blocking(move || owner.stop()).await.ok();
        tokio::time::timeout(ANSWERS_DRAIN, counter.told_all()).await.ok();
    }
}

/// Where districts come to and go from.
struct Desk {
    counter: Arc<Counter>,
    teller: Teller,
    messengers: Messengers,
    owned: Shared<Handles>,
    runtime: runtime::Handle,
}

impl Attached for Desk {
    fn sinks(&self, _: DistrictCode) -> Vec<Box<dyn Sink>> {
        vec![self.teller.sink(), self.messengers.outbox.sink()]
    }

    fn taken(&self, handle: &Handle) {
        let mut owned = self.owned.get().as_ref().clone();
        owned.insert(handle.district(), handle.clone());
        self.owned.set(Arc::new(owned));
        self.messengers.reach.introduce(handle.district());
        self.runtime.block_on(self.counter.begin(handle.clone()));
    }

    fn left(&self, district: DistrictCode) {
        self.counter.end(district);
        let mut owned = self.owned.get().as_ref().clone();
        owned.remove(&district);
        self.owned.set(Arc::new(owned));
    }

    fn hears(&self) -> bool {
        self.counter.hears()
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
    /// `address`: where this process is asked, where it has not said so as an owner.
    pub fn start(
        (bus, address): (&Bus, Option<String>),
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
            on_look: signing_in(bus, address)?,
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

/// Says every second that this gateway is here.
fn signing_in(bus: &Bus, address: Option<String>) -> Result<Box<dyn FnMut() + Send>, ServeError> {
    let Some(address) = address else { return Ok(Box::new(|| ())) };
    let (mut roster, id) = (Roster::open(&bus.store)?, bus.id.clone());
    Ok(Box::new(move || {
        if let Err(why) = roster.sign_in(&id, "gateway", &address) {
            debug!("`tidewatch status` does not know this gateway just now: {why}");
        }
    }))
}
