//! A connection to Redis, made again when it was lost, with a limit around everything: a server that is gone is told of
//! within a second, and whoever waits goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::metrics::CONNECTED;
use super::url::BusUrl;

/// A server of the same city answers in milliseconds.
const CONNECT: Duration = Duration::from_millis(500);

/// After a connection that could not be made, before the next.
const AGAIN: Duration = Duration::from_millis(200);

/// Around everything that does not wait by itself.
const ANSWER: Duration = Duration::from_secs(1);

/// Why the bus carried nothing. A command may have been done all the same.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("Redis at {url} cannot be reached: {why}")]
    Away { url: String, why: String },
    #[error("Redis at {url} did not answer within {limit_ms} ms")]
    Late { url: String, limit_ms: u128 },
    #[error("Redis at {url} refused: {why}")]
    Refused { url: String, why: RedisError },
}

/// One connection; shared by those who do not wait on it, had alone by one who does.
pub(super) struct Line {
    url: BusUrl,
    connection: Mutex<Connection>,
    answers: AtomicBool,
}

#[derive(Default)]
struct Connection {
    open: Option<MultiplexedConnection>,
    failed: bool,
}

impl Line {
    pub fn new(url: BusUrl) -> Self {
        Self { url, connection: Mutex::default(), answers: AtomicBool::new(false) }
    }

    /// Sends the pipeline and reads all its answers.
    pub async fn ask<T: FromRedisValue>(&self, asked: &Pipeline) -> Result<T, BusError> {
        self.ask_within(asked, ANSWER).await
    }

    /// As `ask`, for what waits in the server: longer than it does.
    pub async fn ask_within<T: FromRedisValue>(&self, asked: &Pipeline, limit: Duration) -> Result<T, BusError> {
        let asked = self.try_ask(asked, limit).await;
        let answers = asked.is_ok();
        if self.answers.swap(answers, Ordering::Relaxed) != answers {
            metrics::gauge!(CONNECTED).set(f64::from(u8::from(answers)));
        }
        asked
    }

    /// Whether the last question was answered.
    pub fn answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    async fn try_ask<T: FromRedisValue>(&self, asked: &Pipeline, limit: Duration) -> Result<T, BusError> {
        let mut open = self.connected().await?;
        let answered = match timeout(limit, asked.query_async(&mut open)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(why)) => BusError::Refused { url: self.url.to_string(), why },
            Err(_) => BusError::Late { url: self.url.to_string(), limit_ms: limit.as_millis() },
        };
        let broken = match &answered {
            BusError::Refused { why, .. } => why.is_io_error() || why.is_connection_dropped() || why.is_timeout(),
            BusError::Away { .. } | BusError::Late { .. } => true,
        };
        if broken {
            self.connection.lock().await.open = None;
        }
        Err(answered)
    }

    async fn connected(&self) -> Result<MultiplexedConnection, BusError> {
        let mut connection = self.connection.lock().await;
        if let Some(open) = &connection.open {
            return Ok(open.clone());
        }
        if connection.failed {
            sleep(AGAIN).await;
        }
        let made = connect(&self.url).await;
        connection.failed = made.is_err();
        if let Ok(open) = &made {
            connection.open = Some(open.clone());
        }
        made
    }
}

async fn connect(url: &BusUrl) -> Result<MultiplexedConnection, BusError> {
    let away = |why: String| BusError::Away { url: url.to_string(), why };
    let client = Client::open(url.info.clone()).map_err(|why| away(why.to_string()))?;
    // Limits are ours, around each question: one that waits in the server is not cut off by the library's half second.
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(None);
    let connecting = client.get_multiplexed_async_connection_with_config(&config);
    match timeout(CONNECT, connecting).await {
        Ok(made) => made.map_err(|why| away(why.to_string())),
        Err(_) => Err(away(format!("nothing within {} ms", CONNECT.as_millis()))),
    }
}
