//! The harness against a real server over real sockets: what it counts is right, what it cannot do it says, and a run
//! that does not come to what was expected fails.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn loadtest() -> Command {
    Command::new(env!("CARGO_BIN_EXE_loadtest"))
}

fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/small.toml")
}

/// The small scenario with `change` made to its text, in a folder of its own.
fn changed(folder: &Path, change: impl FnOnce(String) -> String) -> PathBuf {
    let (text, path) = (std::fs::read_to_string(small()).unwrap(), folder.join("changed.toml"));
    let changed = change(text.clone());
    assert_ne!(text, changed, "the change finds nothing to change");
    std::fs::write(&path, changed).unwrap();
    path
}

fn run(arguments: &[&str]) -> Output {
    loadtest().args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_burst_with_a_kill_in_the_middle_is_counted_to_the_last_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let (json, report) = (folder.path().join("run.json"), folder.path().join("run.html"));
    let output = run(&["run", text(&small()), "--spawn", "--json", text(&json), "--report", text(&report)]);
    assert!(output.status.success(), "{}", said(&output));
    let it: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    let alarms = &it["alarms"];
    assert_eq!((&alarms["sent"], &alarms["acknowledged"]), (&200.into(), &200.into()), "{it:#}");
    assert_eq!((&alarms["lost"], &alarms["doubled"]), (&0.into(), &0.into()));
    assert_eq!((&alarms["opened"], &it["assignments"]["double"]), (&200.into(), &0.into()));
    assert_eq!((&it["counts"]["restarts"], &it["counts"]["calls"]), (&1.into(), &3.into()));
    assert!(it["counts"]["said_again"].as_u64() > Some(0), "nothing was under way at the kill");
    // Every alarm at every console, though all of them lost their lines.
    assert_eq!(it["latency_ms"]["console"]["n"], 2400);
    assert_eq!((&it["consoles"]["gaps"], &it["consoles"]["twice"]), (&0.into(), &0.into()));
    assert!(it["consoles"]["reconnects"].as_u64() >= Some(12), "{}", it["consoles"]);
    assert!(it["latency_ms"]["ack"]["p99"].as_f64() >= it["latency_ms"]["ack"]["p50"].as_f64());
    assert!(it["counts"]["heartbeats_answered"].as_u64() > Some(0));
    let page = std::fs::read_to_string(&report).unwrap();
    assert!(page.matches("<svg").count() >= 4 && !page.contains("http://") && !page.contains("https://"));
}

#[test]
fn what_is_not_as_expected_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let late = changed(folder.path(), |it| it.replace("doubled = 0", "doubled = 0\nack_max_ms = 0"));
    let output = run(&["run", text(&late), "--spawn", "--for-s", "1", "--consoles", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("ack_max_ms"), "{}", said(&output));
}

#[test]
fn what_it_cannot_play_is_told_and_what_it_cannot_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let full = changed(folder.path(), |it| it.replace("what = \"kill\"", "what = \"full_disk\"\nfor_s = 1"));
    let full_text = std::fs::read_to_string(&full).unwrap().replace("down_s = 1\n", "");
    std::fs::write(&full, full_text).unwrap();
    let output = run(&["run", text(&full), "--spawn", "--for-s", "1", "--consoles", "1"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("not played: fault `full_disk` at 0 s"), "{}", said(&output));
    let wrong = changed(folder.path(), |it| it.replace("count = 200", "count = -1"));
    let output = run(&["run", text(&wrong), "--spawn"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("changed.toml:"), "{}", said(&output));
}

/// A service that somebody else runs, ended with the test.
struct Elsewhere(Child);

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_service_that_runs_elsewhere_is_reached_by_its_doors() {
    let folder = tempfile::tempdir().unwrap();
    let (data, tokens) = (folder.path().join("data"), folder.path().join("tokens"));
    std::fs::create_dir(&data).unwrap();
    let prepared = run(&["prepare", text(&small()), "--data", text(&data)]);
    assert!(prepared.status.success(), "{}", said(&prepared));
    std::fs::write(&tokens, &prepared.stdout).unwrap();
    let service = ["service", "serve", "--data", text(&data), "--http", "127.0.0.1:0", "--watch", "127.0.0.1:0"];
    let mut child = loadtest().args(service).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let _elsewhere = Elsewhere(child);
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    let at = |name: &str| line.split_whitespace().find_map(|it| it.strip_prefix(name)).unwrap().to_owned();
    let unkilled = changed(folder.path(), |it| it.replace("at_s = 0.5", "at_s = 100"));
    let http = format!("http://{}", at("http="));
    let target = ["--target", &http, "--watch", &at("watch="), "--token-file", text(&tokens)];
    let output = run(&[&["run", text(&unkilled)], &target[..]].concat());
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("200 alarms sent, 200 acknowledged, 0 lost, 0 doubled"), "{}", said(&output));
}

#[test]
fn the_ramp_finds_a_rate_and_measures_the_bare_broadcast_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let (json, small) = (folder.path().join("ramp.json"), small());
    let ramp = ["ramp", text(&small), "--consoles", "3", "--from", "150", "--step-s", "1", "--ceiling-ms", "60000"];
    let output = run(&[&ramp[..], &["--json", text(&json)]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let levels: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    let level = &levels[0];
    assert_eq!(level["consoles"], 3);
    assert!(level["best"]["rate"].as_u64() >= Some(150), "{level:#}");
    assert!(level["bare_bytes_s"].as_f64() > Some(0.0) && level["best"]["console_bytes_s"].as_f64() > Some(0.0));
}
