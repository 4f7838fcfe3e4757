//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tidewatch::scenario::{Folder, Player, Scenario};

use crate::failure::Failure;
use crate::play::{Run, Subject};
use crate::progress::Progress;
use crate::ramp::Ramp;
use crate::report;
use crate::service::{self, Service, Target};
use crate::told::{ramp_told, told};

/// Descriptors that are neither watches nor consoles: HTTP, files, the runtime.
const DESCRIPTORS_SPARE: u64 = 1_000;

/// Connections of watches in a ramp: as many as a town has, and no more than leave room for the consoles.
const WATCH_LINES: usize = 4_000;

#[derive(Parser)]
#[command(name = "loadtest", version, about = "Throws a scenario at a running Tidewatch, and counts what became of it")]
struct Arguments {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Subcommand)]
enum Commands {
    /// Play a scenario, and say what became of every alarm
    Run(RunArguments),
    /// Find the highest rate of alarms that holds its ceiling, with so many consoles looking on
    Ramp(RampArguments),
    /// Bring a scenario's world and accounts into a data folder, beside a service that runs on it, and print the lines
    /// of its token file
    Prepare {
        #[arg(value_name = "SCENARIO.toml")]
        scenario: PathBuf,
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// Be the service that is measured
    #[command(hide = true)]
    Service {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

#[derive(clap::Args)]
struct RunArguments {
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,
    /// Start a service of our own on loopback, on a folder that is set up for it
    #[arg(long, conflicts_with_all = ["target", "watch", "token_file"])]
    spawn: bool,
    /// A binary of tidewatch to start; without it, the service that this program was built with
    #[arg(long, value_name = "FILE", requires = "spawn")]
    binary: Option<PathBuf>,
    /// A folder for the service that stays; without it, one that is removed at the end
    #[arg(long, value_name = "DIR", requires = "spawn")]
    data: Option<PathBuf>,
    /// A service that runs already, such as http://127.0.0.1:8080
    #[arg(long, value_name = "URL", required_unless_present = "spawn", requires_all = ["watch", "token_file"])]
    target: Option<String>,
    /// Where its watches connect
    #[arg(long, value_name = "ADDR")]
    watch: Option<std::net::SocketAddr>,
    /// Its accounts: lines of `role name secret`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// As many consoles look on; without it, as many as the scenario has
    #[arg(long, value_name = "N")]
    consoles: Option<usize>,
    /// Play only so much of it
    #[arg(long, value_name = "SECONDS")]
    for_s: Option<u64>,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with pictures
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
}

#[derive(clap::Args)]
struct RampArguments {
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,
    /// Numbers of consoles that look on, one level each
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,100,1000")]
    consoles: Vec<usize>,
    /// Alarms a second that each level is to hold, in the order of the consoles
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    target: Vec<u64>,
    /// The acknowledgements' p99 may be as long, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 100.0)]
    ceiling_ms: f64,
    /// The first rate, in alarms a second
    #[arg(long, value_name = "N", default_value_t = 250)]
    from: u64,
    /// Each step lasts so long
    #[arg(long, value_name = "SECONDS", default_value_t = 4)]
    step_s: u64,
    /// A binary of tidewatch to start; without it, the service that this program was built with
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Write the steps as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Commands::Service { arguments } => {
            return tidewatch::cli::run_with(std::iter::once("tidewatch".into()).chain(arguments));
        }
        Commands::Run(it) => block(it.run()),
        Commands::Ramp(it) => block(it.run()),
        Commands::Prepare { scenario, data } => read(&scenario).and_then(|it| prepare(&it, &data)),
    };
    done.map_or_else(Failure::told, |()| ExitCode::SUCCESS)
}

fn block(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::unusable)?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

impl RunArguments {
    async fn run(self) -> Result<(), Failure> {
        let scenario = Arc::new(read(&self.scenario)?);
        for (mishap, why) in scenario.mishaps.iter().filter_map(|it| Some((it, it.unplayable(Player::Loadtest)?))) {
            eprintln!("not played: fault `{}` at {} s; {why}", mishap.what.as_str(), mishap.at_ms / 1000);
        }
        let length_ms = self.for_s.map_or(scenario.clock.length_ms, |it| (it * 1000).min(scenario.clock.length_ms));
        let (consoles, connections) = self.sizes(&scenario);
        let run =
            Run { seed: self.seed, length: length_ms * 1000, consoles, connections, scenario: Arc::clone(&scenario) };
        let folder = Lodging::of(self.data.clone())?;
        let progress = Progress::new();
        progress.phase("the world is set up");
        let mut subject = self.subject(&scenario, folder.path()).await?;
        let outcome = run.on(&mut subject, &progress).await?;
        progress.end();
        if let Subject::Own(service) = subject {
            service.stop().await?;
        }
        let judged = outcome.judge(&scenario.expect);
        println!("{}", told(&scenario.title, &outcome, &judged));
        if let Some(path) = &self.json {
            let json = outcome.json(&scenario.name, self.seed, &self.command(), &judged);
            write(path, &(serde_json::to_string_pretty(&json).map_err(Failure::unusable)? + "\n"))?;
        }
        if let Some(path) = &self.report {
            write(path, &report::page(&scenario, &outcome, &judged, &self.command()))?;
        }
        let failed: Vec<String> = judged
            .iter()
            .filter(|it| !it.ok)
            .map(|it| format!("{}: {} found, {} expected", it.name, it.found.unwrap_or_default(), it.limit))
            .collect();
        if failed.is_empty() { Ok(()) } else { Err(Failure::Check(failed.join("\n"))) }
    }

    async fn subject(&self, scenario: &Scenario, folder: &Path) -> Result<Subject, Failure> {
        let (Some(url), Some(watch), Some(token_file)) = (&self.target, self.watch, &self.token_file) else {
            let keys = service::set_up(folder, &scenario.population)?;
            return Ok(Subject::Own(Box::new(Service::start(folder, keys, self.binary.clone()).await?)));
        };
        let http = url.trim_start_matches("http://").trim_end_matches('/').parse().map_err(|_| {
            Failure::Unusable(format!(
                "--target {url}: expected http:// with an address and a port, such as http://127.0.0.1:8080"
            ))
        })?;
        let text = std::fs::read_to_string(token_file).map_err(|error| {
            Failure::Unusable(format!("{}: {error}; expected lines of `role name secret`", token_file.display()))
        })?;
        let (keys, console) = service::keys(&token_file.display().to_string(), &text, &scenario.population)?;
        Ok(Subject::Elsewhere(Box::new(Target { http, watch, keys, console })))
    }

    /// Consoles, and connections of watches: as many as this process may have descriptors for.
    fn sizes(&self, scenario: &Scenario) -> (usize, usize) {
        let descriptors = usize::try_from(raise_descriptors().saturating_sub(DESCRIPTORS_SPARE)).unwrap_or(usize::MAX);
        let room = descriptors.saturating_sub(scenario.population.responders.len());
        let wanted = self.consoles.unwrap_or(usize::try_from(scenario.operators.consoles).unwrap_or(usize::MAX));
        let consoles = wanted.min(room / 2);
        if consoles < wanted {
            eprintln!("{consoles} consoles and not {wanted}: this process may have no more connections (ulimit -n)");
        }
        (consoles, room - consoles)
    }

    /// The command that makes the same figures again.
    fn command(&self) -> String {
        let mut command = format!("loadtest run {}", self.scenario.display());
        command.push_str(if self.spawn { " --spawn" } else { " --target … --watch … --token-file …" });
        command.push_str(&format!(" --seed {}", self.seed));
        if let Some(consoles) = self.consoles {
            command.push_str(&format!(" --consoles {consoles}"));
        }
        if let Some(for_s) = self.for_s {
            command.push_str(&format!(" --for-s {for_s}"));
        }
        command
    }
}

impl RampArguments {
    async fn run(self) -> Result<(), Failure> {
        // Nothing goes wrong in a ramp: it asks how much, not what else.
        let scenario = Arc::new(Scenario { mishaps: Vec::new(), ..read(&self.scenario)? });
        let template = tempfile::tempdir().map_err(Failure::unusable)?;
        let (progress, descriptors) = (Progress::new(), raise_descriptors().saturating_sub(DESCRIPTORS_SPARE));
        progress.phase("the world is set up");
        let keys = service::set_up(template.path(), &scenario.population)?;
        let most = self.consoles.iter().copied().max().unwrap_or(0) + scenario.population.responders.len();
        let connections = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(most).min(WATCH_LINES);
        let (step, template) = (self.step_s * 1_000_000, template.path().to_owned());
        let ramp = Ramp {
            scenario,
            ceiling_ms: self.ceiling_ms,
            first: self.from,
            step,
            connections,
            binary: self.binary,
            template,
            keys,
        };
        let mut levels = Vec::new();
        for consoles in self.consoles {
            levels.push(ramp.level(consoles, &progress).await?);
        }
        progress.end();
        println!("{}", ramp_told(&levels, &self.target));
        if let Some(path) = &self.json {
            write(path, &(serde_json::to_string_pretty(&levels).map_err(Failure::unusable)? + "\n"))?;
        }
        let missed =
            levels.iter().zip(&self.target).any(|(it, target)| it.best.as_ref().is_none_or(|it| it.rate < *target));
        if missed { Err(Failure::Check("a level did not hold its target".to_owned())) } else { Ok(()) }
    }
}

/// A folder that stays, or one that is removed.
pub enum Lodging {
    Kept(PathBuf),
    Passing(tempfile::TempDir),
}

impl Lodging {
    pub fn of(kept: Option<PathBuf>) -> Result<Self, Failure> {
        match kept {
            Some(path) => {
                std::fs::create_dir_all(&path)
                    .map_err(|error| Failure::Unusable(format!("{}: {error}", path.display())))?;
                Ok(Self::Kept(path))
            }
            None => tempfile::tempdir().map(Self::Passing).map_err(Failure::unusable),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Passing(folder) => folder.path(),
        }
    }
}

pub fn read(path: &Path) -> Result<Scenario, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Unusable(format!("{name}: {error}; expected a scenario, check its name")))?;
    Scenario::read(&name, &text, &Folder::of(path)).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::Unusable(told.join("\n"))
    })
}

fn prepare(scenario: &Scenario, data: &Path) -> Result<(), Failure> {
    let (keys, _) = service::set_up(data, &scenario.population)?;
    print!("{}", service::token_file(&keys));
    Ok(())
}

fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // What was refused stays as it is.
    setrlimit(Resource::Nofile, raised).ok();
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::Unusable(format!("{}: {error}", path.display())))
}
