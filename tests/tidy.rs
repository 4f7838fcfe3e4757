//! The direction of dependence and the invariants of absence, read off the source. ARCHITECTURE.md says why.

use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may name. A path names the longest prefix that is listed.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("geo", &["domain"]),
    ("dispatch", &["domain", "geo"]),
    ("pipeline", &["domain", "geo", "dispatch"]),
    ("sources/watch/frame.rs", &["domain"]),
    ("sources/watch/decode.rs", &["domain", "sources"]),
    ("sources/watch/reply.rs", &["domain", "sources"]),
    ("journal/postgres", &["domain", "tls"]),
    ("journal", &["domain"]),
    ("registry", &["document", "domain", "dispatch", "geo", "journal"]),
    ("roads", &["domain", "geo"]),
    ("engine/core", &["domain", "geo", "dispatch", "journal", "registry", "engine"]),
    ("engine", &["domain", "geo", "dispatch", "journal", "registry", "clock", "engine"]),
    ("history", &["domain", "dispatch", "engine"]),
    // Outsiders: the registry to make their accounts, the words and frames to speak, and no inner door.
    ("demo", &["chance", "domain", "geo", "dispatch", "registry", "scenario", "clock", "sources", "tls", "demo"]),
    ("chance", &["domain"]),
    ("document", &["domain"]),
    // Reads, and draws from a seed; plays nothing.
    ("scenario", &["chance", "document", "domain", "geo", "dispatch", "registry"]),
    ("simulate", &["chance", "domain", "geo", "dispatch", "engine", "journal", "registry", "scenario", "simulate"]),
];

/// Words that must not stand in a room, and the reason.
const ABSENT: &[(&str, &[&str], &str)] = &[
    (
        "dispatch",
        &[
            "SystemTime",
            "Instant",
            "rand::",
            "HashMap",
            "HashSet",
            "f64",
            "f32",
            "tokio",
            "async ",
            "tracing",
            "std::fs",
            "std::net",
        ],
        "the core names no clock, no chance, no unordered map, no float, no I/O",
    ),
    (
        "engine/core",
        &["SystemTime", "Instant", "rand::", "HashMap", "tokio", "async ", "std::thread"],
        "the loop is pure",
    ),
    (
        "simulate",
        &["SystemTime", "Instant::", "tokio", "std::thread", "HashMap"],
        "a simulation is one thread and one seed",
    ),
    ("scenario", &["SystemTime", "Instant", "rand::", "HashMap", "tokio"], "a scenario is text and a seed"),
    (
        "domain",
        &["SystemTime", "Instant", "rand::", "HashMap", "tokio", "std::fs"],
        "words read no clock and do no I/O",
    ),
    ("geo", &["SystemTime", "Instant", "rand::", "HashMap", "tokio", "std::fs"], "geography is pure"),
];

#[test]
fn rooms_depend_in_one_direction() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some((room, allowed)) = rule(&path, MAY_USE.iter().map(|(room, allowed)| (*room, *allowed))) else {
            continue;
        };
        let own = room.split('/').next().unwrap_or(room);
        for (number, line) in code(&text) {
            let Some(used) = line.split("crate::").nth(1).map(word) else { continue };
            if used != own && !allowed.contains(&used) {
                wrong.push(format!("{path}:{number}: `{room}` may not use `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_must_be_absent_is_absent() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (room, words, why) in ABSENT.iter().filter(|(room, ..)| path.starts_with(room)) {
            for (number, line) in code(&text) {
                if let Some(found) = words.iter().find(|word| line.contains(**word)) {
                    wrong.push(format!("{path}:{number}: `{found}` in `{room}`: {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_clock_reads_the_time() {
    let reads = ["SystemTime::now", "Instant::now", "now_utc()"];
    let allowed = |path: &str| path == "clock.rs";
    let wrong = find(|path, line| !allowed(path) && reads.iter().any(|word| line.contains(word)));
    assert!(wrong.is_empty(), "only clock.rs may read the time:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_engine_writes_the_journal() {
    let allowed =
        |path: &str| path.starts_with("engine/") || path.starts_with("journal/") || path.starts_with("simulate/");
    let wrong = find(|path, line| !allowed(path) && line.contains("EventLog"));
    let wrong: Vec<String> = wrong.into_iter().filter(|line| !line.contains("dyn EventLog")).collect();
    assert!(wrong.is_empty(), "only `engine` writes the journal:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let wrong = find(|_, line| line.contains(".unwrap()"));
    assert!(wrong.is_empty(), "say why it cannot fail, with expect:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_unfinished_is_left() {
    let words = ["todo!(", "unimplemented!(", "FIXME", "XXX", "dbg!("];
    let wrong = find(|_, line| words.iter().any(|word| line.contains(word)));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn find(matches: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (number, line) in code(&text) {
            if matches(&path, line) {
                found.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    found
}

fn rule<'a, T>(path: &str, rules: impl Iterator<Item = (&'a str, T)>) -> Option<(&'a str, T)> {
    rules.filter(|(room, _)| path.starts_with(room)).max_by_key(|(room, _)| room.len())
}

/// The lines of a file that are code of the product: no comments, nothing from its test module on.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let product = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    product.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
}

fn word(rest: &str) -> &str {
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")
}

/// Every file of `src`, by its path below it; files that hold tests only are left out.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut |path: PathBuf| {
        let below = path.strip_prefix(&root).expect("walked from the root").to_string_lossy().into_owned();
        let is_test = below.split('/').any(|part| part == "tests" || part.trim_end_matches(".rs").ends_with("tests"));
        if below.ends_with(".rs") && !is_test {
            found.push((below, fs::read_to_string(&path).expect("a source file is readable")));
        }
    });
    assert!(found.len() > 50, "only {} source files were found", found.len());
    found
}

fn walk(folder: &Path, visit: &mut dyn FnMut(PathBuf)) {
    for entry in fs::read_dir(folder).expect("a folder of the repository is readable") {
        let path = entry.expect("a folder entry is readable").path();
        if path.is_dir() { walk(&path, visit) } else { visit(path) }
    }
}
