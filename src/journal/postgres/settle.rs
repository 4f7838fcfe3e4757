//! After an append of which nobody knows: the own epoch is raised, which waits for a transaction that is still under way
//! and refuses one that comes later. Then the head tells what is in the record.

use super::super::record::chain;
use super::super::{AppendError, Entry, Heads, LogError, Settled};
use super::PostgresLog;
use super::lease::{held, number};

/// By the owner's name: where the answer to this was lost too, it is asked again.
const RAISE: &str = "UPDATE lease SET epoch = epoch + 1 WHERE district = $1 AND owner = $2
                     RETURNING epoch, head_seq, head_hash";

pub(super) fn settle(log: &mut PostgresLog, batch: &[Entry]) -> Result<Settled, AppendError> {
    let district = batch.first().expect("a batch has an entry").district;
    let before: Heads = [(district, log.head(district))].into();
    let (_, ends) = chain(&before, batch);
    let owner = log.owner.clone();
    let line = log.line.get_mut();
    let raised = line.ask(move |client| async move { client.query_opt(RAISE, &[&number(district), &owner]).await });
    let raised = raised.map_err(|it| AppendError::Unknown(it.fault("settling", &line.url)))?;
    let Some(row) = raised else { return Err(AppendError::Refused(LogError::LeaseLost { district })) };
    let found = held(&row, district).map_err(AppendError::Fatal)?;
    let (previous, end) = (before[&district], ends[&district]);
    if found.head != previous && found.head != end {
        let (found, expected) = (found.head.seq, end.seq);
        return Err(AppendError::Fatal(LogError::HeadMoved { district, found, expected }));
    }
    log.held.insert(district, found);
    Ok(if found.head == end { Settled::Written(end) } else { Settled::Absent })
}

/// A commit that changes nothing.
pub(super) fn probe(log: &mut PostgresLog) -> Result<(), AppendError> {
    const PROBE: &str = "UPDATE lease SET epoch = epoch WHERE district = $1 AND owner = $2";
    let Some(district) = log.held.keys().next().copied() else { return Ok(()) };
    let owner = log.owner.clone();
    let line = log.line.get_mut();
    let asked = line.ask(move |client| async move { client.execute(PROBE, &[&number(district), &owner]).await });
    match asked.map_err(|it| AppendError::Definite(it.fault("writing again to", &line.url)))? {
        0 => Err(AppendError::Refused(LogError::LeaseLost { district })),
        _ => Ok(()),
    }
}
