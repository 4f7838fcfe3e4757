//! Trees of points on a plane that touches the county: one tree for each way of travelling, whose nearest are merged by
//! time, which is our question; or one for all that knows nothing of time and answers an easier one.

use std::hint::black_box;

use tidewatch::domain::{Point, Travel};
use tidewatch::geo::travel_s;

use super::{Contender, Field, K};

pub type Place = [f64; 2];

/// Metres on the plane, northward and eastward. The cosine is that of the county's middle.
pub fn flat(point: Point) -> Place {
    const M_PER_DEGREE: f64 = 111_195.0;
    const EAST: f64 = 0.8617;
    [point.lat() * M_PER_DEGREE, point.lon() * M_PER_DEGREE * EAST]
}

/// A tree that can be changed.
pub trait Plane: Sized + 'static {
    fn load(stars: Vec<(u32, Place)>) -> Self;
    fn shift(&mut self, key: u32, from: Place, to: Place);
    /// The first `K` that are eligible, as squared metres and key, in this order.
    fn near(&self, to: Place) -> impl Iterator<Item = (f64, u32)>;
}

/// Everybody is, but no contender can know beforehand.
pub fn jobs_if_eligible(key: u32) -> Option<u32> {
    black_box((key < u32::MAX).then_some(0))
}

/// The same question: the first by time of all ways of travelling.
pub fn by_time<P: Plane>(field: &Field) -> Contender {
    let mut them: Trees<P> = Trees::of(field, Travel::ALL.len());
    Box::new(move |asked| {
        them.shift(asked.key, asked.moved_to);
        let to = flat(asked.place);
        let mut soonest = Soonest::new();
        for (tree, travel) in them.trees.iter().zip(Travel::ALL) {
            tree.near(to).for_each(|(m2, key)| soonest.put(m2.sqrt(), key, travel));
        }
        soonest.first()
    })
}

/// An easier question: the first by distance alone.
pub fn by_distance<P: Plane>(field: &Field) -> Contender {
    let mut them: Trees<P> = Trees::of(field, 1);
    Box::new(move |asked| {
        them.shift(asked.key, asked.moved_to);
        them.trees[0].near(flat(asked.place)).map(|(_, key)| key).collect()
    })
}

/// The nearest of several ways of travelling, by time.
pub struct Soonest(Vec<(u64, u32)>);

impl Soonest {
    pub fn new() -> Self {
        Self(Vec::with_capacity(Travel::ALL.len() * K))
    }

    pub fn put(&mut self, distance_m: f64, key: u32, travel: Travel) {
        self.0.push((travel_s(distance_m.ceil() as u64, travel), key));
    }

    pub fn first(mut self) -> Vec<u32> {
        self.0.sort_unstable();
        self.0.into_iter().take(K).map(|(_, key)| key).collect()
    }
}

/// One for each way of travelling, or one for all, and where each is.
struct Trees<P> {
    trees: Vec<P>,
    places: Vec<Place>,
}

impl<P: Plane> Trees<P> {
    /// As the field has it, everybody stands in the tree of `key % trees`.
    fn of(field: &Field, trees: usize) -> Self {
        let places: Vec<Place> = field.spots.iter().map(|it| flat(it.point)).collect();
        let stars = |tree: usize| (tree..places.len()).step_by(trees).map(|key| (key as u32, places[key]));
        Self { trees: (0..trees).map(|tree| P::load(stars(tree).collect())).collect(), places }
    }

    fn shift(&mut self, key: u32, to: Point) {
        let of_it = key as usize % self.trees.len();
        let to = flat(to);
        let from = std::mem::replace(&mut self.places[key as usize], to);
        self.trees[of_it].shift(key, from, to);
    }
}
