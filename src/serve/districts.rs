//! The districts of this process: those whose engines run here, those that are asked over the bus, or both.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::error;

use super::bus::{Bus, GatewaySide, OwnerSide};
use super::poll::served;
use super::record::{self, Record};
use super::{Known, ServeError, Stops};
use crate::config::Config;
use crate::dispatch::Facts;
use crate::engine::{Parts, Shell, Sink};
use crate::history::History;
use crate::live::LiveContext;
use crate::notify::Outbox;
use crate::registry::Shared;
use crate::sources::Handles;

/// How long answers may take on their way to the bus at the end.
const ANSWERS_DRAIN: Duration = Duration::from_secs(1);

/// Who hears of commits.
pub(super) struct Sinks<'a> {
    pub live: &'a LiveContext,
    pub outbox: Arc<Outbox>,
    pub history: Arc<History>,
}

impl Sinks<'_> {
    /// What is shown to people who look, or asked of them, at the sockets of this process.
    fn at_sockets(&self) -> Vec<Box<dyn Sink>> {
        vec![self.live.links.sink(), self.live.hub.sink(), self.history.sink()]
    }
}

pub(super) struct Districts {
    known: Known,
    /// Those whose engines run here.
    owned: Shared<Handles>,
    shell: Mutex<Option<Shell>>,
    owner: Option<OwnerSide>,
    gateway: Mutex<Option<GatewaySide>>,
}

impl Districts {
    /// Takes as long as reading the records takes.
    pub async fn start(
        config: &Config,
        record: Option<Record>,
        bus: Option<&Bus>,
        (known, owned): (&Known, Shared<Handles>),
        stops: &Stops,
        sinks: Sinks<'_>,
    ) -> Result<Arc<Self>, ServeError> {
        let owner = match (bus, &record) {
            (Some(bus), Some(record)) => Some(OwnerSide::start(bus, record.generation(), &known.clock, stops)),
            (None, _) | (_, None) => None,
        };
        let shell = match record {
            Some(record) => {
                let heard = match &owner {
                    Some(owner) => vec![owner.sink(), sinks.outbox.sink()],
                    None => sinks.at_sockets().into_iter().chain([sinks.outbox.sink()]).collect(),
                };
                let parts = parts(config, record, known, heard)?;
                let started = tokio::task::spawn_blocking(move || Shell::start(parts)).await;
                Some(started.map_err(|_| ServeError::Ended)??)
            }
            None => None,
        };
        if let Some(shell) = &shell {
            owned.set(Arc::new(shell.handles().clone()));
        }
        let gateway = match bus.filter(|_| config.bus.role.is_gateway()) {
            Some(bus) => {
                let hub = sinks.live.hub.clone();
                let on_moved = Arc::new(move |district, responder: &_, fix| hub.moved(district, responder, fix));
                Some(GatewaySide::start(bus, known, stops, (sinks.at_sockets(), on_moved, sinks.history.clone()))?)
            }
            None => None,
        };
        let it = Arc::new(Self {
            known: known.clone(),
            owned,
            shell: Mutex::new(shell),
            owner,
            gateway: Mutex::new(gateway),
        });
        if let Some(owner) = &it.owner {
            owner.take_up(it.owned.get().values()).await;
        }
        if bus.is_none() {
            it.owned.get().values().for_each(|handle| sinks.history.begin(handle));
        }
        let joining = it.clone();
        let joined = tokio::task::spawn_blocking(move || joining.join_elsewhere(&joining.known.facts.get())).await;
        joined.map_err(|_| ServeError::Ended)??;
        if it.gateway().is_none() {
            it.known.handles.set(it.owned.get());
        }
        Ok(it)
    }

    /// The registry has changed: decisions look at the new one, and a district that came into it is served from now on.
    pub fn facts_changed(&self, facts: &Arc<Facts>) {
        if let Some(shell) = self.shell.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            shell.facts_changed(facts);
            for district in served(facts, []) {
                if let Err(error) = shell.join(district, facts) {
                    error!(%district, "District `{district}` cannot be served: {error}");
                }
            }
            self.owned.set(Arc::new(shell.handles().clone()));
        }
        if let Err(error) = self.join_elsewhere(facts) {
            error!("A new district of the registry cannot be served yet: {error}");
        }
        if self.gateway().is_none() {
            self.known.handles.set(self.owned.get());
        }
    }

    /// Finishes what was accepted, and gives up what is owned.
    pub async fn stop(&self) {
        if let Some(owner) = &self.owner {
            owner.counter.end_all();
        }
        let shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(shell) = shell {
            tokio::task::spawn_blocking(move || shell.shutdown()).await.ok();
        }
        if let Some(owner) = &self.owner {
            tokio::time::timeout(ANSWERS_DRAIN, owner.counter.told_all()).await.ok();
        }
        let gateway = self.gateway().take();
        if let Some(gateway) = gateway {
            tokio::task::spawn_blocking(move || gateway.stop()).await.ok();
        }
    }

    fn join_elsewhere(&self, facts: &Facts) -> Result<(), ServeError> {
        if let Some(gateway) = &*self.gateway() {
            let joined = gateway.join(&self.known.handles.get(), &served(facts, []))?;
            self.known.handles.set(Arc::new(joined));
        }
        Ok(())
    }

    fn gateway(&self) -> std::sync::MutexGuard<'_, Option<GatewaySide>> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The districts are those of the registry, and those that have a record whatever the registry says today.
fn parts(
    config: &Config,
    record: Record,
    known: &Known,
    sinks: Vec<Box<dyn Sink>>,
) -> Result<Parts, ServeError> {
    let facts = known.facts.get();
    let districts = served(&facts, record.heads()?.into_keys());
    Ok(Parts {
        districts,
        log: match record {
            Record::Folder(log) => log,
            Record::Server(log) => log,
        },
        private: record::private(config)?,
        facts,
        policy: Arc::new(config.policy.clone()),
        clock: known.clock.clone(),
        sinks,
        on_fatal: Arc::new(Shell::exit_at_once),
    })
}
