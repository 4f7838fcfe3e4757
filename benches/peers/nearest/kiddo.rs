//! kiddo, a k-d tree. It has no filter within a search: nobody is ineligible for it.

use std::num::NonZero;

use kiddo::{MutableKdTree, SquaredEuclidean};

use crate::contest::nearest::K;
use crate::contest::nearest::planes::{Place, Plane};

pub struct Kiddo(MutableKdTree<f64, 2>);

const WANTED: NonZero<usize> = NonZero::new(K).expect("more than none are wanted");

impl Plane for Kiddo {
    fn load(stars: Vec<(u32, Place)>) -> Self {
        Self(MutableKdTree::new_from_entries(&stars).expect("places that differ"))
    }

    fn shift(&mut self, key: u32, from: Place, to: Place) {
        self.0.remove(&from, key);
        self.0.add(&to, key).expect("places that differ");
    }

    fn near(&self, to: Place) -> impl Iterator<Item = (f64, u32)> {
        let found = self.0.query(&to).nearest_n::<SquaredEuclidean<f64>>(WANTED).execute();
        found.into_iter().map(|it| (it.distance, it.item))
    }
}
