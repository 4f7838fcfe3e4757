//! So many websockets that read everything and note when the last of them has an event.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Far beyond anything but a hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// Cleared each time a socket is looked at; the library's own 128 KiB would be the load.
const READ_BUFFER_BYTES: usize = 4 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The last console has an event.
pub struct Last {
    pub at: Instant,
    pub text: String,
}

pub struct Consoles(Receiver<Last>);

impl Consoles {
    /// All are connected, and with a `hello` have their snapshot, when it returns. An event is a text with `mark` in it.
    pub async fn connect(url: &str, count: usize, hello: Option<String>, mark: &'static str) -> Self {
        let (told, last) = channel(1);
        let heard = Arc::new(AtomicUsize::new(0));
        for _ in 0..count {
            let opening = open(url, hello.as_deref());
            let socket = timeout(PATIENCE, opening).await.expect("a console within the bound");
            let counted = Counted { heard: heard.clone(), count, mark, told: told.clone() };
            tokio::spawn(counted.read(socket));
        }
        Self(last)
    }

    /// The moment at which the last one has the next event.
    pub async fn last(&mut self) -> Last {
        let told = timeout(PATIENCE, self.0.recv()).await.expect("an event reaches every console within the bound");
        told.expect("the consoles stay")
    }
}

async fn open(url: &str, hello: Option<&str>) -> Socket {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let (mut socket, _) = connect_async_with_config(url, Some(config), true).await.expect("a websocket");
    if let Some(hello) = hello {
        socket.send(Message::text(hello)).await.expect("a hello is taken");
        while !next(&mut socket).await.contains("\"snapshot\"") {}
    }
    socket
}

async fn next(socket: &mut Socket) -> String {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return text.to_string(),
            Some(Ok(_)) => {}
            ended => panic!("a console was left: {ended:?}"),
        }
    }
}

/// What a console counts with.
struct Counted {
    heard: Arc<AtomicUsize>,
    count: usize,
    mark: &'static str,
    told: Sender<Last>,
}

impl Counted {
    /// An event is told to all before the next is made, so that the last one is known by counting. Ends with the socket.
    async fn read(self, mut socket: Socket) {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            if !text.contains(self.mark) {
                continue;
            }
            let heard = self.heard.fetch_add(1, Ordering::Relaxed) + 1;
            if heard.is_multiple_of(self.count) {
                let last = Last { at: Instant::now(), text: text.to_string() };
                self.told.send(last).await.ok();
            }
        }
    }
}
