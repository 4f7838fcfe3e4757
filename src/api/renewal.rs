//! A change of the registry takes effect before whoever made it is answered: the thread that follows the registry is
//! woken, and its next version waited for.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tokio::sync::watch;

/// Far longer than the largest registry takes to follow a change; it takes effect later all the same.
const WAIT: Duration = Duration::from_secs(5);

/// The end of those who change something.
#[derive(Debug, Clone)]
pub struct Renewal {
    wake: SyncSender<()>,
    version: watch::Receiver<u64>,
}

/// The end of the thread that follows.
#[derive(Debug)]
pub struct Follower {
    pub woken: Receiver<()>,
    pub version: watch::Sender<u64>,
}

impl Renewal {
    pub fn new(version: u64) -> (Self, Follower) {
        let (wake, woken) = sync_channel(1);
        let (told, version) = watch::channel(version);
        (Self { wake, version }, Follower { woken, version: told })
    }

    /// Wakes the follower. One call that waits is enough for all.
    pub fn wake(&self) {
        self.wake.try_send(()).ok();
    }

    /// Returns when decisions, sources and queries know this version.
    pub async fn reached(&self, version: u64) {
        self.wake();
        let mut seen = self.version.clone();
        let reached = tokio::time::timeout(WAIT, seen.wait_for(|it| *it >= version)).await;
        if !matches!(reached, Ok(Ok(_))) {
            tracing::warn!(registry.version = version, "The registry's version {version} is not followed yet");
        }
    }
}
