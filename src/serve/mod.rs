//! A running service: opens the folder, starts engine, sources and interface, and stops them in order.
//! In-process: `tidewatch serve` runs one until a signal comes, and tests run as many as they like.

mod error;
mod listen;
mod poll;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use error::ServeError;

use self::poll::{Poller, served};
use crate::api::audit::Auditor;
use crate::api::stores::Stores;
use crate::api::{Api, metrics_router, router};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::engine::{Parts, Shell};
use crate::journal::{EventReader, SqliteLog};
use crate::registry::{Registry, Shared, Vault};
use crate::sources::watch::{Limits, run as serve_watches};
use crate::sources::{Handles, Intake, UnknownList};
use crate::telemetry;

/// Sources and consoles have as long to finish what they were answering; then their sockets are closed.
const DRAIN_S: u64 = 1;

/// A watch says something every few minutes; one that has said nothing for so long is gone.
const WATCH_IDLE_S: u64 = 15 * 60;

/// What is shared between the poller, which lets districts join, and the stop.
type SharedShell = Arc<Mutex<Option<Shell>>>;

/// A service that takes alarms.
pub struct Running {
    pub http: SocketAddr,
    pub watch: SocketAddr,
    pub metrics: Option<SocketAddr>,
    pub api: Arc<Api>,
    shell: SharedShell,
    sources: CancellationToken,
    sockets: CancellationToken,
    tasks: TaskTracker,
    watches: tokio::task::JoinHandle<()>,
    poller: Poller,
    audit: JoinHandle<()>,
}

/// The listeners, bound before anything else is begun: a port in use is told at once.
struct Listeners {
    http: TcpListener,
    watch: TcpListener,
    metrics: Option<TcpListener>,
}

impl Running {
    /// Begins everything. When it returns, an alarm can be taken.
    pub async fn start(config: Config) -> Result<Self, ServeError> {
        let log = SqliteLog::open(&config.data)?;
        let listeners = Listeners::bind(&config).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let registry = Registry::open(&config.data)?;
        let parts = parts(&config, log, &registry, &clock)?;
        let (facts, accounts) = (Shared::new(parts.facts.clone()), Shared::new(Arc::new(registry.accounts()?)));
        let shell = tokio::task::spawn_blocking(move || Shell::start(parts)).await.map_err(|_| ServeError::Ended)??;
        let handles: Shared<Handles> = Shared::new(Arc::new(shell.handles().clone()));
        let (auditor, audit) = Auditor::start(Registry::open(&config.data)?, clock.clone())?;
        let intake = Arc::new(intake(&config, &registry, &handles, &facts)?);
        let metrics = telemetry::record_metrics()?;
        let config = Arc::new(config);
        let api = Arc::new(Api {
            clock,
            key: registry.fingerprint_key().clone(),
            stores: Stores::open(&config.data)?,
            config: config.clone(),
            handles: handles.clone(),
            facts: facts.clone(),
            accounts: accounts.clone(),
            intake: intake.clone(),
            throttle: Mutex::default(),
            metrics,
            stopping: AtomicBool::new(false),
        });
        let shell: SharedShell = Arc::new(Mutex::new(Some(shell)));
        let poller = Poller::start(registry, facts, accounts, handles, shell.clone(), api.clock.clone())?;
        Self::listen(listeners, api, auditor, intake, shell, poller, audit)
    }

    fn listen(
        listeners: Listeners,
        api: Arc<Api>,
        auditor: Auditor,
        intake: Arc<Intake>,
        shell: SharedShell,
        poller: Poller,
        audit: JoinHandle<()>,
    ) -> Result<Self, ServeError> {
        let (sources, sockets, tasks) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
        let (http, watch) = (listeners.http.local_addr()?, listeners.watch.local_addr()?);
        let metrics = listeners.metrics.as_ref().map(TcpListener::local_addr).transpose()?;
        let connections = api.config.http.connections;
        tasks.spawn(listen::http(listeners.http, router(api.clone(), auditor), connections, sockets.clone()));
        if let Some(listener) = listeners.metrics {
            tasks.spawn(listen::http(listener, metrics_router(api.clone()), connections, sockets.clone()));
        }
        tasks.spawn(upkeep(api.clone(), sockets.clone()));
        let limits = Limits {
            listener: "watch".to_owned(),
            default_district: api.config.default_district,
            connections: api.config.watch.connections,
            idle: Duration::from_secs(WATCH_IDLE_S),
        };
        let watches = tokio::spawn(serve_watches(listeners.watch, intake, limits, sources.clone()));
        Ok(Self { http, watch, metrics, api, shell, sources, sockets, tasks, watches, poller, audit })
    }

    /// What `serve` prints when it can take an alarm: every listener that is on.
    pub fn ready_line(&self) -> String {
        let metrics = self.metrics.map_or_else(String::new, |it| format!(" metrics={it}"));
        format!("ready http={} watch={}{metrics}", self.http, self.watch)
    }

    /// Takes no more signals, finishes what was accepted, closes the sockets with a reason, and ends within 10 s.
    pub async fn stop(self) {
        self.api.stopping.store(true, Ordering::Relaxed);
        self.sources.cancel();
        tokio::time::timeout(Duration::from_secs(DRAIN_S), self.watches).await.ok();
        self.poller.stop();
        let shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(shell) = shell {
            tokio::task::spawn_blocking(move || shell.shutdown()).await.ok();
        }
        self.sockets.cancel();
        self.tasks.close();
        tokio::time::timeout(Duration::from_secs(DRAIN_S), self.tasks.wait()).await.ok();
        drop(self.api);
        tokio::time::timeout(Duration::from_secs(DRAIN_S), tokio::task::spawn_blocking(move || self.audit.join()))
            .await
            .ok();
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
            watch: bind("watch", config.watch.listen).await?,
            metrics,
        })
    }
}

/// The districts are those of the registry, and those that have a record whatever the registry says today.
fn parts(config: &Config, log: SqliteLog, registry: &Registry, clock: &Arc<dyn Clock>) -> Result<Parts, ServeError> {
    let facts = Arc::new(registry.load()?);
    let districts = served(&facts, log.heads()?.into_keys());
    Ok(Parts {
        districts,
        log: Box::new(log),
        vault: Vault::open(&config.data)?,
        facts,
        policy: Arc::new(config.policy.clone()),
        clock: clock.clone(),
        sinks: Vec::new(),
        on_fatal: Arc::new(Shell::exit_at_once),
    })
}

fn intake(
    config: &Config,
    registry: &Registry,
    handles: &Shared<Handles>,
    facts: &Shared<crate::dispatch::Facts>,
) -> Result<Intake, ServeError> {
    let unknown = UnknownList::start(Registry::open(&config.data)?)?;
    let (handles, facts) = (handles.clone(), facts.clone());
    let key = registry.fingerprint_key().clone();
    Ok(Intake::new(Arc::new(move || handles.get()), Arc::new(move || facts.get()), key, unknown))
}

async fn upkeep(api: Arc<Api>, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(telemetry::UPKEEP_EVERY_S));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => api.metrics.iter().for_each(metrics_exporter_prometheus::PrometheusHandle::run_upkeep),
        }
    }
}
