//! The shell: one thread per district around the pure core, one for the journal, one that publishes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::handle::{Handle, Sink};
use crate::clock::Clock;
use crate::dispatch::{Facts, Policy};
use crate::domain::{DistrictCode, Seq};
use crate::journal::{EventLog, LogError};
use crate::registry::{RegistryError, Vault};

/// Everything a running engine is made of.
pub struct Parts {
    pub districts: Vec<DistrictCode>,
    pub log: Box<dyn EventLog>,
    pub vault: Vault,
    pub facts: Arc<Facts>,
    pub policy: Arc<Policy>,
    pub clock: Arc<dyn Clock>,
    pub sinks: Vec<Box<dyn Sink>>,
    /// Called once with the reason where going on would make it worse; `Shell::exit_at_once` in a service.
    pub on_fatal: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Why a district could not be taken up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("reading the journal: {0}")]
    Journal(#[from] LogError),
    #[error("reading private values: {0}")]
    Vault(#[from] RegistryError),
    #[error(
        "district={district} seq={seq}: {found}, expected an event of version {expected} or less; start the \
             tidewatch that wrote it"
    )]
    Unreadable { district: DistrictCode, seq: Seq, found: String, expected: u16 },
}

/// The threads of all districts of this process.
pub struct Shell {
    handles: BTreeMap<DistrictCode, Handle>,
}

impl Shell {
    /// Folds what is recorded, renews what waits for people, and begins. Takes as long as the reading takes.
    pub fn start(parts: Parts) -> Result<Self, StartError> {
        let _ = parts;
        Ok(Self { handles: BTreeMap::new() })
    }

    pub fn handles(&self) -> &BTreeMap<DistrictCode, Handle> {
        &self.handles
    }

    pub fn handle(&self, district: DistrictCode) -> Option<&Handle> {
        self.handles.get(&district)
    }

    /// The registry has changed: decisions look at the new one from the next round on.
    pub fn facts_changed(&self, facts: &Arc<Facts>) {
        let _ = facts;
    }

    /// Stops taking, finishes what was accepted, keeps a snapshot, and ends within 8 s.
    pub fn shutdown(self) {}

    /// For `Parts::on_fatal` of a service: the process ends now, and the next start reads what is there.
    pub fn exit_at_once(why: &str) {
        tracing::error!("Ending at once: {why}");
        std::process::exit(70);
    }
}
