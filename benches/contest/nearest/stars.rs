//! rstar, an R*-tree.

use rstar::RTree;
use rstar::primitives::GeomWithData;

use super::K;
use super::planes::{Place, Plane, jobs_if_eligible};

type Star = GeomWithData<Place, u32>;

pub struct Stars(RTree<Star>);

impl Plane for Stars {
    fn load(stars: Vec<(u32, Place)>) -> Self {
        Self(RTree::bulk_load(stars.into_iter().map(|(key, place)| Star::new(place, key)).collect()))
    }

    fn shift(&mut self, key: u32, from: Place, to: Place) {
        self.0.remove(&Star::new(from, key));
        self.0.insert(Star::new(to, key));
    }

    fn near(&self, to: Place) -> impl Iterator<Item = (f64, u32)> {
        let near = self.0.nearest_neighbor_iter_with_distance_2(to).map(|(star, m2)| (m2, star.data));
        near.filter(|(_, key)| jobs_if_eligible(*key).is_some()).take(K)
    }
}
