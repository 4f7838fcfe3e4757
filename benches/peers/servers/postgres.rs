//! PostgreSQL. Durable as it comes; with room for its log and its pages, so that no checkpoint falls into a turn.

use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;

use super::{NoServer, Program, Server, as_its_user, folder, free_port, newest, owned};

/// Where Debian keeps the binaries of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

pub fn postgres() -> Result<Server, NoServer> {
    started(folder()?, &[])
}

/// One that speaks TLS to whoever wishes it, with this certificate and its key in PEM.
pub fn postgres_over_tls(certificate: &str, key: &str) -> Result<Server, NoServer> {
    let folder = folder()?;
    let mut settings = vec!["ssl=on".to_owned()];
    for (setting, name, text) in [("ssl_cert_file", "server.crt", certificate), ("ssl_key_file", "server.key", key)] {
        let file = folder.path().join(name);
        owned(&file, text)?;
        settings.push(format!("{setting}={}", file.display()));
    }
    started(folder, &settings)
}

/// One that follows the server at `primary`, until it is told to lead.
pub fn postgres_following(primary: u16) -> Result<Server, NoServer> {
    let folder = folder()?;
    let data = folder.path().join("data").display().to_string();
    let from = ["-h", "127.0.0.1", "-p", &primary.to_string(), "-U", "postgres", "-D", &data, "-R", "-c", "fast"];
    told(&program("pg_basebackup")?, &from.map(str::to_owned))?;
    running(folder, &[])
}

fn started(folder: TempDir, more: &[String]) -> Result<Server, NoServer> {
    let data = folder.path().join("data").display().to_string();
    let new = ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    told(&program("initdb")?, &new.map(str::to_owned))?;
    running(folder, more)
}

/// On the data of its folder.
fn running(folder: TempDir, more: &[String]) -> Result<Server, NoServer> {
    let (path, port) = (program("postgres")?, free_port()?);
    let data = folder.path().join("data").display().to_string();
    let mut args = vec!["-D".to_owned(), data, "-p".to_owned(), port.to_string()];
    for setting in SETTINGS.iter().map(|it| (*it).to_owned()).chain(more.iter().cloned()) {
        args.extend(["-c".to_owned(), setting]);
    }
    let ready = "database system is ready to accept";
    Server::start(folder, port, &Program { path: &path, args: &args, ready, stop: Signal::QUIT })
}

fn program(name: &str) -> Result<PathBuf, NoServer> {
    newest(Path::new(DEBIAN), name).ok_or(NoServer::NotFound { program: "postgresql" })
}

const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=30min",
];

/// One that ends by itself, and well.
fn told(path: &Path, args: &[String]) -> Result<(), NoServer> {
    let program = path.display().to_string();
    let output = as_its_user(path, None).args(args).output();
    let told = output.map_err(|source| NoServer::Missing { program: program.clone(), source })?;
    if told.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    Err(NoServer::Ended { program, status: told.status.to_string(), said })
}
