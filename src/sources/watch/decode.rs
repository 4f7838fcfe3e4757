//! What a frame says. Refuses nothing that asks for help: an alarm of which nothing can be read is an alarm.
//! Answers nothing; `reply` does.

use super::body::Body;
use super::frame::{Ended, Frame};

/// Type words are short; longer ones are rubbish.
const WORD_MAX_BYTES: usize = 24;

/// One message of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchMessage {
    KeepAlive {
        steps: Option<u32>,
        rolls: Option<u32>,
        battery_pct: Option<u8>,
    },
    Init,
    /// Asks for voice messages, by this word.
    Tkq(String),
    Jxtk,
    /// AL in all its forms.
    Alarm(Body),
    /// `stored`: kept by the watch while it had no network, and maybe hours old.
    Position {
        stored: bool,
        body: Body,
    },
    /// Anything else that is well formed: readings, settings, voice.
    Other {
        word: String,
    },
    Unreadable,
}

pub fn decode(frame: &Frame) -> WatchMessage {
    let mut fields: Vec<&[u8]> = frame.content.split(|b| *b == b',').collect();
    // The last field of a cut frame may be half: half a status would be another status.
    if frame.ended == Ended::Cut && fields.len() > 1 {
        fields.pop();
    }
    let (word, fields) = fields.split_first().expect("split gives at least one field");
    if is_alarm(word) {
        return WatchMessage::Alarm(Body::read(fields));
    }
    let Some(word) = type_word(word) else { return WatchMessage::Unreadable };
    match word {
        _ if is_position(word) => position(word, fields),
        _ if frame.ended == Ended::Cut => WatchMessage::Unreadable,
        "LK" => keep_alive(fields),
        "INIT" => WatchMessage::Init,
        "TKQ" | "TKQ2" => WatchMessage::Tkq(word.to_owned()),
        "JXTK" => WatchMessage::Jxtk,
        _ => WatchMessage::Other { word: word.to_owned() },
    }
}

/// A letter, then letters, digits and underscores.
fn type_word(field: &[u8]) -> Option<&str> {
    let first = field.first()?;
    let well_formed = first.is_ascii_alphabetic()
        && field.len() <= WORD_MAX_BYTES
        && field.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    if well_formed { str::from_utf8(field).ok() } else { None }
}

/// AL, AL_LTE, AL_WCDMA, ALCUSTOMER1 and whatever the next firmware calls it, well formed or not.
fn is_alarm(word: &[u8]) -> bool {
    word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"AL"))
}

fn is_position(word: &str) -> bool {
    word.starts_with("UD") || word == "WT"
}

fn position(word: &str, fields: &[&[u8]]) -> WatchMessage {
    let body = Body::read(fields);
    let empty = Body { time_refused: body.time_refused, place: body.place, ..Body::EMPTY };
    if body == empty { WatchMessage::Unreadable } else { WatchMessage::Position { stored: word == "UD2", body } }
}

/// `LK`, `LK,steps,rolls,battery`, and of some firmwares `LK,steps,battery`.
fn keep_alive(fields: &[&[u8]]) -> WatchMessage {
    let number = |at: usize| fields.get(at).and_then(|field| str::from_utf8(field).ok()?.trim().parse::<u32>().ok());
    let battery_at = if fields.len() == 2 { 1 } else { 2 };
    WatchMessage::KeepAlive {
        steps: number(0),
        rolls: if fields.len() == 2 { None } else { number(1) },
        battery_pct: number(battery_at)
            .filter(|percent| *percent <= 100)
            .and_then(|percent| u8::try_from(percent).ok()),
    }
}
