//! One websocket: sends with a limit, hears whether the other end still reads, closes with a reason.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

/// A message from a client is a few hundred bytes; nothing a client may say needs more than this.
pub const MESSAGE_MAX_BYTES: usize = 64 * 1024;

/// Cleared each time a socket is looked at, which with the library's own 128 KiB costs more than sending an event does, and
/// is a hundred megabytes for a thousand consoles. What a client says fits in it; what is longer is read in pieces.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// How long the other end may be silent, and how often it is asked.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Heartbeats and pings.
    pub beat: Duration,
    /// A client that has not read for so long is closed; some beats long.
    pub unread: Duration,
}

impl Default for Limits {
    /// The contract's: a heartbeat at least every 10 s, beaten twice as often so that a late one is still in time, and
    /// 30 s for whoever does not read.
    fn default() -> Self {
        Self { beat: Duration::from_secs(5), unread: Duration::from_secs(30) }
    }
}

impl Limits {
    /// As many pings in a row without any sign of the other end.
    fn unanswered_max(&self) -> u128 {
        (self.unread.as_millis() / self.beat.as_millis().max(1)).max(1)
    }
}

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
    limits: Limits,
    unanswered: u128,
}

/// The limits every upgrade gets.
pub fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    let upgrade = upgrade.max_message_size(MESSAGE_MAX_BYTES).max_frame_size(MESSAGE_MAX_BYTES);
    upgrade.read_buffer_size(READ_BUFFER_BYTES)
}

impl Socket {
    pub fn new(inner: WebSocket, limits: Limits) -> Self {
        Self { inner, limits, unanswered: 0 }
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

    /// Every beat: asks for a sign, and gives up after too many without one.
    pub async fn ping(&mut self) -> Result<(), Farewell> {
        if self.unanswered >= self.limits.unanswered_max() {
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
        match timeout(self.limits.unread, self.inner.send(message)).await {
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use futures_util::SinkExt;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;
    use tokio::time::interval;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

    use super::*;

    const SHORT: Duration = Duration::from_millis(60);
    const NEVER: Duration = Duration::from_secs(3600);

    /// Far beyond anything but a hang.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Both ends of a websocket over a real connection.
    async fn pair(limits: Limits) -> (Socket, WebSocketStream<MaybeTlsStream<TcpStream>>) {
        let (ours, mut taken) = mpsc::channel(1);
        let upgrade = move |upgrade: WebSocketUpgrade| {
            let ours = ours.clone();
            async move { limited(upgrade).on_upgrade(move |socket| async move { ours.send(socket).await.unwrap() }) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(upgrade))).await });
        let (client, _) = connect_async(format!("ws://{address}/")).await.unwrap();
        (Socket::new(taken.recv().await.unwrap(), limits), client)
    }

    /// What a socket came to that did `work` again and again.
    async fn given_up(work: impl AsyncFnMut() -> Result<(), Farewell>) -> Farewell {
        let mut work = work;
        let ended = async {
            loop {
                if let Err(farewell) = work().await {
                    return farewell;
                }
            }
        };
        timeout(PATIENCE, ended).await.expect("it is never given up")
    }

    #[tokio::test]
    async fn whoever_takes_nothing_out_of_a_full_connection_is_given_up() {
        let (mut socket, _client) = pair(Limits { beat: NEVER, unread: SHORT }).await;
        let text = Utf8Bytes::from("x".repeat(MESSAGE_MAX_BYTES));
        assert_eq!(given_up(async || socket.send(text.clone()).await).await, Farewell::UNREAD);
    }

    #[tokio::test]
    async fn what_is_longer_than_the_buffer_is_heard_whole() {
        let (mut socket, mut client) = pair(Limits::default()).await;
        let text = "x".repeat(MESSAGE_MAX_BYTES);
        client.send(Message::text(text.clone())).await.unwrap();
        let heard = timeout(PATIENCE, socket.receive()).await.expect("it is never heard");
        assert_eq!(heard, Ok(Incoming::Text(text.into())));
    }

    #[tokio::test]
    async fn whoever_answers_no_ping_is_given_up() {
        let limits = Limits { beat: SHORT / 6, unread: SHORT };
        let (mut socket, _client) = pair(limits).await;
        let mut beat = interval(limits.beat);
        let mut pings = 0;
        let farewell = given_up(async || {
            beat.tick().await;
            pings += 1;
            socket.ping().await
        });
        assert_eq!(farewell.await, Farewell::UNREAD);
        assert_eq!(pings, 7, "six unanswered ones");
    }
}
