//! What the tags of a way say: by what it may be used, in which direction, how fast. Barriers, turn restrictions and
//! hours are not read; a gate that is shut costs a detour that this map does not know of.

use std::collections::BTreeMap;

use crate::domain::Travel;
use crate::geo::roads::speeds::{WayClass, limited_mm_s, signed_mm_s};
use crate::geo::travel::WALK_MM_S;

pub(super) type Tags<'a> = BTreeMap<&'a str, &'a str>;

/// Millimetres a second in the way's own direction and against it, in the order of `Travel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) there: [Option<u64>; 3],
    pub(super) back: [Option<u64>; 3],
    pub(super) joinable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Both,
    There,
    Back,
}

/// What a sign says of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Open,
    Shut,
    Pushing,
    Nothing,
}

/// `None` where nobody may use it, or it is no way.
pub(super) fn use_of(tags: &Tags<'_>) -> Option<Use> {
    let class = WayClass::named(tags.get("highway")?)?;
    let mut found = Use { there: [None; 3], back: [None; 3], joinable: class.joinable };
    for travel in Travel::ALL {
        let speed = speed_mm_s(tags, class, travel);
        let direction = direction(tags, travel);
        found.there[travel as usize] = speed.filter(|_| direction != Direction::Back);
        found.back[travel as usize] = speed.filter(|_| direction != Direction::There);
    }
    found.there.iter().chain(&found.back).any(Option::is_some).then_some(found)
}

fn speed_mm_s(tags: &Tags<'_>, class: &WayClass, travel: Travel) -> Option<u64> {
    let usual = class.speed_mm_s(travel).filter(|_| !is_motorroad(tags, travel));
    let speed = match sign(tags, travel) {
        Sign::Shut => None,
        Sign::Pushing => Some(WALK_MM_S),
        Sign::Nothing => usual,
        // A path beside the road for which one pushes otherwise, or a road that the class keeps one out of.
        Sign::Open => Some(usual.unwrap_or(0).max(signed_mm_s(travel))),
    }?;
    let limit = tags.get("maxspeed").filter(|_| travel == Travel::Car).and_then(|text| kmh(text));
    Some(limit.map_or(speed, |limit| limited_mm_s(speed, limit)))
}

fn is_motorroad(tags: &Tags<'_>, travel: Travel) -> bool {
    travel != Travel::Car && tags.get("motorroad") == Some(&"yes")
}

/// Keys from the one about this mode alone to the one about everybody; the first that is there decides.
fn keys(travel: Travel) -> &'static [&'static str] {
    match travel {
        Travel::Foot => &["foot", "access"],
        Travel::Ebike => &["bicycle", "vehicle", "access"],
        Travel::Car => &["motorcar", "motor_vehicle", "vehicle", "access"],
    }
}

/// `private` is open: it is the yard and the compound of those who call, and whoever is called is let in.
fn sign(tags: &Tags<'_>, travel: Travel) -> Sign {
    let Some((key, value)) = keys(travel).iter().find_map(|key| Some((*key, *tags.get(key)?))) else {
        return Sign::Nothing;
    };
    match value {
        "no" | "agricultural" | "forestry" | "military" | "use_sidepath" | "agricultural;forestry" => Sign::Shut,
        "dismount" => Sign::Pushing,
        // Everybody's access opens nothing that the class keeps a mode out of: a car on a footway.
        "yes" | "designated" | "permissive" | "official" | "destination" if key != "access" && key != "vehicle" => {
            Sign::Open
        }
        _ => Sign::Nothing,
    }
}

fn direction(tags: &Tags<'_>, travel: Travel) -> Direction {
    let contraflow = tags.get("oneway:bicycle") == Some(&"no")
        || tags.get("cycleway").is_some_and(|value| value.starts_with("opposite"));
    match travel {
        Travel::Foot => Direction::Both,
        Travel::Ebike if contraflow => Direction::Both,
        Travel::Ebike | Travel::Car => signed_direction(tags),
    }
}

fn signed_direction(tags: &Tags<'_>) -> Direction {
    let is = |key: &str, values: &[&str]| tags.get(key).is_some_and(|value| values.contains(value));
    let implied = is("junction", &["roundabout", "circular"]) || is("highway", &["motorway"]);
    match tags.get("oneway") {
        Some(&("yes" | "1" | "true")) => Direction::There,
        Some(&("-1" | "reverse")) => Direction::Back,
        Some(&("no" | "0" | "false")) => Direction::Both,
        Some(_) | None if implied => Direction::There,
        Some(_) | None => Direction::Both,
    }
}

/// Of `50` and `30 mph`; `None` of words such as `walk` and `CN:urban`.
fn kmh(text: &str) -> Option<u64> {
    match text.strip_suffix("mph") {
        Some(mph) => mph.trim().parse::<u64>().ok().map(|mph| mph * 1_609 / 1_000),
        None => text.trim().parse().ok(),
    }
}
