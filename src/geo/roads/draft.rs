//! A network as an import brings it, and what is kept of it: for each mode the largest part in which everything reaches
//! everything. From a pocket of one-way streets that is closed by the edge of the map nobody would ever arrive.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::component::largest;
use super::hierarchy::Arc;
use crate::domain::{Point, Travel};
use crate::geo::travel::MODES;

/// Milliseconds along a segment in one direction, in the order of `Travel`; `None`: not by this.
pub type Times = [Option<NonZeroU32>; MODES];

/// A straight piece of road between two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub a: u32,
    pub b: u32,
    /// From `a` to `b`.
    pub there: Times,
    pub back: Times,
    /// Whether places beside it may be joined to it: a motorway passes by without a door.
    pub joinable: bool,
}

/// Nodes and segments in any order; a segment names nodes by their number.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub nodes: Vec<Point>,
    pub segments: Vec<Segment>,
}

/// What was kept of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub nodes: Share,
    /// Segments that a mode may use, in the order of `Travel`.
    pub segments: [Share; MODES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub given: usize,
    pub kept: usize,
}

impl Segment {
    pub fn is_for(&self, travel: Travel) -> bool {
        self.there[travel as usize].is_some() || self.back[travel as usize].is_some()
    }
}

impl Draft {
    /// The arcs of a mode.
    pub(super) fn arcs(&self, travel: Travel) -> impl Iterator<Item = Arc> {
        let mode = travel as usize;
        self.segments.iter().flat_map(move |it| {
            let there = it.there[mode].map(|ms| Arc { from: it.a, to: it.b, ms });
            let back = it.back[mode].map(|ms| Arc { from: it.b, to: it.a, ms });
            there.into_iter().chain(back)
        })
    }

    /// The largest part of each mode, and only the nodes that one of them needs, in their order.
    pub(super) fn connected(mut self) -> (Self, Kept) {
        self.merge_parallel();
        let nodes = self.nodes.len();
        let given = Travel::ALL.map(|travel| self.used(travel));
        for travel in Travel::ALL {
            let inside = largest(nodes, self.arcs(travel));
            let outside = |it: &Segment| !(inside[it.a as usize] && inside[it.b as usize]);
            for it in self.segments.iter_mut().filter(|it| outside(it)) {
                (it.there[travel as usize], it.back[travel as usize]) = (None, None);
            }
        }
        self.segments.retain(|it| Travel::ALL.iter().any(|travel| it.is_for(*travel)));
        self.renumber();
        let kept = Travel::ALL.map(|travel| self.used(travel));
        let segments = std::array::from_fn(|mode| Share { given: given[mode], kept: kept[mode] });
        let nodes = Share { given: nodes, kept: self.nodes.len() };
        (self, Kept { nodes, segments })
    }

    fn used(&self, travel: Travel) -> usize {
        self.segments.iter().filter(|it| it.is_for(travel)).count()
    }

    /// Two arcs between the same nodes are one road with two directions; of several in one direction the fastest counts.
    fn merge_parallel(&mut self) {
        let mut merged: BTreeMap<(u32, u32), Segment> = BTreeMap::new();
        for it in self.segments.drain(..).filter(|it| it.a != it.b).map(Segment::ordered) {
            merged.entry((it.a, it.b)).and_modify(|old| old.join(&it)).or_insert(it);
        }
        self.segments.extend(merged.into_values());
    }

    fn renumber(&mut self) {
        let mut used = vec![false; self.nodes.len()];
        self.segments.iter().for_each(|it| (used[it.a as usize], used[it.b as usize]) = (true, true));
        let mut next = 0;
        let mut numbers = Vec::with_capacity(used.len());
        for used in &used {
            numbers.push(next);
            next += u32::from(*used);
        }
        for it in &mut self.segments {
            (it.a, it.b) = (numbers[it.a as usize], numbers[it.b as usize]);
        }
        let mut used = used.iter();
        self.nodes.retain(|_| used.next().is_some_and(|used| *used));
    }
}

impl Segment {
    fn ordered(self) -> Self {
        if self.a < self.b {
            return self;
        }
        Self { a: self.b, b: self.a, there: self.back, back: self.there, ..self }
    }

    fn join(&mut self, other: &Self) {
        for mode in 0..MODES {
            self.there[mode] = faster(self.there[mode], other.there[mode]);
            self.back[mode] = faster(self.back[mode], other.back[mode]);
        }
        self.joinable |= other.joinable;
    }
}

fn faster(a: Option<NonZeroU32>, b: Option<NonZeroU32>) -> Option<NonZeroU32> {
    a.into_iter().chain(b).min()
}
