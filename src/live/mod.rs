//! Live: what goes over the websockets of consoles and responders, and who may see which part of it.
//! Decides nothing about incidents; shows what is committed and passes on what people say.

pub mod wire;
