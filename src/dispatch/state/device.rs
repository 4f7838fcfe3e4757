//! Devices that are silent, and outages: many of them as one thing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::dispatch::event::{DeviceRef, Event, OutageKind};
use crate::domain::*;

use super::State;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silent {
    pub since: Timestamp,
    /// Part of this outage, and therefore not said one by one.
    pub outage: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    pub id: OutageId,
    pub kind: OutageKind,
    /// The village code, or the name of the listener.
    pub place: Option<String>,
    pub since: Timestamp,
    pub devices: BTreeSet<DeviceId>,
}

impl State {
    pub(super) fn apply_device(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::DeviceOffline { source: DeviceRef::Known(device), silent_since, .. } => {
                self.silent.insert(device.clone(), Silent { since: *silent_since, outage: None });
            }
            Event::DeviceRestored { source: DeviceRef::Known(device), .. } => {
                let was = self.silent.remove(device);
                if let Some(outage) = was.and_then(|it| it.outage).and_then(|number| self.outages.get_mut(&number)) {
                    outage.devices.remove(device);
                }
            }
            Event::OutageDeclared { outage, kind, place, devices } => {
                self.counters.outages = self.counters.outages.max(outage.number);
                for device in devices {
                    let it = self.silent.entry(device.clone()).or_insert(Silent { since: at, outage: None });
                    it.outage = Some(outage.number);
                }
                // Declared again under the same id, an outage has grown.
                let it = self.outages.entry(outage.number).or_insert_with(|| Outage {
                    id: *outage,
                    kind: *kind,
                    place: place.clone(),
                    since: at,
                    devices: BTreeSet::new(),
                });
                it.devices.extend(devices.iter().cloned());
            }
            Event::OutageOver { outage } => {
                let over = self.outages.remove(&outage.number);
                for device in over.into_iter().flat_map(|it| it.devices) {
                    self.silent.remove(&device);
                }
            }
            _ => {}
        }
    }

    pub fn outage_of(&self, kind: OutageKind, place: Option<&str>) -> Option<&Outage> {
        self.outages.values().find(|it| it.kind == kind && it.place.as_deref() == place)
    }
}
