//! Where an incident is: a fresh fix away from home wins over the premises; else the premises.

use crate::domain::premises::Premises;
use crate::domain::{Class, PlaceSource, Point, Timestamp};
use crate::geo::distance_m;

use super::command::GivenPlace;
use super::event::Place;
use super::state::Incident;
use super::{Facts, Hints};

/// A fix older than this is where somebody was, not where they are.
const FRESH_S: u64 = 300;
/// Nearer to home than this is at home, however exact the fix claims to be.
const AT_HOME_M: u64 = 100;

/// What is known of where an alarm comes from.
#[derive(Debug, Clone, Copy)]
pub struct Clues<'a> {
    pub home: Option<&'a Premises>,
    pub fix: Option<&'a GivenPlace>,
    pub last_known: Option<&'a GivenPlace>,
}

/// A place chosen from the clues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    pub place: Place,
    pub point: Point,
    pub at_home: bool,
}

/// `None` where nothing says where it is.
pub fn locate(clues: &Clues<'_>, now: Timestamp) -> Option<Located> {
    let given = [(clues.fix, PlaceSource::Fix), (clues.last_known, PlaceSource::LastKnown)];
    let Some(home) = clues.home else {
        return given.iter().find_map(|(given, source)| given.map(|it| elsewhere(it, *source)));
    };
    let away = |it: &&GivenPlace| {
        let from_home_m = distance_m(it.fix.point, home.point);
        now.since_s(it.fix.at) <= FRESH_S && from_home_m > AT_HOME_M.max(u64::from(it.fix.accuracy_m))
    };
    let found = given.iter().find_map(|(given, source)| given.filter(away).map(|it| elsewhere(it, *source)));
    Some(found.unwrap_or_else(|| at_home(home, now)))
}

/// A place that somebody at the centre has said.
pub fn said(given: &GivenPlace) -> Located {
    elsewhere(given, PlaceSource::Call)
}

pub fn at_home(home: &Premises, now: Timestamp) -> Located {
    let place = Place { source: PlaceSource::Premises, at: now, private: None };
    Located { place, point: home.point, at_home: true }
}

fn elsewhere(given: &GivenPlace, source: PlaceSource) -> Located {
    let place = Place { source, at: given.fix.at, private: Some(given.private) };
    Located { place, point: given.fix.point, at_home: false }
}

/// The class at a place: the home's own, else that of the nearest premises, else urban, the shorter promise.
pub fn class_at(located: Option<&Located>, home: Option<&Premises>, facts: &Facts) -> Class {
    match (located, home) {
        (Some(it), Some(home)) if it.at_home => home.class,
        (Some(it), _) => facts.class_near(it.point).unwrap_or(Class::Urban),
        (None, Some(home)) => home.class,
        (None, None) => Class::Urban,
    }
}

/// The coordinates of an incident, as far as they are known now: an erased or forgotten place falls back to the home.
pub fn point_of(incident: &Incident, facts: &Facts, hints: &Hints) -> Option<Point> {
    let exact = incident.place.as_ref().and_then(|place| place.private).and_then(|it| hints.place(it.id));
    exact.or_else(|| Some(facts.premises(incident.premises.as_ref()?)?.point))
}
