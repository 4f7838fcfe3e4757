//! A small invented world: a couple at home in town (S1, S2 at P1, with D1 and D2), a man in the country (S3 at P3, D3),
//! a neighbour of the couple (S4 at P4, D4). R1, R2 and R3 are near the couple in this order; R9 is far away, and off duty.

use crate::dispatch::Policy;
use crate::dispatch::facts::{Facts, Row};
use crate::domain::premises::{Device, District, Premises};
use crate::domain::subject::Subject;
use crate::domain::*;
use crate::geo::Roads;
use crate::geo::roads::{Draft, Segment};

pub const DISTRICT: &str = "330481";

pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub fn point(lat: f64, lon: f64) -> Point {
    Point::from_degrees(lat, lon).unwrap()
}

pub fn park() -> Point {
    point(30.5400, 120.7000)
}

pub fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.version = 7;
    facts.put(Row::District(District { code: id(DISTRICT), name: "海宁市".into(), hotline: "967890".into() }));
    for (premises, class, lat, lon) in [
        ("P1", Class::Urban, 30.5312, 120.6881),
        ("P3", Class::Rural, 30.4200, 120.6400),
        ("P4", Class::Urban, 30.5314, 120.6883),
    ] {
        facts.put(Row::Premises(home(premises, class, lat, lon)));
    }
    for (subject, premises) in [("S1", "P1"), ("S2", "P1"), ("S3", "P3"), ("S4", "P4")] {
        facts.put(Row::Subject(Subject::bare(id(subject), id(premises))));
        let device = subject.replace('S', "D");
        let name = id(&format!("watch:{device}"));
        facts.put(Row::Device(Device { id: id(&device), subject: id(subject), name, supervision_s: Some(600) }));
    }
    for (responder, lat, lon, travel) in [
        ("R1", 30.5320, 120.6890, Travel::Ebike),
        ("R2", 30.5360, 120.6900, Travel::Ebike),
        ("R3", 30.5400, 120.6950, Travel::Ebike),
        ("R9", 30.9000, 120.2000, Travel::Foot),
    ] {
        facts.put(Row::Responder(Responder {
            id: id(responder),
            district: id(DISTRICT),
            name: "invented".into(),
            phone: "+8613900000000".into(),
            tier: Tier::Staff,
            skills: Vec::new(),
            travel,
            base: point(lat, lon),
        }));
    }
    facts
}

fn home(premises: &str, class: Class, lat: f64, lon: f64) -> Premises {
    let village = if class == Class::Rural { "330481110200" } else { "330481001003" };
    Premises {
        id: id(premises),
        district: id(DISTRICT),
        village: Some(village.into()),
        class,
        address: "invented".into(),
        point: point(lat, lon),
    }
}

/// In the country, beside P3.
pub fn more_homes(facts: &mut Facts, count: u32) {
    for number in 0..count {
        facts.put(Row::Premises(home(&format!("more-{number}"), Class::Rural, 30.4200, 120.6400)));
    }
}

/// A river between R1 and the couple: over the bridge at R2 it takes 800 s by ebike, from R2 itself 200 s. No road leads
/// to where R3 is.
pub fn roads() -> Roads {
    let nodes = vec![point(30.5320, 120.6890), point(30.5360, 120.6900), point(30.5312, 120.6881)];
    let road = |a: u32, b: u32, ms: u32| {
        let times = [None, std::num::NonZeroU32::new(ms), None];
        Segment { a, b, there: times, back: times, joinable: true }
    };
    Roads::prepare(Draft { nodes, segments: vec![road(0, 1, 600_000), road(1, 2, 200_000)] }).0
}

/// The defaults, with caps that a short script can reach.
pub fn policy() -> Policy {
    Policy { unknown_cap: 3, outage_village: 3, ..Policy::default() }
}
