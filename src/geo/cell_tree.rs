//! H3 cells, coarse to fine, split only where entries crowd: sixty responders of a county are two levels of a few
//! cells, a hundred thousand are four more levels in the same place. Knows nothing of time.
//!
//! Empty cells hold nothing here, so none is visited. Within a cell everybody belongs to the child whose middle is
//! nearest. Away from the edges that is the child H3 names, but it is told by seven distances where H3 takes four
//! thousand instructions; and a plane half way between two middles parts their children, which H3's own fringes do not.

use std::collections::BTreeMap;

use h3o::{CellIndex as Cell, LatLng, Resolution};

use super::balls::{Balls, LANES};
use super::seat::Seat;
use super::sphere::Rough;
use crate::domain::Point;

/// Entries in a cell before it is split: more costs scanning, fewer costs descending; measured from 12 to 40.
const SPLIT_ABOVE: usize = 24;

/// Entries under a cell at which its children are put together again: far enough below `SPLIT_ABOVE` that somebody
/// who walks to and fro over an edge does not split and join with each step.
const JOIN_AT: usize = 12;

/// Cells of about 300 m²: whoever shares one stands at the same door, and no finer cell would tell them apart.
const FINEST: Resolution = Resolution::Twelve;

/// Cells of about 1,800 km²: a district lies in one to a few, and coarser ones would only be stepped through.
const ROOT: Resolution = Resolution::Four;

/// Roots that are asked whether a place is theirs before H3 is: a district's are fewer, and asking one costs a
/// twentieth of H3's answer.
const ROOTS_ASKED: usize = 8;

/// The lane of a root among itself and its neighbours.
const OWN: usize = 0;

/// The earth by the coarsest cells that somebody is in.
#[derive(Clone)]
pub(super) struct CellTree {
    roots: BTreeMap<Cell, Root>,
}

/// A coarsest cell.
#[derive(Clone)]
pub(super) struct Root {
    /// Its own ball, and the neighbours' for their middles alone.
    around: Balls,
    content: Content,
}

/// What is in a cell.
#[derive(Clone)]
pub(super) enum Content {
    /// In no order.
    Leaf(Vec<Seat>),
    Branch(Box<Branch>),
}

/// A cell that was split; `len` entries are under it. Balls and contents lie apart: a search looks at all balls and at
/// few contents.
#[derive(Clone)]
pub(super) struct Branch {
    pub(super) balls: Balls,
    contents: [Content; LANES],
    len: usize,
    cell: Cell,
}

impl CellTree {
    pub(super) fn new() -> Self {
        Self { roots: BTreeMap::new() }
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = &Root> {
        self.roots.values()
    }

    /// The root it was put under, by which it is found again.
    pub(super) fn insert(&mut self, seat: Seat, point: Point) -> Cell {
        let cell = self.root_of(&seat.at, point);
        let root = self.roots.entry(cell).or_insert_with(|| Root::new(cell));
        root.around.stretch_to(OWN, &seat);
        root.content.insert(seat, cell);
        cell
    }

    /// What is taken out must have been put in, under this root.
    pub(super) fn remove(&mut self, seat: &Seat, root: Cell) {
        let content = &mut self.roots.get_mut(&root).expect("an entry's root is kept").content;
        content.remove(seat);
        if content.len() == 0 {
            self.roots.remove(&root);
        }
    }

    fn root_of(&self, at: &Rough, point: Point) -> Cell {
        let mut asked = self.roots.iter().take(ROOTS_ASKED);
        match asked.find(|(_, root)| root.around.nearest(at) == OWN) {
            Some((cell, _)) => *cell,
            None => LatLng::new(point.lat(), point.lon()).expect("a point's degrees are finite").to_cell(ROOT),
        }
    }
}

impl Root {
    fn new(cell: Cell) -> Self {
        let neighbours = cell.grid_disk::<Vec<Cell>>(1).into_iter().filter(|it| *it != cell);
        Self { around: Balls::around(std::iter::once(cell).chain(neighbours)), content: Content::empty() }
    }

    #[inline]
    pub(super) fn at_least_s(&self, to: &Rough) -> f32 {
        self.around.at_least_s(OWN, to)
    }

    pub(super) fn content(&self) -> &Content {
        &self.content
    }
}

impl Content {
    fn empty() -> Self {
        Self::Leaf(Vec::new())
    }

    fn len(&self) -> usize {
        match self {
            Self::Leaf(seats) => seats.len(),
            Self::Branch(branch) => branch.len,
        }
    }

    /// Into this cell.
    fn insert(&mut self, seat: Seat, cell: Cell) {
        match self {
            Self::Branch(branch) => branch.insert(seat),
            Self::Leaf(seats) => {
                seats.push(seat);
                if seats.len() > SPLIT_ABOVE && cell.resolution() < FINEST {
                    self.split(cell);
                }
            }
        }
    }

    fn split(&mut self, cell: Cell) {
        let mut branch = Box::new(Branch::empty(cell));
        std::mem::replace(self, Self::empty()).for_each(&mut |seat| branch.insert(seat));
        *self = Self::Branch(branch);
    }

    fn remove(&mut self, seat: &Seat) {
        match self {
            Self::Branch(branch) => {
                branch.remove(seat);
                if branch.len <= JOIN_AT {
                    self.join();
                }
            }
            Self::Leaf(seats) => {
                let is_it = |other: &Seat| other.number() == seat.number();
                let at = seats.iter().position(is_it).expect("an entry is where it was put");
                seats.swap_remove(at);
            }
        }
    }

    fn join(&mut self) {
        let mut seats = Vec::with_capacity(SPLIT_ABOVE);
        std::mem::replace(self, Self::empty()).for_each(&mut |seat| seats.push(seat));
        *self = Self::Leaf(seats);
    }

    fn for_each(self, take: &mut impl FnMut(Seat)) {
        match self {
            Self::Leaf(seats) => seats.into_iter().for_each(take),
            Self::Branch(branch) => branch.contents.into_iter().for_each(|content| content.for_each(take)),
        }
    }
}

impl Branch {
    fn empty(cell: Cell) -> Self {
        let balls = Balls::around(cell.children(finer(cell.resolution())));
        Self { balls, contents: std::array::from_fn(|_| Content::empty()), len: 0, cell }
    }

    pub(super) fn child(&self, lane: usize) -> &Content {
        &self.contents[lane]
    }

    fn insert(&mut self, seat: Seat) {
        let lane = self.balls.nearest(&seat.at);
        self.balls.stretch_to(lane, &seat);
        self.len += 1;
        match &mut self.contents[lane] {
            Content::Branch(branch) => branch.insert(seat),
            Content::Leaf(seats) if seats.len() < SPLIT_ABOVE => seats.push(seat),
            leaf => {
                let child = self.cell.children(finer(self.cell.resolution())).nth(lane);
                leaf.insert(seat, child.expect("only a child's lane is nearest"));
            }
        }
    }

    fn remove(&mut self, seat: &Seat) {
        let lane = self.balls.nearest(&seat.at);
        self.contents[lane].remove(seat);
        if self.contents[lane].len() == 0 {
            self.balls.empty(lane);
        }
        self.len -= 1;
    }
}

fn finer(resolution: Resolution) -> Resolution {
    resolution.succ().expect("only cells coarser than the finest are split")
}

#[cfg(test)]
impl CellTree {
    /// The number of entries, having looked at every cell.
    pub(super) fn checked_len(&self) -> usize {
        self.roots.iter().map(|(cell, root)| root.content.checked(&root.around, OWN, *cell).len()).sum()
    }
}

#[cfg(test)]
impl Content {
    /// All entries of a cell: not empty, all within its ball, and few or split.
    fn checked(&self, balls: &Balls, lane: usize, cell: Cell) -> Vec<Seat> {
        let seats: Vec<Seat> = match self {
            Self::Leaf(seats) => {
                assert!(seats.len() <= SPLIT_ABOVE || cell.resolution() == FINEST, "{} in a leaf", seats.len());
                seats.clone()
            }
            Self::Branch(branch) => {
                assert!(branch.len > JOIN_AT && branch.cell == cell, "{} in a branch", branch.len);
                branch.checked()
            }
        };
        assert!(!seats.is_empty() && seats.len() == self.len(), "{} counted {}", seats.len(), self.len());
        assert!(seats.iter().all(|seat| balls.holds(lane, seat)), "outside its ball");
        seats
    }
}

#[cfg(test)]
impl Branch {
    /// All entries of all children, none of which is nearer to another's middle.
    fn checked(&self) -> Vec<Seat> {
        use super::sphere::Place;

        let mut all = Vec::new();
        for (lane, child) in self.cell.children(finer(self.cell.resolution())).enumerate() {
            if self.contents[lane].len() == 0 {
                let anywhere = Rough::from(Place::of_radians(0.0, 0.0));
                assert!(self.balls.at_least_s(lane, &anywhere).is_infinite(), "nobody in a ball");
                continue;
            }
            let seats = self.contents[lane].checked(&self.balls, lane, child);
            assert!(seats.iter().all(|seat| self.balls.nearest(&seat.at) == lane), "in another's cell");
            all.extend(seats);
        }
        all
    }
}
