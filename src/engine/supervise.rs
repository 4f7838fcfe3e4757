//! Supervision: which devices have said nothing for longer than they may, and which have spoken again.
//! Decides nothing about outages, and reads no clock. A device is judged silent only after a full period since the
//! start, or since the registry named it; and nobody is while telemetry is being shed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};

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
    devices: Mutex<HashMap<DeviceId, Heard>>,
    /// Until when nothing could be heard of anybody.
    deaf_until: Mutex<Option<Timestamp>>,
}

/// What was heard of a device since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub at: Timestamp,
    /// As it was last said.
    pub battery_pct: Option<u8>,
    /// It said so itself, or that little is left.
    pub battery_low: bool,
}

/// At so much a battery is low: a watch lasts half a day on it.
const BATTERY_LOW_PCT: u8 = 20;

impl LastHeard {
    pub fn note(&self, device: &DeviceId, at: Timestamp) {
        let mut table = self.table();
        match table.get_mut(device) {
            Some(heard) => heard.at = at.max(heard.at),
            None => drop(table.insert(device.clone(), Heard { at, battery_pct: None, battery_low: false })),
        }
    }

    pub fn note_battery(&self, device: &DeviceId, battery_pct: u8, at: Timestamp) {
        self.note(device, at);
        if let Some(heard) = self.table().get_mut(device) {
            heard.battery_pct = Some(battery_pct);
            heard.battery_low = battery_pct <= BATTERY_LOW_PCT;
        }
    }

    /// It says that its battery is low, however much that is.
    pub fn note_battery_low(&self, device: &DeviceId, at: Timestamp) {
        self.note(device, at);
        if let Some(heard) = self.table().get_mut(device) {
            heard.battery_low = true;
        }
    }

    pub fn of(&self, device: &DeviceId) -> Option<Heard> {
        self.table().get(device).copied()
    }

    pub fn get(&self, device: &DeviceId) -> Option<Timestamp> {
        self.of(device).map(|it| it.at)
    }

    pub fn all(&self) -> Vec<(DeviceId, Heard)> {
        self.table().iter().map(|(device, heard)| (device.clone(), *heard)).collect()
    }

    /// Nothing can be heard just now: whoever is silent is given a full period from here on.
    pub fn note_deaf(&self, at: Timestamp) {
        let mut until = self.deaf_until.lock().expect("nothing panics while it holds a time");
        *until = until.map_or(Some(at), |it| Some(it.max(at)));
    }

    fn deaf_until(&self) -> Option<Timestamp> {
        *self.deaf_until.lock().expect("nothing panics while it holds a time")
    }

    /// What another has heard: the newer word of each device holds.
    pub fn learn(&self, all: impl IntoIterator<Item = (DeviceId, Heard)>) {
        let mut table = self.table();
        for (device, heard) in all {
            if table.get(&device).is_none_or(|known| known.at <= heard.at) {
                table.insert(device, heard);
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<DeviceId, Heard>> {
        self.devices.lock().expect("nothing panics while it holds the table")
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
        let (mut silent, deaf_until) = (Vec::new(), heard.deaf_until());
        for _ in 0..LOOKED_AT_ONCE {
            if self.agenda.first().is_none_or(|(at, _)| *at > now) {
                break;
            }
            let Some((_, device)) = self.agenda.pop_first() else { break };
            let it = self.watched[&device];
            let since = heard.get(&device).map_or(it.since, |at| at.max(it.since));
            let since = deaf_until.map_or(since, |it| it.max(since));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::event::{DeviceRef, EVENT_VERSION};
    use crate::dispatch::{Event, Stamped};
    use crate::engine::world_for_tests as world;

    #[test]
    fn a_device_is_silent_after_a_full_period_since_the_start() {
        let mut it = Rig::new();
        assert_eq!(it.due(599, false), [""; 0]);
        it.heard.note(&device(1), at(100));
        assert_eq!(it.due(600, false), ["silent D2 since 0"]);
        assert_eq!(it.due(659, false), [""; 0]);
        assert!(!it.due(699, false).iter().any(|it| it.starts_with("silent D1")));
        assert_eq!(it.due(700, false), ["silent D1 since 100"]);
    }

    #[test]
    fn nobody_is_judged_while_telemetry_is_shed() {
        let mut it = Rig::new();
        assert_eq!(it.due(600, true), [""; 0]);
        assert_eq!(it.due(605, false), ["silent D1 since 0", "silent D2 since 0"]);
    }

    #[test]
    fn after_a_time_in_which_nothing_could_be_heard_everybody_has_a_full_period() {
        let mut it = Rig::new();
        it.heard.note_deaf(at(590));
        assert_eq!(it.due(600, false), [""; 0]);
        assert_eq!(it.due(1_189, false), [""; 0]);
        assert_eq!(it.due(1_260, false), ["silent D1 since 590", "silent D2 since 590"]);
    }

    #[test]
    fn a_silent_device_is_told_once_and_told_again_when_it_speaks() {
        let mut it = Rig::new();
        it.offline(1, 600);
        assert_eq!(it.due(605, true), [""; 0]);
        it.heard.note(&device(1), at(606));
        assert_eq!(it.due(610, true), ["heard D1"], "also while shedding");
        assert_eq!(it.due(700, false), ["heard D1", "silent D2 since 0"], "until it is on record");
    }

    #[test]
    fn a_report_that_was_lost_is_made_again() {
        let mut it = Rig::new();
        assert_eq!(it.due(600, false).len(), 2);
        assert_eq!(it.due(659, false).len(), 0);
        assert_eq!(it.due(660, false).len(), 2);
    }

    #[test]
    fn a_change_of_the_registry_starts_only_what_is_new() {
        let mut it = Rig::new();
        it.supervision.watch(&world::facts(3, 0), world::district(), at(500));
        assert_eq!(it.due(600, false), ["silent D1 since 0", "silent D2 since 0"]);
        assert_eq!(it.due(1_099, false).len(), 2, "the report was lost");
        assert!(it.due(1_100, false).contains(&"silent D3 since 500".to_owned()));
    }

    #[test]
    fn an_older_word_does_not_undo_a_newer() {
        let heard = LastHeard::default();
        heard.note(&device(1), at(9));
        heard.note(&device(1), at(8));
        assert_eq!(heard.get(&device(1)), Some(at(9)));
    }

    fn at(s: u64) -> Timestamp {
        Timestamp::EPOCH.after_s(1_800_000_000 + s)
    }

    fn device(n: u32) -> DeviceId {
        format!("D{n}").parse().unwrap()
    }

    struct Rig {
        supervision: Supervision,
        heard: LastHeard,
        state: State,
    }

    impl Rig {
        fn new() -> Self {
            let mut supervision = Supervision::default();
            supervision.watch(&world::facts(2, 0), world::district(), at(0));
            Self { supervision, heard: LastHeard::default(), state: State::new(world::district()) }
        }

        fn offline(&mut self, n: u32, s: u64) {
            let source = DeviceRef::Known(device(n));
            let event = Event::DeviceOffline { source, subject: None, silent_since: at(0) };
            let seq = self.state.seq + 1;
            self.state.apply(&Stamped { v: EVENT_VERSION, seq, at: at(s), by: None, request: None, event });
        }

        fn due(&mut self, s: u64, shedding: bool) -> Vec<String> {
            let commands = self.supervision.due(&self.heard, &self.state, shedding, at(s));
            let told = commands.into_iter().flat_map(|command| match command {
                Command::ReportHeard { devices } => devices.iter().map(|it| format!("heard {it}")).collect(),
                Command::ReportSilence { devices } => {
                    let told = |it: &Silence| format!("silent {} since {}", it.device, it.since.since_s(at(0)));
                    devices.iter().map(told).collect::<Vec<_>>()
                }
                other => panic!("{other:?}"),
            });
            told.collect()
        }
    }
}
