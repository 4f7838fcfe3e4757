//! `simulate`: a scenario in virtual time, for one seed or many, under one policy or several on the same chance. Tells
//! on the terminal, as JSON and as a page; the scenario's expectations decide the exit code.

mod json;
mod table;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags};
use crate::dispatch::Policy;
use crate::domain::plan::PolicyName;
use crate::geo::roads::Roads;
use crate::roads;
use crate::scenario::{Files, Folder, Player, Scenario, draw};
use crate::simulate::bound::bound;
use crate::simulate::compared::{Compared, Played};
use crate::simulate::play::play;
use crate::simulate::report;

/// Where `--seed` says nothing.
const SEED: u64 = 1;

/// More seeds than this make no interval narrower that anybody would notice.
const SEEDS_MOST: u64 = 10_000;

#[derive(clap::Args)]
pub(crate) struct Simulate {
    /// The scenario to play
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,
    /// One run with this seed
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// As many runs, with the seeds from 1 on
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=SEEDS_MOST))]
    seeds: Option<u64>,
    /// The policies to play, the first being what the others are compared with; without it, the configured one
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    policy: Vec<PolicyName>,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with pictures
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
}

/// What was played, and how long that took.
pub(super) struct Took {
    pub days: f64,
    pub seconds: f64,
    pub threads: usize,
}

impl Simulate {
    pub fn run(self) -> Result<(), Failure> {
        let mut scenario = read(&self.scenario)?;
        lay_roads(&mut scenario, &self.scenario)?;
        let scenario = scenario;
        let settings = settings(&scenario)?;
        let policies = self.policies(&settings);
        let seeds: Vec<u64> = match self.seeds {
            Some(count) => (1..=count).collect(),
            None => vec![self.seed.unwrap_or(SEED)],
        };
        for (mishap, why) in scenario.mishaps.iter().filter_map(|it| Some((it, it.unplayable(Player::Simulate)?))) {
            eprintln!("not played: fault `{}` at {} s; {why}", mishap.what.as_str(), mishap.at_ms / 1000);
        }
        let clock = SystemClock::new();
        let began_ms = clock.now_monotonic_ms();
        let (played, threads) = play_all(&scenario, &policies, &seeds);
        let seconds = clock.now_monotonic_ms().saturating_sub(began_ms).max(1) as f64 / 1000.0;
        let days = scenario.clock.length_ms as f64 / 86_400_000.0 * (policies.len() * seeds.len()) as f64;
        let compared = Compared::of(&scenario, &policies, &seeds, played);
        print!("{}", table::told(&scenario, &compared, &Took { days, seconds, threads }));
        self.write(&scenario, &compared)?;
        let failed = compared.failed();
        if failed.is_empty() { Ok(()) } else { Err(Failure::Check(failed.join("\n"))) }
    }

    fn policies(&self, settings: &Policy) -> Vec<(PolicyName, Arc<Policy>)> {
        let names = if self.policy.is_empty() { vec![settings.policy] } else { self.policy.clone() };
        let named = |name| {
            let mut policy = Policy { policy: name, policies: Default::default(), ..settings.clone() };
            // A plan that names a policy of its own would be played under another name.
            policy.plans.values_mut().for_each(|plan| plan.policy = None);
            (name, Arc::new(policy))
        };
        names.into_iter().map(named).collect()
    }

    fn write(&self, scenario: &Scenario, compared: &Compared) -> Result<(), Failure> {
        if let Some(path) = &self.json {
            write(path, &json::of(&self.command(), compared))?;
        }
        if let Some(path) = &self.report {
            write(path, &report::page(scenario, compared, &self.command()))?;
        }
        Ok(())
    }

    /// The command that makes the same figures again.
    fn command(&self) -> String {
        let mut command = format!("tidewatch simulate {}", self.scenario.display());
        let seed = match self.seeds {
            Some(count) => format!(" --seeds {count}"),
            None => format!(" --seed {}", self.seed.unwrap_or(SEED)),
        };
        command.push_str(&seed);
        if !self.policy.is_empty() {
            let names: Vec<&str> = self.policy.iter().map(|it| it.as_str()).collect();
            command.push_str(&format!(" --policy {}", names.join(",")));
        }
        command
    }
}

/// Reads a scenario and the files beside it, or tells all that is wrong with them.
pub(in crate::cli) fn read(path: &Path) -> Result<Scenario, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Unusable(format!("{name}: {error}; expected a scenario that this user may read, check its name"))
    })?;
    read_text(&name, &text, &Folder::of(path))
}

pub(in crate::cli) fn read_text(name: &str, text: &str, files: &dyn Files) -> Result<Scenario, Failure> {
    Scenario::read(name, text, files).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::Unusable(told.join("\n"))
    })
}

/// The world's road network, where it has one, from the tables beside the scenario.
fn lay_roads(scenario: &mut Scenario, path: &Path) -> Result<(), Failure> {
    let Some(tables) = &scenario.roads else { return Ok(()) };
    let beside = |name: &str| path.parent().map(|folder| folder.join(name)).unwrap_or_else(|| PathBuf::from(name));
    let read = roads::read_tables(&beside(&tables.nodes), &beside(&tables.arcs)).map_err(Failure::unusable)?;
    let (network, _) = Roads::prepare(read.draft);
    Arc::make_mut(&mut scenario.population.facts).set_roads(Some(Arc::new(network)));
    Ok(())
}

/// The settings that the scenario is played under: the defaults, with what it promises.
fn settings(scenario: &Scenario) -> Result<Policy, Failure> {
    let districts = scenario.population.districts().len();
    if districts != 1 {
        return Err(Failure::Unusable(format!(
            "{}: a world of {districts} districts, expected one, which is what is simulated; leave the others out",
            scenario.name
        )));
    }
    let mut policy = Config::load(None, [], &Flags::default()).map_err(Failure::unusable)?.policy;
    policy.sla = scenario.promise.unwrap_or(policy.sla);
    Ok(policy)
}

/// Every policy with every seed, each run in one thread, as many threads as there are processors.
fn play_all(scenario: &Scenario, policies: &[(PolicyName, Arc<Policy>)], seeds: &[u64]) -> (Vec<Played>, usize) {
    let count = policies.len() * seeds.len();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count);
    let (next, played) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let bar = progress(count as u64);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let (seed, policy) = (number / policies.len(), number % policies.len());
                    let Some(seed) = seeds.get(seed) else { break };
                    let it = one(scenario, policy, &policies[policy].1, *seed);
                    played.lock().expect("nothing panics while it holds the runs").push(it);
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut played = played.into_inner().expect("every thread has ended");
    played.sort_by_key(|it| (it.policy, it.run.seed));
    (played, threads)
}

fn one(scenario: &Scenario, policy: usize, settings: &Arc<Policy>, seed: u64) -> Played {
    let arrivals = draw(scenario, seed);
    let run = play(scenario, &arrivals, settings, seed);
    let bound = bound(scenario, &arrivals, settings, &run);
    Played { policy, run, bound }
}

/// On stderr, and only where somebody looks.
fn progress(count: u64) -> ProgressBar {
    use std::io::IsTerminal;
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} runs, {eta} left");
    ProgressBar::new(count).with_style(style.expect("a template of our own reads"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        Failure::Unusable(format!("{}: {error}; expected a file that can be written, check its folder", path.display()))
    })
}
