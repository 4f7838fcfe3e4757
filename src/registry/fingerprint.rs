//! Fingerprints: what must be recognised again without being kept. Keyed with 32 random bytes that lie in the
//! registry alone, so that whoever holds a journal cannot try all telephone numbers against it.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Registry;
use super::error::RegistryError;
use crate::domain::Fingerprint;

/// Bytes of a block of SHA-256, by which HMAC pads its key.
const BLOCK: usize = 64;

/// The key of a registry: drawn when the registry is made, never changed, because repeats must be known for good.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The first 128 bits of HMAC-SHA-256 over the parts, each led by its length so that `ab, c` is not `a, bc`.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        let digest = hmac(&self.0, parts.iter().flat_map(|part| [length(part).to_vec(), part.to_vec()]));
        let (first, _) = digest.split_first_chunk::<16>().expect("a digest has 32 bytes");
        Fingerprint(u128::from_be_bytes(*first))
    }

    /// All 256 bits, for a value that goes out as a token.
    pub(super) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac(&self.0, parts.iter().flat_map(|part| [length(part).to_vec(), part.to_vec()]))
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

impl Registry {
    /// The key of this registry, read when it was opened.
    pub fn fingerprint_key(&self) -> &FingerprintKey {
        &self.key
    }
}

pub(super) fn read_key(conn: &rusqlite::Connection) -> Result<FingerprintKey, RegistryError> {
    Ok(FingerprintKey(conn.query_row("SELECT pepper FROM meta", [], |row| row.get(0))?))
}

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

/// RFC 2104 for a key no longer than a block.
fn hmac(key: &[u8], chunks: impl Iterator<Item = Vec<u8>>) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new_with_prefix(pad(0x36));
    chunks.for_each(|chunk| inner.update(&chunk));
    Sha256::new_with_prefix(pad(0x5c)).chain_update(inner.finalize()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_is_the_standards() {
        let digest = hmac(b"Jefe", [b"what do ya want ".to_vec(), b"for nothing?".to_vec()].into_iter());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_fingerprint_depends_on_key_and_parts() {
        let key = FingerprintKey::new([7; 32]);
        let one = key.fingerprint(&[b"ab", b"c"]);
        assert_eq!(one, key.clone().fingerprint(&[b"ab", b"c"]));
        assert_ne!(one, key.fingerprint(&[b"a", b"bc"]));
        assert_ne!(one, FingerprintKey::new([8; 32]).fingerprint(&[b"ab", b"c"]));
    }
}
