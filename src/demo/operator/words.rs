//! What the operator of the evening hears on the live feed and says at the door. Decides nothing.

use serde::Deserialize;
use serde_json::{Value, json};

/// What the desk needs of an event.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    pub what: String,
    pub incident: Option<String>,
    pub responder: Option<String>,
    pub subject: Option<String>,
    pub owner: Option<String>,
    pub opened_by: Option<String>,
    pub kind: Option<String>,
    pub task: Option<String>,
    pub call: Option<String>,
    #[serde(default)]
    pub call_back: bool,
}

/// What the desk needs of an incident in a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Incident {
    pub id: String,
    pub state: String,
    pub kind: String,
    pub owner: Option<String>,
    #[serde(default)]
    pub subjects: Vec<String>,
    #[serde(default)]
    pub assignments: Vec<Assignment>,
    #[serde(default)]
    pub opened_by: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Assignment {
    pub responder: String,
    pub state: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    Snapshot(Vec<Incident>),
    Event(Event),
}

/// A message of the live feed; what the desk has no use for is left out.
pub fn read(message: &Value) -> Vec<Told> {
    if let Some(incidents) = message.pointer("/snapshot/incidents").and_then(Value::as_array) {
        return vec![Told::Snapshot(incidents.iter().filter_map(|it| Incident::deserialize(it).ok()).collect())];
    }
    let events = message.pointer("/frame/events").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    events.iter().filter_map(|it| Event::deserialize(it).ok()).map(Told::Event).collect()
}

#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    Claim { incident: String },
    Note { incident: String, text: &'static str },
    Confirm { incident: String, task: String },
    Close { incident: String, disposition: &'static str },
    CalledBack { call: String },
}

impl Deed {
    /// Path and body.
    pub fn request(&self) -> (String, Value) {
        let of = |incident: &str, word: &str| format!("/api/v1/incidents/{incident}/{word}");
        match self {
            Self::Claim { incident } => (of(incident, "claim"), json!({})),
            Self::Note { incident, text } => (of(incident, "note"), json!({"text": text})),
            Self::Confirm { incident, task } => (of(incident, "confirm"), json!({"task": task})),
            Self::Close { incident, disposition } => (of(incident, "close"), json!({"disposition": disposition})),
            Self::CalledBack { call } => (format!("/api/v1/calls/{call}/called_back"), json!({})),
        }
    }

    pub fn incident(&self) -> Option<&str> {
        match self {
            Self::Claim { incident } | Self::Note { incident, .. } => Some(incident),
            Self::Confirm { incident, .. } | Self::Close { incident, .. } => Some(incident),
            Self::CalledBack { .. } => None,
        }
    }
}
