//! The service's record, read over the live feed as a console would that comes back after the run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::audit::{Event, Record};
use crate::consoles::Head;
use crate::doors::Door;
use crate::failure::Failure;
use crate::service::Target;

/// Nothing new for so long, and it will not come.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Told {
    frame: Events,
}

#[derive(Deserialize)]
struct Beat {
    heartbeat: Heads,
}

#[derive(Deserialize)]
struct Heads {
    heads: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Event>,
}

/// The last number of each district just now, by the feed's next heartbeat: a snapshot may be a little older.
pub async fn heads(target: &Target, codes: &[String]) -> Result<BTreeMap<String, u64>, Failure> {
    let mut door = Door::open(target.http, "/api/v1/live", &target.console).await.map_err(Failure::unusable)?;
    let districts: BTreeMap<&String, Option<u64>> = codes.iter().map(|code| (code, None)).collect();
    door.say(&json!({"hello": {"districts": districts}})).await.map_err(Failure::unusable)?;
    loop {
        if let Ok(Beat { heartbeat }) = serde_json::from_str(&hear(&mut door).await?) {
            return Ok(heartbeat.heads);
        }
    }
}

/// Every event of `code` after `from` up to `head`, put into `record`.
pub async fn read(target: &Target, code: &str, from: u64, head: u64, mut record: Record) -> Result<Record, Failure> {
    if head <= from {
        return Ok(record);
    }
    let mut door = Door::open(target.http, "/api/v1/live", &target.console).await.map_err(Failure::unusable)?;
    door.say(&json!({"hello": {"districts": {code: from}}})).await.map_err(Failure::unusable)?;
    loop {
        let text = hear(&mut door).await?;
        let Head::Frame { to, .. } = Head::read(&text) else { continue };
        let told: Told = serde_json::from_str(&text).map_err(Failure::unusable)?;
        told.frame.events.into_iter().filter(|it| it.seq <= head).for_each(|it| record.put(it));
        if to >= head {
            return Ok(record);
        }
    }
}

async fn hear(door: &mut Door) -> Result<String, Failure> {
    match timeout(SILENCE, door.hear()).await {
        Ok(Some(text)) => Ok(text.to_string()),
        Ok(None) => Err(Failure::unusable("the live feed was closed, expected the record")),
        Err(_) => Err(Failure::unusable(format!("nothing came on the live feed for {} s", SILENCE.as_secs()))),
    }
}
