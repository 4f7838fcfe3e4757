//! Several processes over one store: who owns which district, and how it changes hands. `spread` decides, and is pure;
//! `owner` takes, hands over and steps down.

mod owner;
mod spread;

pub use owner::{Attached, Owner, Parts};
pub use spread::{Deed, Standing, what_to_do};
