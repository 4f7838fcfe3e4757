//! The record from one store into another, byte by byte: the chain is checked on the way, and goes on where the copy of
//! an earlier try ended. Overwrites nothing.

use std::ops::ControlFlow;
use std::path::Path;

use super::folder::forget_store;
use super::{
    AppendError, ArchiveRow, ChainFault, Entry, EventLog, EventReader, ExpectedHead, Head, LogError, Record,
    verify_chain,
};
use crate::domain::DistrictCode;

/// Records in one commit, and summaries.
const AT_ONCE: usize = 1_000;

/// Why a record was not copied to its end.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Source(#[from] ChainFault),
    #[error(transparent)]
    Target(#[from] AppendError),
    #[error(transparent)]
    Store(#[from] LogError),
}

/// Every record and summary of `district` that `to` has not got. Gives the head, which both have then.
pub fn copy_record(from: &dyn EventReader, to: &mut dyn EventLog, district: DistrictCode) -> Result<Head, CopyError> {
    let start = to.heads()?.get(&district).copied().unwrap_or_default();
    if (ExpectedHead { district, head: start }).check(from).is_err() {
        return Err(LogError::Recorded { district }.into());
    }
    let (mut pending, mut fault) = (Vec::new(), None);
    let end = verify_chain(from, district, start, &mut |record| {
        pending.push(entry(record));
        if pending.len() < AT_ONCE {
            return ControlFlow::Continue(());
        }
        match to.append(&std::mem::take(&mut pending)) {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => {
                fault = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = fault {
        return Err(error.into());
    }
    if !pending.is_empty() {
        to.append(&pending)?;
    }
    copy_archive(from, to, district)?;
    let found = to.heads()?.get(&district).copied().unwrap_or_default();
    assert_eq!(found, end, "district={district}: the copy ends elsewhere than the record");
    Ok(end)
}

/// After a copy into the folder `dir`: it may be served by itself again.
pub fn record_came_back(dir: &Path) -> Result<(), LogError> {
    forget_store(dir)
}

fn entry(record: &Record) -> Entry {
    Entry { district: record.district, seq: record.seq, body: record.body.clone() }
}

fn copy_archive(from: &dyn EventReader, to: &mut dyn EventLog, district: DistrictCode) -> Result<(), CopyError> {
    let mut before = None;
    loop {
        let rows: Vec<ArchiveRow> = from.archived_page(district, before, AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        before = Some(last.number);
        to.archive(&rows)?;
    }
}
