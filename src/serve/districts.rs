//! The districts of this process: those of a record of its own, or, beside a bus, those whose engines run here just now
//! and those that are asked elsewhere.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::error;

use super::bus::{Bus, GatewaySide, Messengers, OwnerSide};
use super::poll::served;
use super::record::Record;
use super::{Known, ServeError, Stops};
use crate::config::Config;
use crate::dispatch::Facts;
use crate::engine::{Parts, Private, Shell, Sink};
use crate::history::History;
use crate::journal::Standing;
use crate::live::LiveContext;
use crate::notify::{Outbox, Reach};
use crate::registry::Shared;
use crate::sources::Handles;

/// Who hears of commits.
pub(super) struct Audience<'a> {
    pub live: &'a LiveContext,
    pub history: Arc<History>,
    pub outbox: Arc<Outbox>,
    pub reach: Arc<Reach>,
}

impl Audience<'_> {
    /// What is shown to people who look, or asked of them, at the sockets of this process.
    fn at_sockets(&self) -> Vec<Box<dyn Sink>> {
        vec![self.live.links.sink(), self.live.hub.sink(), self.history.sink()]
    }
}

pub(super) enum Districts {
    /// All of them, over a record that is this process's.
    Own {
        known: Known,
        shell: Mutex<Option<Shell>>,
    },
    Shared {
        known: Known,
        owner: Mutex<Option<OwnerSide>>,
        gateway: Mutex<Option<GatewaySide>>,
    },
}

impl Districts {
    /// Takes as long as reading the record takes. Tells what readiness says of a server, too.
    pub async fn own(
        config: &Config,
        stores: (Record, Private),
        known: &Known,
        audience: Audience<'_>,
    ) -> Result<(Arc<Self>, Option<Arc<Standing>>), ServeError> {
        let standing = stores.0.standing();
        let sinks = audience.at_sockets().into_iter().chain([audience.outbox.sink()]).collect();
        let parts = parts(config, stores, known, sinks)?;
        let started = tokio::task::spawn_blocking(move || Shell::start(parts)).await;
        let shell = started.map_err(|_| ServeError::Ended)??;
        known.handles.set(Arc::new(shell.handles().clone()));
        shell.handles().values().for_each(|handle| audience.history.begin(handle));
        Ok((Arc::new(Self::Own { known: known.clone(), shell: Mutex::new(Some(shell)) }), standing))
    }

    /// A gateway's start takes as long as reading the records of all districts takes; an owner's does not wait.
    pub async fn shared(
        (config, address): (&Config, String),
        bus: &Bus,
        (known, owned): (&Known, Shared<Handles>),
        stops: &Stops,
        audience: Audience<'_>,
    ) -> Result<(Arc<Self>, Option<Arc<Standing>>), ServeError> {
        let (role, standing) = (config.bus.role, Arc::new(Standing::default()));
        let messengers = Messengers { outbox: audience.outbox.clone(), reach: audience.reach.clone() };
        let owner = if role.owns() {
            let place = (config, address.clone());
            Some(OwnerSide::start(bus, place, (known, owned), stops, (messengers, standing.clone()))?)
        } else {
            None
        };
        let gateway = if role.is_gateway() {
            let hub = audience.live.hub.clone();
            let on_moved = Arc::new(move |district, responder: &_, fix| hub.moved(district, responder, fix));
            let shown = (audience.at_sockets(), on_moved as _, audience.history.clone());
            let signing = (!role.owns()).then_some(address);
            Some(GatewaySide::start((bus, signing), known, stops, shown)?)
        } else {
            None
        };
        let (owner, gateway) = (Mutex::new(owner), Mutex::new(gateway));
        let it = Arc::new(Self::Shared { known: known.clone(), owner, gateway });
        let joining = it.clone();
        let facts = known.facts.get();
        let joined = tokio::task::spawn_blocking(move || joining.join_elsewhere(&facts)).await;
        joined.map_err(|_| ServeError::Ended)??;
        Ok((it, role.owns().then_some(standing)))
    }

    /// The registry has changed: decisions look at the new one, and a district that came into it is served from now on.
    pub fn facts_changed(&self, facts: &Arc<Facts>) {
        match self {
            Self::Own { known, shell } => {
                let mut shell = lock(shell);
                let Some(shell) = shell.as_mut() else { return };
                shell.facts_changed(facts);
                for district in served(facts, []) {
                    if let Err(error) = shell.join(district, facts) {
                        error!(%district, "District `{district}` cannot be served: {error}");
                    }
                }
                known.handles.set(Arc::new(shell.handles().clone()));
            }
            Self::Shared { owner, .. } => {
                if let Some(owner) = &*lock(owner) {
                    owner.facts_changed();
                }
                if let Err(error) = self.join_elsewhere(facts) {
                    error!("A new district of the registry cannot be served yet: {error}");
                }
            }
        }
    }

    /// Finishes what was accepted, and gives up what is owned.
    pub async fn stop(&self) {
        match self {
            Self::Own { shell, .. } => {
                let shell = lock(shell).take();
                if let Some(shell) = shell {
                    tokio::task::spawn_blocking(move || shell.shutdown()).await.ok();
                }
            }
            Self::Shared { owner, gateway, .. } => {
                let (owner, gateway) = (lock(owner).take(), lock(gateway).take());
                if let Some(owner) = owner {
                    owner.stop().await;
                }
                if let Some(gateway) = gateway {
                    tokio::task::spawn_blocking(move || gateway.stop()).await.ok();
                }
            }
        }
    }

    fn join_elsewhere(&self, facts: &Facts) -> Result<(), ServeError> {
        let Self::Shared { known, gateway, .. } = self else { return Ok(()) };
        if let Some(gateway) = &*lock(gateway) {
            let joined = gateway.join(&known.handles.get(), &served(facts, []))?;
            known.handles.set(Arc::new(joined));
        }
        Ok(())
    }
}

/// The districts are those of the registry, and those that have a record whatever the registry says today.
fn parts(
    config: &Config,
    (record, private): (Record, Private),
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
        private,
        facts,
        policy: Arc::new(config.policy.clone()),
        clock: known.clock.clone(),
        sinks,
        on_fatal: Arc::new(Shell::exit_at_once),
        on_lost: Arc::new(Shell::exit_at_once),
    })
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
