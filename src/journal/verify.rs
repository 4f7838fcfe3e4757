//! Proving that nothing was changed: the chain is recomputed from its beginning and compared record by record.
//! Changes nothing, and stops at the first record that is not what was written. Invariants are replayed by the caller.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use super::{EventReader, Hash, Head, LogError, Record};
use crate::domain::id::BadId;
use crate::domain::{DistrictCode, Seq};

/// The first thing found wrong.
#[derive(Debug, thiserror::Error)]
pub enum ChainFault {
    #[error("district={district} seq={seq}: hash found {found}, expected {expected}")]
    Changed { district: DistrictCode, seq: Seq, found: Hash, expected: Hash },
    #[error("district={district} seq={seq}: found the record {found}, expected {seq}")]
    Gap { district: DistrictCode, seq: Seq, found: Seq },
    #[error("district={district} seq={seq}: the journal ends at {found}, expected this record: the end was cut off")]
    CutOff { district: DistrictCode, seq: Seq, found: Seq },
    #[error(transparent)]
    Unreadable(#[from] LogError),
}

/// Reads `district` after `start` (`Head::GENESIS` for all of it), checks every record against the one before, and
/// shows it to `visit`. Gives the head, or the first fault; where `visit` breaks, the last record it was shown.
pub fn verify_chain(
    reader: &dyn EventReader,
    district: DistrictCode,
    start: Head,
    visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
) -> Result<Head, ChainFault> {
    let mut head = start;
    let mut fault = None;
    // From the genesis everything is read, so that a record before the first is a fault and not passed over.
    let from = if start == Head::GENESIS { 0 } else { start.seq + 1 };
    reader.read(district, from, &mut |record| match follow(head, &record) {
        Ok(next) => {
            head = next;
            visit(&record)
        }
        Err(found) => {
            fault = Some(found);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(head), Err)
}

fn follow(head: Head, record: &Record) -> Result<Head, ChainFault> {
    let (district, seq) = (record.district, head.seq + 1);
    if record.seq != seq {
        return Err(ChainFault::Gap { district, seq, found: record.seq });
    }
    let expected = head.hash.next(district, seq, &record.body);
    if record.hash != expected {
        return Err(ChainFault::Changed { district, seq, found: record.hash, expected });
    }
    Ok(Head { seq, hash: expected })
}

/// A head that somebody kept outside: `CODE:SEQ:HEX`. A journal that was cut off, or written anew with another past,
/// has a whole chain; only this finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedHead {
    pub district: DistrictCode,
    pub head: Head,
}

impl ExpectedHead {
    /// The record is there with that hash; what came after it is no matter. Does not check the chain before it.
    pub fn check(&self, reader: &dyn EventReader) -> Result<(), ChainFault> {
        let (district, Head { seq, hash: expected }) = (self.district, self.head);
        let found = hash_at(reader, district, seq)?;
        match found {
            Some(found) if found == expected => Ok(()),
            Some(found) => Err(ChainFault::Changed { district, seq, found, expected }),
            None => {
                let found = reader.heads()?.get(&district).map_or(0, |head| head.seq);
                Err(ChainFault::CutOff { district, seq, found })
            }
        }
    }
}

fn hash_at(reader: &dyn EventReader, district: DistrictCode, seq: Seq) -> Result<Option<Hash>, LogError> {
    if seq == 0 {
        return Ok(Some(Hash::GENESIS));
    }
    let mut hash = None;
    reader.read(district, seq, &mut |record| {
        hash = (record.seq == seq).then_some(record.hash);
        ControlFlow::Break(())
    })?;
    Ok(hash)
}

impl fmt::Display for ExpectedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.district, self.head.seq, self.head.hash)
    }
}

impl FromStr for ExpectedHead {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { found: text.chars().take(120).collect(), expected: "a head such as CODE:SEQ:HEX" };
        let mut parts = text.split(':');
        let (Some(code), Some(seq), Some(hash), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(bad());
        };
        let district = code.parse().map_err(|_| bad())?;
        if !seq.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let seq = seq.parse().map_err(|_| bad())?;
        Ok(Self { district, head: Head { seq, hash: hash.parse().map_err(|_| bad())? } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expected_head_reads_back_what_it_prints() {
        let text = format!("330481:17:{}", Hash::GENESIS);
        assert_eq!(text.parse::<ExpectedHead>().unwrap().to_string(), text);
        for bad in ["330481:17", "33048:1:00", "330481:+1:00", "330481::", "330481:1:0:0"] {
            assert!(bad.parse::<ExpectedHead>().is_err(), "{bad} was taken");
        }
    }
}
