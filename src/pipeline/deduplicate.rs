//! Deduplication: the fingerprint by which the district knows a signal again. The same id with another kind, time or
//! place is another signal: devices restart their counters.

use super::{Checked, GivenTime, RawMessage, RawPlace, RawSignal, Ready, Sameness, Tools};
use crate::dispatch::command::RepeatRule;
use crate::domain::{Datum, Fingerprint};

pub fn deduplicate(raw: &RawMessage, checked: &Checked, tools: &Tools<'_>) -> Vec<Ready> {
    let mut ready: Vec<Ready> = raw
        .signals
        .iter()
        .zip(&checked.times)
        .map(|(it, time)| {
            let (fingerprint, repeat) = fingerprint(raw, it, tools);
            Ready {
                id: it.id.clone(),
                kind: it.kind,
                fingerprint,
                repeat,
                occurred_at: time.at,
                time_refused: time.refused,
                late: time.late,
                place: checked.place,
            }
        })
        .collect();
    ready.sort_by_key(|it| it.kind);
    ready.dedup_by_key(|it| it.kind);
    ready
}

fn fingerprint(raw: &RawMessage, it: &RawSignal, tools: &Tools<'_>) -> (Fingerprint, RepeatRule) {
    let device = raw.device.to_string();
    let kind = it.kind.as_str().as_bytes();
    match (&raw.sameness, &it.id) {
        (Sameness::Bytes(bytes), _) => {
            let digest = (tools.digest)(&[b"frame", device.as_bytes(), bytes, kind]);
            (digest, RepeatRule::Retransmitted)
        }
        (Sameness::Named, Some(id)) => {
            let (time, place) = (time(it.occurred_at), place(raw.place));
            let parts = [b"signal", device.as_bytes(), id.as_bytes(), kind, time.as_bytes(), place.as_bytes()];
            ((tools.digest)(&parts), RepeatRule::Named)
        }
        (Sameness::Named, None) => ((tools.digest)(&[b"nameless", &tools.nonce, kind]), RepeatRule::Named),
    }
}

fn time(given: GivenTime) -> String {
    match given {
        GivenTime::None => String::new(),
        GivenTime::Unreadable => "unreadable".to_owned(),
        GivenTime::At(at) => at.ms().to_string(),
    }
}

/// As it was sent, so that a change of the conversion makes no repeat new.
fn place(raw: RawPlace) -> String {
    match raw {
        RawPlace::None => String::new(),
        RawPlace::Refused => "refused".to_owned(),
        RawPlace::At { point, datum, .. } => {
            let datum = match datum {
                Datum::Wgs84 => "wgs84",
                Datum::Gcj02 => "gcj02",
            };
            format!("{} {} {datum}", point.lat(), point.lon())
        }
    }
}
