//! What is given to operations: rules that Prometheus reads, numbers that the program really tells, a section for each
//! alert, and units that systemd takes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// The names of ours in a text, as Prometheus asks for them; what it adds to a histogram's name is taken off.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("tidewatch_"));
    ours.map(|word| word.trim_end_matches("_bucket").to_owned()).collect()
}

/// Every quoted name in the source.
fn told() -> BTreeSet<String> {
    fn walk(folder: &Path, told: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, told);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                told.extend(text.split('"').filter(|it| it.starts_with("tidewatch_")).map(str::to_owned));
            }
        }
    }
    let mut told = BTreeSet::new();
    walk(&root().join("src"), &mut told);
    assert!(told.len() > 20, "only {} names were found in the source", told.len());
    told
}

#[test]
fn rules_and_dashboard_ask_for_nothing_that_is_not_told() {
    let told = told();
    for path in ["deploy/prometheus/tidewatch.rules.yml", "deploy/grafana/tidewatch.json"] {
        let asked = names(&read(path));
        assert!(asked.len() > 8, "{path}: only {} names", asked.len());
        let unknown: Vec<&String> = asked.difference(&told).collect();
        assert!(unknown.is_empty(), "{path} asks for {unknown:?}, which the program does not tell");
    }
}

#[test]
fn every_alert_has_a_section_and_every_section_an_alert() {
    let rules = read("deploy/prometheus/tidewatch.rules.yml");
    let alerts: BTreeSet<&str> = rules.lines().filter_map(|it| it.trim().strip_prefix("- alert: ")).collect();
    let manual = read("docs/operating.md");
    let sections: BTreeSet<&str> = manual.lines().filter_map(|it| it.strip_prefix("#### ")).collect();
    assert!(alerts.len() > 8, "{alerts:?}");
    assert_eq!(alerts, sections);
}

#[test]
fn prometheus_reads_the_rules_and_they_say_what_they_should() {
    let folder = root().join("deploy/prometheus");
    for arguments in [["check", "rules", "tidewatch.rules.yml"], ["test", "rules", "tidewatch.test.yml"]] {
        let run = Command::new("promtool").args(arguments).current_dir(&folder).output();
        let run = run.expect("promtool is there: `.ci/install` installs it");
        let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success(), "promtool {}: {said}", arguments.join(" "));
    }
}

#[test]
fn the_dashboard_is_json_with_a_query_in_every_panel() {
    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/grafana/tidewatch.json")).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        let targets = panel["targets"].as_array().unwrap();
        let asks = targets.iter().all(|it| !names(it["expr"].as_str().unwrap()).is_empty());
        assert!(!targets.is_empty() && asks, "panel {} asks for nothing", panel["title"]);
    }
}

/// Keys that a unit of ours must have, whatever else is in it.
#[test]
fn units_start_again_stop_in_time_and_shut_themselves_in() {
    for entry in std::fs::read_dir(root().join("deploy/systemd")).unwrap() {
        let path = entry.unwrap().path();
        let unit = std::fs::read_to_string(&path).unwrap();
        let has = |line: &str| assert!(unit.lines().any(|it| it == line), "{}: no {line}", path.display());
        ["Restart=always", "TimeoutStopSec=20", "NoNewPrivileges=yes", "ProtectSystem=strict", "User=tidewatch"]
            .into_iter()
            .for_each(has);
        let start = unit.lines().find_map(|it| it.strip_prefix("ExecStart=/usr/bin/tidewatch ")).expect("an ExecStart");
        // The program knows every flag that the unit gives it.
        let help = Command::new(env!("CARGO_BIN_EXE_tidewatch")).args(["serve", "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        for flag in start.split(' ').filter(|it| it.starts_with("--")) {
            assert!(help.contains(flag), "{}: `serve` has no {flag}", path.display());
        }
    }
}
