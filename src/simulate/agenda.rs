//! What will happen, in virtual time: by the millisecond, and within one in the order it was put down.

use std::collections::BTreeMap;

#[derive(Debug)]
pub struct Agenda<T> {
    things: BTreeMap<(u64, u64), T>,
    put_down: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { things: BTreeMap::new(), put_down: 0 }
    }
}

impl<T> Agenda<T> {
    pub fn put(&mut self, at_ms: u64, thing: T) {
        self.put_down += 1;
        self.things.insert((at_ms, self.put_down), thing);
    }

    pub fn next_at(&self) -> Option<u64> {
        self.things.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn take(&mut self) -> Option<(u64, T)> {
        self.things.pop_first().map(|((at, _), thing)| (at, thing))
    }
}
