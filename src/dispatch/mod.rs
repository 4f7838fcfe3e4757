//! The pure core: what is decided about alarms, offers and promises. No clock, no chance, no I/O, no async, no logging.

pub mod facts;

pub use facts::Facts;
