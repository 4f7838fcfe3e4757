//! The channels besides the link: who carries them, who is reached by them, and where their outcome is kept.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use p256::SecretKey;

use super::{Known, ServeError, Stops};
use crate::config::Config;
use crate::notify::{Carriers, Gateway, Outbox, Pusher, Reach, Vapid};
use crate::registry::{FingerprintKey, Registry, Shared};
use crate::sources::{Handles, Source};

pub(super) struct Messages {
    pub carriers: Arc<Carriers>,
    pub reach: Arc<Reach>,
    pub outbox: Arc<Outbox>,
    /// Ends with the outbox, and has then written all.
    pub writer: JoinHandle<()>,
}

impl Messages {
    /// `owned`: the districts whose messages are sent from here.
    pub fn start(
        config: &Config,
        mut registry: Registry,
        (known, owned): (&Known, &Shared<Handles>),
        stops: &Stops,
    ) -> Result<Self, ServeError> {
        let carriers = Arc::new(carriers(config, registry.fingerprint_key())?);
        let owned = owned.clone();
        let handles: Source<Handles> = Arc::new(move || owned.get());
        let reach = Reach::new(carriers.clone(), handles.clone(), known.facts());
        let (tell, told) = channel();
        let (clock, learned) = (known.clock.clone(), reach.clone());
        let writer = std::thread::Builder::new().name("channels".to_owned()).spawn(move || {
            while let Ok((responder, channel, target, outcome)) = told.recv() {
                let noted = registry.note_channel(&responder, channel, &target, outcome, clock.wall());
                let rows = noted.and_then(|()| registry.channels());
                match rows {
                    Ok(rows) => learned.learn(&rows),
                    Err(error) => tracing::warn!("What a channel came to is not kept: {error}"),
                }
            }
        })?;
        let note = Arc::new(move |responder: &_, channel, target: &_, outcome| {
            // Where the thread has ended, the process is ending too.
            let (responder, target): (&crate::domain::ResponderId, &crate::registry::Target) = (responder, target);
            tell.send((responder.clone(), channel, target.clone(), outcome)).ok();
        });
        let sources = (handles, known.facts());
        let tasks = (&stops.tasks, stops.sockets.clone());
        let outbox = Outbox::start(reach.clone(), carriers.clone(), sources, note, tasks);
        Ok(Self { carriers, reach, outbox, writer })
    }
}

fn carriers(config: &Config, key: &FingerprintKey) -> Result<Carriers, ServeError> {
    let pusher = config.push.contact.clone().map(|contact| Pusher::new(Vapid::new(push_key(key), contact)));
    Ok(Carriers {
        pusher: pusher.transpose()?,
        gateway: Gateway::new(&config.gateway)?,
        services: config.push.services.clone(),
    })
}

/// The same for ever, as browsers subscribe to it; derived from the registry's key, so that a backup has it.
fn push_key(key: &FingerprintKey) -> SecretKey {
    let mut tries = (0_u64..).map(|n| key.digest(&[b"push", &n.to_be_bytes()]));
    tries.find_map(|bytes| SecretKey::from_slice(&bytes).ok()).expect("all but one digest in 2^32 are keys")
}
