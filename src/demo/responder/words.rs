//! What a phone hears and says on the responder link, in the contract's shapes. Decides nothing.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{Point, Timestamp};

/// An offer or an assignment, as far as a responder needs it to go there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Job {
    pub offer: String,
    pub incident: String,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub eta_s: Option<u64>,
    #[serde(default)]
    pub place: Option<Where>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Where {
    pub lat: Option<f64>,
    pub lon: Option<f64>,
}

impl Job {
    pub fn point(&self) -> Option<Point> {
        let place = self.place?;
        Point::from_degrees(place.lat?, place.lon?).ok()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Hear {
    State {
        duty: bool,
        offers: Vec<Job>,
        assignment: Option<Job>,
    },
    Offer(Job),
    Assigned(Job),
    /// This offer is no longer theirs: refused or withdrawn.
    Gone {
        offer: String,
    },
    Noted {
        key: String,
    },
    /// A problem, or a message of a later version: nothing to do about it.
    Other,
}

#[derive(Deserialize)]
struct StateSeen {
    duty: bool,
    #[serde(default)]
    offers: Vec<Job>,
    #[serde(default)]
    assignment: Option<Job>,
}

impl Hear {
    pub fn read(message: &Value) -> Self {
        let Some((word, body)) = message.as_object().and_then(|it| it.iter().next()) else { return Self::Other };
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let job = || Job::deserialize(body).ok();
        match word.as_str() {
            "state" => StateSeen::deserialize(body).map_or(Self::Other, |it| Self::State {
                duty: it.duty,
                offers: it.offers,
                assignment: it.assignment,
            }),
            "offer" => job().map_or(Self::Other, Self::Offer),
            "assignment" => job().map_or(Self::Other, Self::Assigned),
            "refused" | "withdrawn" => Self::Gone { offer: text("offer") },
            "noted" => Self::Noted { key: text("key") },
            // Refused for good is as good as noted: said again, it would be refused again.
            "problem" if body["key"].is_string() && body["retry_after_s"].is_null() => Self::Noted { key: text("key") },
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Say {
    OnDuty,
    Shown { offer: String },
    Accept { offer: String },
    Decline { offer: String, reason: &'static str },
    Status { incident: String, offer: String, state: &'static str },
    Position { point: Point },
}

impl Say {
    pub fn message(&self, at: Timestamp) -> Value {
        match self {
            Self::OnDuty => json!({"duty": {"on": true}}),
            Self::Shown { offer } => json!({"shown": {"offer": offer}}),
            Self::Accept { offer } => json!({"accept": {"offer": offer}}),
            Self::Decline { offer, reason } => json!({"decline": {"offer": offer, "reason": reason}}),
            Self::Status { incident, offer, state } => {
                let key = format!("{offer}-{state}");
                json!({"status": {"incident": incident, "state": state, "at": at, "key": key}})
            }
            Self::Position { point } => json!({"position": {"lat": point.lat(), "lon": point.lon(),
                "datum": "wgs84", "accuracy_m": 8, "at": at}}),
        }
    }
}
