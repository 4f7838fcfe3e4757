//! redis-server.

use std::path::Path;

use rustix::process::Signal;

use super::{NoServer, Program, Server, folder, free_port};

/// Whether what it is told lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Positions: gone with the process.
    Never,
    /// A record: every answer waits for the disk.
    Always,
}

pub fn redis(sync: Sync) -> Result<Server, NoServer> {
    let (folder, port) = (folder()?, free_port()?);
    let dir = folder.path().display().to_string();
    let port_text = port.to_string();
    let mut args = vec!["--bind", "127.0.0.1", "--port", &port_text, "--dir", &dir, "--save", "", "--daemonize", "no"];
    match sync {
        Sync::Never => args.extend(["--appendonly", "no"]),
        Sync::Always => args.extend(["--appendonly", "yes", "--appendfsync", "always"]),
    }
    let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
    let path = Path::new("redis-server");
    let program = Program { path, args: &args, ready: "Ready to accept connections", stop: Signal::TERM };
    Server::start(folder, port, &program)
}
