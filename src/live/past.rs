//! What lies on the disk: committed events and private values, read on threads that may block.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dispatch::Stamped;
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, Seq};
use crate::journal::{EventReader, LogError};
use crate::registry::{PrivateReader, RegistryError};

/// Private values by their names.
pub type Values = BTreeMap<PrivateId, String>;

/// Why the past could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    #[error("reading the journal: {0}")]
    Journal(#[from] LogError),
    #[error("reading private values: {0}")]
    Vault(#[from] RegistryError),
    #[error("event {seq} of the journal cannot be read: {source}")]
    Unreadable { seq: Seq, source: serde_json::Error },
    #[error("event {seq} is not in the journal, expected one: it was committed")]
    Missing { seq: Seq },
    #[error("the reading thread ended before its answer")]
    Stopped,
}

#[derive(Clone)]
pub struct Past {
    generation: Arc<str>,
    journal: Arc<Mutex<Box<dyn EventReader + Send>>>,
    vault: Arc<Mutex<Box<dyn PrivateReader>>>,
}

impl Past {
    pub fn new(journal: Box<dyn EventReader + Send>, vault: Box<dyn PrivateReader>) -> Self {
        let generation = journal.generation().into();
        Self { generation, journal: Arc::new(Mutex::new(journal)), vault: Arc::new(Mutex::new(vault)) }
    }

    /// Another one after a restore: what a console knows of seqs holds no longer.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// The events from `from` to `to`, both included.
    pub async fn events(&self, district: DistrictCode, from: Seq, to: Seq) -> Result<Vec<Stamped>, PastError> {
        let journal = Arc::clone(&self.journal);
        blocking(move || {
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            read(&**journal, district, from, to)
        })
        .await
    }

    /// The values of these names that are still there.
    pub async fn values(&self, ids: Vec<PrivateId>) -> Result<Values, PastError> {
        if ids.is_empty() {
            return Ok(Values::new());
        }
        let vault = Arc::clone(&self.vault);
        blocking(move || {
            let found = vault.lock().unwrap_or_else(PoisonError::into_inner).read(&ids)?;
            Ok(found.into_iter().map(|(id, it)| (id, it.value)).collect())
        })
        .await
    }
}

fn read(journal: &dyn EventReader, district: DistrictCode, from: Seq, to: Seq) -> Result<Vec<Stamped>, PastError> {
    let mut bodies = Vec::new();
    journal.read(district, from, &mut |record| {
        let last = record.seq >= to;
        if record.seq <= to {
            bodies.push((record.seq, record.body));
        }
        if last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let event = |(seq, body): (Seq, String)| {
        serde_json::from_str(&body).map_err(|source| PastError::Unreadable { seq, source })
    };
    bodies.into_iter().map(event).collect()
}

async fn blocking<R: Send + 'static>(
    look: impl FnOnce() -> Result<R, PastError> + Send + 'static,
) -> Result<R, PastError> {
    tokio::task::spawn_blocking(look).await.unwrap_or(Err(PastError::Stopped))
}
