//! One entry of the tree in sixteen bytes: roughly where, by what, and the number under which the rest is kept.

use super::sphere::Rough;
use super::travel::ROUGH_WAYS;
use crate::domain::Travel;

/// The low bits of a tag, that say the way of travelling.
const MODE_BITS: u32 = 2;

/// As many entries as can be told apart: ten thousand cities' worth.
pub(super) const NUMBERS: u32 = 1 << (u32::BITS - MODE_BITS);

#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub(super) at: Rough,
    /// The number above the bits of the mode: a fourth word, where a fifth would spoil the size.
    tag: u32,
}

impl Seat {
    /// `number` is below `NUMBERS`.
    #[inline]
    pub(super) fn new(at: Rough, number: u32, travel: Travel) -> Self {
        Self { at, tag: (number << MODE_BITS) | travel as u32 }
    }

    #[inline]
    pub(super) fn number(&self) -> u32 {
        self.tag >> MODE_BITS
    }

    /// The way of travelling, in the order of `Travel`.
    #[inline]
    pub(super) fn mode(&self) -> usize {
        (self.tag & ((1 << MODE_BITS) - 1)) as usize
    }

    /// Seconds to `to`, or less.
    #[inline]
    pub(super) fn at_least_s(&self, to: &Rough) -> f32 {
        ROUGH_WAYS[self.mode()].at_least_s(self.at.chord2_m2(to).sqrt())
    }
}
