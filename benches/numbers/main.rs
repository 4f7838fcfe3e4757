//! Our numbers, each with its floor, in one run: `make bench`. A benchmark and no test: it prints what it found, and
//! whether the target of DESIGN.md, section 6, was reached or missed. `--quick` runs each part shorter; the names of
//! parts (`durable rates nearest matching roads restart`) run those alone; `--in=FOLDER` measures the disk of a folder, and leaves there
//! what was written.

#[path = "../contest/mod.rs"]
mod contest;
mod rates;
mod replay;
mod roads;

use std::path::PathBuf;
use std::process::ExitCode;

use contest::durable::{self, BareSqlite, Kept};
use contest::{matching, nearest};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let quick = args.iter().any(|arg| arg == "--quick");
    let parts: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with("--")).collect();
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let kept = args.iter().find_map(|arg| arg.strip_prefix("--in=")).map(PathBuf::from);
    let passing = tempfile::tempdir().expect("a folder to measure in");
    let folder = kept.as_deref().unwrap_or(passing.path());
    if wanted("durable") {
        durable::run(folder, quick, &Kept::Files(folder), &mut [Box::new(BareSqlite::within(folder))]);
    }
    if wanted("rates") {
        rates::run(folder, quick);
    }
    if wanted("nearest")
        && let Err(disagreement) = nearest::run(quick, nearest::known())
    {
        eprintln!("{disagreement}");
        return ExitCode::FAILURE;
    }
    if wanted("matching") {
        matching::run(quick);
    }
    if wanted("roads") {
        roads::run(quick);
    }
    if wanted("restart") {
        replay::run(folder, quick);
    }
    ExitCode::SUCCESS
}
