//! What was computed of a district lately, since a room full of screens asks the same. Whoever computes makes the others
//! wait; what was computed on another version of the registry is not kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::problem::Problem;
use crate::domain::DistrictCode;

/// By district, each good enough for some time.
pub struct Kept<T> {
    for_ms: u64,
    found: Mutex<BTreeMap<DistrictCode, Computed<T>>>,
}

struct Computed<T> {
    made_ms: u64,
    /// Of the registry.
    version: u64,
    found: Arc<T>,
}

impl<T> Kept<T> {
    pub fn new(for_ms: u64) -> Self {
        Self { for_ms, found: Mutex::default() }
    }

    /// What is kept of the district, or else what `compute` makes now.
    pub async fn or_computed(
        &self,
        district: DistrictCode,
        (now_ms, version): (u64, u64),
        compute: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Arc<T>, Problem> {
        let mut all = self.found.lock().await;
        let is_good = |it: &&Computed<T>| now_ms.saturating_sub(it.made_ms) < self.for_ms && it.version == version;
        if let Some(kept) = all.get(&district).filter(is_good) {
            return Ok(kept.found.clone());
        }
        let found = Arc::new(compute.await?);
        all.insert(district, Computed { made_ms: now_ms, version, found: found.clone() });
        Ok(found)
    }
}
