//! The telephone exchange: what it saw of one call, word after word.

use serde_json::json;

use super::door::{Door, DoorError};
use super::pace::Pace;
use crate::domain::AccountName;

/// How long it rings before somebody answers, or the caller gives up, in milliseconds.
const ANSWERED_MS: u64 = 6_000;
const ABANDONED_MS: u64 = 14_000;

/// How long they talk, in milliseconds.
const TALK_MS: u64 = 45_000;

pub struct Call {
    pub id: String,
    pub phone: String,
    pub answered: bool,
    /// Who answers.
    pub by: AccountName,
}

pub async fn play(door: &Door, pace: &Pace, call: &Call) -> Result<(), DoorError> {
    tell(door, pace, call, "ringing").await?;
    if call.answered {
        pace.pass(ANSWERED_MS).await;
        tell(door, pace, call, "answered").await?;
        pace.pass(TALK_MS).await;
        tell(door, pace, call, "ended").await
    } else {
        pace.pass(ABANDONED_MS).await;
        tell(door, pace, call, "abandoned").await
    }
}

async fn tell(door: &Door, pace: &Pace, call: &Call, event: &str) -> Result<(), DoorError> {
    let mut said = json!({"call": call.id, "event": event, "from": call.phone, "to": "967890", "at": pace.wall()});
    if event == "answered" {
        said["operator"] = json!(call.by);
    }
    door.post("/api/v1/calls", &said).await.map(drop)
}
