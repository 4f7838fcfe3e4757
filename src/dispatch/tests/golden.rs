//! Event lines that must load for ever. The file only ever grows: a line in it was written by a version that somebody
//! ran, and an inquest may ask for it.

use std::collections::BTreeSet;

use crate::dispatch::event::Stamped;

const LINES: &str = include_str!("../../../tests/vectors/events/v1.jsonl");

#[test]
fn every_line_ever_written_still_loads_and_says_the_same() {
    for line in LINES.lines() {
        let stamped: Stamped = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(serde_json::to_string(&stamped).unwrap(), line);
    }
}

#[test]
fn there_is_a_line_for_every_type_of_event() {
    let kept: BTreeSet<String> = LINES.lines().map(type_of).collect();
    let source = include_str!("../event/type_name.rs");
    let known = source.split("pub fn type_name").nth(1).unwrap().split('"').skip(1).step_by(2);
    let missing: Vec<&str> = known.filter(|name| !kept.contains(*name)).collect();
    assert!(missing.is_empty(), "no golden line for {missing:?}");
}

fn type_of(line: &str) -> String {
    let stamped: Stamped = serde_json::from_str(line).unwrap();
    stamped.event.type_name().to_owned()
}
