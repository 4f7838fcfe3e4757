//! Between processes: gateways that hold the sockets, and owners that run the engines, over Redis streams. Redis carries
//! and never keeps: what is acknowledged is in PostgreSQL, a lost Redis loses time. Decides nothing.
//!
//! A district has, under one hash tag: `asked`, what its owner is asked, each entry deleted when it is answered; `live`,
//! its committed events, named by generation, an entry's id being its last seq; `moved` and `heard`, the newest words of
//! responders and devices; `present`, who is connected to which gateway. A gateway has `answers`. Everything is sealed.

mod counter;
mod crowd;
mod keys;
mod line;
mod metrics;
mod mirror;
mod pending;
mod remote;
mod seal;
mod switchboard;
mod teller;
mod url;
mod wire;

pub use counter::Counter;
pub use line::BusError;
pub use mirror::{Mirror, Parts as MirrorParts, Record, Unbegun};
pub use seal::Sealer;
pub use switchboard::{OnMoved, Switchboard};
pub use teller::Teller;
pub use url::{BadBusUrl, BusUrl};
