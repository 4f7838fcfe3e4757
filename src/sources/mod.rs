//! Sources: one folder a protocol. `decode` turns bytes into what a device said and is pure; `serve` owns the socket
//! and the acknowledgement. `intake` is the one door behind them all.

pub mod http;
pub mod intake;
mod metrics;
mod recent;
mod unknown;
pub mod watch;

pub use intake::{Handles, Intake, IntakeError, Source, Taken};
pub use unknown::UnknownList;
