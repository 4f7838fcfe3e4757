//! The load harness: throws a scenario at a real server over real sockets, open loop, and counts what became of it.
//! Reaches the service by its public doors alone. README.md beside this folder says how to use it.

mod args;
mod audit;
mod book;
mod consoles;
mod dispatcher;
mod doors;
mod failure;
mod figures;
mod floor;
mod gateway;
mod heartbeats;
mod lines;
mod moment;
mod phones;
mod plan;
mod play;
mod progress;
mod ramp;
mod record;
mod report;
mod service;
mod stage;
mod told;

use std::process::ExitCode;

/// As the service has it, which this program also is when it starts the one it measures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    args::run()
}
