//! Secrets that are shown once and known again by their digest.
//! They are drawn here with 260 bits of chance, never chosen by a person, so plain SHA-256 keeps them: there is no
//! dictionary to try, and a slow hash would only slow the sign-in. A chosen password must never come this way.

use std::fmt;

use rand::CryptoRng;

use crate::domain::digest::sha256;
use crate::domain::hex;

/// Thirty-two letters that cannot be mistaken for each other when read aloud or typed: no i, l, o and u.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Letters of a secret, of five bits each: 260 bits.
const SECRET_LETTERS: usize = 52;

/// A secret in the clear. It is printed or sent once, and kept nowhere.
pub struct Secret(String);

impl Secret {
    /// A new one; `mark` tells a reader what it opens.
    pub(super) fn draw(mark: &str, rng: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; SECRET_LETTERS];
        rng.fill_bytes(&mut bytes);
        let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
        Self(mark.chars().chain(letters).collect())
    }

    /// The secret itself, to be shown to whom it belongs.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// By what a secret is known again. Looking one up by its order tells a watch nothing: who does not know the secret
/// cannot choose its digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretHash(pub(super) [u8; 32]);

impl SecretHash {
    pub fn of(secret: &str) -> Self {
        Self(sha256(&[secret.as_bytes()]))
    }

    pub(super) fn to_hex(self) -> String {
        hex::text(&self.0)
    }

    pub(super) fn from_hex(text: &str) -> Option<Self> {
        text.parse::<crate::domain::private::Commitment>().ok().map(|it| Self(it.0))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_secret_is_known_again_by_its_hash_alone() {
        let mut rng = StdRng::seed_from_u64(1);
        let (one, other) = (Secret::draw("tw_", &mut rng), Secret::draw("tw_", &mut rng));
        assert_eq!(one.expose().len(), 3 + SECRET_LETTERS);
        assert!(one.expose().starts_with("tw_"));
        assert_eq!(SecretHash::of(one.expose()), one.hash());
        assert!(one.hash() != other.hash());
        assert_eq!(SecretHash::from_hex(&one.hash().to_hex()), Some(one.hash()));
        assert_eq!(format!("{one:?} {:?}", one.hash()), "Secret(…) SecretHash(…)");
    }
}
