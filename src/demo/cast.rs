//! Who plays: homes with their devices and telephones, and responders, as the world file names them.
//! One home is kept for the person who looks: the evening never presses its buttons.

use crate::dispatch::Facts;
use crate::domain::{DistrictCode, Point, Responder, SubjectId};

/// The watch protocol's name in the registry.
const WATCH: &str = "watch";

/// The protocol of sensors whose gateway speaks HTTP.
const HTTP: &str = "http";

/// A subject at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    pub subject: SubjectId,
    pub phone: Option<String>,
    pub point: Point,
    pub watch: Option<String>,
    pub sensors: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Cast {
    pub homes: Vec<Home>,
    pub responders: Vec<Responder>,
    pub districts: Vec<DistrictCode>,
    /// The first home with a watch: its button is the visitor's.
    pub visitor: Option<Home>,
    /// Everything that is supervised, or might be: identities of watches and of sensors.
    pub watches: Vec<String>,
    pub sensors: Vec<String>,
    /// The shortest period of supervision, in seconds, of watches and of sensors.
    pub watch_period_s: Option<u64>,
    pub sensor_period_s: Option<u64>,
}

impl Cast {
    pub fn of(facts: &Facts) -> Self {
        let mut homes: Vec<Home> = facts.subjects().filter_map(|subject| home(facts, &subject.id)).collect();
        let first = homes.iter().position(|home| home.watch.is_some());
        let visitor = first.map(|at| homes.remove(at));
        let responders = facts.responders().map(|it| Responder::clone(it)).collect();
        let districts = facts.districts().map(|it| it.code).collect();
        let (watches, watch_period_s) = devices(facts, WATCH);
        let (sensors, sensor_period_s) = devices(facts, HTTP);
        Self { homes, responders, districts, visitor, watches, sensors, watch_period_s, sensor_period_s }
    }
}

fn home(facts: &Facts, subject: &SubjectId) -> Option<Home> {
    let identities = |protocol: &str| {
        let of = facts.devices_of(subject).filter(|it| it.name.protocol == protocol);
        of.map(|it| it.name.identity.clone()).collect::<Vec<_>>()
    };
    let watch = identities(WATCH).into_iter().next();
    Some(Home {
        subject: subject.clone(),
        phone: facts.subject(subject)?.phones.first().cloned(),
        point: facts.home_of(subject)?.point,
        watch,
        sensors: identities(HTTP),
    })
}

fn devices(facts: &Facts, protocol: &str) -> (Vec<String>, Option<u64>) {
    let of = || facts.devices().filter(|it| it.name.protocol == protocol);
    (of().map(|it| it.name.identity.clone()).collect(), of().filter_map(|it| it.supervision_s).min())
}
