//! Road networks from outside: maps and tables are read, and the prepared network is kept as one file beside the data.
//! Decides nothing about ways: that is `geo::roads`. A file that cannot be used is refused whole, and told of.

mod fault;
mod pbf;
mod store;
mod table;
mod tables;
mod tags;
#[cfg(test)]
mod tests;

pub use fault::{Fault, Faults};
pub use pbf::read_pbf;
pub use store::{ROADS_FILE, StoreError, copy, load, store};
pub use tables::read_tables;

use crate::geo::roads::Draft;

/// What a file said, and what of it could not be used.
#[derive(Debug, Clone, Default)]
pub struct Read {
    pub draft: Draft,
    /// Ways of a map, or arcs of a table.
    pub ways: usize,
    /// Pieces of ways whose nodes lie outside of the map.
    pub cut_off: usize,
}
