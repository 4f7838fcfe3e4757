//! H3 cells, coarse to fine, split only where entries crowd: sixty responders of a county are four levels of a few
//! cells, a hundred thousand are six more levels in the same place. Knows nothing of time or travel.
//!
//! Empty cells do not exist here, so none is visited. Each cell remembers how far from its middle an entry in it has
//! ever been; with the triangle inequality that is a bound that needs no geometry of hexagons: pentagons, poles,
//! the date line and children that stick out of their parent are all covered by how it is kept.

use std::collections::BTreeMap;

use h3o::{CellIndex as Cell, LatLng, Resolution};

use super::sphere::Place;
use crate::domain::Point;

/// Entries in a cell before it is split: more costs scanning, fewer costs descending; measured from 8 to 32.
const SPLIT_ABOVE: usize = 16;

/// Entries under a cell at which its children are put together again: far enough below `SPLIT_ABOVE` that somebody
/// who walks to and fro over an edge does not split and join with each step.
const JOIN_AT: usize = 8;

/// Cells of about 300 m²: whoever shares one stands at the same door, and no finer cell would tell them apart.
const FINEST: Resolution = Resolution::Twelve;

/// Cells of about 1,800 km²: a district lies in one to a few, and coarser ones would only be stepped through.
const ROOT: Resolution = Resolution::Four;

/// The digits of an H3 index: which of its up to seven children of a cell.
const CHILDREN: usize = 7;

/// One entry where it stands.
#[derive(Debug, Clone)]
pub(super) struct Entry<K> {
    pub(super) place: Place,
    pub(super) key: K,
    cell: Cell,
}

impl<K> Entry<K> {
    pub(super) fn new(key: K, point: Point, cell: Cell) -> Self {
        Self { place: Place::from(point), key, cell }
    }
}

/// A ball that everybody in a cell stands in. Singles halve the memory a search walks through, and cost no truth: the
/// middle is wherever rounding puts it, and the reach is measured from there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ball {
    middle: [f32; 3],
    /// No entry is, or ever was since the cell came about, farther than this from the middle along the chord.
    reach_m: f32,
}

impl Ball {
    /// Infinitely far from everywhere.
    const NOBODY: Self = Self { middle: [0.0; 3], reach_m: f32::NEG_INFINITY };

    fn in_the_middle_of(cell: Cell) -> Self {
        let at = LatLng::from(cell);
        Self { middle: Place::of_radians(at.lat_radians(), at.lng_radians()).rounded(), reach_m: 0.0 }
    }

    fn stretch_to(&mut self, place: &Place) {
        let reach_m = Place::of_rounded(self.middle).chord_m(place);
        self.reach_m = self.reach_m.max((reach_m as f32).next_up());
    }

    /// Metres along the chord that everybody in this ball is away from `from`, or more.
    pub(super) fn at_least_m(&self, from: &Place) -> f64 {
        Place::of_rounded(self.middle).chord_m(from) - f64::from(self.reach_m)
    }
}

/// What is in a cell.
#[derive(Debug, Clone)]
pub(super) enum Content<K> {
    /// In the order of their keys.
    Leaf(Vec<Entry<K>>),
    Branch(Box<Branch<K>>),
}

/// A cell that was split; `len` entries are under it. Balls and contents lie apart, by the digit of the child: a search
/// looks at all balls and at few contents.
#[derive(Debug, Clone)]
pub(super) struct Branch<K> {
    balls: [Ball; CHILDREN],
    contents: [Option<Content<K>>; CHILDREN],
    len: usize,
}

/// The earth by the coarsest cells that somebody is in.
#[derive(Debug, Clone)]
pub(super) struct CellTree<K> {
    roots: BTreeMap<Cell, (Ball, Content<K>)>,
}

impl<K: Ord> CellTree<K> {
    pub(super) fn new() -> Self {
        Self { roots: BTreeMap::new() }
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = &(Ball, Content<K>)> {
        self.roots.values()
    }

    pub(super) fn insert(&mut self, entry: Entry<K>) {
        let cell = ancestor(entry.cell, ROOT);
        let root = self.roots.entry(cell).or_insert_with(|| (Ball::in_the_middle_of(cell), Content::empty()));
        root.0.stretch_to(&entry.place);
        root.1.insert(entry, ROOT);
    }

    /// What is taken out must have been put in, with this cell.
    pub(super) fn remove(&mut self, key: &K, cell: Cell) {
        let root_cell = ancestor(cell, ROOT);
        let (_, content) = self.roots.get_mut(&root_cell).expect("an entry's cell has a root");
        content.remove(key, cell, ROOT);
        if content.len() == 0 {
            self.roots.remove(&root_cell);
        }
    }
}

impl<K: Ord> Content<K> {
    fn empty() -> Self {
        Self::Leaf(Vec::new())
    }

    fn len(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Branch(branch) => branch.len,
        }
    }

    /// Into a cell of this resolution.
    fn insert(&mut self, entry: Entry<K>, resolution: Resolution) {
        match self {
            Self::Branch(branch) => branch.insert(entry, finer(resolution)),
            Self::Leaf(entries) => {
                let at = entries.partition_point(|other| other.key < entry.key);
                entries.insert(at, entry);
                if entries.len() > SPLIT_ABOVE && resolution < FINEST {
                    self.split(resolution);
                }
            }
        }
    }

    fn split(&mut self, resolution: Resolution) {
        let mut branch = Box::new(Branch::empty());
        std::mem::replace(self, Self::empty()).for_each(&mut |entry| branch.insert(entry, finer(resolution)));
        *self = Self::Branch(branch);
    }

    fn remove(&mut self, key: &K, cell: Cell, resolution: Resolution) {
        match self {
            Self::Branch(branch) => {
                branch.remove(key, cell, finer(resolution));
                if branch.len <= JOIN_AT {
                    self.join();
                }
            }
            Self::Leaf(entries) => {
                let at = entries.binary_search_by(|entry| entry.key.cmp(key)).expect("an entry is where it was put");
                entries.remove(at);
            }
        }
    }

    fn join(&mut self) {
        let mut entries = Vec::with_capacity(SPLIT_ABOVE);
        std::mem::replace(self, Self::empty()).for_each(&mut |entry| entries.push(entry));
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        *self = Self::Leaf(entries);
    }

    fn for_each(self, take: &mut impl FnMut(Entry<K>)) {
        match self {
            Self::Leaf(entries) => entries.into_iter().for_each(take),
            Self::Branch(branch) => branch.contents.into_iter().flatten().for_each(|content| content.for_each(take)),
        }
    }
}

impl<K: Ord> Branch<K> {
    fn empty() -> Self {
        Self { balls: [Ball::NOBODY; CHILDREN], contents: std::array::from_fn(|_| None), len: 0 }
    }

    pub(super) fn child(&self, digit: usize) -> Option<&Content<K>> {
        self.contents[digit].as_ref()
    }

    /// Metres along the chord that everybody in a child is away from `from`, or more; infinite where nobody is.
    pub(super) fn at_least_m(&self, from: &Place) -> [f64; CHILDREN] {
        self.balls.map(|ball| ball.at_least_m(from))
    }

    /// Into the child of this resolution.
    fn insert(&mut self, entry: Entry<K>, resolution: Resolution) {
        let (cell, digit) = (entry.cell, digit(entry.cell, resolution));
        let (ball, content) = (&mut self.balls[digit], &mut self.contents[digit]);
        if content.is_none() {
            *ball = Ball::in_the_middle_of(ancestor(cell, resolution));
        }
        ball.stretch_to(&entry.place);
        content.get_or_insert_with(Content::empty).insert(entry, resolution);
        self.len += 1;
    }

    fn remove(&mut self, key: &K, cell: Cell, resolution: Resolution) {
        let digit = digit(cell, resolution);
        let content = self.contents[digit].as_mut().expect("an entry's cell has a content at every level");
        content.remove(key, cell, resolution);
        if content.len() == 0 {
            (self.balls[digit], self.contents[digit]) = (Ball::NOBODY, None);
        }
        self.len -= 1;
    }
}

/// The finest cell that a point lies in.
pub(super) fn cell_of(point: Point) -> Cell {
    LatLng::new(point.lat(), point.lon()).expect("a point's degrees are finite").to_cell(FINEST)
}

fn ancestor(cell: Cell, resolution: Resolution) -> Cell {
    cell.parent(resolution).expect("no cell here is finer than an entry's own")
}

/// Which child of its parent leads to `cell` at this resolution.
fn digit(cell: Cell, resolution: Resolution) -> usize {
    cell.direction_at(resolution).map(usize::from).expect("below the roots, and no finer than the entry's own cell")
}

fn finer(resolution: Resolution) -> Resolution {
    resolution.succ().expect("only cells coarser than the finest are split")
}

#[cfg(test)]
impl<K: Ord> CellTree<K> {
    /// The number of entries, having looked at every cell.
    pub(super) fn checked_len(&self) -> usize {
        self.roots.values().map(|(ball, content)| content.checked(ball, ROOT).len()).sum()
    }
}

#[cfg(test)]
impl<K: Ord> Content<K> {
    /// All entries of a cell: not empty, all within its ball, few or split, and in order.
    fn checked(&self, ball: &Ball, resolution: Resolution) -> Vec<&Entry<K>> {
        let entries: Vec<_> = match self {
            Self::Leaf(entries) => {
                assert!(entries.len() <= SPLIT_ABOVE || resolution == FINEST, "{} in a leaf", entries.len());
                assert!(entries.is_sorted_by(|a, b| a.key < b.key), "a leaf is out of order");
                entries.iter().collect()
            }
            Self::Branch(branch) => {
                assert!(branch.len > JOIN_AT, "{} in a branch", branch.len);
                let children = branch.balls.iter().zip(&branch.contents);
                let present = children.filter_map(|(ball, content)| Some((ball, content.as_ref()?)));
                present.flat_map(|(ball, content)| content.checked(ball, finer(resolution))).collect()
            }
        };
        assert!(!entries.is_empty() && entries.len() == self.len(), "{} counted {}", entries.len(), self.len());
        assert!(entries.iter().all(|entry| ball.at_least_m(&entry.place) <= 0.0), "outside its ball");
        entries
    }
}
