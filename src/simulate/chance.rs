//! Chance from a seed: the same on every machine and for ever. xoshiro256**, begun by splitmix64 (Blackman and Vigna).

use crate::domain::private::{Commitment, PrivateId};
use crate::domain::{Fingerprint, PrivateRef};

#[derive(Debug, Clone)]
pub struct Chance {
    state: [u64; 4],
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        let mut mixed = seed;
        let mut split = || {
            mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self { state: [split(), split(), split(), split()] }
    }

    /// Another stream, so that more chance in one place changes nothing in another.
    pub fn fork(&mut self) -> Self {
        Self::new(self.next())
    }

    pub fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// 0 to `n` - 1.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing lies below 0");
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    pub fn pct(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    pub fn fingerprint(&mut self) -> Fingerprint {
        Fingerprint((u128::from(self.next()) << 64) | u128::from(self.next()))
    }

    pub fn private(&mut self) -> PrivateRef {
        let mut commitment = [0; 32];
        commitment[..8].copy_from_slice(&self.next().to_be_bytes());
        PrivateRef { id: PrivateId(self.fingerprint().0), commitment: Commitment(commitment) }
    }
}
