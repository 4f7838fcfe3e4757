//! What a responder's phone says, read from JSON. Says what was found and what was expected; never panics.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::offer::Progress;
use crate::domain::{Datum, IncidentId, OfferId, Point, Timestamp};
use crate::geo::datum::gcj02_to_wgs84;
use crate::pipeline::ACCURACY_UNKNOWN_M;

/// A key is a phone's own counter or random text.
const KEY_MAX_BYTES: usize = 128;

/// The longest text of an outcome: a page, as for a note of the centre.
const TEXT_MAX_CHARS: usize = 4_000;

/// One message of a phone.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Hello {
        token: Option<String>,
    },
    Shown {
        offer: OfferId,
    },
    Accept {
        offer: OfferId,
    },
    Decline {
        offer: OfferId,
        reason: Option<String>,
    },
    Status {
        incident: IncidentId,
        progress: Progress,
        at: Option<Timestamp>,
        key: String,
    },
    /// `at_door`, with the code that was read there.
    Scan(Scan),
    /// How it ended, in their own words.
    Outcome {
        incident: IncidentId,
        text: String,
        key: String,
    },
    Position(GivenFix),
    Duty {
        on: bool,
    },
}

/// A code that was read at a door.
#[derive(Clone, PartialEq, Deserialize)]
pub struct Scan {
    pub incident: IncidentId,
    pub code: String,
    #[serde(default)]
    pub at: Option<Timestamp>,
    pub key: String,
}

/// Without the code: it opens doors.
impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("incident", &self.incident).field("key", &self.key).finish_non_exhaustive()
    }
}

/// A position, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GivenFix {
    pub point: Point,
    pub accuracy_m: u32,
    pub at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Hello {
    #[serde(default)]
    token: Option<String>,
}

#[derive(Deserialize)]
struct Offer {
    offer: OfferId,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    incident: IncidentId,
    state: Progress,
    #[serde(default)]
    at: Option<Timestamp>,
    key: String,
    /// What the phone takes it to be; the service judges by the newest position itself.
    #[serde(default, rename = "proof")]
    _proof: Option<PhoneProof>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhoneProof {
    Position,
    Manual,
}

#[derive(Deserialize)]
struct Outcome {
    incident: IncidentId,
    text: String,
    key: String,
}

#[derive(Deserialize)]
struct Position {
    lat: f64,
    lon: f64,
    #[serde(default)]
    datum: Datum,
    #[serde(default)]
    accuracy_m: Option<f64>,
    #[serde(default)]
    at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Duty {
    on: bool,
}

/// The error is for whoever writes the app.
pub fn read(text: &str) -> Result<Said, String> {
    let message: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let object = message.as_object().filter(|it| it.len() == 1);
    let (word, body) =
        object.and_then(|it| it.iter().next()).ok_or("expected an object with one word, such as accept")?;
    match word.as_str() {
        "hello" => parse(word, body).map(|it: Hello| Said::Hello { token: it.token }),
        "shown" => parse(word, body).map(|it: Offer| Said::Shown { offer: it.offer }),
        "accept" => parse(word, body).map(|it: Offer| Said::Accept { offer: it.offer }),
        "decline" => parse(word, body).map(|it: Offer| Said::Decline { offer: it.offer, reason: it.reason }),
        "status" => parse(word, body).and_then(status),
        "scan" => parse(word, body).and_then(scan),
        "outcome" => parse(word, body).and_then(outcome),
        "position" => parse(word, body).and_then(position),
        "duty" => parse(word, body).map(|it: Duty| Said::Duty { on: it.on }),
        _ => Err("expected hello, shown, accept, decline, status, scan, outcome, position or duty".to_owned()),
    }
}

fn parse<T: for<'de> Deserialize<'de>>(word: &str, body: &Value) -> Result<T, String> {
    T::deserialize(body).map_err(|error| format!("{word}: {error}"))
}

fn status(it: Status) -> Result<Said, String> {
    check_key("status", &it.key)?;
    Ok(Said::Status { incident: it.incident, progress: it.state, at: it.at, key: it.key })
}

fn scan(it: Scan) -> Result<Said, String> {
    check_key("scan", &it.key)?;
    Ok(Said::Scan(it))
}

fn outcome(it: Outcome) -> Result<Said, String> {
    check_key("outcome", &it.key)?;
    match it.text.chars().count() {
        0 => Err("outcome: no text, expected some".to_owned()),
        count if count > TEXT_MAX_CHARS => {
            Err(format!("outcome: a text of {count} characters, expected at most {TEXT_MAX_CHARS}"))
        }
        _ => Ok(Said::Outcome { incident: it.incident, text: it.text, key: it.key }),
    }
}

fn check_key(word: &str, key: &str) -> Result<(), String> {
    if key.is_empty() || key.len() > KEY_MAX_BYTES {
        return Err(format!("{word}: a key of {} bytes, expected 1 to {KEY_MAX_BYTES}", key.len()));
    }
    Ok(())
}

fn position(it: Position) -> Result<Said, String> {
    let point = Point::from_degrees(it.lat, it.lon).map_err(|_| "position: no place on earth".to_owned())?;
    if point.is_null_island() {
        return Err("position: 0,0 is no place, expected one".to_owned());
    }
    let point = match it.datum {
        Datum::Wgs84 => point,
        Datum::Gcj02 => gcj02_to_wgs84(point),
    };
    let accuracy_m = it.accuracy_m.filter(|it| *it >= 0.0).map_or(ACCURACY_UNKNOWN_M, |it| it.ceil() as u32);
    Ok(Said::Position(GivenFix { point, accuracy_m, at: it.at }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_word_is_read() {
        let offer = "330481-o3".parse().unwrap();
        assert_eq!(read(r#"{"hello":{}}"#), Ok(Said::Hello { token: None }));
        assert_eq!(read(r#"{"accept":{"offer":"330481-o3"}}"#), Ok(Said::Accept { offer }));
        assert_eq!(read(r#"{"duty":{"on":true}}"#), Ok(Said::Duty { on: true }));
        let status = read(r#"{"status":{"incident":"330481-7","state":"at_door","key":"k1"}}"#);
        let incident = "330481-7".parse().unwrap();
        let expected = Said::Status { incident, progress: Progress::AtDoor, at: None, key: "k1".into() };
        assert_eq!(status, Ok(expected));
    }

    #[test]
    fn what_is_not_understood_says_what_was_expected() {
        for (text, expected) in [
            ("", "no JSON"),
            ("[]", "one word"),
            (r#"{"accept":{},"decline":{}}"#, "one word"),
            (r#"{"dance":{}}"#, "expected hello, shown"),
            (r#"{"accept":{"offer":"7"}}"#, "accept: "),
            (r#"{"duty":{"on":"yes"}}"#, "duty: "),
            (r#"{"status":{"incident":"330481-7","state":"home","key":"k"}}"#, "status: "),
            (r#"{"status":{"incident":"330481-7","state":"clear","key":""}}"#, "a key of 0 bytes"),
            (r#"{"status":{"incident":"330481-7","state":"at_door","key":"k","proof":"seen"}}"#, "status: "),
            (r#"{"scan":{"incident":"330481-7","code":"c","key":""}}"#, "a key of 0 bytes"),
            (r#"{"outcome":{"incident":"330481-7","text":"","key":"k"}}"#, "no text"),
            (r#"{"position":{"lat":91,"lon":0}}"#, "no place on earth"),
            (r#"{"position":{"lat":0,"lon":0}}"#, "0,0"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}", word in "hello|shown|accept|decline|status|scan|outcome|position|duty") {
            let _ = (read(&text), read(&format!("{{\"{word}\":{text}}}")));
        }
    }
}
