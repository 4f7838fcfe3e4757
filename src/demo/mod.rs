//! A scenario over a running service, live: homes that ask for help, responders who come, an operator who closes. What
//! happens is drawn as the simulator draws it; without a scenario of one's own it is a quiet evening in Haining.
//! Every actor is an outsider: it has a public socket and a secret, and no other door. Nothing here is imported by
//! the service, and nothing of the service is asked here but the shapes of its frames and its words.
//! All people, phones, addresses and positions that it plays with are invented.

mod cast;
mod door;
mod fleet;
mod homes;
mod hotline;
mod link;
pub mod operator;
mod pace;
pub mod responder;
mod stage;
pub mod watches;
mod welcome;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use cast::Cast;
pub use pace::Pace;
pub use stage::{Stage, StageError, quiet_evening};
pub use welcome::{Doors, welcome};

use crate::domain::{AccountName, ResponderId};
use crate::scenario::Scenario;

/// Secrets of the accounts that the actors sign in with.
#[derive(Clone)]
pub struct Keys {
    /// The actor who closes what is finished: an operator of its own, so that it is told from people.
    pub evening: (AccountName, String),
    pub gateway: String,
    pub responders: BTreeMap<ResponderId, String>,
}

/// What an evening needs to know.
#[derive(Clone)]
pub struct Evening {
    pub http: SocketAddr,
    pub watch: SocketAddr,
    pub keys: Keys,
    pub cast: Cast,
    pub scenario: Arc<Scenario>,
    pub seed: u64,
    pub pace: Pace,
    /// Identities of devices that say nothing just now.
    pub silent: Arc<Mutex<BTreeSet<String>>>,
}

impl Evening {
    fn is_silent(&self, identity: &str) -> bool {
        self.silent.lock().expect("nothing panics while it holds the names").contains(identity)
    }
}

/// Plays until `shutdown`. What cannot be reached is tried again; an actor never ends the evening.
pub async fn run(evening: Evening, shutdown: CancellationToken) {
    let evening = Arc::new(evening);
    let mut actors = JoinSet::new();
    for (nth, responder) in evening.cast.responders.iter().enumerate() {
        if let Some(secret) = evening.keys.responders.get(&responder.id) {
            let link = responder::Link::new(&evening, nth, responder, secret.clone());
            spawn(&mut actors, &shutdown, link.run());
        }
    }
    spawn(&mut actors, &shutdown, operator::run(Arc::clone(&evening)));
    spawn(&mut actors, &shutdown, fleet::watches(Arc::clone(&evening)));
    spawn(&mut actors, &shutdown, fleet::sensors(Arc::clone(&evening)));
    spawn(&mut actors, &shutdown, homes::run(Arc::clone(&evening)));
    while actors.join_next().await.is_some() {}
}

/// An actor ends where it stands: the service must live with that from anybody.
fn spawn(actors: &mut JoinSet<()>, shutdown: &CancellationToken, actor: impl Future<Output = ()> + Send + 'static) {
    let shutdown = shutdown.clone();
    actors.spawn(async move {
        shutdown.run_until_cancelled_owned(actor).await;
    });
}
