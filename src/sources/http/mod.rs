//! Signals as JSON over HTTP. `decode` reads a body; the handler that owns the request is in `api`.

mod decode;

pub use decode::{HttpSender, decode};
