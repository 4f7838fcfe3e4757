//! `make cluster`: PostgreSQL, Redis, two owners and two gateways on this machine, as children on free ports and in
//! private folders, and the Haining evening played over them. One of the gateways is the demo itself. All of it ends with
//! this process. An owner or a gateway may be killed meanwhile: its number is printed.

#[allow(dead_code, unused_imports, reason = "the benches measure them, here they serve")]
#[path = "../benches/peers/servers/mod.rs"]
mod servers;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use servers::{Sync, postgres, redis};

/// Where the console is, and where a second gateway shows the same.
const HTTP: &str = "127.0.0.1:8080";
const WATCH: &str = "127.0.0.1:5093";
const HTTP_TOO: &str = "127.0.0.1:8081";
const WATCH_TOO: &str = "127.0.0.1:5094";

struct Town {
    program: PathBuf,
    data: PathBuf,
    store: String,
    bus: String,
}

impl Town {
    /// Ends with this process, however that ends. Each has a folder of its own: they share servers, and no file.
    fn command(&self, name: &str, words: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        let data = self.data.join(name);
        command.args(["--pdeathsig", "TERM"]).arg(&self.program).args(words).arg("--data").arg(data);
        command.args(["--store", &self.store, "--bus", &self.bus]);
        command
    }

    /// A process of its own, once it is ready.
    fn serve(&self, name: &str, role: &str, listen: &[&str]) -> Result<Child, Box<dyn Error>> {
        let mut command = self.command(name, &["serve", "--role", role, "--single-store"]);
        command.args(listen).env("TIDEWATCH_LOG_FILTER", "warn").stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the child has no stdout")?).read_line(&mut line)?;
        eprintln!("{role:>8}, process {}: {}", child.id(), line.trim());
        Ok(child)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let folder = tempfile::tempdir()?;
    let (postgres, redis) = (postgres()?, redis(Sync::Never)?);
    let program = std::env::current_exe()?;
    let program = program.parent().and_then(Path::parent).ok_or("an example lies below its profile")?.join("tidewatch");
    let town = Town {
        program,
        data: folder.path().to_owned(),
        store: format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port),
        bus: format!("redis://127.0.0.1:{}", redis.port),
    };
    eprintln!("PostgreSQL: {}\n     Redis: {}", town.store, town.bus);
    let mut others = Vec::new();
    for name in ["owner-1", "owner-2"] {
        others.push(town.serve(name, "owner", &["--http", "127.0.0.1:0"])?);
    }
    others.push(town.serve("gateway-2", "gateway", &["--http", HTTP_TOO, "--watch", WATCH_TOO])?);
    eprintln!("who owns what: {} status --store {}", town.program.display(), town.store);
    let mut demo = town.command("gateway-1", &["demo", "--http", HTTP, "--watch", WATCH]).spawn()?;
    let (end, mut ended) = tokio::sync::oneshot::channel();
    let number = demo.id();
    std::thread::spawn(move || end.send(demo.wait()));
    let played = tokio::select! {
        played = &mut ended => Some(played??),
        _ = term.recv() => None,
        _ = int.recv() => None,
    };
    // The demo first: it is a gateway, and people look at it.
    if played.is_none() {
        stop(number);
        ended.await??;
    }
    others.iter().for_each(|it| stop(it.id()));
    for mut it in others {
        it.wait()?;
    }
    match played {
        Some(status) if !status.success() => Err(format!("the demo ended with {status}").into()),
        Some(_) | None => Ok(()),
    }
}

/// Of a child that has not been waited for.
fn stop(number: u32) {
    if let Some(pid) = i32::try_from(number).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM).ok();
    }
}
