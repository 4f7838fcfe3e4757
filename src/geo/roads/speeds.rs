//! How fast one comes along on which way, by what. All are assumptions, until a district's own arrivals replace them.
//!
//! | mode | speed | source |
//! |---|---|---|
//! | foot | 1.2 m/s | what crossings are commonly timed for, as in `travel` |
//! | foot, steps | 0.6 m/s | half of that: Fruin (1971) has 0.5 to 0.7 m/s along the slope |
//! | ebike | 15 km/h | the lawful limit in a cycle lane (Road Traffic Safety Law of the PRC, Art. 58), as in `travel` |
//! | ebike, living streets, tracks, paths | 10 km/h | among people and on bad ground: a guess |
//! | ebike, footways, pedestrian streets | 1.2 m/s | pushed |
//! | car | by class | average speeds of OSRM's car profile (`profiles/car.lua`), which count no traffic |
//!
//! Where a limit is signed, a car goes at most at 80 % of it (`speed_reduction` of the same profile).

use std::num::NonZeroU32;

use crate::domain::Travel;
use crate::geo::travel::WALK_MM_S;

/// A class of way: a value of OpenStreetMap's key `highway`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WayClass {
    pub name: &'static str,
    /// Millimetres a second, in the order of `Travel`; `None`: not by this unless a sign allows it.
    speeds_mm_s: [Option<u64>; 3],
    /// Whether doors open on it.
    pub joinable: bool,
}

const WALK: Option<u64> = Some(WALK_MM_S);
const STEPS: Option<u64> = Some(WALK_MM_S / 2);
const RIDE: Option<u64> = kmh(15);
const SLOW_RIDE: Option<u64> = kmh(10);
const PUSH: Option<u64> = WALK;
const NO: Option<u64> = None;

/// Where a sign lets a mode in that its class keeps out.
const SIGNED_MM_S: [u64; 3] = [WALK_MM_S, 10_000_000 / 3_600, 10_000_000 / 3_600];

/// Percent of a signed limit.
const OF_LIMIT_PCT: u64 = 80;

#[rustfmt::skip]
pub const CLASSES: &[WayClass] = &[
    //                       foot   ebike      car
    class("motorway",       [NO,    NO,        kmh(90)], false),
    class("motorway_link",  [NO,    NO,        kmh(45)], false),
    class("trunk",          [WALK,  RIDE,      kmh(85)], true),
    class("trunk_link",     [WALK,  RIDE,      kmh(40)], true),
    class("primary",        [WALK,  RIDE,      kmh(65)], true),
    class("primary_link",   [WALK,  RIDE,      kmh(30)], true),
    class("secondary",      [WALK,  RIDE,      kmh(55)], true),
    class("secondary_link", [WALK,  RIDE,      kmh(25)], true),
    class("tertiary",       [WALK,  RIDE,      kmh(40)], true),
    class("tertiary_link",  [WALK,  RIDE,      kmh(20)], true),
    class("unclassified",   [WALK,  RIDE,      kmh(25)], true),
    class("residential",    [WALK,  RIDE,      kmh(25)], true),
    class("living_street",  [WALK,  SLOW_RIDE, kmh(10)], true),
    class("service",        [WALK,  RIDE,      kmh(15)], true),
    class("track",          [WALK,  SLOW_RIDE, NO],      true),
    class("cycleway",       [WALK,  RIDE,      NO],      true),
    class("path",           [WALK,  SLOW_RIDE, NO],      true),
    class("footway",        [WALK,  PUSH,      NO],      true),
    class("pedestrian",     [WALK,  PUSH,      NO],      true),
    class("steps",          [STEPS, NO,        NO],      true),
];

/// What a table without classes is taken for.
pub const UNCLASSIFIED: &str = "unclassified";

impl WayClass {
    /// `None` where this is no way that leads anywhere: a building site, a racetrack, a proposal.
    pub fn named(name: &str) -> Option<&'static Self> {
        CLASSES.iter().find(|it| it.name == name)
    }

    /// Millimetres a second; `None` where the class is not for this mode.
    pub fn speed_mm_s(&self, travel: Travel) -> Option<u64> {
        self.speeds_mm_s[travel as usize]
    }
}

/// Where a sign allows the mode.
pub fn signed_mm_s(travel: Travel) -> u64 {
    SIGNED_MM_S[travel as usize]
}

/// Under a signed limit.
pub fn limited_mm_s(speed_mm_s: u64, limit_kmh: u64) -> u64 {
    speed_mm_s.min(limit_kmh * 1_000_000 / 3_600 * OF_LIMIT_PCT / 100).max(1)
}

/// Milliseconds, rounded up and at least one.
pub fn time_ms(length_mm: u64, speed_mm_s: u64) -> NonZeroU32 {
    let ms = length_mm.saturating_mul(1_000).div_ceil(speed_mm_s.max(1));
    NonZeroU32::new(u32::try_from(ms).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN)
}

const fn class(name: &'static str, speeds_mm_s: [Option<u64>; 3], joinable: bool) -> WayClass {
    WayClass { name, speeds_mm_s, joinable }
}

const fn kmh(speed: u64) -> Option<u64> {
    Some(speed * 1_000_000 / 3_600)
}
