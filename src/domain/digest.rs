//! SHA-256, the one digest of the house: the chain of the record, commitments to private values, secrets.

use ring::digest::{Context, SHA256};

/// The digest of the parts, one after the other. Where their lengths vary the caller has to keep them apart.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hex;

    /// FIPS 180-2, appendix B.
    #[test]
    fn the_digest_is_the_standards() {
        let abc = hex::read("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Some(sha256(&[b"ab", b"c"])), abc);
    }
}
