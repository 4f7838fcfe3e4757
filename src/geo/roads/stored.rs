//! The stored form: a head that says what it is and what it adds up to, and behind it the network with its hierarchies.
//! The same import makes the same bytes. Reads and writes no file.

use super::{Net, Roads};
use crate::domain::digest::sha256;

/// Rises when what is behind the head changes its shape.
pub const FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = b"TWROADS\n";

/// Magic, format, the digest of the rest.
const HEAD_BYTES: usize = MAGIC.len() + 4 + 32;

/// Why bytes are no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRoads {
    #[error("it begins with {found:?}, expected {MAGIC:?}: another file has its name")]
    Foreign { found: Vec<u8> },
    #[error("it has format {found}, expected {FORMAT}")]
    Format { found: u32 },
    #[error("it ends after {found} bytes, expected a head of {HEAD_BYTES} and a network")]
    Short { found: usize },
    #[error("its bytes have the digest {found}, expected {expected}: it is damaged")]
    Damaged { found: String, expected: String },
    #[error("its head is whole and its content is not: {0}")]
    Unreadable(String),
}

impl Roads {
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = postcard::to_allocvec(&self.net).expect("a network is numbers");
        [MAGIC.as_slice(), &FORMAT.to_le_bytes(), &sha256(&[&body]), &body].concat()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadRoads> {
        let begins = bytes.get(..MAGIC.len()).unwrap_or(bytes);
        if begins != MAGIC {
            return Err(BadRoads::Foreign { found: begins.to_vec() });
        }
        let short = || BadRoads::Short { found: bytes.len() };
        let (format, rest) = bytes[MAGIC.len()..].split_first_chunk::<4>().ok_or_else(short)?;
        let found = u32::from_le_bytes(*format);
        if found != FORMAT {
            return Err(BadRoads::Format { found });
        }
        let (expected, body) = rest.split_first_chunk::<32>().ok_or_else(short)?;
        let found = sha256(&[body]);
        if found != *expected {
            return Err(BadRoads::Damaged { found: short_hex(&found), expected: short_hex(expected) });
        }
        let net: Net = postcard::from_bytes(body).map_err(|error| BadRoads::Unreadable(error.to_string()))?;
        Ok(Self::new(net))
    }
}

/// As much of a digest as tells two apart.
fn short_hex(digest: &[u8; 32]) -> String {
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
