//! Supervision: a device that is silent past its period is one fault; many at once in one place, or everywhere, are one
//! outage and not a hundred.

use std::collections::{BTreeMap, BTreeSet};

use crate::dispatch::command::Silence;
use crate::dispatch::event::{DeviceRef, OutageKind};
use crate::dispatch::{Event, Rejection};
use crate::domain::*;

use super::Known;

/// Devices that went silent within this of each other are counted together.
const TOGETHER_S: u64 = 900;

pub fn silence(known: &Known<'_>, devices: &[Silence], now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let newly: Vec<&Silence> = devices.iter().filter(|it| !known.state.is_silent(&it.device)).collect();
    if newly.is_empty() {
        return Err(Rejection::NothingToDo);
    }
    let lately = known.state.silent().filter(|(_, it)| it.outage.is_none() && now.since_s(it.since) <= TOGETHER_S);
    let mut alone: BTreeSet<DeviceId> = lately.map(|(id, _)| id.clone()).collect();
    alone.extend(newly.iter().map(|it| it.device.clone()));
    let mut outages = Outages { known, events: Vec::new(), declared: 0 };
    outages.district(&mut alone);
    outages.villages(&mut alone);
    let mut events = outages.events;
    let single = newly.into_iter().filter(|it| alone.contains(&it.device));
    events.extend(single.map(|it| offline(known, &it.device, it.since)));
    Ok(events)
}

pub fn heard(known: &Known<'_>, devices: &[DeviceId]) -> Result<Vec<Event>, Rejection> {
    let back: BTreeSet<&DeviceId> = devices.iter().filter(|id| known.state.is_silent(id)).collect();
    let restored = |id: &DeviceId| Event::DeviceRestored {
        source: DeviceRef::Known(id.clone()),
        subject: known.facts.device(id).map(|it| it.subject.clone()),
    };
    let mut events: Vec<Event> = back.iter().map(|id| restored(id)).collect();
    for outage in known.state.outages().filter(|it| it.kind != OutageKind::UnknownDevices) {
        let left: Vec<&DeviceId> = outage.devices.iter().filter(|id| !back.contains(id)).collect();
        let few = left.len() < known.policy.outage_village;
        if few && left.len() < outage.devices.len() {
            events.push(Event::OutageOver { outage: outage.id });
            // What is still silent when the outage is over is a fault of its own.
            events.extend(left.into_iter().map(|id| offline(known, id, outage.since)));
        }
    }
    if events.is_empty() { Err(Rejection::NothingToDo) } else { Ok(events) }
}

fn offline(known: &Known<'_>, device: &DeviceId, silent_since: Timestamp) -> Event {
    let subject = known.facts.device(device).map(|it| it.subject.clone());
    Event::DeviceOffline { source: DeviceRef::Known(device.clone()), subject, silent_since }
}

struct Outages<'a> {
    known: &'a Known<'a>,
    events: Vec<Event>,
    declared: u64,
}

impl Outages<'_> {
    /// One outage of the whole district takes everything in.
    fn district(&mut self, alone: &mut BTreeSet<DeviceId>) {
        let running = self.known.state.outage_of(OutageKind::SilentDistrict, None).is_some();
        if running || alone.len() >= self.known.policy.outage_district {
            self.declare(OutageKind::SilentDistrict, None, std::mem::take(alone));
        }
    }

    fn villages(&mut self, alone: &mut BTreeSet<DeviceId>) {
        let mut villages: BTreeMap<String, BTreeSet<DeviceId>> = BTreeMap::new();
        for device in alone.iter() {
            if let Some(village) = self.village(device) {
                villages.entry(village).or_default().insert(device.clone());
            }
        }
        for (village, devices) in villages {
            let running = self.known.state.outage_of(OutageKind::SilentVillage, Some(&village)).is_some();
            if running || devices.len() >= self.known.policy.outage_village {
                alone.retain(|id| !devices.contains(id));
                self.declare(OutageKind::SilentVillage, Some(village), devices);
            }
        }
    }

    /// A new outage, or a running one that has grown.
    fn declare(&mut self, kind: OutageKind, place: Option<String>, devices: BTreeSet<DeviceId>) {
        let running = self.known.state.outage_of(kind, place.as_deref()).map(|it| it.id);
        let outage = running.unwrap_or_else(|| {
            self.declared += 1;
            self.known.state.next_outage(self.declared - 1)
        });
        let devices = devices.into_iter().collect();
        self.events.push(Event::OutageDeclared { outage, kind, place, devices });
    }

    fn village(&self, device: &DeviceId) -> Option<String> {
        let subject = &self.known.facts.device(device)?.subject;
        self.known.facts.home_of(subject)?.village.clone()
    }
}
