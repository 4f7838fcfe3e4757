//! A running service: opens the folder, starts engine, sources and interface, and stops them in order.
//! In-process: `tidewatch serve` runs one until a signal comes, and tests run as many as they like.

mod bus;
mod districts;
mod error;
mod listen;
mod messages;
mod poll;
mod postman;
mod record;
mod screens;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

pub use error::ServeError;

use self::bus::Bus;
use self::districts::{Audience, Districts};
use self::messages::Messages;
use self::poll::{Poller, served};
use self::record::{Claimed, Record};
use self::screens::Screens;
use crate::api::audit::Auditor;
use crate::api::auth::identify;
use crate::api::renewal::Renewal;
use crate::api::stores::Stores;
use crate::api::{Api, metrics_router, owner_router, router};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::dispatch::Facts;
use crate::geo::Roads;
use crate::history::History;
use crate::journal::FolderLock;
use crate::live::{Hub, LiveContext, Past};
use crate::registry::{Accounts, FingerprintKey, Place, Registry, Search, Shared};
use crate::roads;
use crate::sources::watch::{Limits, run as serve_watches};
use crate::sources::{Handles, Intake, Source, UnknownList};
use crate::telemetry;

/// Sources and consoles have as long to finish what they were answering; then their sockets are closed.
const DRAIN_S: u64 = 1;

/// What is left then is cut, and as long is waited for what it was writing, and for the stores to be closed.
const FINISH: Duration = Duration::from_secs(2);

/// A watch says something every few minutes; one that has said nothing for so long is gone.
const WATCH_IDLE_S: u64 = 15 * 60;

/// A service that takes alarms.
pub struct Running {
    pub http: SocketAddr,
    /// `None` for an owner, to whom no device speaks.
    pub watch: Option<SocketAddr>,
    pub metrics: Option<SocketAddr>,
    pub api: Arc<Api>,
    districts: Arc<Districts>,
    stops: Stops,
    watches: Option<tokio::task::JoinHandle<()>>,
    poller: Poller,
    /// They end with the last way to them, and have then written all: the audit, unknown devices, channels.
    writers: [JoinHandle<()>; 3],
    /// Of the data folder, where the record is elsewhere.
    _lock: Option<FolderLock>,
}

/// What is told to stop, in this order.
struct Stops {
    sources: CancellationToken,
    sockets: CancellationToken,
    tasks: TaskTracker,
    /// Ended when all else is.
    screens: Screens,
}

/// The listeners, bound before anything else is begun: a port in use is told at once.
struct Listeners {
    http: TcpListener,
    watch: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

/// What is renewed while the service runs.
#[derive(Clone)]
struct Known {
    clock: Arc<dyn Clock>,
    facts: Shared<Facts>,
    accounts: Shared<Accounts>,
    handles: Shared<Handles>,
    search: Arc<Search>,
}

impl Running {
    /// Begins everything. When it returns, an alarm can be taken.
    pub async fn start(config: Config) -> Result<Self, ServeError> {
        crate::tls::begin();
        let claimed = if config.bus.url.is_none() { Some(Claimed::take(&config)?) } else { None };
        let listeners = Listeners::bind(&config).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let place = config.registry();
        let (registry, facts) = registry(&config)?;
        let (kept, lock) = keep(claimed, &config, &facts, registry.fingerprint_key()).await?;
        let known = Known::of(&registry, facts, clock.clone())?;
        let stops = Stops::new()?;
        let (auditor, audit) = Auditor::start(Registry::open(place.clone())?, clock.clone())?;
        // Made where there is none, before anybody reads from it.
        let private = record::private(&config)?;
        let (stores, past) = readers(&config)?;
        let live = live(registry.fingerprint_key().clone(), past, &known, &stores, &stops, &auditor);
        // Messages are the owner's to send: at a gateway the handles are of other processes.
        let elsewhere = config.bus.role.is_gateway() && config.bus.url.is_some();
        let owned = if elsewhere { Shared::new(Arc::default()) } else { known.handles.clone() };
        let messages = Messages::start(&config, Registry::open(place.clone())?, (&known, &owned), &stops)?;
        let history: Arc<History> = Arc::default();
        let (outbox, reach) = (messages.outbox.clone(), messages.reach.clone());
        let audience = Audience { live: &live, history: history.clone(), outbox, reach };
        let (districts, standing) = match kept {
            Kept::Shared(bus) => {
                let place = (&config, listeners.http.local_addr()?.to_string());
                Districts::shared(place, &bus, (&known, owned), &stops, audience).await?
            }
            Kept::Own(record) => Districts::own(&config, (record, private), &known, audience).await?,
        };
        messages.reach.learn(&registry.channels()?);
        let (intake, unknown) = intake(place, &registry, &known)?;
        let renewal = Renewal::new(known.facts.get().version);
        let api = Arc::new(Api {
            clock: clock.clone(),
            key: registry.fingerprint_key().clone(),
            stores,
            standing,
            config: Arc::new(config),
            handles: known.handles.clone(),
            facts: known.facts.clone(),
            accounts: known.accounts.clone(),
            intake: Arc::new(intake),
            live: Arc::new(live),
            carriers: messages.carriers,
            outbox: messages.outbox,
            reach: messages.reach,
            throttle: Mutex::default(),
            metrics: telemetry::record_metrics()?,
            stopping: AtomicBool::new(false),
            renewal: renewal.0.clone(),
            search: known.search.clone(),
            history,
            coverages: crate::api::coverage::kept(),
            standbys: crate::api::standby::kept(),
        });
        let poller = Poller::start(registry, known, districts.clone(), clock, renewal)?;
        let (http, watch, metrics) = listeners.addresses()?;
        let watches = listeners.serve(&api, auditor, &stops);
        Ok(Self {
            http,
            watch,
            metrics,
            api,
            districts,
            stops,
            watches,
            poller,
            writers: [audit, unknown, messages.writer],
            _lock: lock,
        })
    }

    /// What `serve` prints when it can take an alarm: every listener that is on.
    pub fn ready_line(&self) -> String {
        let said = |name: &str, it: Option<SocketAddr>| it.map_or_else(String::new, |it| format!(" {name}={it}"));
        format!("ready http={}{}{}", self.http, said("watch", self.watch), said("metrics", self.metrics))
    }

    /// Takes no more signals, finishes what was accepted, and closes the sockets with a reason. With `Ending::finish` this
    /// takes no more than 10 s.
    pub async fn stop(self) -> Ending {
        self.api.stopping.store(true, Ordering::Relaxed);
        self.stops.sources.cancel();
        if let Some(watches) = self.watches {
            tokio::time::timeout(Duration::from_secs(DRAIN_S), watches).await.ok();
        }
        self.poller.stop();
        self.districts.stop().await;
        self.stops.sockets.cancel();
        self.stops.tasks.close();
        tokio::time::timeout(Duration::from_secs(DRAIN_S), self.stops.tasks.wait()).await.ok();
        Ending { screens: self.stops.screens, writers: self.writers, _lock: self._lock }
    }
}

/// What is left of a service that has stopped: it ends with the last task that can reach it.
pub struct Ending {
    screens: Screens,
    writers: [JoinHandle<()>; 3],
    _lock: Option<FolderLock>,
}

impl Ending {
    /// Cuts what still hangs on a socket, and waits until all is written and every store closed. What is not done in time
    /// is left as a crash would leave it. `runtime`: where the service ran.
    pub fn finish(self, runtime: Runtime) {
        let (end, ended) = channel::<()>();
        std::thread::spawn(move || {
            runtime.shutdown_timeout(FINISH);
            self.screens.end(FINISH);
            self.writers.into_iter().for_each(|it| drop(it.join()));
            drop(end);
        });
        if ended.recv_timeout(FINISH) == Err(RecvTimeoutError::Timeout) {
            warn!("Some of what was to be written, such as the audit of refusals, is not waited for any longer");
        }
    }
}

impl Listeners {
    async fn bind(config: &Config) -> Result<Self, ServeError> {
        let bind = async |name: &'static str, addr: SocketAddr| {
            TcpListener::bind(addr).await.map_err(|source| ServeError::Listen { name, addr, source })
        };
        let metrics = match config.metrics {
            Some(addr) => Some(bind("metrics", addr).await?),
            None => None,
        };
        Ok(Self {
            http: bind("http", config.http.listen).await?,
            watch: if config.bus.role.is_gateway() { Some(bind("watch", config.watch.listen).await?) } else { None },
            metrics,
        })
    }

    fn addresses(&self) -> std::io::Result<(SocketAddr, Option<SocketAddr>, Option<SocketAddr>)> {
        let address = |it: &TcpListener| it.local_addr();
        let optional = |it: &Option<TcpListener>| it.as_ref().map(address).transpose();
        Ok((address(&self.http)?, optional(&self.watch)?, optional(&self.metrics)?))
    }

    /// Gives each its task; the one of the watches is handed back, because it ends first.
    fn serve(self, api: &Arc<Api>, auditor: Auditor, stops: &Stops) -> Option<tokio::task::JoinHandle<()>> {
        let limits = listen::Limits::of(&api.config.http);
        let (tasks, sockets) = (&stops.tasks, &stops.sockets);
        let served = match api.config.bus.role.is_gateway() {
            true => router(api.clone(), auditor),
            false => owner_router(api.clone(), auditor),
        };
        tasks.spawn(listen::http(self.http, served, limits, sockets.clone()));
        if let Some(listener) = self.metrics {
            tasks.spawn(listen::http(listener, metrics_router(api.clone()), limits, sockets.clone()));
        }
        tasks.spawn(upkeep(api.clone(), sockets.clone()));
        if api.config.bus.role.is_gateway() {
            tasks.spawn(postman::carry(api.clone(), sockets.clone()));
        }
        let limits = Limits {
            listener: "watch".to_owned(),
            default_district: api.config.default_district,
            connections: api.config.watch.connections,
            idle: Duration::from_secs(WATCH_IDLE_S),
        };
        let watch = self.watch?;
        Some(tokio::spawn(serve_watches(watch, api.intake.clone(), limits, stops.sources.clone())))
    }
}

impl Stops {
    fn new() -> Result<Self, ServeError> {
        let (sources, sockets, tasks) = Default::default();
        Ok(Self { sources, sockets, tasks, screens: Screens::start()? })
    }
}

impl Known {
    fn of(registry: &Registry, facts: Facts, clock: Arc<dyn Clock>) -> Result<Self, ServeError> {
        Ok(Self {
            clock,
            facts: Shared::new(Arc::new(facts)),
            accounts: Shared::new(Arc::new(registry.accounts()?)),
            handles: Shared::new(Arc::new(Handles::new())),
            search: Arc::default(),
        })
    }

    fn facts(&self) -> Source<Facts> {
        let facts = self.facts.clone();
        Arc::new(move || facts.get())
    }

    fn handles(&self) -> Source<Handles> {
        let handles = self.handles.clone();
        Arc::new(move || handles.get())
    }
}

/// Where the record is, open as far as it is this process's.
enum Kept {
    Own(Record),
    Shared(Box<Bus>),
}

/// Waits for leases of an owner that died, on a thread that may. `claimed`: `None` beside a bus.
async fn keep(
    claimed: Option<Claimed>,
    config: &Config,
    facts: &Facts,
    key: &FingerprintKey,
) -> Result<(Kept, Option<FolderLock>), ServeError> {
    let (data, store, districts) = (config.data.clone(), config.store.clone(), served(facts, []));
    let bus = Bus::of(config, key);
    let opening = tokio::task::spawn_blocking(move || match (claimed, bus) {
        (None, Some(bus)) => {
            record::share(&data, &bus.store)?;
            Ok((Kept::Shared(Box::new(bus)), None))
        }
        (Some(claimed), _) => {
            let (record, lock) = claimed.open(&data, &store, &districts)?;
            Ok((Kept::Own(record), lock))
        }
        (None, None) => unreachable!("what is not shared was claimed"),
    });
    opening.await.map_err(|_| ServeError::Ended)?
}

fn registry(config: &Config) -> Result<(Registry, Facts), ServeError> {
    let place = config.registry();
    let registry = Registry::open(place.clone())?;
    registry.came_along(&config.data, &place)?;
    let mut facts = registry.load()?;
    facts.set_roads(roads_of(&config.data));
    Ok((registry, facts))
}

/// Those who answer and those who replay read apart from each other.
fn readers(config: &Config) -> Result<(Stores, Past), ServeError> {
    let stores = Stores::open(&config.registry(), record::reader(config)?, record::private_reader(config)?)?;
    Ok((stores, Past::new(record::reader(config)?, record::private_reader(config)?)))
}

/// The road network of the folder. One that cannot be used is told of, and the service begins all the same: whoever lies
/// on the floor is better off with straight lines than with nobody who takes the alarm.
fn roads_of(data: &Path) -> Option<Arc<Roads>> {
    match roads::load(data) {
        Ok(Some(found)) => {
            info!(roads.nodes = found.nodes(), roads.segments = found.segments(), "Ways are reckoned over roads");
            Some(Arc::new(found))
        }
        Ok(None) => None,
        Err(error) => {
            error!("Ways are straight lines until this is mended and the service started again: {error}");
            None
        }
    }
}

fn intake(place: Place, registry: &Registry, known: &Known) -> Result<(Intake, JoinHandle<()>), ServeError> {
    let (unknown, thread) = UnknownList::start(Registry::open(place)?)?;
    Ok((Intake::new(known.handles(), known.facts(), registry.fingerprint_key().clone(), unknown), thread))
}

fn live(
    key: FingerprintKey,
    past: Past,
    known: &Known,
    stores: &Stores,
    stops: &Stops,
    auditor: &Auditor,
) -> LiveContext {
    let (tasks, shutdown) = (stops.tasks.clone(), stops.sockets.clone());
    let (accounts, auditor) = (known.accounts.clone(), auditor.clone());
    LiveContext {
        handles: known.handles(),
        facts: known.facts(),
        hub: Hub::new(known.facts(), tasks.clone(), shutdown.clone(), stops.screens.handle()),
        screens: stops.screens.handle(),
        links: Arc::default(),
        past,
        identify: identify(accounts.clone(), stores.clone(), known.clock.clone()),
        still_there: Arc::new(move |name| accounts.get().get(name).cloned()),
        audit: Arc::new(move |entry| auditor.keep(entry)),
        key,
        limits: crate::live::Limits::default(),
        tasks,
        shutdown,
    }
}

async fn upkeep(api: Arc<Api>, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(telemetry::UPKEEP_EVERY_S));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {
                api.metrics.iter().for_each(metrics_exporter_prometheus::PrometheusHandle::run_upkeep);
                // An owner's districts come and go, and a gauge that nobody sets any more would stay.
                for (district, handle) in api.handles.get().iter().filter(|_| api.config.bus.role.is_gateway()) {
                    let ready = f64::from(u8::from(handle.is_ready().is_ok()));
                    metrics::gauge!(telemetry::DISTRICT_READY, "district" => district.to_string()).set(ready);
                }
            }
        }
    }
}
