//! Where, how far, how long: pure answers about points, from numbers the caller brings.
//! Reads no clock and no file. Floats stay in here: what leaves is whole metres and whole seconds, or a point.

mod balls;
pub mod cell_index;
mod cell_tree;
pub mod coverage;
pub mod datum;
pub mod expected;
pub mod nearest;
pub mod roads;
mod seat;
mod soonest;
mod sphere;
pub mod travel;
pub mod zones;

pub use cell_index::{CellIndex, Spot};
pub use datum::{gcj02_to_wgs84, wgs84_to_gcj02};
pub use expected::{Ground, Proposal};
pub use nearest::{Candidate, nearest};
pub use roads::{Leg, Roads, nearest_by_road};
pub use travel::{distance_m, eta_s, travel_s, within_m};
pub use zones::PremisesIndex;
