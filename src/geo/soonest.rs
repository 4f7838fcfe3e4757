//! The soonest few of a walk, by what they cannot be faster than. One walk finds a window of them; the next goes on
//! where the window ended. Knows nothing of who is eligible.

use std::collections::BinaryHeap;

pub(super) struct Soonest {
    room: usize,
    /// What is not greater came in an earlier window.
    after: Option<u64>,
    /// What is later is of no use at all, or later than all of a full window.
    until_s: f32,
    /// Seconds in the upper half, whose bits are in their order since they are not negative, a number below: one
    /// comparison of whole numbers, and no two are equal. The greatest is the first to go.
    keys: BinaryHeap<u64>,
}

impl Soonest {
    pub(super) fn new(room: usize) -> Self {
        Self { room, after: None, until_s: f32::INFINITY, keys: BinaryHeap::with_capacity(room) }
    }

    /// Before anything is offered.
    pub(super) fn limited_to(self, until_s: f32) -> Self {
        Self { until_s, ..self }
    }

    /// What takes longer does not come in.
    #[inline]
    pub(super) fn until_s(&self) -> f32 {
        self.until_s
    }

    #[inline]
    pub(super) fn offer(&mut self, at_least_s: f32, number: u32) {
        let key = u64::from(at_least_s.max(0.0).to_bits()) << 32 | u64::from(number);
        if at_least_s > self.until_s || self.after.is_some_and(|after| key <= after) {
            return;
        }
        if self.keys.len() < self.room {
            self.keys.push(key);
        } else if let Some(mut greatest) = self.keys.peek_mut()
            && key < *greatest
        {
            *greatest = key;
        }
        if self.keys.len() == self.room
            && let Some(greatest) = self.keys.peek()
        {
            self.until_s = seconds(*greatest);
        }
    }

    /// The window from its soonest on, and the next one where there was no room for all: four times as wide, so that
    /// however many are looked at, most of them are by the last walk.
    pub(super) fn close(self) -> (impl Iterator<Item = (f32, u32)>, Option<Self>) {
        let keys = self.keys.into_sorted_vec();
        let full = keys.len() == self.room;
        let next = full.then(|| Self { after: keys.last().copied(), ..Self::new(self.room.saturating_mul(4)) });
        (keys.into_iter().map(|key| (seconds(key), key as u32)), next)
    }
}

#[inline]
fn seconds(key: u64) -> f32 {
    f32::from_bits((key >> 32) as u32)
}
