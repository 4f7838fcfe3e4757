//! The hash chain: each record's hash covers the hash before it and everything the record says.
//! Anybody can recompute it from this file alone: SHA-256 of (the previous record's hash, the district as six ASCII
//! digits, the seq as eight bytes big endian, the bytes of the body). Before the first record stand 32 zero bytes.

use std::fmt;
use std::str::FromStr;

use super::{Entry, Heads};
use crate::domain::digest::sha256;
use crate::domain::hex;
use crate::domain::id::BadId;
use crate::domain::{DistrictCode, Seq};

/// SHA-256, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first record of a district.
    pub const GENESIS: Self = Self([0; 32]);

    /// The hash of a record that follows the record with this hash.
    pub fn next(self, district: DistrictCode, seq: Seq, body: &str) -> Self {
        let (district, seq) = (district.to_string(), seq.to_be_bytes());
        Self(sha256(&[&self.0, district.as_bytes(), &seq, body.as_bytes()]))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0)
    }
}

impl FromStr for Hash {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { found: text.chars().take(80).collect(), expected: "a hash of 64 hexadecimal digits" };
        hex::read(text).map(Self).ok_or_else(bad)
    }
}

/// Where the journal of a district ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// 0 where the district has no record yet.
    pub seq: Seq,
    pub hash: Hash,
}

impl Default for Head {
    fn default() -> Self {
        Self::GENESIS
    }
}

impl Head {
    /// Before the first record.
    pub const GENESIS: Self = Self { seq: 0, hash: Hash::GENESIS };

    /// The head after `entry`.
    ///
    /// # Panics
    /// Where `entry` is not the next one.
    #[must_use]
    pub fn after(self, entry: &Entry) -> Self {
        let (district, seq) = (entry.district, entry.seq);
        assert_eq!(seq, self.seq + 1, "district={district}: the next record is {}, not {seq}", self.seq + 1);
        Self { seq, hash: self.hash.next(district, seq, &entry.body) }
    }
}

/// The hashes of the records of `batch` as they follow `heads`, and where its districts then end.
pub(super) fn chain(heads: &Heads, batch: &[Entry]) -> (Vec<Hash>, Heads) {
    let mut ends = Heads::new();
    let hashes = batch.iter().map(|entry| {
        let head =
            ends.entry(entry.district).or_insert_with(|| heads.get(&entry.district).copied().unwrap_or_default());
        *head = head.after(entry);
        head.hash
    });
    (hashes.collect(), ends)
}

/// What was written, as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub district: DistrictCode,
    pub seq: Seq,
    pub body: String,
    pub hash: Hash,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_can_be_recomputed_with_any_sha256() {
        // printf, xxd and sha256sum give the same: 32 zero bytes, `330481`, 00 00 00 00 00 00 00 01, `{"a":1}`.
        let first = Hash::GENESIS.next("330481".parse().unwrap(), 1, "{\"a\":1}");
        assert_eq!(first.to_string(), "035b602091d9a14f3d98c50e540224d5349eb2ff2f2bd42e5b669ec41bc095bd");
        assert_eq!(first.to_string().parse(), Ok(first));
    }

    #[test]
    fn what_is_not_a_hash_says_what_was_expected() {
        let message = "abc".parse::<Hash>().unwrap_err().to_string();
        assert_eq!(message, "`abc` is not a hash of 64 hexadecimal digits");
        assert!("+".repeat(64).parse::<Hash>().is_err());
    }
}
