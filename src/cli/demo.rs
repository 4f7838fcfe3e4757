//! `demo`: the whole system on the embedded store, with an invented world and an evening played over it from outside.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::serve::to_its_end;
use super::{ConfigArguments, Failure, now};
use crate::config::Config;
use crate::demo::{Doors, Evening, Pace, Stage, quiet_evening, run, welcome};
use crate::journal::{Roster, StoreUrl};
use crate::registry::Registry;
use crate::scenario::{Player, Scenario};
use crate::serve::{Ending, Running};
use crate::telemetry;

/// People look at it: evening time runs as the clock does.
const HURRY: u64 = 1;

/// Said by the demo itself is what somebody reads; of the service only what is wrong.
const LOG_FILTER: &str = "warn";

#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Another scenario than the quiet evening in Haining
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// A data folder that stays; without it, one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the interface listens
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
    /// Where watches connect; a free port where --http takes one
    #[arg(long, value_name = "ADDR")]
    watch: Option<String>,
    /// Play as a gateway among other processes, over an empty PostgreSQL that they share
    #[arg(long, value_name = "postgres://…", requires = "bus")]
    store: Option<String>,
    /// The Redis between them
    #[arg(long, value_name = "redis://…", requires = "store")]
    bus: Option<String>,
}

/// The data folder, and whether it stays.
struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Demo {
    pub fn run(self) -> Result<(), Failure> {
        let scenario = match &self.scenario {
            Some(path) => super::simulate::read(path)?,
            None => quiet_evening(),
        };
        for (mishap, why) in scenario.mishaps.iter().filter_map(|it| Some((it, it.unplayable(Player::Demo)?))) {
            eprintln!("not played: fault `{}` at {} s; {why}", mishap.what.as_str(), mishap.at_ms / 1000);
        }
        let folder = Folder::of(self.data.clone())?;
        let config = self.config(&folder.path)?;
        telemetry::log_to_stderr(&config.log);
        let stage = Stage::set(config.registry(), &scenario.population).map_err(Failure::unusable)?;
        to_its_end(play(config, &stage, &folder, Arc::new(scenario)))
    }

    fn config(&self, data: &Path) -> Result<Config, Failure> {
        let takes_free_port = |addr: &String| addr.ends_with(":0");
        let free = || self.http.as_ref().filter(|addr| takes_free_port(addr)).cloned();
        let (http, watch) = (self.http.clone(), self.watch.clone().or_else(free));
        let role = self.bus.as_ref().map(|_| "gateway".to_owned());
        let (store, bus) = (self.store.clone(), self.bus.clone());
        let arguments = ConfigArguments {
            data: Some(data.to_owned()),
            http,
            watch,
            store,
            bus,
            role,
            ..ConfigArguments::default()
        };
        let mut config = arguments.load()?;
        // What is invented does not go into a record that others keep, whatever the environment says.
        if self.bus.is_none() {
            let defaults = Config::default();
            (config.store, config.bus) = (defaults.store, defaults.bus);
        }
        if let Some(url) = &config.store.url {
            must_be_empty(url)?;
        }
        if config.log == Config::default().log {
            LOG_FILTER.clone_into(&mut config.log.filter);
        }
        Ok(config)
    }
}

fn must_be_empty(url: &StoreUrl) -> Result<(), Failure> {
    let tenures = Roster::open(url).and_then(|mut it| it.tenures()).map_err(Failure::unusable)?;
    let recorded = tenures.iter().find(|it| it.head.seq > 0).map(|it| format!("a record of district {}", it.district));
    let version = Registry::open(url).and_then(|it| it.version()).map_err(Failure::unusable)?;
    let found = recorded.or_else(|| (version > 0).then(|| format!("a registry at version {version}")));
    found.map_or(Ok(()), |found| {
        Err(Failure::Unusable(format!("{url} has {found}, expected none: what is invented needs an empty store")))
    })
}

async fn play(config: Config, stage: &Stage, folder: &Folder, scenario: Arc<Scenario>) -> Result<Ending, Failure> {
    let mut term = signal(SignalKind::terminate()).map_err(Failure::unusable)?;
    let mut int = signal(SignalKind::interrupt()).map_err(Failure::unusable)?;
    let running = Running::start(config).await.map_err(Failure::unusable)?;
    let (http, watch) = (
        reached(running.http),
        reached(running.watch.expect("a gateway takes watches, and so does who does everything")),
    );
    let doors = Doors { http, watch, folder: folder.path.display().to_string(), kept: folder.kept };
    eprint!("{}", welcome(stage, &doors));
    let mut out = std::io::stdout();
    // Whoever started us may not listen to us.
    writeln!(out, "{}", running.ready_line()).and_then(|()| out.flush()).ok();
    let seed = u64::try_from(now().ms()).unwrap_or(0);
    let pace = Pace::new(HURRY);
    let (keys, cast, silent) = (stage.keys.clone(), stage.cast.clone(), Arc::default());
    let evening = Evening { http, watch, keys, cast, scenario, seed, pace, silent };
    let over = CancellationToken::new();
    let evening = tokio::spawn(run(evening, over.clone()));
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    over.cancel();
    evening.await.ok();
    Ok(running.stop().await)
}

/// A listener on every address of the machine is reached by the loopback one.
fn reached(listener: SocketAddr) -> SocketAddr {
    if !listener.ip().is_unspecified() {
        return listener;
    }
    let port = listener.port();
    if listener.is_ipv4() { ([127, 0, 0, 1], port).into() } else { (std::net::Ipv6Addr::LOCALHOST, port).into() }
}

impl Folder {
    /// A fresh one has a name that is free, and is for this user alone.
    fn of(data: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(path) = data {
            return Ok(Self { path, kept: true });
        }
        let name = format!("tidewatch-demo-{}-{:08x}", std::process::id(), rand::random::<u32>());
        let path = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(|error| {
            Failure::Unusable(format!(
                "{}: {error}; expected a folder that can be made, or name one with --data",
                path.display()
            ))
        })?;
        Ok(Self { path, kept: false })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            // What is left is in the system's own temporary folder.
            std::fs::remove_dir_all(&self.path).ok();
        }
    }
}
