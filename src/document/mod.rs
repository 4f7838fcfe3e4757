//! Documents that people write in TOML: read key by key into types that cannot be wrong. Every fault is found in one
//! reading and told with file, line, what was found, what was expected and how to mend it. Knows no table of its own:
//! `registry::world` and `scenario` say what their keys mean.

pub mod fault;
pub mod fields;
mod key;

pub use fault::{Fault, Sink, shown};
pub use fields::Fields;
pub use key::Key;
pub(crate) use key::keys;
