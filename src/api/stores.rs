//! What lies on the disk, read and written away from the tasks that answer: each store behind a lock of its own, on
//! threads that may block. Alarms never pass here.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use super::problem::Problem;
use crate::dispatch::Stamped;
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, Seq};
use crate::journal::{ArchiveRow, EventReader, LogError};
use crate::registry::{Place, PrivateReader, Registry, RegistryError};

/// The events of a timeline that are shown at most: the newest. A machine that presses all night must not make an
/// answer of megabytes.
pub const TIMELINE_MAX: usize = 2000;

/// Summaries that are searched for a word: some months of a district, and some ten milliseconds.
const ARCHIVE_LOOKED_AT: usize = 2_000;

/// Wherever the record is.
type Journal = Box<dyn EventReader + Send>;

/// Private values by their names.
pub type Values = std::collections::BTreeMap<PrivateId, String>;

#[derive(Clone)]
pub struct Stores {
    /// Sessions are looked up here: never behind a write.
    registry: Arc<Mutex<Registry>>,
    /// Sessions are begun and ended here.
    writing: Arc<Mutex<Registry>>,
    journal: Arc<Mutex<Journal>>,
    vault: Arc<Mutex<Box<dyn PrivateReader>>>,
}

/// Why a store could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Journal(#[from] LogError),
    #[error("a reader ended before its answer")]
    Stopped,
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::warn!("A store cannot be read: {error}");
        Self::unavailable("the store cannot be read just now")
    }
}

impl Stores {
    /// On a registry that exists, and a record and private values wherever they are.
    pub fn open(registry: &Place, journal: Journal, vault: Box<dyn PrivateReader>) -> Result<Self, StoreError> {
        Ok(Self {
            registry: Arc::new(Mutex::new(Registry::open_existing(registry.clone())?)),
            writing: Arc::new(Mutex::new(Registry::open_existing(registry.clone())?)),
            journal: Arc::new(Mutex::new(journal)),
            vault: Arc::new(Mutex::new(vault)),
        })
    }

    pub async fn registry<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Registry) -> Result<R, RegistryError> + Send + 'static,
    ) -> Result<R, StoreError> {
        Ok(apart(&self.registry, look).await??)
    }

    pub async fn change<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Registry) -> Result<R, RegistryError> + Send + 'static,
    ) -> Result<R, StoreError> {
        Ok(apart(&self.writing, change).await??)
    }

    /// The values of these names that are still there.
    pub async fn values(&self, ids: Vec<PrivateId>) -> Result<Values, StoreError> {
        if ids.is_empty() {
            return Ok(Values::new());
        }
        let found = apart(&self.vault, move |vault| vault.read(&ids)).await??;
        Ok(found.into_iter().map(|(id, it)| (id, it.value)).collect())
    }

    /// The events with these seqs, in order.
    pub async fn events(&self, district: DistrictCode, mut seqs: Vec<Seq>) -> Result<Vec<Stamped>, StoreError> {
        if seqs.len() > TIMELINE_MAX {
            seqs.drain(..seqs.len() - TIMELINE_MAX);
        }
        let read = move |journal: &mut Journal| seqs.iter().map(|seq| event(&**journal, district, *seq)).collect();
        let found: Result<Vec<Option<Stamped>>, LogError> = apart(&self.journal, read).await?;
        Ok(found?.into_iter().flatten().collect())
    }

    pub async fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, StoreError> {
        Ok(apart(&self.journal, move |journal| journal.archived(district, number)).await??)
    }

    /// Closed incidents whose summaries name `word`, among the newest of the district.
    pub async fn archive_naming(&self, district: DistrictCode, word: String) -> Result<Vec<ArchiveRow>, StoreError> {
        let look = move |journal: &mut Journal| {
            let rows = journal.archived_page(district, None, ARCHIVE_LOOKED_AT)?;
            Ok::<_, LogError>(rows.into_iter().filter(|it| it.body.contains(&word)).collect())
        };
        Ok(apart(&self.journal, look).await??)
    }

    /// Closed incidents with numbers below `before`, the newest first.
    pub async fn archive(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, StoreError> {
        Ok(apart(&self.journal, move |journal| journal.archived_page(district, before, limit)).await??)
    }
}

fn event(journal: &dyn EventReader, district: DistrictCode, seq: Seq) -> Result<Option<Stamped>, LogError> {
    let mut found = None;
    journal.read(district, seq, &mut |record| {
        found = (record.seq == seq).then(|| serde_json::from_str(&record.body).ok()).flatten();
        ControlFlow::Break(())
    })?;
    Ok(found)
}

async fn apart<S: Send + 'static, R: Send + 'static>(
    store: &Arc<Mutex<S>>,
    look: impl FnOnce(&mut S) -> R + Send + 'static,
) -> Result<R, StoreError> {
    let store = store.clone();
    let looking = tokio::task::spawn_blocking(move || look(&mut store.lock().unwrap_or_else(PoisonError::into_inner)));
    looking.await.map_err(|_| StoreError::Stopped)
}
