//! Validation: times that can be, places on earth, WGS-84. What is wrong is left off and marked; only what concerns the
//! equipment alone is refused, and only where its sender hears it.

use super::{GivenTime, RawMessage, RawPlace, RawSignal, Refusal};
use crate::domain::signal::{PlaceGiven, SignalClass};
use crate::domain::{Datum, Fix, Point, Timestamp};
use crate::geo::datum::gcj02_to_wgs84;

/// Received later than this after the device's own time: late, and an alarm all the same.
pub const LATE_S: u64 = 120;

/// A fix that does not say how exact it is: a telephone's among houses, on a bad day.
pub const ACCURACY_UNKNOWN_M: u32 = 100;

/// 2015-01-01T00:00:00Z: no device in service is older, and what says so has lost its clock.
const OLDEST_MS: i64 = 1_420_070_400_000;

/// A clock that is wrong by a time zone or two is believed; by more than a day it is not.
const AHEAD_MAX_S: u64 = 86_400;

/// What could be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Beside each signal of the message.
    pub times: Vec<CheckedTime>,
    pub place: PlaceGiven,
    pub fix: Option<Fix>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedTime {
    pub at: Option<Timestamp>,
    pub refused: bool,
    pub late: bool,
}

pub fn validate(raw: &RawMessage, received_at: Timestamp) -> Result<Checked, Refusal> {
    let times: Vec<CheckedTime> = raw.signals.iter().map(|it| time(it.occurred_at, received_at)).collect();
    let (point, accuracy_m, place) = place(raw.place);
    if may_refuse(raw) {
        refuse(raw, &times, place)?;
    }
    let at = times.iter().find_map(|it| it.at).unwrap_or(received_at);
    // A device whose clock runs ahead has not been where it will be.
    let at = at.min(received_at);
    let fix = point.map(|point| Fix { point, accuracy_m: accuracy_m.unwrap_or(ACCURACY_UNKNOWN_M), at });
    Ok(Checked { times, place, fix })
}

fn may_refuse(raw: &RawMessage) -> bool {
    let equipment = |it: &RawSignal| matches!(it.kind.class(), SignalClass::Technical | SignalClass::Telemetry);
    raw.refusable && raw.signals.iter().all(equipment)
}

fn refuse(raw: &RawMessage, times: &[CheckedTime], place: PlaceGiven) -> Result<(), Refusal> {
    if times.iter().any(|it| it.refused) {
        let detail =
            "occurred_at is no time in RFC 3339 from 2015 to a day ahead, expected such as 2026-11-21T03:38:51Z";
        return Err(Refusal::wrong("bad_time", detail));
    }
    if place == PlaceGiven::Refused {
        let detail = "location is no place on earth, expected lat -90 to 90, lon -180 to 180, datum wgs84 or gcj02";
        return Err(Refusal::wrong("bad_location", detail));
    }
    if raw.signals.iter().any(|it| it.kind == crate::domain::SignalKind::Position) && place != PlaceGiven::Given {
        return Err(Refusal::wrong("no_location", "position without a location, expected one that is not 0,0"));
    }
    Ok(())
}

fn time(given: GivenTime, received_at: Timestamp) -> CheckedTime {
    match given {
        GivenTime::None => CheckedTime { at: None, refused: false, late: false },
        GivenTime::At(at) if at.ms() >= OLDEST_MS && at <= received_at.after_s(AHEAD_MAX_S) => {
            CheckedTime { at: Some(at), refused: false, late: received_at.since_ms(at) > LATE_S * 1000 }
        }
        GivenTime::At(_) | GivenTime::Unreadable => CheckedTime { at: None, refused: true, late: false },
    }
}

fn place(raw: RawPlace) -> (Option<Point>, Option<u32>, PlaceGiven) {
    match raw {
        RawPlace::None => (None, None, PlaceGiven::None),
        RawPlace::Refused => (None, None, PlaceGiven::Refused),
        RawPlace::At { point, .. } if point.is_null_island() => (None, None, PlaceGiven::None),
        RawPlace::At { point, datum, accuracy_m } => {
            let point = match datum {
                Datum::Wgs84 => point,
                Datum::Gcj02 => gcj02_to_wgs84(point),
            };
            (Some(point), accuracy_m, PlaceGiven::Given)
        }
    }
}
