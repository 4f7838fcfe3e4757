//! Sources: one folder a protocol. `decode` turns bytes into what a device said and is pure; `serve` owns the socket
//! and the acknowledgement.

pub mod watch;
