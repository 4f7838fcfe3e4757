//! Devices that nobody knows, on their way to the registry's list: by a bounded queue to a thread of its own, because an
//! alarm must not wait for a list. What does not fit is dropped, and the caller counts it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::recent::Recent;
use crate::domain::premises::DeviceName;
use crate::domain::{SignalKind, Timestamp};
use crate::registry::Registry;

/// Notes that may wait: a second of noise at what the registry writes.
const QUEUE_MAX: usize = 1024;

/// The same device is noted again after this at the earliest: a watch speaks every few seconds, and an import wants the
/// registry too.
const AGAIN_S: u64 = 10;

/// Devices of which it is known when they were noted last.
const NOTED_MAX: usize = 4096;

struct Heard {
    name: DeviceName,
    kind: SignalKind,
    at: Timestamp,
}

/// The way to the list.
#[derive(Clone)]
pub struct UnknownList {
    queue: SyncSender<Heard>,
}

impl UnknownList {
    /// Takes a connection of its own. The thread ends when the last way to it is gone, and has then noted all.
    pub fn start(registry: Registry) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, heard) = sync_channel(QUEUE_MAX);
        let thread = thread::Builder::new().name("unknown".to_owned()).spawn(move || keep(registry, &heard))?;
        Ok((Self { queue }, thread))
    }

    /// False where there was no room. Never waits.
    pub fn note(&self, name: &DeviceName, kind: SignalKind, at: Timestamp) -> bool {
        self.queue.try_send(Heard { name: name.clone(), kind, at }).is_ok()
    }
}

fn keep(mut registry: Registry, heard: &Receiver<Heard>) {
    let mut noted: Recent<DeviceName, (SignalKind, Timestamp)> = Recent::new(NOTED_MAX);
    for it in heard {
        let lately = noted.get(&it.name).is_some_and(|(kind, at)| *kind == it.kind && it.at.since_s(*at) < AGAIN_S);
        if lately {
            continue;
        }
        match registry.note_unknown_device(&it.name, it.kind, it.at) {
            Ok(()) => noted.put(it.name, (it.kind, it.at)),
            Err(error) => tracing::warn!(%error, "An unknown device was not noted: {error}"),
        }
    }
}
