//! Responders: five a town. Staff sit at the care centre, volunteers at a neighbour point, keyholders at home.

use std::fmt::Write;

use super::chance::Chance;
use super::people;
use super::towns::{Spot, Village};
use super::{DISTRICT, quoted, quoted_list};

/// How far from the centre of the town a care centre may lie, and a neighbour point from that of its village.
const CENTRE_SPREAD_M: i64 = 350;
const POINT_SPREAD_M: i64 = 200;

/// The example of the contract; the first of the staff of the first town.
const FIRST: &str = r#"
[[responder]]
id = "R-001"
district = "330481"
name = "周护理员"
phone = "+8613900000002"
tier = "staff"
skills = ["first_aid"]
travel = "ebike"
base_lat = 30.5290
base_lon = 120.6850
"#;

/// What the five of a town are.
const POSTS: [(&str, &[&str], &str); 5] = [
    ("staff", &["first_aid", "cpr", "lifting"], "ebike"),
    ("staff", &["first_aid", "cpr", "nursing", "dementia_care"], "car"),
    ("volunteer", &["first_aid"], "ebike"),
    ("volunteer", &["first_aid", "cpr"], "foot"),
    ("keyholder", &[], "foot"),
];

pub fn write(file: &mut String, villages: &[Village], chance: &mut Chance) {
    file.push_str(FIRST);
    let mut number = 0;
    for town in by_town(villages) {
        for (tier, skills, travel) in POSTS {
            number += 1;
            if number > 1 {
                let base = base(tier, town, chance);
                responder(file, number, (tier, skills, travel), base, chance);
            }
        }
    }
}

/// The villages of one town stand together in the list.
fn by_town(villages: &[Village]) -> impl Iterator<Item = &[Village]> {
    villages.chunk_by(|a, b| a.town == b.town)
}

fn base(tier: &str, town: &[Village], chance: &mut Chance) -> Spot {
    if tier == "staff" {
        return town[0].centre.moved(chance.in_ring(0, CENTRE_SPREAD_M, CENTRE_SPREAD_M));
    }
    let village = &town[chance.index(town.len())];
    village.spot.moved(chance.in_ring(0, POINT_SPREAD_M, POINT_SPREAD_M))
}

fn responder(file: &mut String, number: usize, post: (&str, &[&str], &str), base: Spot, chance: &mut Chance) {
    let (tier, skills, travel) = post;
    let woman = chance.percent(60);
    let surname = people::surname(chance);
    let name = if tier == "staff" { format!("{surname}护理员") } else { people::younger(surname, woman, chance) };
    let rows = [
        ("id", quoted(&format!("R-{number:03}"))),
        ("district", quoted(DISTRICT)),
        ("name", quoted(&name)),
        ("phone", quoted(&people::responder_phone(number))),
        ("tier", quoted(tier)),
        ("skills", quoted_list(skills)),
        ("travel", quoted(travel)),
        ("base_lat", base.lat()),
        ("base_lon", base.lon()),
    ];
    file.push_str("\n[[responder]]\n");
    for (key, value) in rows {
        writeln!(file, "{key} = {value}").expect("a string takes all");
    }
}
