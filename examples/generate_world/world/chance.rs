//! Seeded chance: SplitMix64, so that no library's next version changes the world.

pub struct Chance {
    state: u64,
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).expect("low is not above high") + 1;
        low + i64::try_from(self.next() % span).expect("a span of our own fits")
    }

    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.index(from.len())]
    }

    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(len).expect("a list fits")).expect("an index fits")
    }

    /// A point of the ring from `inner` to `outer` metres, east and north, no farther south than `south`.
    pub fn in_ring(&mut self, inner: i64, outer: i64, south: i64) -> (i64, i64) {
        loop {
            let (east, north) = (self.between(-outer, outer), self.between(-outer, outer));
            let square = east * east + north * north;
            if (inner * inner..=outer * outer).contains(&square) && north >= -south {
                return (east, north);
            }
        }
    }
}
