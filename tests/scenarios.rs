//! Every shipped scenario, read from its file and played in virtual time for a quick slice under one seed: counts and
//! promises are held, wall times only told. A whole scenario is played by `tidewatch simulate`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidewatch::clock::{Clock, SystemClock};
use tidewatch::dispatch::Policy;
use tidewatch::domain::plan::PolicyName;
use tidewatch::scenario::{Arrival, Expect, Folder, Limit, Measure, Player, Scenario, draw};
use tidewatch::simulate::bound::{Bound, bound};
use tidewatch::simulate::figures::Figures;
use tidewatch::simulate::play::{Run, play};

const SEED: u64 = 1;

/// A slice of a scenario: so many minutes of it, and so many incidents at least, of which so many are kept.
struct Slice {
    name: &'static str,
    minutes: u64,
    incidents: u64,
    kept: f64,
}

const SLICES: &[Slice] = &[
    Slice { name: "quiet-evening", minutes: 240, incidents: 10, kept: 0.9 },
    Slice { name: "morning-peak", minutes: 90, incidents: 15, kept: 0.7 },
    Slice { name: "first-frost", minutes: 75, incidents: 15, kept: 0.6 },
    Slice { name: "gas-leak", minutes: 60, incidents: 20, kept: 0.3 },
    Slice { name: "mains-failure", minutes: 50, incidents: 5, kept: 0.6 },
    Slice { name: "typhoon-night", minutes: 120, incidents: 20, kept: 0.2 },
    Slice { name: "hotline-storm", minutes: 50, incidents: 5, kept: 0.5 },
    Slice { name: "shortage", minutes: 120, incidents: 10, kept: 0.4 },
    Slice { name: "scarcity", minutes: 180, incidents: 10, kept: 0.6 },
    Slice { name: "restart-in-burst", minutes: 20, incidents: 2_000, kept: 0.05 },
    Slice { name: "national-floor", minutes: 10, incidents: 1, kept: 0.0 },
    Slice { name: "burst", minutes: 1, incidents: 0, kept: 0.0 },
    Slice { name: "burst-killed", minutes: 1, incidents: 0, kept: 0.0 },
    Slice { name: "heartbeat-flood", minutes: 1, incidents: 0, kept: 0.0 },
    Slice { name: "ramp", minutes: 1, incidents: 0, kept: 0.0 },
    Slice { name: "quiet-month", minutes: 1_440, incidents: 50, kept: 0.8 },
];

/// What the load harness throws at a real server: a quarter of a million commands and more; here they are read alone.
const ONLY_READ: &[&str] = &["burst", "burst-killed", "heartbeat-flood", "ramp"];

#[test]
fn every_scenario_of_the_folder_has_a_slice() {
    let folder = std::fs::read_dir(folder()).expect("the scenarios lie in the repository");
    let files = folder.map(|it| it.expect("an entry is readable").path());
    let mut found: Vec<String> = files
        .filter(|it| it.extension().is_some_and(|it| it == "toml"))
        .map(|it| it.file_stem().expect("a file has a name").to_string_lossy().into_owned())
        .collect();
    let mut known: Vec<&str> = SLICES.iter().map(|it| it.name).collect();
    found.sort();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn a_slice_of_every_scenario_keeps_what_must_be_kept() {
    for slice in SLICES.iter().filter(|it| !ONLY_READ.contains(&it.name)) {
        let clock = SystemClock::new();
        let began_ms = clock.now_monotonic_ms();
        let (scenario, arrivals) = cut(slice);
        let run = play(&scenario, &arrivals, &policy(&scenario, PolicyName::Nearest), SEED);
        let figures =
            Figures::of(&[&run], &[bound(&scenario, &arrivals, &policy(&scenario, PolicyName::Nearest), &run)]);
        println!("{}: {} s, {} events", slice.name, (clock.now_monotonic_ms() - began_ms) / 1000, run.events);
        let name = slice.name;
        let alarms = &figures.alarms;
        assert_eq!((alarms.lost, figures.assignments.double), (0, 0), "{name}: lost, doubled");
        assert_eq!(alarms.acknowledged, alarms.sent, "{name}: alarms that nobody answered");
        let incidents = run.tally.all_cases().count() as u64;
        assert!(incidents >= slice.incidents, "{name}: {incidents} incidents, expected {}", slice.incidents);
        let kept = 1.0 - figures.late_fraction;
        assert!(kept >= slice.kept, "{name}: {kept:.2} kept, expected {}", slice.kept);
        let bound = figures.lower_bound.late_fraction;
        assert!(bound <= figures.late_fraction, "{name}: the bound {bound} is above {}", figures.late_fraction);
        assert_eq!(run.restarts, kills(&scenario), "{name}: restarts");
    }
}

/// The same seed makes the same run, to the last event; another seed another.
#[test]
fn a_seed_is_a_run() {
    let (scenario, arrivals) = cut(&SLICES[5]);
    let told =
        |arrivals: &[Arrival], seed| digest(&play(&scenario, arrivals, &policy(&scenario, PolicyName::Nearest), seed));
    assert!(told(&arrivals, SEED) == told(&arrivals, SEED), "two runs of one seed differ");
    assert!(told(&arrivals, SEED) != told(&draw(&scenario, 2), 2), "the seed changes nothing");
}

/// Two policies meet the same people: who says yes to what, and how long it takes, does not hang on what was asked before.
#[test]
fn policies_are_played_on_the_same_chance() {
    let (scenario, arrivals) = cut(&SLICES[5]);
    let runs = PolicyName::ALL.map(|name| play(&scenario, &arrivals, &policy(&scenario, name), SEED));
    for (name, run) in PolicyName::ALL.into_iter().zip(&runs) {
        assert_eq!((run.tally.lost(), run.tally.doubled), (0, 0), "{name}");
        let bound = bound(&scenario, &arrivals, &policy(&scenario, name), run);
        let figures = Figures::of(&[run], &[bound]);
        assert!(figures.lower_bound.late_fraction <= figures.late_fraction, "{name}: the bound is above the run");
        assert_eq!(run.tally.alarms.sent, runs[0].tally.alarms.sent, "{name}: other alarms");
    }
    let digests: std::collections::BTreeSet<String> = runs.iter().map(digest).collect();
    assert!(digests.len() > 1, "no policy does anything else than another");
}

/// Every expectation that a scenario can name fails a run that does not keep it.
#[test]
fn every_expectation_can_fail() {
    let (scenario, arrivals) = cut(&SLICES[3]);
    let run = play(&scenario, &arrivals, &policy(&scenario, PolicyName::Nearest), SEED);
    let figures = Figures::of(&[&run], &[Default::default()]);
    for measure in Measure::ALL {
        let Some(found) = figures.found(measure) else {
            let unmeasured = [Measure::ConsoleP99Ms, Measure::AckP99Growth, Measure::LateOverBound];
            assert!(unmeasured.contains(&measure), "{} is not measured", measure.as_str());
            continue;
        };
        let judged = |limit| {
            let judged = figures.judge(&Expect { limits: vec![Limit { measure, limit }] });
            (judged[0].name, judged[0].ok)
        };
        let worse = if measure.is_least() { found + 0.01 } else { found - 0.01 };
        assert_eq!(judged(found), (measure.as_str(), true), "found {found}");
        assert_eq!(judged(worse), (measure.as_str(), false), "found {found}, expected {worse}");
    }
}

/// How good a run was against a bound of 0 nobody can tell, and that is no success; against another it is told.
#[test]
fn late_over_the_bound_fails_where_the_bound_tells_nothing() {
    let (scenario, arrivals) = cut(&SLICES[3]);
    let run = play(&scenario, &arrivals, &policy(&scenario, PolicyName::Nearest), SEED);
    let cases = run.tally.cases().count() as u64;
    let late = run.tally.cases().filter(|it| it.is_late()).count() as u64;
    assert!(late > 1, "a slice in which something is late");
    let judged = |bound_late, limit| {
        let figures = Figures::of(&[&run], &[Bound { cases, late: bound_late }]);
        let judged = figures.judge(&Expect { limits: vec![Limit { measure: Measure::LateOverBound, limit }] });
        (judged[0].found, judged[0].ok)
    };
    assert_eq!(judged(0, 1.5), (None, false));
    assert_eq!(judged(late, 1.0), (Some(1.0), true));
    assert_eq!(judged(1, 1.0), (Some(late as f64), false));
}

/// What the simulator cannot play it says; nothing of a shipped scenario is passed over in silence.
#[test]
fn every_mishap_of_a_shipped_scenario_is_played() {
    for slice in SLICES {
        let scenario = read(slice.name);
        let unplayable = scenario.mishaps.iter().filter_map(|it| it.unplayable(Player::Simulate)).next();
        assert_eq!(unplayable, None, "{}", slice.name);
        assert!(scenario.expected.len() > 40 && scenario.why.len() > 100, "{}: why, and what is expected?", slice.name);
    }
}

fn digest(run: &Run) -> String {
    let cases: Vec<String> = run.tally.all_cases().map(|it| format!("{it:?}")).collect();
    format!("{} events\n{}", run.events, cases.join("\n"))
}

fn kills(scenario: &Scenario) -> u64 {
    let is_kill = |it: &&tidewatch::scenario::Mishap| it.what.as_str() == "kill";
    scenario.mishaps.iter().filter(is_kill).filter(|it| it.at_ms < end_ms(scenario)).count() as u64
}

/// Mishaps come in the drain too, where a slice is cut before them.
fn end_ms(scenario: &Scenario) -> u64 {
    scenario.clock.length_ms + scenario.operators.give_up_ms
}

fn cut(slice: &Slice) -> (Scenario, Vec<Arrival>) {
    let mut scenario = read(slice.name);
    scenario.clock.length_ms = scenario.clock.length_ms.min(slice.minutes * 60_000);
    let arrivals = draw(&scenario, SEED);
    (scenario, arrivals)
}

fn read(name: &str) -> Scenario {
    let path = folder().join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).expect("a shipped scenario is readable");
    Scenario::read(&path.display().to_string(), &text, &Folder(folder()))
        .unwrap_or_else(|faults| panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

fn policy(scenario: &Scenario, name: PolicyName) -> Arc<Policy> {
    let preset = Policy::default();
    Arc::new(Policy { policy: name, sla: scenario.promise.unwrap_or(preset.sla), ..preset })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}
