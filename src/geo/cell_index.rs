//! Who is where, by H3 cell. Holds what it was told last, however old; who may be asked at all is the caller's to say.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

use serde::{Deserialize, Serialize};

use super::cell_tree::CellTree;
use super::seat::{NUMBERS, Seat};
use super::sphere::{Place, Rough};
use crate::domain::{Point, Travel};

/// Where an entry is and by what it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub point: Point,
    pub travel: Travel,
}

/// An entry, and what was found out about its spot when it came there.
#[derive(Clone)]
pub(super) struct Stand<K> {
    pub(super) place: Place,
    root: h3o::CellIndex,
    spot: Spot,
    pub(super) key: K,
}

/// Entries by key and by cell. Putting, moving and removing cost O(log n).
#[derive(Clone)]
pub struct CellIndex<K> {
    numbers: BTreeMap<K, u32>,
    /// By number, which never changes while somebody is in; a vacant one is taken by the next who comes.
    stands: Vec<Option<Stand<K>>>,
    vacant: Vec<u32>,
    tree: CellTree,
}

/// Who is where, and nothing of how it came about: two that hold the same print the same.
impl<K: Ord + Clone + Debug> Debug for CellIndex<K> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone> Default for CellIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone> CellIndex<K> {
    pub fn new() -> Self {
        Self { numbers: BTreeMap::new(), stands: Vec::new(), vacant: Vec::new(), tree: CellTree::new() }
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub fn get(&self, key: &K) -> Option<Spot> {
        self.numbers.get(key).map(|number| self.stand(*number).spot)
    }

    /// In the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, Spot)> {
        self.numbers.iter().map(|(key, number)| (key, self.stand(*number).spot))
    }

    /// Put in, or moved. Where the entry was before, if anywhere.
    pub fn put(&mut self, key: K, spot: Spot) -> Option<Spot> {
        if let Some(&number) = self.numbers.get(&key) {
            return Some(self.shift(number, spot));
        }
        let number = self.vacant.pop().unwrap_or_else(|| {
            self.stands.push(None);
            self.stands.len() as u32 - 1
        });
        assert!(number < NUMBERS, "{} entries, expected {NUMBERS} at most", self.len());
        self.numbers.insert(key.clone(), number);
        let place = Place::from(spot.point);
        let root = self.tree.insert(Seat::new(place.into(), number, spot.travel), spot.point);
        self.stands[number as usize] = Some(Stand { place, root, spot, key });
        None
    }

    /// Where the entry was, if anywhere.
    pub fn remove(&mut self, key: &K) -> Option<Spot> {
        let number = self.numbers.remove(key)?;
        let stand = self.stands[number as usize].take().expect("a number leads to a stand");
        self.tree.remove(&stand.seat(number), stand.root);
        self.vacant.push(number);
        Some(stand.spot)
    }

    pub(super) fn stand(&self, number: u32) -> &Stand<K> {
        self.stands[number as usize].as_ref().expect("a number leads to a stand")
    }

    pub(super) fn tree(&self) -> &CellTree {
        &self.tree
    }

    fn shift(&mut self, number: u32, spot: Spot) -> Spot {
        let place = Place::from(spot.point);
        let stand = self.stands[number as usize].as_mut().expect("a number leads to a stand");
        let before = stand.spot;
        if before != spot {
            self.tree.remove(&stand.seat(number), stand.root);
            (stand.spot, stand.place) = (spot, place);
            stand.root = self.tree.insert(stand.seat(number), spot.point);
        }
        before
    }
}

impl<K> Stand<K> {
    pub(super) fn travel(&self) -> Travel {
        self.spot.travel
    }

    fn seat(&self, number: u32) -> Seat {
        Seat::new(Rough::from(self.place), number, self.spot.travel)
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
        let mut alike = CellIndex::new();
        alike.put(3, here);
        assert_eq!(format!("{index:?}"), format!("{alike:?}"));
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
                prop_assert_eq!(index.tree.checked_len(), index.len());
                prop_assert_eq!(index.stands.len(), index.len() + index.vacant.len());
            }
            let keys: Vec<_> = index.iter().map(|(key, _)| *key).collect();
            for key in &keys {
                index.remove(key);
                prop_assert_eq!(index.tree.checked_len(), index.len());
            }
            prop_assert!(index.tree.roots().next().is_none());
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
