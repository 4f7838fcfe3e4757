//! One websocket: sends with a limit, hears whether the other end still reads, closes with a reason.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

/// A message from a client is a few hundred bytes; nothing a client may say needs more than this.
pub const MESSAGE_MAX_BYTES: usize = 64 * 1024;

/// A client that has not read for so long is closed.
const UNREAD_MAX: Duration = Duration::from_secs(30);

/// Heartbeats and pings: half of what is promised, so that a late one is still in time.
pub const BEAT: Duration = Duration::from_secs(5);

/// As many pings in a row without any sign of the other end: `UNREAD_MAX`.
const UNANSWERED_MAX: u32 = 6;

/// For the good-bye; whoever does not take it goes without.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Farewell {
    pub code: u16,
    pub reason: &'static str,
}

impl Farewell {
    pub const UNAUTHORIZED: Self = Self { code: 4401, reason: "no token, or a wrong one" };
    pub const FORBIDDEN: Self = Self { code: 4403, reason: "out of this account's reach" };
    pub const STOPPING: Self = Self { code: 1001, reason: "the service is stopping, come back in a moment" };
    pub const UNREAD: Self = Self { code: 1008, reason: "nothing was read for 30 s" };
    pub const SILENT: Self = Self { code: 1008, reason: "no hello came" };
    pub const TRY_AGAIN: Self = Self { code: 1013, reason: "the store cannot be read just now, try again" };
    pub const TOO_LONG: Self = Self { code: 1009, reason: "a message is longer than 64 KiB" };
    pub const GONE: Self = Self { code: 1000, reason: "closed by the other end" };
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    Text(Utf8Bytes),
    /// Neither text nor the end.
    Binary,
}

pub struct Socket {
    inner: WebSocket,
    unanswered: u32,
}

/// The limits every upgrade gets.
pub fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.max_message_size(MESSAGE_MAX_BYTES).max_frame_size(MESSAGE_MAX_BYTES)
}

impl Socket {
    pub fn new(inner: WebSocket) -> Self {
        Self { inner, unanswered: 0 }
    }

    pub async fn send(&mut self, text: Utf8Bytes) -> Result<(), Farewell> {
        self.put(Message::Text(text)).await
    }

    pub async fn say(&mut self, value: &Value) -> Result<(), Farewell> {
        self.send(value.to_string().into()).await
    }

    /// A message was not understood, or could not be followed: `more` names what it was about.
    pub async fn problem(&mut self, code: &str, detail: &str, more: Value) -> Result<(), Farewell> {
        let mut problem = json!({"code": code, "detail": detail});
        if let (Some(problem), Value::Object(more)) = (problem.as_object_mut(), more) {
            problem.extend(more);
        }
        self.say(&json!({"problem": problem})).await
    }

    /// May be dropped while it waits.
    pub async fn receive(&mut self) -> Result<Incoming, Farewell> {
        loop {
            let message = self.inner.recv().await.ok_or(Farewell::GONE)?.map_err(broken)?;
            self.unanswered = 0;
            match message {
                Message::Text(text) => return Ok(Incoming::Text(text)),
                Message::Binary(_) => return Ok(Incoming::Binary),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return Err(Farewell::GONE),
            }
        }
    }

    /// Every `BEAT`: asks for a sign, and gives up after too many without one.
    pub async fn ping(&mut self) -> Result<(), Farewell> {
        if self.unanswered >= UNANSWERED_MAX {
            return Err(Farewell::UNREAD);
        }
        self.unanswered += 1;
        self.put(Message::Ping(bytes::Bytes::new())).await
    }

    pub async fn close(mut self, farewell: Farewell) {
        let frame = CloseFrame { code: farewell.code, reason: farewell.reason.into() };
        timeout(CLOSE_MAX, self.inner.send(Message::Close(Some(frame)))).await.ok();
        // The other end answers with a close of its own; until then the connection would be reset under its feet.
        timeout(CLOSE_MAX, async { while let Some(Ok(_)) = self.inner.recv().await {} }).await.ok();
    }

    async fn put(&mut self, message: Message) -> Result<(), Farewell> {
        match timeout(UNREAD_MAX, self.inner.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Farewell::GONE),
            Err(_) => Err(Farewell::UNREAD),
        }
    }
}

fn broken(error: axum::Error) -> Farewell {
    match error.into_inner().downcast_ref() {
        Some(tungstenite::Error::Capacity(_)) => Farewell::TOO_LONG,
        Some(_) | None => Farewell::GONE,
    }
}
