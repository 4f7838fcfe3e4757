//! What a search has yet to look into, the soonest first. Knows nothing of what makes it so.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::cell_tree::Content;

/// Room made beforehand: a search among a hundred thousand pushes about ninety.
const USUAL: usize = 128;

/// What is looked into next.
pub(super) enum Next<'a> {
    Cell(&'a Content),
    /// By its number.
    Seat(u32),
}

pub(super) struct Queue<'a> {
    /// Seconds in the upper half, whose bits are in their order as long as they are not negative; below, twice a seat's
    /// number, or twice a cell's place in `cells` and one: one comparison of whole numbers instead of two.
    soonest: BinaryHeap<Reverse<u64>>,
    cells: Vec<&'a Content>,
}

impl<'a> Queue<'a> {
    pub(super) fn new() -> Self {
        Self { soonest: BinaryHeap::with_capacity(USUAL), cells: Vec::with_capacity(USUAL) }
    }

    pub(super) fn push_cell(&mut self, at_least_s: f32, cell: &'a Content) {
        self.push(at_least_s, self.cells.len() as u32 * 2 + 1);
        self.cells.push(cell);
    }

    /// `number` is below 2^30.
    pub(super) fn push_seat(&mut self, at_least_s: f32, number: u32) {
        self.push(at_least_s, number * 2);
    }

    pub(super) fn pop(&mut self) -> Option<(f32, Next<'a>)> {
        let Reverse(item) = self.soonest.pop()?;
        let (at_least_s, what) = (f32::from_bits((item >> 32) as u32), item as u32);
        let next =
            if what.is_multiple_of(2) { Next::Seat(what / 2) } else { Next::Cell(self.cells[(what / 2) as usize]) };
        Some((at_least_s, next))
    }

    fn push(&mut self, at_least_s: f32, what: u32) {
        self.soonest.push(Reverse(u64::from(at_least_s.max(0.0).to_bits()) << 32 | u64::from(what)));
    }
}
