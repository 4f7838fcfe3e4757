//! A websocket of the service with a bearer secret: JSON in, JSON out. Knows no message.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long an actor waits before it comes back to a service that sent it away, in milliseconds of the clock.
pub const AGAIN_MS: u64 = 2_000;

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn open(http: SocketAddr, path: &str, secret: &str) -> Result<Self, Error> {
        let mut request = format!("ws://{http}{path}").into_client_request()?;
        let bearer =
            HeaderValue::from_str(&format!("Bearer {secret}")).map_err(|error| Error::HttpFormat(error.into()))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        Ok(Self(connect_async(request).await?.0))
    }

    pub async fn say(&mut self, message: &Value) -> Result<(), Error> {
        self.0.send(Message::text(message.to_string())).await
    }

    /// The next message; `None` when the other side has gone. What is no JSON is `Null`.
    pub async fn hear(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap_or(Value::Null)),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}
