//! Refusals reach the audit off the hot path: a bounded queue, and a thread that writes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::problem::Refused;
use crate::clock::Clock;
use crate::registry::{AuditEntry, By, Registry, RegistryError};

/// Refusals that wait to be written. Beyond it they are counted and not kept: a flood of wrong secrets must cost neither
/// memory nor the alarms' disk.
const QUEUE: usize = 1024;

/// Letters of a path that are kept.
const PATH_CHARS: usize = 120;

/// Between tries at a store that is away. Written twice is better than not at all.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct Auditor {
    entries: SyncSender<AuditEntry>,
    clock: Arc<dyn Clock>,
}

impl Auditor {
    /// The thread ends when the last auditor is gone, and has then written all.
    pub fn start(registry: Registry, clock: Arc<dyn Clock>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (entries, waiting) = sync_channel(QUEUE);
        let thread =
            std::thread::Builder::new().name("audit".to_owned()).spawn(move || write_all(registry, &waiting))?;
        Ok((Self { entries, clock }, thread))
    }

    /// Keeps an entry that must not be lost; waits for room on a thread of its own.
    pub fn keep(&self, entry: AuditEntry) {
        if let Err(TrySendError::Full(entry)) = self.entries.try_send(entry) {
            let entries = self.entries.clone();
            tokio::task::spawn_blocking(move || entries.send(entry).is_ok());
        }
    }

    /// Never waits.
    pub fn note(&self, refused: &Refused, method: &Method, path: &str) {
        let at = self.clock.wall();
        let actor = refused.actor.as_ref().map_or("anonymous", |it| it.as_str());
        let path: String = path.chars().take(PATH_CHARS).collect();
        let entry = AuditEntry::of(By { actor, at }, "refused").saying(format!("{} {method} {path}", refused.code));
        let entry = match refused.district {
            Some(district) => entry.within(district),
            None => entry,
        };
        if let Err(TrySendError::Full(_)) = self.entries.try_send(entry) {
            metrics::counter!("tidewatch_audit_entries_dropped_total", "reason" => "queue_full").increment(1);
        }
    }
}

fn write_all(mut registry: Registry, waiting: &Receiver<AuditEntry>) {
    while let Ok(entry) = waiting.recv() {
        let mut written = registry.audit(&entry);
        if let Err(error) = written.as_ref()
            && error.is_away()
        {
            tracing::warn!("The audit waits until its store is there again: {error}");
            while written.as_ref().is_err_and(RegistryError::is_away) {
                std::thread::sleep(AGAIN);
                written = registry.audit(&entry);
            }
        }
        if let Err(error) = written {
            metrics::counter!("tidewatch_audit_entries_dropped_total", "reason" => "store").increment(1);
            tracing::warn!("A refusal is not in the audit: {error}");
        }
    }
}

/// Looks at every answer on its way out.
pub async fn watch(State(auditor): State<Auditor>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    if let Some(refused) = response.extensions().get::<Refused>() {
        auditor.note(refused, &method, &path);
    }
    response
}
