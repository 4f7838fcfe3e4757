//! Seeded chance: SplitMix64, so that a seed plays the same evening whatever the libraries do.

#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// `part` tells the actors of one evening apart.
    pub fn new(seed: u64, part: &str) -> Self {
        let fold = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let mut chance = Self { state: part.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, fold) };
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included; `low` where `high` is below it.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.saturating_sub(low) + 1)
    }

    pub fn percent(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }

    /// From -1 to 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.between(0, 2_000)).unwrap_or(0)) / 1_000.0 - 1.0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let last = u64::try_from(from.len().checked_sub(1)?).ok()?;
        from.get(usize::try_from(self.between(0, last)).ok()?)
    }
}
