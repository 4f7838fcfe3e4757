//! What a scenario says, and how it is refused: found, expected and mended, with the line.

use super::*;
use crate::domain::{Class, SignalKind};

const LEAST: &str = r#"title = "t"
why = "w"
expected = "e"
[world.generate]
seed = 1
lat = 30.5
lon = 120.7
radius_m = 3000
towns = 2
homes = 300
responders = 12
[clock]
start = "2026-11-20T18:00:00+08:00"
length_s = 3600
"#;

#[test]
fn the_least_scenario_has_presets_for_everything_else() {
    let it = read(LEAST).unwrap();
    assert_eq!((it.name.as_str(), it.population.homes.len(), it.population.responders.len()), ("s", 300, 12));
    assert_eq!((it.clock.speed, it.clock.hour(0), it.clock.hour(6 * 3_600_000)), (1, 18, 0));
    assert_eq!(it.behaviour(Tier::Volunteer), &Behaviour::preset(Tier::Volunteer));
    assert_eq!((it.operators, it.expect.limits.len()), (Operators::default(), 0));
    assert!(it.population.homes.iter().any(|home| home.class == Class::Urban));
    assert!(it.population.homes.iter().all(|home| home.device_for(SignalKind::Sos).is_some()));
}

/// Each fault with its line, what was found, what was expected and how to mend it.
#[test]
fn every_fault_is_told_with_its_line_and_mend() {
    refused("clock = 7\n", &["1: found an integer as `clock`, expected a table [clock]; write [clock] above it"]);
    refused("a = [", &["1: found no TOML"]);
    refused(
        &format!("{LEAST}lenght_s = 7\n"),
        &[
            "15: found unknown key `lenght_s` in [clock], expected one of start, length_s, utc_offset_min, speed, people_speed; correct its name or remove it",
        ],
    );
    refused(
        &LEAST.replace("3600", "0"),
        &[
            "14: found 0 as `length_s`, expected a whole number of seconds, at most a year; write it as in length_s = 14400",
        ],
    );
    refused(
        &LEAST.replace("[world.generate]", "[world.made]"),
        &[
            "4: found 0 of file, [world.generate] and [world.tables], expected a table [world] with one of",
            "4: found unknown key `made` in [world]",
        ],
    );
    refused(&LEAST.replace("why = \"w\"\n", ""), &["1: found the scenario without `why`"]);
}

#[test]
fn every_fault_of_a_stream_is_told_too() {
    refused(
        &more("[[poisson]]\nkind = \"heartbeat\"\n"),
        &[
            "16: found neither `a_day` nor `per_home_day`, expected",
            "17: found `heartbeat` as `kind`, expected call, or a kind of signal that is no telemetry",
        ],
    );
    refused(
        &more("[[poisson]]\nkind = \"sos\"\na_day = 1\nper_home_day = 1\n"),
        &["found `a_day` and `per_home_day` together"],
    );
    refused(&more("[[poisson]]\nkind = \"sos\"\na_day = -1\n"), &["found -1 as `a_day`"]);
    refused(
        &more("[[poisson]]\nkind = \"sos\"\na_day = 1\ncurve = [1, 2]\n"),
        &["found a list of 2 as `curve`, expected \"day\", \"flat\", or 24 weights"],
    );
    refused(&more("[[burst]]\nkind = \"sos\"\nat_s = 1\nwithin_s = 1\ncount = 0\n"), &["found 0 as `count`"]);
    refused(
        &more(
            "[[burst]]\nkind = \"sos\"\nat_s = 1\nwithin_s = 1\ncount = 1\naround = { lat = 91, lon = 0, radius_m = 5 }\n",
        ),
        &["found 91 as `lat`"],
    );
}

#[test]
fn faults_of_people_mishaps_and_expectations_are_told_too() {
    refused(
        &more("[[fault]]\nwhat = \"flood\"\nat_s = 1\n"),
        &["found `flood` as `what`, expected kill, slow_disk, full_disk"],
    );
    refused(&more("[[fault]]\nwhat = \"kill\"\nat_s = 1\n"), &["found [[fault]] without `down_s`"]);
    refused(
        &more("[[fault]]\nwhat = \"slow_disk\"\nat_s = 1\nfor_s = 5\nby_ms = [9, 3]\n"),
        &["found [9, 3], the least above the most as `by_ms`"],
    );
    refused(&more("[responders.nurse]\naccept_pct = 5\n"), &["found unknown key `nurse` in [responders]"]);
    refused(
        &more("[responders.staff]\naccept_pct = 101\nshifts = [\"7:00-19:00\"]\ntravel_pct = 0\n"),
        &[
            "17: found 101 as `accept_pct`",
            "18: found `7:00-19:00` in the list as `shifts`, expected a list of at most 32 shifts HH:MM-HH:MM",
            "19: found 0, which nobody is as fast as",
        ],
    );
    refused(&more("[operators]\ncount = 0\n"), &["found 0 as `count`, expected a whole number from 1 to 1,000"]);
    refused(&more("[heartbeats]\n"), &["found [heartbeats] without `every_s`"]);
    refused(
        &more("[expect]\ndoor_urban_met = 1.5\nlosses = 0\n"),
        &["found 1.5 as `door_urban_met`", "unknown key `losses` in [expect]"],
    );
    refused(&more("[promise]\nanswer_s = 15\n"), &["without `door_urban_s`", "without `door_rural_s`"]);
    refused(
        &more("[[silence]]\nat_s = 1\ncount = 2\nwithin_s = 3\nfor_s = 4\nback_within_s = 5\nsays = \"sos\"\n"),
        &["found `sos` as `says`"],
    );
}

#[test]
fn a_name_that_names_nothing_is_refused_where_it_stands() {
    let text = LEAST.replace("[world.generate]\nseed = 1\nlat = 30.5\nlon = 120.7\nradius_m = 3000\ntowns = 2\nhomes = 300\nresponders = 12\n", "[world]\nfile = \"nowhere.toml\"\n");
    refused(
        &text,
        &["5: found `nowhere.toml` as `file` (not here), expected the name of a file, relative to the scenario"],
    );
    refused(&more("[[trace]]\nfile = \"nowhere.csv\"\n"), &["17: found `nowhere.csv` as `file` (not here)"]);
    let far = "[[burst]]\nkind = \"gas\"\nat_s = 1\nwithin_s = 1\ncount = 1\n";
    let bare = LEAST.replace("homes = 300", "homes = 1").replace("seed = 1", "seed = 4");
    refused(
        &format!("{bare}{far}"),
        &["16: found `gas`, which no home of this world has a device or a telephone for, as `kind`"],
    );
}

/// Faults of the files that a scenario names stand under their own name and line.
#[test]
fn faults_of_named_files_are_told_with_theirs() {
    let shelf = Shelf(
        [
            ("t.csv".to_owned(), "at_s,lat,lon,kind\n1,30.5,120.7,sos\nx,30.5,120.7,nap\n1,2\n".to_owned()),
            ("w.toml".to_owned(), "[[responder]]\nid = 7\n".to_owned()),
        ]
        .into(),
    );
    let text = more("[[trace]]\nfile = \"t.csv\"\n");
    let told = faults(Scenario::read("s.toml", &text, &shelf));
    assert_eq!(
        told,
        [
            "t.csv:3: found `x` as `at_s`, expected a number from 0 to 31622400; correct it",
            "t.csv:4: found 2 fields, expected 4 fields, as in the head line; correct the line",
        ]
    );
    let text = LEAST.replace("[world.generate]\nseed = 1\nlat = 30.5\nlon = 120.7\nradius_m = 3000\ntowns = 2\nhomes = 300\nresponders = 12\n", "[world]\nfile = \"w.toml\"\n");
    let told = faults(Scenario::read("s.toml", &text, &shelf));
    assert!(told.iter().any(|it| it.starts_with("w.toml:2: found an integer as `id`")), "{told:#?}");
}

#[test]
fn a_city_of_tables_has_a_home_at_every_place_of_its_trace() {
    let text = r#"title = "t"
why = "w"
expected = "e"
[world.tables]
responders = "r.csv"
[clock]
start = "2026-11-20T00:00:00Z"
length_s = 3600
[[trace]]
file = "t.csv"
"#;
    let shelf = Shelf(
        [
            ("r.csv".to_owned(), "id,lon,lat\nR1,-73.98,40.71\nR2,-73.97,40.72\n".to_owned()),
            (
                "t.csv".to_owned(),
                "time,lat,lon,priority,on_scene_s\n2026-11-20T00:10:00Z,40.70,-73.9,1,300\n2026-11-20T00:01:00Z,40.71,-73.9,3,60\n".to_owned(),
            ),
        ]
        .into(),
    );
    let it = Scenario::read("city.toml", text, &shelf).unwrap();
    assert_eq!((it.population.homes.len(), it.population.responders.len()), (2, 2));
    let drawn = draw(&it, 1);
    assert_eq!(drawn.iter().map(|it| it.at_ms).collect::<Vec<_>>(), [60_000, 600_000]);
    let Happening::Signal { kind, on_scene_ms, .. } = drawn[1].what else { panic!("{drawn:?}") };
    assert_eq!((kind, on_scene_ms), (SignalKind::Medical, Some(300_000)));
}

#[test]
fn shifts_are_dealt_in_turn_and_go_over_midnight() {
    let it = read(&more("[responders.staff]\nshifts = [\"07:00-19:00\", \"19:00-07:00\"]\n")).unwrap();
    let clock = Clock { length_ms: 86_400_000, ..it.clock };
    let hours = |nth| {
        let duties = it.behaviour(Tier::Staff).duties(nth, &clock).into_iter();
        duties.map(|(from, to)| (from as f64 / 3.6e6, to as f64 / 3.6e6)).collect::<Vec<_>>()
    };
    // It begins at 18:00.
    assert_eq!(hours(0), [(0.0, 1.0), (13.0, 24.0)]);
    assert_eq!(hours(1), [(1.0, 13.0)]);
    assert_eq!(hours(2), hours(0));
    assert_eq!(it.behaviour(Tier::Volunteer).duties(5, &clock), [(0, 86_400_000)]);
}

#[test]
fn a_seed_draws_the_same_and_another_seed_another_evening() {
    let it = read(&more("[[poisson]]\nkind = \"sos\"\na_day = 2000\nagain_pct = 50\ncancel_pct = 20\n")).unwrap();
    assert_eq!(draw(&it, 7), draw(&it, 7));
    assert_ne!(draw(&it, 7), draw(&it, 8));
    assert!(draw(&it, 7).windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
}

/// 24 days at 2,400 a day with all of the weight on one hour: so many, and in that hour.
#[test]
fn chance_keeps_the_rate_and_the_curve() {
    let curve = (0..24).map(|hour| if hour == 3 { "2" } else { "0" }).collect::<Vec<_>>().join(", ");
    let stream = format!("[[poisson]]\nkind = \"sos\"\na_day = 2400\ncurve = [{curve}]\n");
    let it = read(&more(&stream).replace("3600", "2073600")).unwrap();
    let drawn = draw(&it, 1);
    let expected = 24.0 * 2400.0;
    // Four standard deviations of a Poisson count.
    assert!((drawn.len() as f64 - expected).abs() < 4.0 * expected.sqrt(), "{} of {expected}", drawn.len());
    assert!(drawn.iter().all(|arrival| it.clock.hour(arrival.at_ms) == 3));
}

#[test]
fn a_burst_is_where_and_when_it_is_said_to_be() {
    let text = more(
        "[[burst]]\nkind = \"sos\"\nat_s = 60\nwithin_s = 30\ncount = 40\naround = { lat = 30.5, lon = 120.7, radius_m = 3000 }\n",
    );
    let it = read(&text).unwrap();
    let drawn = draw(&it, 1);
    assert_eq!(drawn.len(), 40);
    let centre = crate::domain::Point::from_degrees(30.5, 120.7).unwrap();
    for arrival in drawn {
        let Happening::Signal { home, .. } = arrival.what else { panic!("{arrival:?}") };
        assert!((60_000..=90_000).contains(&arrival.at_ms));
        assert!(crate::geo::distance_m(it.population.homes[home].point, centre) <= 3_000);
    }
}

#[test]
fn what_falls_silent_comes_back() {
    let text = more(
        "[[silence]]\nat_s = 60\ncount = 50\nwithin_s = 5\nfor_s = 600\nback_within_s = 10\nsays = \"mains_fail\"\n",
    );
    let drawn = draw(&read(&text).unwrap(), 1);
    let of =
        |fits: fn(&Happening) -> bool| drawn.iter().filter(|it| fits(&it.what)).map(|it| it.at_ms).collect::<Vec<_>>();
    let silent = of(|it| matches!(it, Happening::FallsSilent { .. }));
    let back = of(|it| matches!(it, Happening::ComesBack { .. }));
    assert_eq!((silent.len(), back.len(), drawn.len()), (50, 50, 150));
    assert!(
        silent.iter().all(|at| (60_000..=65_000).contains(at))
            && back.iter().all(|at| (660_000..=670_000).contains(at))
    );
}

#[test]
fn what_a_program_cannot_play_it_says() {
    let it = read(&more(
        "[[fault]]\nwhat = \"redis_away\"\nat_s = 1\nfor_s = 5\n[[fault]]\nwhat = \"kill\"\nat_s = 1\ndown_s = 5\n",
    ))
    .unwrap();
    let unplayable = |player| it.mishaps.iter().filter(|it| it.unplayable(player).is_some()).count();
    assert_eq!([Player::Simulate, Player::Loadtest, Player::Demo].map(unplayable), [1, 1, 2]);
}

fn more(text: &str) -> String {
    // The fifteenth line is empty, so that what is added begins on the sixteenth.
    format!("{LEAST}\n{text}")
}

fn read(text: &str) -> Result<Scenario, Vec<Fault>> {
    Scenario::read("scenarios/s.toml", text, &Shelf::default())
}

fn refused(text: &str, expected: &[&str]) {
    let told = faults(read(text));
    for one in expected {
        assert!(told.iter().any(|it| it.contains(one)), "`{one}` is not told of:\n{text}\nbut {told:#?}");
    }
}

fn faults(read: Result<Scenario, Vec<Fault>>) -> Vec<String> {
    read.expect_err("it has faults").iter().map(ToString::to_string).collect()
}
