//! Who is where, by H3 cell, one layer for each way of travelling. Holds what it was told last, however old; who may
//! be asked at all is the caller's to say.

use std::collections::BTreeMap;

use super::cell_tree::{CellTree, Entry, cell_of};
use crate::domain::{Point, Travel};

/// Where an entry is and by what it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub point: Point,
    pub travel: Travel,
}

/// A spot and the cell it was put into, so that leaving costs no second encoding.
#[derive(Debug, Clone, Copy)]
struct Stand {
    spot: Spot,
    cell: h3o::CellIndex,
}

/// Entries by key and by cell. Putting, moving and removing cost O(log n).
#[derive(Debug, Clone)]
pub struct CellIndex<K> {
    stands: BTreeMap<K, Stand>,
    foot: CellTree<K>,
    ebike: CellTree<K>,
    car: CellTree<K>,
}

impl<K: Ord + Clone> Default for CellIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone> CellIndex<K> {
    pub fn new() -> Self {
        Self { stands: BTreeMap::new(), foot: CellTree::new(), ebike: CellTree::new(), car: CellTree::new() }
    }

    pub fn len(&self) -> usize {
        self.stands.len()
    }

    pub fn is_empty(&self) -> bool {
        self.stands.is_empty()
    }

    pub fn get(&self, key: &K) -> Option<Spot> {
        self.stands.get(key).map(|stand| stand.spot)
    }

    /// In the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, Spot)> {
        self.stands.iter().map(|(key, stand)| (key, stand.spot))
    }

    /// Put in, or moved. Where the entry was before, if anywhere.
    pub fn put(&mut self, key: K, spot: Spot) -> Option<Spot> {
        if self.get(&key) == Some(spot) {
            return Some(spot);
        }
        let before = self.remove(&key);
        let cell = cell_of(spot.point);
        self.stands.insert(key.clone(), Stand { spot, cell });
        self.layer_mut(spot.travel).insert(Entry::new(key, spot.point, cell));
        before
    }

    /// Where the entry was, if anywhere.
    pub fn remove(&mut self, key: &K) -> Option<Spot> {
        let Stand { spot, cell } = self.stands.remove(key)?;
        self.layer_mut(spot.travel).remove(key, cell);
        Some(spot)
    }

    pub(super) fn layer(&self, travel: Travel) -> &CellTree<K> {
        match travel {
            Travel::Foot => &self.foot,
            Travel::Ebike => &self.ebike,
            Travel::Car => &self.car,
        }
    }

    fn layer_mut(&mut self, travel: Travel) -> &mut CellTree<K> {
        match travel {
            Travel::Foot => &mut self.foot,
            Travel::Ebike => &mut self.ebike,
            Travel::Car => &mut self.car,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn what_is_put_is_where_it_was_put_last() {
        let mut index = CellIndex::new();
        let (here, there) = (spot(0, Travel::Foot), spot(9, Travel::Car));
        assert_eq!(index.put(7, here), None);
        assert_eq!(index.put(7, there), Some(here));
        assert_eq!(index.put(3, here), None);
        assert_eq!((index.len(), index.get(&7)), (2, Some(there)));
        assert_eq!(index.iter().collect::<Vec<_>>(), [(&3, here), (&7, there)]);
        assert_eq!(index.remove(&7), Some(there));
        assert_eq!(index.remove(&7), None);
        assert_eq!(index.len(), 1);
    }

    proptest! {
        /// A crowd at one door, a street of doors and a county: cells split and are joined again as people move.
        #[test]
        fn cells_stay_true_to_what_is_in_them(
            steps in proptest::collection::vec((0_u32..60, proptest::option::weighted(0.7, any_spot())), 0..300)
        ) {
            let mut index = CellIndex::new();
            for (key, step) in steps {
                match step {
                    Some(spot) => index.put(key, spot),
                    None => index.remove(&key),
                };
                for travel in Travel::ALL {
                    let expected = index.iter().filter(|(_, spot)| spot.travel == travel).count();
                    prop_assert_eq!(index.layer(travel).checked_len(), expected);
                }
            }
            let keys: Vec<_> = index.iter().map(|(key, _)| *key).collect();
            for key in &keys {
                index.remove(key);
            }
            prop_assert!(Travel::ALL.iter().all(|travel| index.layer(*travel).roots().next().is_none()));
        }
    }

    fn any_spot() -> impl Strategy<Value = Spot> {
        let steps_north = prop_oneof![Just(0), 0..20, 0..4_000];
        (steps_north, select(&Travel::ALL)).prop_map(|(steps, travel)| spot(steps, travel))
    }

    /// About ten metres to a step.
    fn spot(steps_north: i32, travel: Travel) -> Spot {
        Spot { point: Point::from_degrees(30.53 + f64::from(steps_north) * 1e-4, 120.69).unwrap(), travel }
    }
}
