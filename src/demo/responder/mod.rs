//! Responders with a phone. `mind` decides (pure, seeded); here is the link it speaks through.
//! What was said and not yet noted is said again on the next link, under the same key.

mod mind;
pub mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tracing::debug;

use self::mind::{Habits, Mind};
use self::words::{Hear, Say};
use super::Evening;
use super::link::{AGAIN_MS, Socket};
use super::pace::Pace;
use crate::chance::Chance;
use crate::domain::Responder;

pub struct Link {
    http: std::net::SocketAddr,
    secret: String,
    pace: Pace,
    mind: Mind,
    /// Said and not yet noted, by key. At most the four words of the present assignment.
    unnoted: BTreeMap<String, Value>,
    ear: Option<Box<dyn Ear>>,
}

/// Hears what a phone hears, as it comes in.
pub trait Ear: Send {
    fn hears(&self, heard: &Hear);
}

impl Link {
    pub fn new(evening: &Evening, nth: usize, responder: &Responder, secret: String) -> Self {
        let chance = Chance::named(evening.seed, responder.id.as_str());
        let (behaviour, speed) =
            (evening.scenario.behaviour(responder.tier).clone(), evening.scenario.clock.people_speed);
        let mind = Mind::new(responder, nth, Habits { behaviour, speed }, chance, evening.pace.now_ms());
        Self { http: evening.http, secret, pace: evening.pace.clone(), mind, unnoted: BTreeMap::new(), ear: None }
    }

    /// Somebody who listens in.
    pub fn heard_by(self, ear: Box<dyn Ear>) -> Self {
        Self { ear: Some(ear), ..self }
    }

    pub async fn run(mut self) {
        loop {
            if let Err(error) = self.hold().await {
                debug!(%error, "a responder of the demo has no link, and tries again");
            }
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
    }

    /// One link, until it is gone.
    async fn hold(&mut self) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let mut socket = Socket::open(self.http, "/api/v1/responder/live", &self.secret).await?;
        socket.say(&json!({"hello": {}})).await?;
        for message in self.unnoted.values() {
            socket.say(message).await?;
        }
        loop {
            let due = self.mind.next_due_ms();
            let said = tokio::select! {
                message = socket.hear() => match message {
                    Some(message) => self.heard(&message),
                    None => return Ok(()),
                },
                () = self.pace.until(Some(due)) => self.mind.tick(self.pace.now_ms()),
            };
            for say in said {
                socket.say(&self.worded(&say)).await?;
            }
        }
    }

    fn heard(&mut self, message: &Value) -> Vec<Say> {
        let heard = Hear::read(message);
        if let Some(ear) = &self.ear {
            ear.hears(&heard);
        }
        match heard {
            Hear::Noted { key } => {
                self.unnoted.remove(&key);
                Vec::new()
            }
            hear => self.mind.hear(hear, self.pace.now_ms()),
        }
    }

    fn worded(&mut self, say: &Say) -> Value {
        let message = say.message(self.pace.wall());
        if let Some(key) = message["status"]["key"].as_str() {
            self.unnoted.insert(key.to_owned(), message.clone());
        }
        message
    }
}
