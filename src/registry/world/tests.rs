//! Scripts: a world file with one thing wrong in it, and the exact fault. `$` stands for a world that is right.

use super::{World, parse};
use crate::dispatch::facts::Row;
use crate::domain::Point;

const RIGHT: &str = include_str!("tests/right.toml");

#[test]
fn the_world_of_the_contract_is_read_whole() {
    let world = parse("right.toml", RIGHT, &|point| point).unwrap();
    let tables: Vec<_> = world.entries.iter().map(|it| (it.table.as_str(), it.id.as_str(), it.line)).collect();
    let expected = [
        ("device", "D-0001", 35),
        ("district", "330481", 2),
        ("premises", "P-0001", 6),
        ("responder", "R-001", 41),
        ("subject", "S-0001", 15),
    ];
    assert_eq!(tables, expected);
    let rows: Vec<_> = world.entries.iter().filter_map(|it| it.row.as_ref()).collect();
    insta::assert_debug_snapshot!(rows);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: what is wrong, and what is said of it")]
fn a_fault_of_each_kind_is_told_with_line_and_mend() {
    check(
        r#"lat = 30.5312"#,
        "lat = 91.0",
        "world.toml:11: found 91.0 as `lat`, expected degrees from -90 to 90; write it as in lat = 30.5312",
    );
    check(
        "lat = 30.5312",
        "lat = nan",
        "world.toml:11: found nan as `lat`, expected degrees from -90 to 90; write it as in lat = 30.5312",
    );
    check(
        "lat = 30.5312",
        "lat = \"30\"",
        "world.toml:11: found a string as `lat`, expected degrees from -90 to 90; write it as in lat = 30.5312",
    );
    check(
        "lon = 120.6881",
        "lon = -181",
        "world.toml:12: found -181 as `lon`, expected degrees from -180 to 180; write it as in lon = 120.6881",
    );
    check(
        "base_lon = 120.6850",
        "base_lon = inf",
        "world.toml:49: found inf as `base_lon`, expected degrees from -180 to 180; write it as in base_lon = 120.6850",
    );
    check(
        "lat = 30.5312\nlon = 120.6881",
        "lat = 0\nlon = 0.0",
        "world.toml:11: found 0, 0, which is what a receiver without a fix says, expected degrees from -90 to 90; write it as in lat = 30.5312",
    );
    check(
        "lat = 30.5312\n",
        "",
        "world.toml:5: found [[premises]] without `lat`, expected degrees from -90 to 90; add a line such as lat = 30.5312",
    );
    check(
        "lat = 30.5312",
        "lat = 30.5312\ndatum = \"bd09\"",
        "world.toml:12: found `bd09` as `datum`, expected wgs84 or gcj02; write it as in datum = \"wgs84\"",
    );
    check(
        "class = \"urban\"",
        "class = \"town\"",
        "world.toml:9: found `town` as `class`, expected urban or rural; write it as in class = \"urban\"",
    );
    check(
        "tier = \"staff\"",
        "tier = \"boss\"",
        "world.toml:45: found `boss` as `tier`, expected keyholder, volunteer or staff; write it as in tier = \"staff\"",
    );
    check(
        "travel = \"ebike\"",
        "travel = 3",
        "world.toml:47: found an integer as `travel`, expected foot, ebike or car; write it as in travel = \"ebike\"",
    );
    check(
        "protocol = \"watch\"",
        "protocol = \"Watch\"",
        "world.toml:37: found `Watch` as `protocol`, expected the name of a source in small letters, digits, _ and -; write it as in protocol = \"watch\"",
    );
    check(
        "protocol = \"watch\"",
        "protocol = \"a:b\"",
        "world.toml:37: found `a:b` as `protocol`, expected the name of a source in small letters, digits, _ and -; write it as in protocol = \"watch\"",
    );
    check(
        "supervision_s = 600",
        "supervision_s = 0",
        "world.toml:39: found 0 as `supervision_s`, expected a whole number of seconds, 1 or more; write it as in supervision_s = 600",
    );
    check(
        "supervision_s = 600",
        "supervision_s = -5",
        "world.toml:39: found -5 as `supervision_s`, expected a whole number of seconds, 1 or more; write it as in supervision_s = 600",
    );
    check(
        "village = \"330481001003\"",
        "village = \"3304810010\"",
        "world.toml:8: found `3304810010` as `village`, expected a statistical code of 12 digits; write it as in village = \"330481001003\"",
    );
    check(
        "code = \"330481\"",
        "code = \"33048\"",
        "world.toml:2: found `33048` as `code`, expected a district code of six digits; write it as in code = \"330481\"",
    );
    check(
        "keyholder = true",
        "keyholder = 1",
        "world.toml:31: found an integer as `keyholder`, expected true or false; write it as in keyholder = true",
    );
    check(
        "name = \"海宁市\"",
        "name = \"\"",
        "world.toml:3: found empty text as `name`, expected text of 1 to 500 characters on one line; write it as in name = \"…\"",
    );
    check(
        "relation = \"son\"\n",
        "",
        "world.toml:27: found [[subject.contact]] without `relation`, expected text of 1 to 500 characters on one line; add a line such as relation = \"son\"",
    );
}

#[test]
fn a_fault_of_a_private_field_does_not_repeat_it() {
    check(
        "\"+8657387000001\"",
        "\"057387000001\"",
        "world.toml:18: found a number without a leading + in the list as `phones`, expected a list of at most 32 telephone numbers, each as + and 7 to 15 digits (E.164); write it as in phones = [\"+8657387000001\"]",
    );
    check(
        "\"+8613900000002\"",
        "\"+861390000 002\"",
        "world.toml:44: found a number with something else than digits after the +, or a leading 0 as `phone`, expected a telephone number as + and 7 to 15 digits (E.164); write it as in phone = \"+8613900000001\"",
    );
    check(
        "\"+8613900000001\"",
        "\"+861390\"",
        "world.toml:29: found a number of 6 digits as `phone`, expected a telephone number as + and 7 to 15 digits (E.164); write it as in phone = \"+8613900000001\"",
    );
    check(
        "\"1941-03-02\"",
        "\"1941-02-30\"",
        "world.toml:19: found text that is no date as `birth`, expected a date as YYYY-MM-DD in quotes; write it as in birth = \"1941-03-02\"",
    );
    check(
        "\"1941-03-02\"",
        "1941-03-02",
        "world.toml:19: found a datetime as `birth`, expected a date as YYYY-MM-DD in quotes; write it as in birth = \"1941-03-02\"",
    );
    check(
        "\"钥匙在门卫处\"",
        "\"钥匙\\n\"",
        "world.toml:23: found text with a control character as `access`, expected text of 1 to 500 characters on one line; write it as in access = \"…\"",
    );
    check(
        "id = \"S-0001\"",
        "id = \"沈\\n阿婆\"",
        "world.toml:15: found text of 10 bytes that is no id as `id`, expected an id of 1 to 128 printable bytes; write it as in id = \"S-0001\"",
    );
}

#[test]
fn an_unknown_key_is_told_with_those_that_exist() {
    check(
        "village =",
        "vilage =",
        "world.toml:8: found unknown key `vilage` in [[premises]], expected one of id, district, village, class, address, lat, lon, datum; correct its name or remove it",
    );
    check(
        "keyholder = true",
        "key = true",
        "world.toml:31: found unknown key `key` in [[subject.contact]], expected one of name, phone, relation, keyholder; correct its name or remove it",
    );
    check(
        "[[responder]]",
        "[[responders]]",
        "world.toml:40: found unknown table `responders`, expected one of district, premises, subject, device, responder; correct its name or remove it",
    );
    check(
        "[[district]]",
        "[district]",
        "world.toml:1: found `district` as a single table, expected a list of tables [[district]]; write [[district]] above each",
    );
    check(
        "[[subject.contact]]",
        "[subject.contact]",
        "world.toml:27: found something else as `contact`, expected a list of at most 32 tables [[subject.contact]]; write [[subject.contact]] above each",
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    check(
        "class = \"urban\"",
        "class = urban",
        "world.toml:9: found no TOML (string values must be quoted, expected literal string), expected TOML; correct the line",
    );
}

#[test]
fn all_faults_of_a_file_are_told_at_once_in_the_order_of_their_lines() {
    let text = RIGHT
        .replace("lat = 30.5312", "lat = 91")
        .replace("tier = \"staff\"", "teir = \"staff\"")
        .replace("urban", "city");
    let lines: Vec<_> = World::read("world.toml", &text, &|point| point).faults().iter().map(|it| it.line).collect();
    assert_eq!(lines, [9, 11, 40, 45]);
}

#[test]
fn a_point_of_another_datum_is_turned_once() {
    let text = RIGHT.replace("lat = 30.5312", "datum = \"gcj02\"\nlat = 30");
    let turned = Point::from_degrees(1.0, 2.0).unwrap();
    let world = parse("world.toml", &text, &|_| turned).unwrap();
    let points: Vec<_> = world.entries.iter().filter_map(|it| point_of(it.row.as_ref()?)).collect();
    assert_eq!(points, [turned, Point::from_degrees(30.5290, 120.6850).unwrap()]);
}

fn point_of(row: &Row) -> Option<Point> {
    match row {
        Row::Premises(it) => Some(it.point),
        Row::Responder(it) => Some(it.base),
        Row::District(_) | Row::Subject(_) | Row::Device(_) => None,
    }
}

/// `RIGHT` with `wrong` in place of `right` has exactly this fault.
fn check(right: &str, wrong: &str, fault: &str) {
    assert!(RIGHT.contains(right), "{right} is not in the world that is right");
    let text = RIGHT.replacen(right, wrong, 1);
    let faults: Vec<_> =
        World::read("world.toml", &text, &|point| point).faults().iter().map(ToString::to_string).collect();
    assert_eq!(faults, [fault]);
}
