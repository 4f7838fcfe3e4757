//! Live: what goes over the websockets of consoles and responders, and who may see which part of it.
//! Decides nothing about incidents; shows what is committed and passes on what people say.

mod channel;
mod console;
mod context;
mod cursor;
mod hello;
mod hub;
mod line;
mod pages;
mod past;
mod positions;
mod responder;
mod snapshot;
mod socket;
pub mod wire;

pub use console::{live_feed, may_watch};
pub use context::{Identify, LiveContext, StillThere};
pub use hub::Hub;
pub use past::Past;
pub use responder::responder_live;
pub use socket::Limits;
