//! The operator of the evening: answers most alarms, confirms tasks, calls back, and closes what is finished, so that
//! the board does not fill up for ever. `desk` decides (pure, seeded); here is the live feed it sees and the door it
//! acts through. It leaves alone what somebody else owns, what was opened by hand, and the visitor's own alarms.

mod desk;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tracing::debug;

use self::desk::Desk;

use super::Evening;
use super::door::{Door, DoorError};
use super::link::{AGAIN_MS, Socket};
use crate::chance::Chance;
use crate::scenario::Operators;

pub async fn run(evening: Arc<Evening>) {
    let (name, secret) = &evening.keys.evening;
    let visitor = evening.cast.visitor.as_ref().map(|(_, home)| home.subject.to_string());
    let mut operator = Operator {
        door: Door::new(evening.http, secret),
        desk: Desk::new(name.as_str(), visitor, habits(&evening), Chance::named(evening.seed, "operator")),
        evening: Arc::clone(&evening),
    };
    loop {
        if let Err(error) = operator.watch().await {
            debug!(%error, "the operator of the demo has no live feed, and tries again");
        }
        tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
    }
}

/// As the scenario says; what nobody reaches is given up so much sooner as the evening is faster.
fn habits(evening: &Evening) -> Operators {
    let operators = evening.scenario.operators.clone();
    let speed = evening.scenario.clock.people_speed;
    Operators { give_up_ms: operators.give_up_ms / speed, ..operators }
}

struct Operator {
    evening: Arc<Evening>,
    door: Door,
    desk: Desk,
}

impl Operator {
    /// One live feed, until it is gone. Begins with a snapshot: what was open before is closed too.
    async fn watch(&mut self) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let secret = &self.evening.keys.evening.1;
        let mut socket = Socket::open(self.evening.http, "/api/v1/live", secret).await?;
        let districts: BTreeMap<String, Value> =
            self.evening.cast.districts.iter().map(|code| (code.to_string(), Value::Null)).collect();
        socket.say(&json!({"hello": {"districts": districts}})).await?;
        loop {
            let due = self.desk.next_due_ms();
            tokio::select! {
                message = socket.hear() => match message {
                    Some(message) => self.heard(&message),
                    None => return Ok(()),
                },
                () = self.evening.pace.until(due) => self.act().await,
            }
        }
    }

    fn heard(&mut self, message: &Value) {
        let now_ms = self.evening.pace.now_ms();
        for told in words::read(message) {
            self.desk.hear(&told, now_ms);
        }
    }

    async fn act(&mut self) {
        while let Some(deed) = self.desk.next_deed(self.evening.pace.now_ms()) {
            let (path, body) = deed.request();
            match self.door.post(&path, &body).await {
                Ok(_) => {}
                Err(DoorError::Refused { code, .. }) => self.desk.refused(&deed, &code, self.evening.pace.now_ms()),
                Err(DoorError::NoAnswer) => self.desk.refused(&deed, "", self.evening.pace.now_ms()),
            }
        }
    }
}
