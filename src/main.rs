//! The binary: everything is in the library.

use std::process::ExitCode;

/// Alarms are allocated on one thread and freed on another, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tidewatch::cli::run()
}
