//! What the player hears of a service that dies.

use std::sync::Arc;

use super::play;
use crate::dispatch::Policy;
use crate::scenario::{Scenario, Shelf, draw};

/// Killed in the middle of forty alarms, on a slow disk, so that often something was written that nobody was told.
const KILLED: &str = r#"
title = "Killed in mid-burst"
why = "What was written and told to nobody is in the record, and counts."
expected = "Every event is heard of once."

[world.generate]
seed = 4
lat = 30.50
lon = 120.65
radius_m = 4000
towns = 1
homes = 60
responders = 12

[clock]
start = "2026-11-25T16:00:00+08:00"
length_s = 600

[[burst]]
kind = "sos"
at_s = 60
within_s = 2
count = 40

[[fault]]
what = "slow_disk"
at_s = 59
for_s = 6
by_ms = [200, 400]

[[fault]]
what = "kill"
at_s = 61
down_s = 4
"#;

/// Without reading the record after a start, incidents that the dead process opened are in nobody's books.
#[test]
fn what_was_written_before_a_kill_and_told_to_nobody_is_read_after_it() {
    let scenario = Scenario::read("killed", KILLED, &Shelf::default()).expect("the scenario is right");
    let runs = (1..=8).map(|seed| play(&scenario, &draw(&scenario, seed), &Arc::new(Policy::default()), seed));
    let mut caught_up = 0;
    for run in runs {
        assert_eq!((run.restarts, run.tally.lost(), run.tally.alarms.acknowledged), (1, 0, 40), "seed {}", run.seed);
        assert_eq!(run.tally.all_cases().count() as u64, run.tally.alarms.opened, "seed {}", run.seed);
        caught_up += run.caught_up;
    }
    assert!(caught_up > 0, "no kill of eight fell between what was written and what was told");
}
