//! What speaks HTTP: gateways of bracelets and sensors, and the telephone exchange. Many connections, one secret. No
//! room just now is waited for as the service asks; a lost line is tried again; both are counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::book::{Book, count};
use crate::failure::Failure;
use crate::moment::Clock;

/// Requests that are under way at once; further ones wait, and their time counts.
const IN_FLIGHT: usize = 256;

const ANSWER: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_millis(100);

/// Tries of what is no alarm: an alarm is tried until the run is over.
const TRIES: u32 = 60;

#[derive(Clone)]
pub struct Gateway {
    client: Client,
    base: String,
    secret: String,
    room: Arc<Semaphore>,
    book: Arc<Book>,
    clock: Clock,
}

enum Answer {
    Done(Value),
    Wait(Duration),
    /// Neither taken nor to be tried again.
    Wrong,
}

impl Gateway {
    pub fn new(http: SocketAddr, secret: &str, book: &Arc<Book>, clock: Clock) -> Result<Self, Failure> {
        tidewatch::tls::begin();
        let client = Client::builder().no_proxy().timeout(ANSWER).tcp_nodelay(true).build();
        Ok(Self {
            client: client.map_err(Failure::unusable)?,
            base: format!("http://{http}"),
            secret: secret.to_owned(),
            room: Arc::new(Semaphore::new(IN_FLIGHT)),
            book: Arc::clone(book),
            clock,
        })
    }

    /// The signal of an entry, until it is taken.
    pub async fn signal(&self, number: usize, body: &Value) {
        let entry = &self.book.entries[number];
        loop {
            entry.went_out();
            match self.post("/api/v1/signals", body).await {
                Answer::Done(_) => return entry.acknowledged(self.clock.now()),
                Answer::Wait(wait) => sleep(wait).await,
                Answer::Wrong => return,
            }
        }
    }

    /// A sign of life, once: the next one comes anyway.
    pub async fn alive(&self, device: &str) {
        count(&self.book.heartbeats_sent);
        let body = serde_json::json!({"device": device, "id": "alive", "kind": "heartbeat"});
        if let Answer::Done(_) = self.post("/api/v1/signals", &body).await {
            count(&self.book.heartbeats_answered);
        }
    }

    /// What the exchange saw. `None`: nobody took it.
    pub async fn call(&self, body: &Value) -> Option<Value> {
        for _ in 0..TRIES {
            match self.post("/api/v1/calls", body).await {
                Answer::Done(answer) => return Some(answer),
                Answer::Wait(wait) => sleep(wait).await,
                Answer::Wrong => return None,
            }
        }
        None
    }

    pub async fn get(&self, path: &str, secret: &str) -> Option<Value> {
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(secret);
        request.send().await.ok()?.json().await.ok()
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let Ok(_permit) = self.room.acquire().await else { return Answer::Wrong };
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.secret).json(body);
        let Ok(response) = request.send().await else {
            count(&self.book.reconnects);
            return Answer::Wait(AGAIN);
        };
        match response.status() {
            StatusCode::OK => response.json().await.map_or(Answer::Wait(AGAIN), Answer::Done),
            StatusCode::SERVICE_UNAVAILABLE => {
                count(&self.book.refusals);
                let after = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
                Answer::Wait(after.map_or(AGAIN, Duration::from_secs))
            }
            _ => {
                count(&self.book.wrong);
                Answer::Wrong
            }
        }
    }
}
