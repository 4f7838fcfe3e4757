//! The real binary on a folder of its own: started, killed, stopped, asked over loopback.
//! Knows nothing of the library: what a test sees here, a city sees. Every wait is on a condition and has a bound.

pub mod feed;
pub mod http;
pub mod watch;
pub mod world;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout;

/// A bound for anything that should happen at once: generous, since tests share two cores.
pub const SOON: Duration = Duration::from_secs(30);

/// How often a condition is looked at again that nobody announces.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A data folder, and the commands of the binary on it.
pub struct Folder {
    _owned: Option<tempfile::TempDir>,
    pub path: PathBuf,
    store: Option<String>,
    /// Processes that were started beside a bus: they share no folder.
    apart: AtomicUsize,
    aside: tempfile::TempDir,
}

impl Folder {
    /// Empty.
    pub fn new() -> Self {
        let owned = tempfile::tempdir().unwrap();
        let path = owned.path().join("data");
        Self { path, _owned: Some(owned), store: None, apart: AtomicUsize::new(0), aside: tempfile::tempdir().unwrap() }
    }

    /// With this world in it.
    pub fn of(world: &str) -> Self {
        let folder = Self::new();
        folder.import(world);
        folder
    }

    fn of_process(&self, arguments: &[&str]) -> PathBuf {
        if !arguments.contains(&"--bus") {
            return self.path.clone();
        }
        self.path.with_file_name(format!("data-{}", self.apart.fetch_add(1, Ordering::SeqCst)))
    }

    /// At a place that somebody else owns.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), _owned: None, ..Self::new() }
    }

    /// Writes a file beside the folder.
    pub fn aside(&self, name: &str, text: &str) -> PathBuf {
        let path = self.aside.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Whose registry and record are in this store.
    pub fn beside(mut self, store: &str) -> Self {
        self.store = Some(store.to_owned());
        self
    }

    pub fn import(&self, world: &str) {
        let out = self.try_import(world);
        assert!(out.status.success(), "import: {}", told(&out));
    }

    pub fn try_import(&self, world: &str) -> Output {
        let file = self.aside("world.toml", world);
        self.run("import", &[file.to_str().unwrap()])
    }

    /// `tidewatch WORDS --data FOLDER MORE`, or with the store where there is one.
    pub fn run(&self, words: &str, more: &[&str]) -> Output {
        let mut command = tidewatch();
        command.args(words.split(' '));
        match &self.store {
            Some(store) => command.args(["--store", store]),
            None => command.arg("--data").arg(&self.path),
        };
        command.args(more);
        command.output().unwrap()
    }

    /// `tidewatch ARGUMENTS`, without the folder.
    pub fn command(&self, arguments: &[&str]) -> Output {
        tidewatch().args(arguments).output().unwrap()
    }

    /// As `command`, with a variable of the environment.
    pub fn command_with(&self, (name, value): (&str, &str), arguments: &[&str]) -> Output {
        tidewatch().env(name, value).args(arguments).output().unwrap()
    }

    /// A new account; its secret.
    pub fn account(&self, name: &str, role: &str, more: &[&str]) -> String {
        let mut arguments = vec!["--name", name, "--role", role];
        arguments.extend(more);
        let out = self.run("account add", &arguments);
        assert!(out.status.success(), "account add {name}: {}", told(&out));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// What `verify` says of the folder, which must be well.
    pub fn verified(&self) -> String {
        let out = self.run("verify", &[]);
        assert!(out.status.success(), "verify: {}", told(&out));
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(said.lines().all(|line| line.starts_with("district=") && line.ends_with(" ok")), "verify: {said}");
        said
    }

    /// `CODE:SEQ:HEX` as `verify` knows it now.
    pub fn head(&self, district: &str) -> String {
        let said = self.verified();
        let of = |line: &str, name: &str| {
            line.split(' ').find_map(|it| it.strip_prefix(&format!("{name}=")).map(str::to_owned))
        };
        let line = said.lines().find(|line| of(line, "district").as_deref() == Some(district)).unwrap();
        format!("{district}:{}:{}", of(line, "head").unwrap(), of(line, "hash").unwrap())
    }

    pub async fn serve(&self) -> Service {
        self.serve_with("", &[]).await
    }

    /// `config`: text of a configuration file, or nothing.
    pub async fn serve_with(&self, config: &str, arguments: &[&str]) -> Service {
        let (child, ready) = self.begin(config, arguments, &[]);
        self.ready(child, ready).await
    }

    /// Started through `wrap`, such as a shell that sets limits and then becomes it.
    pub async fn serve_within(&self, wrap: &[&str]) -> Service {
        let (child, ready) = self.begin("", &[], wrap);
        self.ready(child, ready).await
    }

    async fn ready(&self, child: Child, ready: tokio::sync::oneshot::Receiver<String>) -> Service {
        let line = timeout(SOON, ready).await.expect("serve is ready within the bound").unwrap_or_default();
        let log = self.aside.path().join("log");
        assert!(line.starts_with("ready "), "serve: {line:?}\n{}", std::fs::read_to_string(&log).unwrap());
        let addr = |name: &str| -> SocketAddr {
            let found = line.trim().split(' ').find_map(|it| it.strip_prefix(&format!("{name}=")));
            found.unwrap_or_else(|| panic!("{name} in {line:?}")).parse().unwrap()
        };
        // An owner takes no watches.
        let watch = if line.contains(" watch=") { addr("watch") } else { addr("http") };
        Service { http: addr("http"), watch, child, log }
    }

    fn begin(
        &self,
        config: &str,
        arguments: &[&str],
        wrap: &[&str],
    ) -> (Child, tokio::sync::oneshot::Receiver<String>) {
        let file = self.aside("config.toml", config);
        let log = File::options().append(true).create(true).open(self.aside.path().join("log")).unwrap();
        let mut child = wrapped(wrap)
            .args(["serve", "--config"])
            .arg(file)
            .arg("--data")
            .arg(self.of_process(arguments))
            .args(free_ports(arguments))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line).ok();
            sender.send(line).ok();
        });
        (child, receiver)
    }

    /// A `serve` that must refuse to start: its exit code and what it said.
    pub fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let (mut child, _) = self.begin("", arguments, &[]);
        let status = ended(&mut child, SOON).unwrap_or_else(|| {
            child.kill().ok();
            panic!("serve did not refuse to start within the bound")
        });
        (status.code().expect("an exit code"), std::fs::read_to_string(self.aside.path().join("log")).unwrap())
    }
}

/// For the listeners that `arguments` do not place.
fn free_ports(arguments: &[&str]) -> Vec<&'static str> {
    let open = ["--http", "--watch"].into_iter().filter(|it| !arguments.contains(it));
    open.flat_map(|it| [it, "127.0.0.1:0"]).collect()
}

fn tidewatch() -> Command {
    wrapped(&[])
}

/// Without settings from the environment of whoever runs the tests.
fn wrapped(wrap: &[&str]) -> Command {
    let binary = env!("CARGO_BIN_EXE_tidewatch");
    let mut command = match wrap {
        [] => Command::new(binary),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(binary);
            command
        }
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TIDEWATCH_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

pub fn told(out: &Output) -> String {
    format!("{}\n{}{}", out.status, String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

fn ended(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + within;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::park_timeout(LOOK_AGAIN);
    }
    None
}

/// A running `serve`; killed when it is dropped.
pub struct Service {
    pub http: SocketAddr,
    pub watch: SocketAddr,
    child: Child,
    log: PathBuf,
}

impl Service {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL; returns when the process is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; how it ended, within the 10 s that it has.
    pub fn stop(&mut self) -> ExitStatus {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        ended(&mut self.child, Duration::from_secs(10)).expect("serve ends within 10 s of SIGTERM")
    }

    /// How it ended, which it must by itself.
    pub fn ended(&mut self) -> ExitStatus {
        ended(&mut self.child, SOON).expect("serve ends by itself within the bound")
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it wrote to stderr.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            let log = self.log();
            let last: Vec<&str> = log.lines().rev().take(30).collect();
            eprintln!("the last lines of serve's log, newest first:\n{}", last.join("\n"));
        }
    }
}

/// Asks until there is an answer.
pub async fn until<T>(what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        let mut every = tokio::time::interval(LOOK_AGAIN);
        loop {
            every.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    timeout(within, asking).await.unwrap_or_else(|_| panic!("{what}: not within {within:?}"))
}
