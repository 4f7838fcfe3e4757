//! Hexadecimal digits, as fingerprints, hashes and commitments are written: every event has several.

use std::fmt;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// As many bytes as are written at once.
const CHUNK: usize = 32;

/// Writes two lower-case digits a byte.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut text = [0; 2 * CHUNK];
    for chunk in bytes.chunks(CHUNK) {
        for (pair, byte) in text.chunks_exact_mut(2).zip(chunk) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        f.write_str(str::from_utf8(&text[..2 * chunk.len()]).map_err(|_| fmt::Error)?)?;
    }
    Ok(())
}

/// Two lower-case digits a byte.
pub(crate) fn text(bytes: &[u8]) -> String {
    struct Digits<'a>(&'a [u8]);
    impl fmt::Display for Digits<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write(f, self.0)
        }
    }
    Digits(bytes).to_string()
}

/// Reads exactly `N` bytes, from digits of either case and nothing else.
pub(crate) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !odd.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

fn digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Hex<'a>(&'a [u8]);

    impl fmt::Display for Hex<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write(f, self.0)
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let bytes: [u8; 70] = std::array::from_fn(|n| (n * 37 % 256) as u8);
        let text = Hex(&bytes).to_string();
        assert_eq!(&text[..10], "00254a6f94");
        assert_eq!(read(&text), Some(bytes));
        assert_eq!(read("0aF0"), Some([0x0a, 0xf0]));
    }

    #[test]
    fn what_is_not_so_many_digits_is_refused() {
        for bad in ["", "0", "00000", "0g", "+1", "é"] {
            assert_eq!(read::<1>(bad), None, "{bad} was read");
        }
    }
}
