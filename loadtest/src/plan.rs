//! What is said when and by whom: a scenario's arrivals, drawn as the demo and the simulator draw them, each given to
//! the kind of sender that such a device has.

use std::collections::BTreeMap;

use tidewatch::demo::watches::bits;
use tidewatch::domain::{Point, SignalKind};
use tidewatch::scenario::population::WATCH;
use tidewatch::scenario::{Happening, Scenario, draw};

use crate::book::Entry;
use crate::moment::Us;

/// One thing to do, so long after the plan begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    pub at: Us,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// On a watch's connection. `number` names the entry in the book.
    Press {
        number: usize,
        watch: usize,
        kind: SignalKind,
        fix: Option<Point>,
    },
    /// By a gateway.
    Post {
        number: usize,
        device: String,
        kind: SignalKind,
        fix: Option<Point>,
    },
    Call {
        nth: u64,
        phone: String,
    },
    /// The watch says nothing, and loses its connection where it has one of its own.
    Off {
        watch: usize,
    },
    On {
        watch: usize,
    },
    /// The same of what speaks through a gateway.
    Mute {
        sensor: usize,
    },
    Unmute {
        sensor: usize,
    },
}

/// Everything that a run will do.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order of time.
    pub deeds: Vec<Deed>,
    /// Identities of the watches, strangers' last.
    pub watches: Vec<String>,
    /// Names of what speaks through gateways, as `PROTOCOL:IDENTITY`.
    pub sensors: Vec<String>,
    /// How many of the watches are registered: those send signs of life.
    pub known: usize,
    pub entries: Vec<Entry>,
}

impl Plan {
    /// Of `seed`, cut at `length`.
    pub fn of(scenario: &Scenario, seed: u64, length: Us) -> Self {
        let mut plan = Self::default();
        let mut by_device = BTreeMap::new();
        for (home, it) in scenario.population.homes.iter().enumerate() {
            for (device, it) in it.devices.iter().enumerate() {
                let list = if it.name.protocol == WATCH { &mut plan.watches } else { &mut plan.sensors };
                by_device.insert((home, device), list.len());
                list.push(if it.name.protocol == WATCH { it.name.identity.clone() } else { it.name.to_string() });
            }
        }
        plan.known = plan.watches.len();
        for (nth, arrival) in draw(scenario, seed).into_iter().enumerate() {
            // Who is silent at the end comes back then, and is answered what was left unanswered.
            let is_return = matches!(arrival.what, Happening::ComesBack { .. });
            let at = if is_return { length.min(arrival.at_ms * 1000) } else { arrival.at_ms * 1000 };
            if at < length || is_return {
                plan.arrival(scenario, &by_device, nth as u64, at, arrival.what);
            }
        }
        plan.deeds.sort_by_key(|it| it.at);
        plan
    }

    fn arrival(
        &mut self,
        scenario: &Scenario,
        by_device: &BTreeMap<(usize, usize), usize>,
        nth: u64,
        at: Us,
        what: Happening,
    ) {
        let is_watch = |home: usize, device: usize| {
            let name = &scenario.population.homes[home].devices[device].name;
            name.protocol == WATCH
        };
        let what = match what {
            Happening::Signal { home, device, kind, fix, .. } => {
                let place = by_device[&(home, device)];
                let number = self.entry(at, kind);
                if is_watch(home, device) && bits(kind).is_some() {
                    What::Press { number, watch: place, kind, fix }
                } else {
                    let device = scenario.population.homes[home].devices[device].name.to_string();
                    What::Post { number, device, kind, fix }
                }
            }
            Happening::Stranger { number, kind, fix } => {
                self.watches.push(format!("99{number:08}"));
                What::Press { number: self.entry(at, kind), watch: self.watches.len() - 1, kind, fix: Some(fix) }
            }
            Happening::Call { home } => {
                let Some(phone) = scenario.population.homes[home].phone.clone() else { return };
                What::Call { nth, phone }
            }
            Happening::FallsSilent { home, device } if is_watch(home, device) => {
                What::Off { watch: by_device[&(home, device)] }
            }
            Happening::ComesBack { home, device } if is_watch(home, device) => {
                What::On { watch: by_device[&(home, device)] }
            }
            Happening::FallsSilent { home, device } => What::Mute { sensor: by_device[&(home, device)] },
            Happening::ComesBack { home, device } => What::Unmute { sensor: by_device[&(home, device)] },
        };
        self.deeds.push(Deed { at, what });
    }

    fn entry(&mut self, intended: Us, kind: SignalKind) -> usize {
        self.entries.push(Entry::new(intended, kind));
        self.entries.len() - 1
    }
}
