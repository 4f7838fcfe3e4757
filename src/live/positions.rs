//! Where responders are, as far as they have said: the newest wins, and only what has changed is told on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::{DistrictCode, Fix, ResponderId};

#[derive(Debug, Default)]
pub struct Positions {
    /// At most one a responder of the registry.
    latest: BTreeMap<ResponderId, Fix>,
    changed: BTreeSet<ResponderId>,
}

impl Positions {
    /// An older one moves nobody back.
    pub fn put(&mut self, responder: &ResponderId, fix: Fix) {
        if self.latest.get(responder).is_none_or(|old| old.at <= fix.at) {
            self.latest.insert(responder.clone(), fix);
            self.changed.insert(responder.clone());
        }
    }

    /// A position is kept only while on duty or on a job.
    pub fn forget(&mut self, responder: &ResponderId) {
        self.latest.remove(responder);
        self.changed.remove(responder);
    }

    pub fn all(&self) -> &BTreeMap<ResponderId, Fix> {
        &self.latest
    }

    /// What has changed since the last call; `None` of nothing.
    pub fn news(&mut self, district: DistrictCode) -> Option<Value> {
        let changed = std::mem::take(&mut self.changed);
        let news: Vec<Value> =
            changed.iter().filter_map(|id| self.latest.get(id).map(|fix| position(id, fix))).collect();
        (!news.is_empty()).then(|| json!({"district": district, "positions": news}))
    }
}

fn position(responder: &ResponderId, fix: &Fix) -> Value {
    let (lat, lon) = (fix.point.lat(), fix.point.lon());
    json!({"responder": responder, "lat": lat, "lon": lon, "at": fix.at, "accuracy_m": fix.accuracy_m})
}
