//! Our numbers beside other people's, on the same machine in the same run, with the same data: `make bench-peers`. A
//! benchmark and no test: it prints what it found, and whether the target of DESIGN.md, section 6, was reached or missed;
//! it fails where somebody answers another question. `--quick` runs each part shorter; the names of parts
//! (`nearest matching durable postgres owners fan-out`) run those alone.

mod connections;
#[path = "../contest/mod.rs"]
mod contest;
mod durable;
mod fan_out;
mod nearest;
mod owners;
mod round_trip;
#[allow(dead_code, unused_imports, reason = "the tests ask more of them")]
mod servers;
#[allow(dead_code, reason = "the tests of the binary ask more of it")]
#[path = "../../tests/it/service/mod.rs"]
mod service;

use std::process::ExitCode;

use contest::durable::{BareSqlite, Kept, run as durable_alarms};
use contest::{TURNS, matching, nearest::known};
use durable::{BarePostgres, BareStream};
use servers::{Sync, postgres, redis};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.iter().any(|arg| arg == fan_out::bare::ARGUMENT) {
        fan_out::bare::serve();
        return ExitCode::SUCCESS;
    }
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let quick = args.iter().any(|arg| arg == "--quick");
    let parts: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with("--")).collect();
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let processor = contest::Processor::now();
    let cores = std::thread::available_parallelism()?;
    println!(
        "cargo bench --bench peers -- {}\n{cores} cores; medians of {TURNS} turns (least to greatest)",
        args.join(" ")
    );
    if wanted("nearest") {
        let (redis, postgres) = (redis(Sync::Never)?, postgres()?);
        let [ping, select] = round_trip::both(redis.port, postgres.port);
        println!("\nfloor: a round trip and no work, Redis {ping:.1} µs, PostgreSQL {select:.1} µs");
        let mut entrants = known();
        entrants.extend(nearest::peers(redis.port, postgres.port));
        contest::nearest::run(quick, entrants)?;
    }
    if wanted("matching") {
        matching::run(quick);
    }
    if wanted("durable") {
        let folder = tempfile::tempdir()?;
        let (redis, postgres) = (redis(Sync::Always)?, postgres()?);
        let (sqlite, rows, stream) =
            (BareSqlite::within(folder.path()), BarePostgres::on(postgres.port), BareStream::on(redis.port));
        let kept = Kept::Files(folder.path());
        durable_alarms(folder.path(), quick, &kept, &mut [Box::new(sqlite), Box::new(rows), Box::new(stream)]);
    }
    if wanted("postgres") {
        let folder = tempfile::tempdir()?;
        let postgres = postgres()?;
        let new = || durable::new_database(postgres.port);
        let kept = Kept::Server(&new);
        durable_alarms(folder.path(), quick, &kept, &mut [Box::new(BarePostgres::with_private(postgres.port))]);
    }
    if wanted("owners") {
        owners::run(quick)?;
    }
    if wanted("fan-out") {
        fan_out::run(quick);
    }
    println!("\n{:.0} % of the processor taken by other machines", processor.stolen_since());
    Ok(())
}
