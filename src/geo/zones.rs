//! Urban or rural: which promise holds at a place that is nobody's home, by the nearest home that the registry knows.
//! Boundaries of towns are not kept.

use std::collections::BTreeMap;

use super::cell_index::{CellIndex, Spot};
use super::nearest::nearest;
use crate::domain::{Class, Point, PremisesId, Travel};

/// On foot a metre more is always a second more, so that the order of time is the order of distance.
const BY: Travel = Travel::Foot;

/// Homes by cell, with their class.
#[derive(Debug, Clone, Default)]
pub struct PremisesIndex {
    places: CellIndex<PremisesId>,
    classes: BTreeMap<PremisesId, Class>,
}

impl PremisesIndex {
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Put in, moved, or of another class than before.
    pub fn put(&mut self, id: PremisesId, point: Point, class: Class) {
        self.places.put(id.clone(), Spot { point, travel: BY });
        self.classes.insert(id, class);
    }

    pub fn remove(&mut self, id: &PremisesId) {
        self.places.remove(id);
        self.classes.remove(id);
    }

    /// The nearest premises and the metres to it; the first id of those equally far. `None` where there are none.
    pub fn nearest(&self, point: Point) -> Option<(&PremisesId, u64)> {
        let found = nearest(&self.places, point, 1, None, |_| Some(())).pop()?;
        let (id, _) = self.classes.get_key_value(&found.key).expect("what has a place has a class");
        Some((id, found.distance_m))
    }

    /// The class of the nearest premises. `None` where there are none.
    pub fn class_near(&self, point: Point) -> Option<Class> {
        let (id, _) = self.nearest(point)?;
        self.classes.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::{distance_m, travel_s};

    #[test]
    fn a_place_is_of_the_class_of_the_nearest_home() {
        let mut homes = PremisesIndex::default();
        assert_eq!(homes.class_near(at(30.53, 120.69)), None);
        homes.put(id(1), at(30.532, 120.695), Class::Urban);
        homes.put(id(2), at(30.372, 120.822), Class::Rural);
        assert_eq!(homes.class_near(at(30.50, 120.70)), Some(Class::Urban));
        assert_eq!(homes.class_near(at(30.38, 120.80)), Some(Class::Rural));
        homes.put(id(1), at(30.532, 120.695), Class::Rural);
        assert_eq!(homes.class_near(at(30.50, 120.70)), Some(Class::Rural));
        homes.remove(&id(2));
        assert_eq!((homes.len(), homes.nearest(at(30.532, 120.695))), (1, Some((&id(1), 0))));
    }

    proptest! {
        #[test]
        fn a_metre_more_is_later(metres in 0_u64..20_100_000) {
            prop_assert!(travel_s(metres, BY) < travel_s(metres + 1, BY));
        }

        #[test]
        fn the_nearest_is_the_nearest_of_all(
            places in proptest::collection::vec((30.3_f64..30.6, 120.3_f64..120.9), 1..80),
            here in (30.3_f64..30.6, 120.3_f64..120.9),
        ) {
            let here = at(here.0, here.1);
            let mut homes = PremisesIndex::default();
            for (n, place) in places.iter().enumerate() {
                homes.put(id(n), at(place.0, place.1), Class::Urban);
            }
            let far_m = places.iter().map(|place| distance_m(at(place.0, place.1), here)).min();
            prop_assert_eq!(homes.nearest(here).map(|(_, far_m)| far_m), far_m);
        }
    }

    fn id(n: usize) -> PremisesId {
        format!("P-{n:04}").parse().unwrap()
    }

    fn at(lat: f64, lon: f64) -> Point {
        Point::from_degrees(lat, lon).unwrap()
    }
}
