//! What the same machine does at best without us: the disk's sync, a bare socket's echo, a bare websocket broadcast.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config, client_async_with_config};

use crate::doors::READ_BYTES;

use crate::failure::Failure;
use crate::moment::ms;

const SYNCS: usize = 300;
const SYNC_BYTES: usize = 4096;
const ECHOES: usize = 2_000;

/// As long as an alarm of a watch.
const ECHO_BYTES: usize = 160;

/// Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Floor {
    pub p50: f64,
    pub p99: f64,
}

impl Floor {
    fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |part: usize| ms(took[(took.len() - 1) * part / 100].as_micros() as u64);
        Self { p50: at(50), p99: at(99) }
    }
}

/// Appends of a page to a file in `folder`, each synced.
pub fn fdatasync(folder: &Path) -> Result<Floor, Failure> {
    let path = folder.join("floor");
    let measured = synced(&path).map_err(Failure::unusable);
    std::fs::remove_file(&path).ok();
    measured
}

fn synced(path: &Path) -> std::io::Result<Floor> {
    let mut file = File::create(path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.write_all(&[7; SYNC_BYTES])?;
        let began = Instant::now();
        file.sync_data()?;
        took.push(began.elapsed());
    }
    Ok(Floor::of(took))
}

/// As many bytes as an alarm has, there and back over a loopback socket.
pub async fn echo() -> Result<Floor, Failure> {
    echoed().await.map_err(Failure::unusable)
}

async fn echoed() -> std::io::Result<Floor> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let other = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut bytes = [0; ECHO_BYTES];
        while stream.read_exact(&mut bytes).await.is_ok() {
            stream.write_all(&bytes).await?;
        }
        std::io::Result::Ok(())
    });
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut bytes, mut took) = ([7; ECHO_BYTES], Vec::with_capacity(ECHOES));
    for _ in 0..ECHOES {
        let began = Instant::now();
        stream.write_all(&bytes).await?;
        stream.read_exact(&mut bytes).await?;
        took.push(began.elapsed());
    }
    drop(stream);
    other.await.ok();
    Ok(Floor::of(took))
}

/// Frames that may wait for one socket, as in the service.
const QUEUE_FRAMES: usize = 256;

/// Bytes a second that a bare tokio-tungstenite broadcast brings to `sockets` clients of this process, in messages of
/// `message` bytes, `total` bytes in all. Server and clients share the machine, as the service and the harness do.
pub async fn fan_out(sockets: usize, message: usize, total: u64) -> Result<f64, Failure> {
    broadcast_to(sockets, message, total).await.map_err(Failure::unusable)
}

async fn broadcast_to(sockets: usize, message: usize, total: u64) -> Result<f64, Error> {
    let rounds = (total / (message as u64 * sockets as u64)).max(8);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let sender = broadcast::Sender::new(QUEUE_FRAMES);
    let (mut servers, mut clients) = (JoinSet::new(), JoinSet::new());
    for _ in 0..sockets {
        let (server, client) = pair(&listener).await?;
        servers.spawn(serve(server, sender.subscribe()));
        clients.spawn(hear(client, rounds));
    }
    let (frame, began): (Utf8Bytes, Instant) = ("x".repeat(message).into(), Instant::now());
    for _ in 0..rounds {
        // One that does not wait would overrun the queue.
        while sender.len() >= QUEUE_FRAMES / 2 {
            tokio::task::yield_now().await;
        }
        sender.send(frame.clone()).ok();
    }
    let heard: u64 = clients.join_all().await.into_iter().sum();
    Ok(heard as f64 * message as f64 / began.elapsed().as_secs_f64())
}

type Socket = WebSocketStream<TcpStream>;

/// Both ends of a websocket over loopback.
async fn pair(listener: &TcpListener) -> Result<(Socket, Socket), Error> {
    let (accepted, client) = tokio::join!(listener.accept(), TcpStream::connect(listener.local_addr()?));
    let (server, client) = (accepted?.0, client?);
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let config = Some(WebSocketConfig::default().read_buffer_size(READ_BYTES));
    let (server, client) = tokio::join!(
        accept_async_with_config(server, config),
        client_async_with_config("ws://127.0.0.1/", client, config)
    );
    Ok((server?, client?.0))
}

async fn serve(mut socket: Socket, mut frames: broadcast::Receiver<Utf8Bytes>) {
    while let Ok(frame) = frames.recv().await {
        if socket.send(Message::Text(frame)).await.is_err() {
            return;
        }
    }
}

/// How many messages came, up to `rounds`.
async fn hear(mut socket: Socket, rounds: u64) -> u64 {
    let mut heard = 0;
    while heard < rounds && matches!(socket.next().await, Some(Ok(Message::Text(_)))) {
        heard += 1;
    }
    heard
}
