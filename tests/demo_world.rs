//! The demo world: made again byte for byte from its villages and seed where they are there, and fit to be imported.

#[path = "../examples/generate_world/world/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tidewatch::domain::Point;
use toml::{Table, Value};

const WORLD: &str = include_str!("../scenarios/worlds/haining.toml");

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_another_world() {
    let Some(villages) = villages("making the demo world again") else { return };
    let made = world::generate(&villages, 1).unwrap();
    assert!(made == WORLD, "scenarios/worlds/haining.toml is not what its first lines say; run the command there");
    assert!(made == world::generate(&villages, 1).unwrap(), "two runs differ");
    assert!(made != world::generate(&villages, 2).unwrap(), "the seed changes nothing");
}

#[test]
fn a_line_that_is_no_village_is_refused_with_its_number() {
    let message = |csv: &str| world::generate(csv, 1).unwrap_err().to_string();
    let expected =
        "line 2 of the towns: `a,b,c`, expected five fields: town_code,town,village_code,village,kind_by_code";
    assert_eq!(message("head\na,b,c"), expected);
    assert_eq!(
        message("head\n1,杭州,2,x,village"),
        "line 2 of the towns: `1,杭州,2,x,village`, expected a town whose centre is known"
    );
    assert_eq!(message("head"), "line 1 of the towns: no villages, expected a head line and a line a village");
}

#[test]
fn ids_identities_and_phones_are_unique_and_nothing_dangles() {
    let world = world();
    let ids = |table: &str| unique(rows(&world, table).map(|row| text(row, "id")));
    let (premises, subjects) = (ids("premises"), ids("subject"));
    ids("device");
    ids("responder");
    assert!(rows(&world, "subject").all(|row| premises.contains(&text(row, "premises"))), "a subject without a home");
    assert!(rows(&world, "device").all(|row| subjects.contains(&text(row, "subject"))), "a device without a subject");
    unique(rows(&world, "device").map(|row| format!("{}:{}", text(row, "protocol"), text(row, "identity"))));
    unique(rows(&world, "subject").map(|row| text(row, "elder_code")));
    let of_subjects = rows(&world, "subject").flat_map(|row| row["phones"].as_array().unwrap().iter().map(string));
    let of_contacts = rows(&world, "subject")
        .flat_map(|row| row["contact"].as_array().unwrap().iter())
        .map(|contact| text(contact.as_table().unwrap(), "phone"));
    unique(of_subjects.chain(of_contacts).chain(rows(&world, "responder").map(|row| text(row, "phone"))));
    for row in rows(&world, "premises").chain(rows(&world, "responder")) {
        assert_eq!(text(row, "district"), "330481");
    }
}

#[test]
fn homes_cover_every_village_and_lie_in_haining() {
    let Some(listed) = villages("the demo world against its villages") else { return };
    let world = world();
    let villages: BTreeMap<&str, &str> = listed
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|fields| (fields[2], if fields[4] == "village" { "rural" } else { "urban" }))
        .collect();
    let homes = rows(&world, "premises").count();
    assert!((1_900..=2_100).contains(&homes), "{homes} homes");
    for row in rows(&world, "premises") {
        assert_eq!(
            Some(&text(row, "class").as_str()),
            villages.get(text(row, "village").as_str()),
            "{}",
            text(row, "id")
        );
        in_haining(row, "lat", "lon");
    }
    rows(&world, "responder").for_each(|row| in_haining(row, "base_lat", "base_lon"));
    let covered: BTreeSet<String> = rows(&world, "premises").map(|row| text(row, "village")).collect();
    assert_eq!(covered.len(), villages.len());
    assert_eq!(rows(&world, "responder").count(), 60);
    assert!(WORLD.len() < 2_000_000, "{} bytes", WORLD.len());
    assert!(rows(&world, "subject").count() > homes + 200, "hardly any couples");
}

/// The README's first commands name this home and this watch.
#[test]
fn the_examples_home_is_the_first() {
    let world = world();
    let first = |table: &str| rows(&world, table).next().unwrap();
    assert_eq!((text(first("premises"), "id"), text(first("subject"), "id")), ("P-0001".into(), "S-0001".into()));
    let device = first("device");
    assert_eq!(text(device, "id"), "D-0001");
    assert_eq!((text(device, "protocol"), text(device, "identity")), ("watch".into(), "8800000015".into()));
    assert_eq!(first("subject")["phones"][0].as_str(), Some("+8657387000001"));
}

/// The real names of towns and villages, which lie beside the repository and not in it.
fn villages(what: &str) -> Option<String> {
    let shared = std::env::var_os("SHARED_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = std::fs::read_to_string(shared.join("haining/towns_villages.csv"));
    if found.is_err() {
        println!("NOT RUN: {what} needs ../shared/haining");
    }
    found.ok()
}

fn world() -> Table {
    WORLD.parse().expect("the world is TOML")
}

fn rows<'a>(world: &'a Table, table: &str) -> impl Iterator<Item = &'a Table> {
    world[table].as_array().unwrap().iter().map(|row| row.as_table().unwrap())
}

fn text(row: &Table, key: &str) -> String {
    string(&row[key])
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}, expected text")).to_owned()
}

fn unique(names: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(!seen.contains(&name), "{name} twice");
        seen.insert(name);
    }
    seen
}

fn in_haining(row: &Table, lat: &str, lon: &str) {
    let (lat, lon) = (row[lat].as_float().unwrap(), row[lon].as_float().unwrap());
    assert!(Point::from_degrees(lat, lon).is_ok());
    assert!((30.35..30.60).contains(&lat) && (120.29..120.90).contains(&lon), "{} at {lat},{lon}", text(row, "id"));
}
