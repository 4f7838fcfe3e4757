//! The binary: everything is in the library.

use std::process::ExitCode;

/// Alarms are allocated on one thread and freed on another, which the system's allocator does slowly. Without huge pages
/// (its feature `no_thp`): the first touch of one clears 2 MiB, 5 ms on a rented machine, and an alarm would wait for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tidewatch::cli::run()
}
