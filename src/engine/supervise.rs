//! Supervision: which devices have said nothing for longer than they may, and which have spoken again.
//! Decides nothing about outages, and reads no clock. A device is judged silent only after a full period since the
//! start, or since the registry named it; and nobody is while telemetry is being shed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use crate::dispatch::command::Silence;
use crate::dispatch::{Command, Facts, State};
use crate::domain::{DeviceId, DistrictCode, Timestamp};

/// How often devices are looked at: a tenth of the shortest period that makes sense.
pub const SUPERVISE_EVERY_S: u64 = 5;

/// Devices looked at in one go, some milliseconds of work: after a start all come due at the same time.
const LOOKED_AT_ONCE: usize = 2_000;

/// A silent device is looked at again after this, should the report of it have been lost.
const LOOK_AGAIN_S: u64 = 60;

/// Devices in one command, so that no single decision is long.
const DEVICES_A_COMMAND: usize = 500;

/// When each device was last heard, noted at the socket. Bounded by the devices the registry knows; never shed.
#[derive(Debug, Default)]
pub struct LastHeard {
    at: Mutex<HashMap<DeviceId, Timestamp>>,
}

impl LastHeard {
    pub fn note(&self, device: &DeviceId, at: Timestamp) {
        let mut table = self.at.lock().expect("nothing panics while it holds the table");
        match table.get_mut(device) {
            Some(last) => *last = at.max(*last),
            None => drop(table.insert(device.clone(), at)),
        }
    }

    pub fn get(&self, device: &DeviceId) -> Option<Timestamp> {
        self.at.lock().expect("nothing panics while it holds the table").get(device).copied()
    }
}

#[derive(Debug, Default)]
pub struct Supervision {
    watched: BTreeMap<DeviceId, Watched>,
    agenda: BTreeSet<(Timestamp, DeviceId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Watched {
    period_s: u64,
    /// The start of the first period: what was before is not known.
    since: Timestamp,
}

impl Supervision {
    /// From nothing, or after a change of the registry: devices that are new, or have another period, begin now.
    pub fn watch(&mut self, facts: &Facts, district: DistrictCode, now: Timestamp) {
        let before = std::mem::take(&mut self.watched);
        self.agenda.clear();
        for device in facts.devices() {
            let Some(period_s) = device.supervision_s else { continue };
            if facts.district_of(&device.subject) != Some(district) {
                continue;
            }
            let kept = before.get(&device.id).filter(|it| it.period_s == period_s);
            let it = kept.copied().unwrap_or(Watched { period_s, since: now });
            self.agenda.insert((it.since.after_s(period_s).max(now), device.id.clone()));
            self.watched.insert(device.id.clone(), it);
        }
    }

    /// What is to be reported now. `shedding`: what devices say is being dropped, so silence means nothing.
    pub fn due(&mut self, heard: &LastHeard, state: &State, shedding: bool, now: Timestamp) -> Vec<Command> {
        let mut commands = Vec::new();
        for devices in spoke_again(heard, state).chunks(DEVICES_A_COMMAND) {
            commands.push(Command::ReportHeard { devices: devices.to_vec() });
        }
        if !shedding {
            for devices in self.fell_silent(heard, state, now).chunks(DEVICES_A_COMMAND) {
                commands.push(Command::ReportSilence { devices: devices.to_vec() });
            }
        }
        commands
    }

    fn fell_silent(&mut self, heard: &LastHeard, state: &State, now: Timestamp) -> Vec<Silence> {
        let mut silent = Vec::new();
        for _ in 0..LOOKED_AT_ONCE {
            if self.agenda.first().is_none_or(|(at, _)| *at > now) {
                break;
            }
            let Some((_, device)) = self.agenda.pop_first() else { break };
            let it = self.watched[&device];
            let since = heard.get(&device).map_or(it.since, |at| at.max(it.since));
            let due = since.after_s(it.period_s);
            if due <= now && !state.is_silent(&device) {
                silent.push(Silence { device: device.clone(), since });
            }
            self.agenda.insert((if due > now { due } else { now.after_s(LOOK_AGAIN_S) }, device));
        }
        silent
    }
}

fn spoke_again(heard: &LastHeard, state: &State) -> Vec<DeviceId> {
    let spoke = state.silent().filter(|(device, it)| heard.get(device).is_some_and(|at| at > it.since));
    spoke.map(|(device, _)| device.clone()).collect()
}
