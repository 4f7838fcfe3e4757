//! What a frame says, as a message for the intake: which kinds, where, and whether the watch may be answered at once.
//! Pure: what the device said before comes in as an argument.

use super::{Body, Frame, WatchMessage, kinds};
use crate::domain::premises::DeviceName;
use crate::domain::signal::PlaceGiven;
use crate::domain::{Datum, DistrictCode, SignalKind};
use crate::pipeline::{GivenTime, RawMessage, RawPlace, RawSignal, Reach, Sameness};

/// A frame, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its word, for the counters: from a closed list, never what the device wrote.
    pub word: &'static str,
    /// For the intake; `None` where nobody can say who speaks or what.
    pub raw: Option<RawMessage>,
    /// Nothing has to be written down before the watch hears an answer.
    pub answer_first: bool,
    /// The device's status from here on.
    pub status: Option<u32>,
}

/// `previous` is the status of the device's last frame.
pub fn said(
    frame: &Frame,
    message: &WatchMessage,
    previous: Option<u32>,
    listener: &str,
    default_district: Option<DistrictCode>,
) -> Said {
    let device = DeviceName { protocol: "watch".to_owned(), identity: frame.id.clone() };
    let raw = |kinds: Vec<SignalKind>, body: Option<&Body>, stored: bool| RawMessage {
        device,
        signals: signals(kinds, body),
        place: body.map_or(RawPlace::None, |body| place(body, stored)),
        battery_pct: body.and_then(|it| it.battery_pct),
        sameness: Sameness::Bytes(frame.raw.clone()),
        listener: listener.to_owned(),
        reach: Reach { default_district, ..Reach::default() },
        refusable: false,
    };
    let alive = vec![SignalKind::Heartbeat];
    match message {
        WatchMessage::Alarm(body) => Said {
            word: "AL",
            raw: Some(raw(kinds(body.status, previous, true), Some(body), false)),
            answer_first: false,
            status: body.status,
        },
        WatchMessage::Position { stored, body } => {
            let mut found = kinds(body.status, previous, false);
            if found.is_empty() {
                found.push(SignalKind::Position);
            }
            Said { word: "UD", raw: Some(raw(found, Some(body), *stored)), answer_first: true, status: body.status }
        }
        WatchMessage::KeepAlive { battery_pct, .. } => {
            let raw = RawMessage { battery_pct: *battery_pct, ..raw(alive, None, false) };
            Said { word: "LK", raw: Some(raw), answer_first: true, status: None }
        }
        WatchMessage::Init => beat("INIT", raw(alive, None, false)),
        WatchMessage::Tkq(_) => beat("TKQ", raw(alive, None, false)),
        WatchMessage::Jxtk => beat("JXTK", raw(alive, None, false)),
        WatchMessage::Other { .. } => beat("other", raw(alive, None, false)),
        WatchMessage::Unreadable => Said { word: "unreadable", raw: None, answer_first: true, status: None },
    }
}

fn beat(word: &'static str, raw: RawMessage) -> Said {
    Said { word, raw: Some(raw), answer_first: true, status: None }
}

fn signals(kinds: Vec<SignalKind>, body: Option<&Body>) -> Vec<RawSignal> {
    let occurred_at = match body {
        Some(Body { time_refused: true, .. }) => GivenTime::Unreadable,
        Some(Body { at: Some(at), .. }) => GivenTime::At(*at),
        Some(Body { at: None, .. }) | None => GivenTime::None,
    };
    kinds.into_iter().map(|kind| RawSignal { id: None, kind, occurred_at }).collect()
}

/// A fix that the watch does not vouch for is no place; nor is one that was kept for nobody knows how long.
fn place(body: &Body, stored: bool) -> RawPlace {
    let point = body.point.filter(|_| body.valid && !(stored && body.at.is_none()));
    match (point, body.place) {
        (Some(point), _) => RawPlace::At { point, datum: Datum::Wgs84, accuracy_m: body.accuracy_m },
        (None, PlaceGiven::Refused) => RawPlace::Refused,
        (None, PlaceGiven::Given | PlaceGiven::None) => RawPlace::None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Framed, Framer, decode};
    use super::*;

    const POSITION: &str = "211126,033851,A,30.5,N,120.6,E,0,0,0,9,60,41,0,0,00010001";

    #[test]
    fn an_alarm_is_answered_after_the_commit_and_the_rest_at_once() {
        assert_eq!(told("AL_LTE", POSITION, None), "AL sos low_battery Given later");
        assert_eq!(told("AL", POSITION, Some(0x1_0001)), "AL sos low_battery Given later");
        assert_eq!(told("LK,0,0,41", "", None), "LK heartbeat None first");
        assert_eq!(told("UD", POSITION, None), "UD sos low_battery Given first");
        assert_eq!(told("UD", POSITION, Some(1)), "UD sos Given first");
        assert_eq!(told("UD", POSITION, Some(0x1_0001)), "UD position Given first");
        assert_eq!(told("heart,70", "", None), "other heartbeat None first");
    }

    #[test]
    fn a_place_that_nobody_vouches_for_is_none_and_an_impossible_one_is_refused() {
        assert_eq!(told("AL", &POSITION.replace(",A,", ",V,"), None), "AL sos low_battery None later");
        assert_eq!(told("AL", &POSITION.replace("30.5", "95.0"), None), "AL sos low_battery Refused later");
        assert_eq!(told("UD2", &POSITION.replace("211126", "999999"), None), "UD sos low_battery None first");
        assert_eq!(told("UD2", POSITION, None), "UD sos low_battery Given first");
    }

    fn told(word: &str, body: &str, previous: Option<u32>) -> String {
        let content = if body.is_empty() { word.to_owned() } else { format!("{word},{body}") };
        let mut framer = Framer::default();
        framer.push(&super::super::build("3G", "8800000015", None, content.as_bytes()));
        let Some(Framed::Frame(frame)) = framer.next() else { panic!("no frame") };
        let said = said(&frame, &decode(&frame), previous, "watch", None);
        let raw = said.raw.unwrap();
        let kinds: Vec<&str> = raw.signals.iter().map(|it| it.kind.as_str()).collect();
        let place = match raw.place {
            RawPlace::None => "None",
            RawPlace::Refused => "Refused",
            RawPlace::At { .. } => "Given",
        };
        let when = if said.answer_first { "first" } else { "later" };
        format!("{} {} {place} {when}", said.word, kinds.join(" "))
    }
}
