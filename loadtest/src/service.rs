//! The service that is measured: one that runs somewhere, or one of our own that is started, killed and started again.
//! Our own is this very program as a process of its own, or a binary that was named.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tidewatch::demo::{Keys, Stage};
use tidewatch::domain::ResponderId;
use tidewatch::scenario::Population;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::play::until;

use crate::failure::Failure;

/// A start with a million events takes seconds; this is beyond anything but a hang.
const READY: Duration = Duration::from_secs(120);

/// As the contract says of a stop.
const STOPPED: Duration = Duration::from_secs(15);

/// Where a service is, and who may ask it.
#[derive(Clone)]
pub struct Target {
    pub http: SocketAddr,
    pub watch: SocketAddr,
    pub keys: Keys,
    /// Who looks on.
    pub console: String,
}

/// A service of our own.
pub struct Service {
    pub target: Target,
    pub folder: PathBuf,
    binary: Option<PathBuf>,
    child: Running,
    pub restarts: u64,
}

/// What a process has used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Used {
    pub peak_mb: u64,
    pub cpu_s: f64,
}

/// Brings the population of a scenario into a folder, with accounts for everybody who plays.
pub fn set_up(folder: &Path, population: &Population) -> Result<(Keys, String), Failure> {
    let stage = Stage::set(folder, population).map_err(Failure::unusable)?;
    Ok((stage.keys, stage.operator.1))
}

impl Service {
    /// Starts one on a folder that is set up, on free ports of the loopback address.
    pub async fn start(
        folder: &Path,
        (keys, console): (Keys, String),
        binary: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let free: SocketAddr = ([127, 0, 0, 1], 0).into();
        let (child, http, watch) = launch(binary.as_deref(), folder, free, free).await?;
        let target = Target { http, watch, keys, console };
        Ok(Self { target, folder: folder.to_owned(), binary, child, restarts: 0 })
    }

    /// The process ends where it stands.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.child.0.kill().and_then(|()| self.child.0.wait()).map(drop).map_err(Failure::unusable)
    }

    /// Again, where it was.
    pub async fn restart(&mut self) -> Result<(), Failure> {
        let Target { http, watch, .. } = self.target;
        self.child = launch(self.binary.as_deref(), &self.folder, http, watch).await?.0;
        self.restarts += 1;
        Ok(())
    }

    /// As an operations engineer would stop it.
    pub async fn stop(mut self) -> Result<(), Failure> {
        let pid = Pid::from_child(&self.child.0);
        kill_process(pid, Signal::TERM).map_err(Failure::unusable)?;
        let mut ended: Option<ExitStatus> = None;
        until(STOPPED, async || {
            ended = self.child.0.try_wait().ok().flatten();
            ended.is_some()
        })
        .await;
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Failure::Check(format!("the service stopped with {status}, expected 0"))),
            None => Err(Failure::Check(format!("the service did not stop within {} s", STOPPED.as_secs()))),
        }
    }

    /// Since it was last started; `None` where the system does not tell.
    pub fn used(&self) -> Option<Used> {
        let folder = PathBuf::from(format!("/proc/{}", self.child.0.id()));
        let status = std::fs::read_to_string(folder.join("status")).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        let peak_kb: u64 = peak.split_whitespace().next()?.parse().ok()?;
        // A hundred ticks a second, as Linux tells them on every machine.
        Some(Used { peak_mb: peak_kb / 1024, cpu_s: ticks as f64 / 100.0 })
    }
}

/// A child that does not outlive us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

async fn launch(
    binary: Option<&Path>,
    folder: &Path,
    http: SocketAddr,
    watch: SocketAddr,
) -> Result<(Running, SocketAddr, SocketAddr), Failure> {
    let mut command = match binary {
        Some(binary) => Command::new(binary),
        None => {
            let mut own = Command::new(std::env::current_exe().map_err(Failure::unusable)?);
            own.arg("service");
            own
        }
    };
    let log = folder.join("service.log");
    let stderr = std::fs::File::options().create(true).append(true).open(&log).map_err(Failure::unusable)?;
    command.arg("serve").arg("--data").arg(folder);
    command.args(["--http", &http.to_string(), "--watch", &watch.to_string()]);
    let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().map_err(|error| {
        Failure::Unusable(format!("the service cannot be started: {error}; expected a binary of tidewatch"))
    })?;
    let stdout = child.stdout.take().expect("its output was asked for");
    let child = Running(child);
    let first_line = spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).map(|_| line)
    });
    let line = timeout(READY, first_line).await.ok().and_then(|it| it.ok()?.ok()).unwrap_or_default();
    let listeners = listeners(&line);
    match (listeners.get("http").copied(), listeners.get("watch").copied()) {
        (Some(http), Some(watch)) => Ok((child, http, watch)),
        _ => Err(Failure::Unusable(format!(
            "the service said `{}`, expected a line that begins with `ready`; it logged:\n{}",
            line.trim(),
            std::fs::read_to_string(&log).unwrap_or_default()
        ))),
    }
}

/// `ready http=127.0.0.1:8080 watch=127.0.0.1:5093`
fn listeners(line: &str) -> BTreeMap<&str, SocketAddr> {
    let words = line.trim().strip_prefix("ready ").unwrap_or_default().split(' ');
    words.filter_map(|it| it.split_once('=')).filter_map(|(name, at)| Some((name, at.parse().ok()?))).collect()
}

/// Lines of `role name secret`, which `keys` reads again.
pub fn token_file(keys: &Keys) -> String {
    let (name, secret) = &keys.evening;
    let mut lines = format!("operator {name} {secret}\ngateway gateway {}\n", keys.gateway);
    for (responder, secret) in &keys.responders {
        lines.push_str(&format!("responder {} {secret}\n", responder.as_str().to_lowercase()));
    }
    lines
}

/// The secrets of a service that runs elsewhere: lines of `role name secret`.
pub fn keys(file: &str, text: &str, population: &Population) -> Result<(Keys, String), Failure> {
    let mut by_role: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (nth, line) in text.lines().enumerate().filter(|(_, it)| !it.trim().is_empty()) {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [role, name, secret] => by_role.entry(role).or_default().push((name, secret)),
            _ => faults.push(format!(
                "{file}:{}: a line of {} words, expected `role name secret`",
                nth + 1,
                line.split_whitespace().count()
            )),
        }
    }
    let mut first = |role: &str| {
        let found = by_role.get(role).and_then(|all| all.first()).copied();
        if found.is_none() {
            faults.push(format!("{file}: no line for the role {role}, expected one; `loadtest prepare` prints them"));
        }
        found.unwrap_or_default()
    };
    let (operator, gateway) = (first("operator"), first("gateway"));
    if !faults.is_empty() {
        return Err(Failure::Unusable(faults.join("\n")));
    }
    let by_name: BTreeMap<&str, &str> = by_role.get("responder").into_iter().flatten().copied().collect();
    let responders: BTreeMap<ResponderId, String> = population
        .responders
        .iter()
        .filter_map(|it| Some((it.id.clone(), (*by_name.get(it.id.as_str().to_lowercase().as_str())?).to_owned())))
        .collect();
    let evening = (operator.0.parse().map_err(Failure::unusable)?, operator.1.to_owned());
    Ok((Keys { evening, gateway: gateway.1.to_owned(), responders }, operator.1.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_tells_where_it_listens() {
        let line = "ready http=127.0.0.1:8080 watch=127.0.0.1:5093\n";
        let found = listeners(line);
        assert_eq!(found.get("watch"), Some(&([127, 0, 0, 1], 5093).into()));
        assert!(listeners("not ready http=127.0.0.1:1").is_empty());
    }
}
