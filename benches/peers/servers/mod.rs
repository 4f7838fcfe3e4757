//! Other people's servers, Debian's, as children: on a free port of loopback, with a private folder that is gone
//! afterwards. They end with their `Server`, and with this process however it ends. Needs no privilege; run by root,
//! they run as the user `postgres`.

mod postgres;
mod redis;

use std::fs::File;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub use postgres::{postgres, postgres_following, postgres_over_tls};
pub use redis::{Sync, redis};

/// Far longer than a server takes to begin, or to end, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a child is looked at that announces nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Who runs them where root measures: PostgreSQL refuses to be root.
const USER: &str = "postgres";

/// Why there is no server to measure.
#[derive(Debug, thiserror::Error)]
pub enum NoServer {
    #[error("{program} cannot be run: {source}; `.ci/install` installs it")]
    Missing { program: String, source: io::Error },
    #[error("{program} is not installed; `.ci/install` installs it")]
    NotFound { program: &'static str },
    #[error("{program} ended with {status} instead of listening; it said:\n{said}")]
    Ended { program: String, status: String, said: String },
    #[error("{program} cannot be asked on port {port} after {PATIENCE:?}")]
    Silent { program: String, port: u16 },
    #[error("a folder for a server: {0}")]
    Folder(#[from] io::Error),
}

/// A running server.
pub struct Server {
    pub port: u16,
    child: Child,
    path: PathBuf,
    args: Vec<String>,
    ready: &'static str,
    stop: Signal,
    /// Goes when the server has gone.
    folder: TempDir,
}

/// How a server is run.
struct Program<'a> {
    path: &'a Path,
    args: &'a [String],
    /// What it writes to its log when it can be asked.
    ready: &'static str,
    /// What makes it end at once.
    stop: Signal,
}

impl Server {
    /// Returns when it can be asked, on `port`.
    fn start(folder: TempDir, port: u16, program: &Program<'_>) -> Result<Self, NoServer> {
        let &Program { path, args, ready, stop } = program;
        let child = run(folder.path(), path, args, stop)?;
        let mut server = Self { port, child, path: path.to_owned(), args: args.to_vec(), ready, stop, folder };
        server.ready()?;
        Ok(server)
    }

    /// Ends it at once. Its folder stays, for `restart`.
    pub fn stop(&mut self) {
        self.end();
    }

    /// Ends it at once where it runs, and starts it again on the same folder and port.
    pub fn restart(&mut self) -> Result<(), NoServer> {
        self.end();
        self.child = run(self.folder.path(), &self.path, &self.args, self.stop)?;
        self.ready()
    }

    fn ready(&mut self) -> Result<(), NoServer> {
        let (word, log) = (self.ready, self.folder.path().join("log"));
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let said = std::fs::read_to_string(&log)?;
            if said.contains(word) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(NoServer::Ended {
                    program: self.path.display().to_string(),
                    status: status.to_string(),
                    said,
                });
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Err(NoServer::Silent { program: self.path.display().to_string(), port: self.port })
    }
}

/// What it says goes into the log of its folder, which begins anew.
fn run(folder: &Path, program: &Path, args: &[String], stop: Signal) -> Result<Child, NoServer> {
    let log = folder.join("log");
    let mut command = as_its_user(program, Some(stop));
    command.args(args).stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
    command.spawn().map_err(|source| NoServer::Missing { program: program.display().to_string(), source })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

impl Server {
    fn end(&mut self) {
        // Waited for here and nowhere else, so that the number is still this child's.
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            kill_process(pid, self.stop).ok();
        }
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// `program`, with no more rights than it needs. `ends_with_us`: what it is sent when this thread is gone.
fn as_its_user(program: &Path, ends_with_us: Option<Signal>) -> Command {
    let mut command = Command::new("setpriv");
    if let Some(signal) = ends_with_us {
        command.arg("--pdeathsig").arg(if signal == Signal::QUIT { "QUIT" } else { "TERM" });
    }
    if rustix::process::getuid().is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
    }
    command.arg(program).stdin(Stdio::null());
    command
}

/// A new folder that belongs to whoever runs the servers.
fn folder() -> Result<TempDir, NoServer> {
    let folder = tempfile::tempdir()?;
    give(folder.path())?;
    Ok(folder)
}

/// A file that whoever runs the servers alone may read.
fn owned(file: &Path, text: &str) -> Result<(), NoServer> {
    File::options().write(true).create_new(true).mode(0o600).open(file)?.write_all(text.as_bytes())?;
    give(file)
}

fn give(path: &Path) -> Result<(), NoServer> {
    if rustix::process::getuid().is_root() {
        chown(path, Some(number("-u")?), Some(number("-g")?))?;
    }
    Ok(())
}

/// Of the servers' user, as `id` knows it.
fn number(which: &str) -> Result<u32, NoServer> {
    let said = Command::new("id").args([which, USER]).output()?;
    let said = String::from_utf8_lossy(&said.stdout);
    said.trim().parse().map_err(|_| NoServer::NotFound { program: "postgresql, with its user `postgres`," })
}

/// Free a moment ago.
fn free_port() -> Result<u16, NoServer> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The newest of Debian's folders of binaries that has it.
fn newest(parent: &Path, program: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir(parent).ok()?.flatten();
    let mut found: Vec<PathBuf> = versions.map(|it| it.path().join("bin").join(program)).collect();
    found.retain(|it| it.is_file());
    found.sort();
    found.pop()
}
