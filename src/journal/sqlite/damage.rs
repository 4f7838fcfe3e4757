//! What a spoilt file says of itself, for whoever must explain it. Mends nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Where a database of SQLite begins with these, the numbers after them are its own.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// As far as the last number that is read here.
const HEADER_BYTES: usize = 32;

/// The length of the file and the one its header gives it, in bytes, where it is shorter than that. Not beside a
/// connection of this process: closing a file that SQLite has open drops its locks.
pub fn cut_off(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let mut file = File::open(path)?;
    let found = file.metadata()?.len();
    let mut header = [0; HEADER_BYTES];
    if found < HEADER_BYTES as u64 {
        return Ok(None);
    }
    file.read_exact(&mut header)?;
    let expected = expected_bytes(&header).filter(|expected| found < *expected);
    Ok(expected.map(|expected| (found, expected)))
}

/// Page size times pages, as https://sqlite.org/fileformat2.html has them, 1.3.2 and 1.3.7.
fn expected_bytes(header: &[u8; HEADER_BYTES]) -> Option<u64> {
    if !header.starts_with(MAGIC) {
        return None;
    }
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        other => u64::from(other),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    Some(page_bytes * u64::from(pages))
}
