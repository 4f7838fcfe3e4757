//! H3 cells, coarse to fine, split only where entries crowd: sixty responders of a county are four levels of a few
//! cells, a hundred thousand are six more levels in the same place. Knows nothing of time or travel.
//!
//! Empty cells do not exist here, so none is visited. Each cell remembers how far from its own centre an entry under it
//! has ever been; with the triangle inequality that is a bound that needs no geometry of hexagons: pentagons, poles,
//! the date line and children that stick out of their parent are all covered by how it is kept.

use std::collections::BTreeMap;

use h3o::{CellIndex as Cell, LatLng, Resolution};

use super::sphere::Place;
use crate::domain::Point;

/// Entries in a cell before it is split: more costs scanning, fewer costs descending; measured from 4 to 32.
const SPLIT_ABOVE: usize = 28;

/// Entries under a cell at which its children are put together again: far enough below `SPLIT_ABOVE` that somebody
/// who walks to and fro over an edge does not split and join with each step.
const JOIN_AT: usize = 14;

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
    pub(super) fn new(key: K, point: Point) -> Self {
        Self { place: Place::from(point), key, cell: cell_of(point) }
    }
}

/// A cell and all that is in it.
#[derive(Debug, Clone)]
pub(super) struct Patch<K> {
    centre: Place,
    /// No entry under this cell is farther than this from its centre, in metres along the chord.
    reach_m: f64,
    pub(super) content: Content<K>,
}

#[derive(Debug, Clone)]
pub(super) enum Content<K> {
    /// In the order of their keys.
    Leaf(Vec<Entry<K>>),
    Branch(Box<Branch<K>>),
}

/// A cell that was split; `len` entries are under it.
#[derive(Debug, Clone)]
pub(super) struct Branch<K> {
    len: usize,
    children: [Option<Patch<K>>; CHILDREN],
}

/// The earth by the coarsest cells that somebody is in.
#[derive(Debug, Clone)]
pub(super) struct CellTree<K> {
    roots: BTreeMap<Cell, Patch<K>>,
}

impl<K: Ord> CellTree<K> {
    pub(super) fn new() -> Self {
        Self { roots: BTreeMap::new() }
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = &Patch<K>> {
        self.roots.values()
    }

    pub(super) fn insert(&mut self, entry: Entry<K>) {
        let cell = ancestor(entry.cell, ROOT);
        let root = self.roots.entry(cell).or_insert_with(|| Patch::empty(cell));
        root.insert(entry, ROOT);
    }

    /// What is taken out must have been put in, there.
    pub(super) fn remove(&mut self, key: &K, point: Point) {
        let cell = cell_of(point);
        let root_cell = ancestor(cell, ROOT);
        let root = self.roots.get_mut(&root_cell).expect("an entry's cell has a root");
        root.remove(key, cell, ROOT);
        if root.len() == 0 {
            self.roots.remove(&root_cell);
        }
    }
}

impl<K: Ord> Patch<K> {
    fn empty(cell: Cell) -> Self {
        let at = LatLng::from(cell);
        let centre = Place::of_radians(at.lat_radians(), at.lng_radians());
        Self { centre, reach_m: 0.0, content: Content::Leaf(Vec::new()) }
    }

    fn len(&self) -> usize {
        match &self.content {
            Content::Leaf(entries) => entries.len(),
            Content::Branch(branch) => branch.len,
        }
    }

    /// Metres along the chord that every entry under this cell is away from `from`, or more.
    pub(super) fn at_least_m(&self, from: &Place) -> f64 {
        self.centre.chord_m(from) - self.reach_m
    }

    fn insert(&mut self, entry: Entry<K>, resolution: Resolution) {
        self.reach_m = self.reach_m.max(self.centre.chord_m(&entry.place));
        match &mut self.content {
            Content::Branch(branch) => branch.insert(entry, finer(resolution)),
            Content::Leaf(entries) => {
                let at = entries.partition_point(|other| other.key < entry.key);
                entries.insert(at, entry);
                if entries.len() > SPLIT_ABOVE && resolution < FINEST {
                    self.split(resolution);
                }
            }
        }
    }

    fn split(&mut self, resolution: Resolution) {
        let mut branch = Box::new(Branch { len: 0, children: std::array::from_fn(|_| None) });
        let whole = std::mem::replace(&mut self.content, Content::Leaf(Vec::new()));
        whole.for_each(&mut |entry| branch.insert(entry, finer(resolution)));
        self.content = Content::Branch(branch);
    }

    fn remove(&mut self, key: &K, cell: Cell, resolution: Resolution) {
        match &mut self.content {
            Content::Branch(branch) => {
                branch.remove(key, cell, finer(resolution));
                if branch.len <= JOIN_AT {
                    self.join();
                }
            }
            Content::Leaf(entries) => {
                let at = entries.binary_search_by(|entry| entry.key.cmp(key)).expect("an entry is where it was put");
                entries.remove(at);
            }
        }
    }

    fn join(&mut self) {
        let parts = std::mem::replace(&mut self.content, Content::Leaf(Vec::new()));
        let mut entries = Vec::with_capacity(SPLIT_ABOVE);
        parts.for_each(&mut |entry| entries.push(entry));
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        self.content = Content::Leaf(entries);
    }
}

impl<K> Content<K> {
    fn for_each(self, take: &mut impl FnMut(Entry<K>)) {
        match self {
            Self::Leaf(entries) => entries.into_iter().for_each(take),
            Self::Branch(branch) => {
                for patch in branch.children.into_iter().flatten() {
                    patch.content.for_each(take);
                }
            }
        }
    }
}

impl<K: Ord> Branch<K> {
    pub(super) fn child(&self, digit: usize) -> Option<&Patch<K>> {
        self.children[digit].as_ref()
    }

    /// Metres along the chord that every entry under a child is away from `from`, or more; infinite where none is.
    pub(super) fn at_least_m(&self, from: &Place) -> [f64; CHILDREN] {
        self.children.each_ref().map(|child| child.as_ref().map_or(f64::INFINITY, |patch| patch.at_least_m(from)))
    }

    fn insert(&mut self, entry: Entry<K>, resolution: Resolution) {
        self.len += 1;
        let cell = entry.cell;
        let child = &mut self.children[digit(cell, resolution)];
        child.get_or_insert_with(|| Patch::empty(ancestor(cell, resolution))).insert(entry, resolution);
    }

    fn remove(&mut self, key: &K, cell: Cell, resolution: Resolution) {
        self.len -= 1;
        let child = &mut self.children[digit(cell, resolution)];
        let patch = child.as_mut().expect("an entry's cell has a patch at every level");
        patch.remove(key, cell, resolution);
        if patch.len() == 0 {
            *child = None;
        }
    }
}

fn cell_of(point: Point) -> Cell {
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
        self.roots.values().map(|root| root.checked(ROOT).len()).sum()
    }
}

#[cfg(test)]
impl<K: Ord> Patch<K> {
    /// All entries under this cell: not empty, all within reach, few or split, and in order.
    fn checked(&self, resolution: Resolution) -> Vec<&Entry<K>> {
        let entries: Vec<_> = match &self.content {
            Content::Leaf(entries) => {
                assert!(entries.len() <= SPLIT_ABOVE || resolution == FINEST, "{} in a leaf", entries.len());
                assert!(entries.is_sorted_by(|a, b| a.key < b.key), "a leaf is out of order");
                entries.iter().collect()
            }
            Content::Branch(branch) => {
                assert!(branch.len > JOIN_AT, "{} in a branch", branch.len);
                branch.children.iter().flatten().flat_map(|child| child.checked(finer(resolution))).collect()
            }
        };
        assert!(!entries.is_empty() && entries.len() == self.len(), "{} counted {}", entries.len(), self.len());
        assert!(entries.iter().all(|entry| self.centre.chord_m(&entry.place) <= self.reach_m));
        entries
    }
}
