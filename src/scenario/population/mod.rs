//! Who lives in a scenario: out of a world file, out of a seed and sizes, or out of tables. Everybody is invented.

mod generate;
mod tabled;

use std::sync::Arc;

pub(super) use generate::Sizes;
pub(super) use tabled::{Tabled, places_of};

use crate::dispatch::Facts;
use crate::dispatch::facts::Row;
use crate::domain::premises::Device;
use crate::domain::{Class, DistrictCode, Point, PremisesId, Responder, SignalKind, SubjectId};
use crate::registry::World;

/// The protocol of GPS watches, and of everything whose gateway speaks HTTP.
pub const WATCH: &str = "watch";
pub const HTTP: &str = "http";

/// A subject at home, with what they wear and what hangs on their walls.
#[derive(Debug, Clone)]
pub struct Home {
    pub subject: SubjectId,
    pub premises: PremisesId,
    pub district: DistrictCode,
    pub point: Point,
    pub class: Class,
    pub phone: Option<String>,
    pub devices: Vec<Arc<Device>>,
}

/// Everybody, as a registry would know them.
#[derive(Debug, Clone)]
pub struct Population {
    /// For `import`, into a registry of its own.
    pub world: World,
    pub facts: Arc<Facts>,
    pub homes: Vec<Home>,
    /// In the order of their ids.
    pub responders: Vec<Arc<Responder>>,
}

impl Population {
    pub(super) fn of(world: World, facts: Facts) -> Self {
        let homes = facts.subjects().filter_map(|subject| home(&facts, &subject.id)).collect();
        let responders = facts.responders().cloned().collect();
        Self { world, facts: Arc::new(facts), homes, responders }
    }

    pub(super) fn of_rows(file: &str, rows: Vec<Row>) -> Self {
        let mut facts = Facts::default();
        facts.version = 1;
        for row in &rows {
            facts.put(row.clone());
        }
        Self::of(World::of_rows(file, rows), facts)
    }

    pub fn districts(&self) -> Vec<DistrictCode> {
        self.facts.districts().map(|it| it.code).collect()
    }

    /// The registry's number of devices.
    pub fn devices(&self) -> usize {
        self.homes.iter().map(|home| home.devices.len()).sum()
    }
}

impl Home {
    /// The device by which this home would say `kind`: the one made for it, else one that can say it at all.
    pub fn device_for(&self, kind: SignalKind) -> Option<usize> {
        let made_for = sensor_of(kind).and_then(|it| self.find(|device| device.name.identity.starts_with(it)));
        made_for
            .or_else(|| self.find(|it| it.name.protocol == WATCH && is_worn(kind)))
            .or_else(|| self.find(|it| it.name.protocol != WATCH && (is_worn(kind) || is_of_no_sensor(it))))
    }

    fn find(&self, fits: impl Fn(&Device) -> bool) -> Option<usize> {
        self.devices.iter().position(|it| fits(it))
    }
}

/// What a watch's status bits can say, and a bracelet's button too.
fn is_worn(kind: SignalKind) -> bool {
    use SignalKind::*;
    matches!(kind, Sos | Fall | Vital | Wandering | LowBattery | Tamper | MainsFail)
}

/// How the sensor for a kind is called, at the beginning of its identity.
fn sensor_of(kind: SignalKind) -> Option<&'static str> {
    use SignalKind::*;
    match kind {
        Smoke => Some("smoke"),
        Gas | CarbonMonoxide => Some("gas"),
        Inactivity => Some("radar"),
        Wandering => Some("door"),
        _ => None,
    }
}

/// A bracelet or a unit at home, which says whatever its gateway makes of it.
fn is_of_no_sensor(device: &Device) -> bool {
    let sensors = ["smoke", "gas", "radar", "door"];
    !sensors.iter().any(|it| device.name.identity.starts_with(it))
}

fn home(facts: &Facts, subject: &SubjectId) -> Option<Home> {
    let premises = facts.home_of(subject)?;
    Some(Home {
        subject: subject.clone(),
        premises: premises.id.clone(),
        district: premises.district,
        point: premises.point,
        class: premises.class,
        phone: facts.subject(subject)?.phones.first().cloned(),
        devices: facts.devices_of(subject).cloned().collect(),
    })
}

/// A made-up id, which cannot be wrong.
fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is made up and well formed"))
}
