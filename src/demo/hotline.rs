//! The telephone exchange: what it saw of one call, word after word.

use serde_json::json;

use super::door::{Door, DoorError};
use super::pace::Pace;
use crate::domain::AccountName;

pub struct Call {
    pub id: String,
    pub phone: String,
    pub answered: bool,
    /// Who answers.
    pub by: AccountName,
    /// How long it rings before somebody answers, or the caller gives up.
    pub rings_ms: u64,
    pub talks_ms: u64,
}

pub async fn play(door: &Door, pace: &Pace, call: &Call) -> Result<(), DoorError> {
    tell(door, pace, call, "ringing").await?;
    pace.pass(call.rings_ms).await;
    if call.answered {
        tell(door, pace, call, "answered").await?;
        pace.pass(call.talks_ms).await;
        tell(door, pace, call, "ended").await
    } else {
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
