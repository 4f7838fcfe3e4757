//! Other people's stores, bare: the same rows in the same batches, each durable before the next is sent.

mod rows;
mod stream;

pub use rows::{BarePostgres, new_database};
pub use stream::BareStream;
