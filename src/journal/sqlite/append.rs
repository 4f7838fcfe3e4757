//! Group commit: one transaction a batch, synced before it returns.

use rusqlite::{Connection, TransactionBehavior, params};

use super::super::record::chain;
use super::super::{AppendError, Entry, Hash, Heads, LogError};
use super::fault::At;
use super::{SqliteLog, read};
use crate::domain::{DistrictCode, Seq};

pub(super) fn append(log: &mut SqliteLog, batch: &[Entry]) -> Result<Heads, AppendError> {
    let (rows, heads) = chain(&log.heads, batch);
    make_room(log)?;
    let written = commit(&mut log.conn, |conn| insert(conn, batch, &rows));
    match written {
        Ok(()) => {
            log.heads.extend(&heads);
            Ok(heads)
        }
        Err(error) => Err(settle(log, error)),
    }
}

/// SQLite writes a page and syncs it even where the row stays as it is.
pub(super) fn probe(log: &mut SqliteLog) -> Result<(), AppendError> {
    let written = commit(&mut log.conn, |conn| conn.execute("UPDATE log SET generation = generation", []).map(drop));
    written.map_err(|error| settle(log, error))
}

/// Runs `write` in a transaction of its own, which is rolled back where anything fails.
pub(super) fn commit(
    conn: &mut Connection,
    write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    write(&tx)?;
    tx.commit()
}

fn insert(conn: &Connection, batch: &[Entry], hashes: &[Hash]) -> rusqlite::Result<()> {
    let mut insert = conn.prepare_cached("INSERT INTO event (district, seq, body, hash) VALUES (?1, ?2, ?3, ?4)")?;
    for (entry, hash) in batch.iter().zip(hashes) {
        insert.execute(params![entry.district.number(), integer(entry.seq), entry.body, hash.0])?;
    }
    Ok(())
}

/// An error that should have left nothing is believed only when the file says so too.
pub(super) fn settle(log: &SqliteLog, error: rusqlite::Error) -> AppendError {
    let told = At("appending to", &log.path).append_fault(error);
    let AppendError::Definite(told) = told else { return told };
    if !log.conn.is_autocommit() {
        return AppendError::Fatal(told);
    }
    match read::heads(&log.conn, &log.path) {
        Ok(found) if found == log.heads => AppendError::Definite(told),
        Ok(found) => AppendError::Fatal(moved(&log.heads, &found).unwrap_or(told)),
        Err(error) => AppendError::Fatal(error),
    }
}

fn moved(expected: &Heads, found: &Heads) -> Option<LogError> {
    let seq = |heads: &Heads, district: &DistrictCode| -> Seq { heads.get(district).map_or(0, |head| head.seq) };
    let district = expected.keys().chain(found.keys()).find(|it| expected.get(it) != found.get(it))?;
    let (found, expected) = (seq(found, district), seq(expected, district));
    Some(LogError::HeadMoved { district: *district, found, expected })
}

/// A full disk does not stop the batch here: the write-ahead log may well have room where the file has none.
fn make_room(log: &mut SqliteLog) -> Result<(), AppendError> {
    let copied = log.end.reach(&log.conn);
    match copied.map_err(|error| At("checkpointing", &log.path).append_fault(error)) {
        Err(AppendError::Definite(_)) | Ok(()) => Ok(()),
        Err(other @ (AppendError::Fatal(_) | AppendError::Unknown(_) | AppendError::Refused(_))) => Err(other),
    }
}

/// Seqs and numbers are counted from 1 by us; none reaches 2^63.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
