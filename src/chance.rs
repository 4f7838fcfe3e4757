//! Chance from a seed: the same on every machine and for ever. xoshiro256**, begun by splitmix64 (Blackman and Vigna).
//! Whole numbers only, so that no library's next version and no other processor draws something else.

use crate::domain::private::{Commitment, PrivateId};
use crate::domain::{Fingerprint, PrivateRef};

/// 2^64 over the golden ratio: splitmix64's step.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Debug, Clone)]
pub struct Chance {
    state: [u64; 4],
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        let mut mixed = seed;
        let mut split = || {
            mixed = mixed.wrapping_add(GOLDEN);
            mix(mixed)
        };
        Self { state: [split(), split(), split(), split()] }
    }

    /// The stream of one thing of many: a pure function of `seed` and its `names`, whatever was drawn before. What two
    /// runs draw for the same thing is the same, however differently they come to it.
    pub fn of(seed: u64, names: &[u64]) -> Self {
        Self::new(names.iter().fold(seed, |mixed, name| mix(mixed ^ mix(name.wrapping_add(GOLDEN)))))
    }

    /// The stream of one actor of many, by a name in letters (FNV-1a).
    pub fn named(seed: u64, name: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self::of(seed, &[name.bytes().fold(0xcbf2_9ce4_8422_2325, fold)])
    }

    /// Another stream, so that more chance in one place changes nothing in another.
    pub fn fork(&mut self) -> Self {
        Self::new(self.draw())
    }

    pub fn draw(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// 0 to `n` - 1.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing lies below 0");
        ((u128::from(self.draw()) * u128::from(n)) >> 64) as u64
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

    /// From -1 to 1, in thousandths.
    pub fn unit(&mut self) -> f64 {
        self.below(2_001) as f64 / 1_000.0 - 1.0
    }

    pub fn fingerprint(&mut self) -> Fingerprint {
        Fingerprint((u128::from(self.draw()) << 64) | u128::from(self.draw()))
    }

    pub fn private(&mut self) -> PrivateRef {
        let mut commitment = [0; 32];
        commitment[..8].copy_from_slice(&self.draw().to_be_bytes());
        PrivateRef { id: PrivateId(self.fingerprint().0), commitment: Commitment(commitment) }
    }
}

/// splitmix64's finalizer.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_and_not_counted() {
        let draw = |seed, names: &[u64]| Chance::of(seed, names).draw();
        assert_eq!(draw(7, &[1, 2]), draw(7, &[1, 2]));
        let others = [draw(7, &[2, 1]), draw(8, &[1, 2]), draw(7, &[1]), draw(7, &[1, 2, 0])];
        assert!(others.iter().all(|it| *it != draw(7, &[1, 2])), "{others:?}");
    }

    #[test]
    fn a_share_of_a_thousand_is_a_share() {
        let yes = (0..100_000).filter(|n| Chance::of(3, &[*n]).pct(30)).count();
        assert!((29_500..30_500).contains(&yes), "{yes} of 100,000 at 30 %");
    }
}
