//! Who plays: homes with their devices and telephones, and responders, as the scenario's world has them.
//! One home is kept for the person who looks: the evening never presses its buttons.

use std::sync::Arc;

use crate::domain::{DistrictCode, Responder};
use crate::scenario::population::{HTTP, WATCH};
use crate::scenario::{Home, Population};

#[derive(Debug, Clone)]
pub struct Cast {
    pub responders: Vec<Arc<Responder>>,
    pub districts: Vec<DistrictCode>,
    /// The first home with a watch, by its place among the homes: its button is the visitor's.
    pub visitor: Option<(usize, Home)>,
    /// Everything that is supervised, or might be: identities of watches and of sensors.
    pub watches: Vec<String>,
    pub sensors: Vec<String>,
    /// The shortest period of supervision, in seconds, of watches and of sensors.
    pub watch_period_s: Option<u64>,
    pub sensor_period_s: Option<u64>,
}

impl Cast {
    pub fn of(population: &Population) -> Self {
        let visitor = population.homes.iter().enumerate().find(|(_, home)| watch_of(home).is_some());
        let (watches, watch_period_s) = devices(population, WATCH);
        let (sensors, sensor_period_s) = devices(population, HTTP);
        Self {
            responders: population.responders.clone(),
            districts: population.districts(),
            visitor: visitor.map(|(nth, home)| (nth, home.clone())),
            watches,
            sensors,
            watch_period_s,
            sensor_period_s,
        }
    }
}

/// The identity of a home's watch.
pub fn watch_of(home: &Home) -> Option<&str> {
    home.devices.iter().find(|it| it.name.protocol == WATCH).map(|it| it.name.identity.as_str())
}

fn devices(population: &Population, protocol: &str) -> (Vec<String>, Option<u64>) {
    let all = || population.homes.iter().flat_map(|home| &home.devices).filter(|it| it.name.protocol == protocol);
    (all().map(|it| it.name.identity.clone()).collect(), all().filter_map(|it| it.supervision_s).min())
}
