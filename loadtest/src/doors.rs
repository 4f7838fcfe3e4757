//! A websocket of the service for a client that reads much: frames as they come, without reading into them.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// A snapshot of tens of thousands of open incidents is one message.
const MESSAGE_MAX_BYTES: usize = 1 << 30;

/// The library clears this much at every look at a socket, whether something came or not.
pub const READ_BYTES: usize = 4096;

pub struct Door(WebSocketStream<TcpStream>);

impl Door {
    pub async fn open(http: SocketAddr, path: &str, secret: &str) -> Result<Self, Error> {
        let mut request = format!("ws://{http}{path}").into_client_request()?;
        let bearer = HeaderValue::from_str(&format!("Bearer {secret}"));
        request.headers_mut().insert(AUTHORIZATION, bearer.map_err(|error| Error::HttpFormat(error.into()))?);
        let stream = TcpStream::connect(http).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .max_message_size(Some(MESSAGE_MAX_BYTES))
            .max_frame_size(Some(MESSAGE_MAX_BYTES));
        Ok(Self(client_async_with_config(request, stream, Some(config)).await?.0))
    }

    pub async fn say(&mut self, message: &Value) -> Result<(), Error> {
        self.0.send(Message::text(message.to_string())).await
    }

    /// The next text; `None` when the other side has gone.
    pub async fn hear(&mut self) -> Option<Utf8Bytes> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Text(text) => return Some(text),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}
