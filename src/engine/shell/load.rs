//! A start: the fold of what is recorded, from the newest snapshot on, or from the first event.

use std::ops::ControlFlow;

use tracing::info;

use super::Private;
use super::StartError;
use crate::dispatch::event::EVENT_VERSION;
use crate::dispatch::state::STATE_VERSION;
use crate::dispatch::{Stamped, State};
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, Point, Seq};
use crate::engine::core::needed_places;
use crate::journal::{ArchiveRow, EventLog, EventReader, Head, Record, SnapshotStore};
use crate::registry::{PrivateReader, RegistryError};

/// A district as its record tells it.
pub(super) struct Folded {
    pub state: State,
    pub head: Head,
    /// The last event of the snapshot it began from.
    pub kept: Seq,
}

pub(super) fn fold(
    log: &dyn EventLog,
    snapshots: &dyn SnapshotStore,
    district: DistrictCode,
) -> Result<Folded, StartError> {
    let (state, kept) = fold_to_end(log, snapshots, district)?;
    let head = log.heads()?.get(&district).copied().unwrap_or_default();
    assert_eq!(state.seq, head.seq, "district={district}: the record ends elsewhere than its head");
    Ok(Folded { state, head, kept })
}

/// The fold of what is committed by now, beside whoever writes; and the last event of the snapshot it began from.
pub fn fold_to_end(
    log: &dyn EventReader,
    snapshots: &dyn SnapshotStore,
    district: DistrictCode,
) -> Result<(State, Seq), StartError> {
    let mut state = snapshot(log, snapshots, district)?.unwrap_or_else(|| State::new(district));
    let (kept, mut fault) = (state.seq, None);
    log.read(district, kept + 1, &mut |record| match parse(&record) {
        Ok(event) => {
            state.apply(&event);
            ControlFlow::Continue(())
        }
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(()), Err)?;
    info!(%district, state.seq, replayed = state.seq - kept, "Folded the record of `{district}`");
    Ok((state, kept))
}

/// A snapshot of another version, or one that cannot be read, is no use: the events are read instead.
fn snapshot(
    record: &dyn EventReader,
    snapshots: &dyn SnapshotStore,
    district: DistrictCode,
) -> Result<Option<State>, StartError> {
    let found = snapshots.latest(record, district)?.filter(|it| it.state_version == STATE_VERSION);
    Ok(found.and_then(|it| State::restore(&it.body).ok().filter(|state| state.seq == it.seq)))
}

/// One line of the journal. A version from the future is refused: its reader must know more than this one.
fn parse(record: &Record) -> Result<Stamped, StartError> {
    let (district, seq) = (record.district, record.seq);
    let fault = |found: String| StartError::Unreadable { district, seq, found, expected: EVENT_VERSION };
    let event: Stamped = serde_json::from_str(&record.body).map_err(|error| fault(error.to_string()))?;
    if event.v > EVENT_VERSION {
        return Err(fault(format!("version {}", event.v)));
    }
    if event.seq != seq {
        return Err(fault(format!("the event of seq {}", event.seq)));
    }
    Ok(event)
}

/// Exact places by the references of events.
pub(super) type Places = Vec<(PrivateId, Point)>;

/// The exact places of incidents, as far as the vault still has them.
pub(super) fn places(private: &Private, state: &State) -> Result<Places, RegistryError> {
    let reader: &dyn PrivateReader = match private {
        Private::Beside(vault) => vault,
        Private::Within(reader) => &**reader,
    };
    let values = reader.read(&needed_places(state))?;
    Ok(values.into_iter().filter_map(|(id, it)| Some((id, exact_place(&it.value)?))).collect())
}

/// From the JSON of a private value of kind `place` or `signal`.
pub fn exact_place(value: &str) -> Option<Point> {
    #[derive(serde::Deserialize)]
    struct Degrees {
        lat: f64,
        lon: f64,
    }
    let it: Degrees = serde_json::from_str(value).ok()?;
    Point::from_degrees(it.lat, it.lon).ok()
}

/// What a crash kept from the archive: closed incidents of the state that it has not, or has an older word of.
pub(super) fn unarchived(log: &dyn EventReader, state: &State) -> Result<Vec<ArchiveRow>, StartError> {
    let mut rows = Vec::new();
    for row in state.incidents().filter_map(archive_row) {
        let kept = log.archived(row.district, row.number)?;
        if kept.is_none_or(|it| it.closed_seq < row.closed_seq) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The summary of an incident that is closed: the last it was seen to be.
pub(super) fn archive_row(incident: &crate::dispatch::state::Incident) -> Option<ArchiveRow> {
    incident.closure.as_ref()?;
    let closed_seq = *incident.timeline.last()?;
    let body = serde_json::to_string(incident).expect("an incident has no map key that is not text");
    Some(ArchiveRow { district: incident.id.district, number: incident.id.number, closed_seq, body })
}
