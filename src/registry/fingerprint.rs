//! Fingerprints: what must be recognised again without being kept. Keyed with 32 random bytes that lie in the
//! registry alone, so that whoever holds a journal cannot try all telephone numbers against it.

use std::fmt;

use ring::hmac;

use super::Registry;
use super::error::RegistryError;
use super::sql::Sql;
use crate::domain::Fingerprint;

/// The key of a registry: drawn when the registry is made, never changed, because repeats must be known for good.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The first 128 bits of HMAC-SHA-256 over the parts, each led by its length so that `ab, c` is not `a, bc`.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        let digest = self.digest(parts);
        let (first, _) = digest.split_first_chunk::<16>().expect("a digest has 32 bytes");
        Fingerprint(u128::from_be_bytes(*first))
    }

    /// All 256 bits, for a value that goes out as a token, or a key of its own.
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0));
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
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

/// `None` where nobody has drawn one yet.
pub(super) fn read_key(sql: &Sql) -> Result<Option<FingerprintKey>, RegistryError> {
    let row = sql.row("SELECT pepper FROM meta", &[])?;
    row.map(|row| row.get(0).map(FingerprintKey)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// printf '\0\0\0\0\0\0\0\2ab' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
    #[test]
    fn a_fingerprint_is_an_hmac_that_anybody_can_recompute() {
        let print = FingerprintKey::new([7; 32]).fingerprint(&[b"ab"]);
        assert_eq!(print.to_string(), "8c0be0ba6e96fa9ec6584e7b73d57d83");
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
