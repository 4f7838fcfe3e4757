//! PostgreSQL. Durable as it comes; with room for its log and its pages, so that no checkpoint falls into a turn.

use std::path::Path;

use rustix::process::Signal;

use super::{NoServer, Program, Server, as_its_user, folder, free_port, newest};

/// Where Debian keeps the binaries of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

pub fn postgres() -> Result<Server, NoServer> {
    let not_found = NoServer::NotFound { program: "postgresql" };
    let path = newest(Path::new(DEBIAN), "postgres").ok_or(not_found)?;
    let (folder, port) = (folder()?, free_port()?);
    let data = folder.path().join("data").display().to_string();
    begin(&path.with_file_name("initdb"), &data)?;
    let mut args = vec!["-D".to_owned(), data, "-p".to_owned(), port.to_string()];
    for setting in SETTINGS {
        args.extend(["-c".to_owned(), (*setting).to_owned()]);
    }
    let ready = "database system is ready to accept connections";
    Server::start(folder, port, &Program { path: &path, args: &args, ready, stop: Signal::QUIT })
}

const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=30min",
];

/// A new cluster, which lasts as long as the measurement.
fn begin(initdb: &Path, data: &str) -> Result<(), NoServer> {
    let program = initdb.display().to_string();
    let mut command = as_its_user(initdb, None);
    command.args(["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    let told = command.output().map_err(|source| NoServer::Missing { program: program.clone(), source })?;
    if told.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    Err(NoServer::Ended { program, status: told.status.to_string(), said })
}
