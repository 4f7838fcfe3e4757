//! The command line: one binary, a subcommand each. Exit codes: 0 done, 1 the check failed, 2 unusable arguments, file or
//! configuration.

mod account;
mod copies;
mod copy;
mod demo;
mod erase;
mod import;
mod place;
mod roads;
mod serve;
mod simulate;
mod status;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags};
use crate::domain::Timestamp;
use crate::journal::StoreUrl;

#[derive(Parser)]
#[command(name = "tidewatch", version, about = "Emergency-response dispatch for old people who live at home")]
pub struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// The whole system with an invented world, simulated homes and responders
    Demo(demo::Demo),
    /// Take alarms until told to stop
    Serve(serve::Serve),
    /// Bring worlds into the registry: districts, premises, subjects, devices, responders
    Import(import::Import),
    /// Travel time over a road network
    #[command(subcommand)]
    Roads(roads::RoadsCommand),
    /// Who may ask
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Play a scenario in virtual time, and tell whether the promise holds
    Simulate(simulate::Simulate),
    /// Replay the journal, check its hash chain and every invariant
    Verify(verify::Verify),
    /// Copy a data folder while it is served
    Backup(copies::Backup),
    /// Make a new data folder out of a backup
    Restore(copies::Restore),
    /// Move record and registry between a data folder and a PostgreSQL, chain and all
    Copy(copy::Copy),
    /// Who runs beside a PostgreSQL, and who owns which district
    Status(status::Status),
    /// Delete a person's private data
    Erase(erase::Erase),
    /// The settings that hold
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print the effective configuration
    Show(ConfigArguments),
}

#[derive(Default, clap::Args)]
pub(crate) struct ConfigArguments {
    /// A file of settings, over the defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the interface listens
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
    /// Where watches connect
    #[arg(long, value_name = "ADDR")]
    watch: Option<String>,
    /// A listener for numbers alone
    #[arg(long, value_name = "ADDR")]
    metrics: Option<String>,
    /// The PostgreSQL that keeps record and registry, instead of the data folder
    #[arg(long, value_name = "postgres://…")]
    store: Option<String>,
    /// One PostgreSQL without a synchronous standby is enough
    #[arg(long)]
    single_store: bool,
    /// The Redis that carries the traffic between owners and gateways
    #[arg(long, value_name = "redis://…")]
    bus: Option<String>,
    /// What this process does beside a bus: owner, gateway or all
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
}

impl ConfigArguments {
    fn load(self) -> Result<Config, Failure> {
        let Self { config, data, http, watch, metrics, store, single_store, bus, role } = self;
        let flags = Flags { data, http, watch, metrics, store, single_store, bus, role };
        Config::load(config.as_deref(), variables(), &flags).map_err(Failure::unusable)
    }
}

/// Those that are text; no setting of ours is anything else.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The check or the expectation failed.
    Check(String),
    /// Unusable arguments, file or configuration.
    Unusable(String),
}

impl Failure {
    fn unusable(error: impl std::fmt::Display) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Runs what the arguments of this process ask for.
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

/// Runs what `arguments` ask for, the first being the program's name: the load harness is a service too, when it starts
/// the one it measures.
pub fn run_with(arguments: impl Iterator<Item = std::ffi::OsString>) -> ExitCode {
    let done = match Arguments::parse_from(arguments).command {
        Subcommands::Demo(it) => it.run(),
        Subcommands::Serve(it) => it.run(),
        Subcommands::Import(it) => it.run(),
        Subcommands::Roads(it) => it.run(),
        Subcommands::Account(it) => it.run(),
        Subcommands::Simulate(it) => it.run(),
        Subcommands::Verify(it) => it.run(),
        Subcommands::Backup(it) => it.run(),
        Subcommands::Restore(it) => it.run(),
        Subcommands::Copy(it) => it.run(),
        Subcommands::Status(it) => it.run(),
        Subcommands::Erase(it) => it.run(),
        Subcommands::Config(ConfigCommand::Show(it)) => it.load().map(|config| print!("{}", config.shown)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Check(why)) => told(&why, 1),
        Err(Failure::Unusable(why)) => told(&why, 2),
    }
}

/// What `serve` reads, too.
const STORE_VARIABLE: &str = "TIDEWATCH_STORE_URL";

/// The address of a store, which is never repeated: there may be a password in it.
/// `env`: from the environment, as `serve` reads it, for whoever lists processes reads arguments.
fn store_url(text: &str) -> Result<StoreUrl, Failure> {
    if text != "env" {
        return text.parse().map_err(|error| Failure::Unusable(format!("--store: {error}")));
    }
    let found = std::env::var(STORE_VARIABLE).map_err(|_| {
        Failure::Unusable(format!("{STORE_VARIABLE} is not set, expected the address of a store in it"))
    })?;
    found.parse().map_err(|error| Failure::Unusable(format!("{STORE_VARIABLE}: {error}")))
}

fn told(why: &str, code: u8) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(code)
}

fn now() -> Timestamp {
    SystemClock::new().wall()
}
