//! What the same machine does at best without us: the disk's sync, a bare socket's echo, a bare websocket broadcast.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{accept_async, client_async};

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
    let rounds = (total / (message as u64 * sockets as u64)).max(8);
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::unusable)?;
    let address = listener.local_addr().map_err(Failure::unusable)?;
    let (sender, _) = broadcast::channel::<Utf8Bytes>(QUEUE_FRAMES);
    let mut tasks = JoinSet::new();
    let mut clients = JoinSet::new();
    for _ in 0..sockets {
        let accepting = listener.accept();
        let client = connect(address);
        let (accepted, client) = tokio::join!(accepting, client);
        let (stream, client) = (accepted.map_err(Failure::unusable)?.0, client?);
        stream.set_nodelay(true).map_err(Failure::unusable)?;
        let mut frames = sender.subscribe();
        let (socket, mut client) = tokio::join!(accept_async(stream), client_async("ws://127.0.0.1/", client));
        let (mut socket, _) = (
            socket.map_err(Failure::unusable)?,
            client.as_mut().map(|_| ()).map_err(|it| Failure::unusable(it.to_string()))?,
        );
        let mut client = client.map_err(Failure::unusable)?.0;
        tasks.spawn(async move {
            while let Ok(frame) = frames.recv().await {
                if socket.send(Message::Text(frame)).await.is_err() {
                    return;
                }
            }
        });
        clients.spawn(async move {
            let mut heard = 0_u64;
            while let Some(Ok(Message::Text(_))) = client.next().await {
                heard += 1;
                if heard == rounds {
                    break;
                }
            }
            heard
        });
    }
    let frame: Utf8Bytes = "x".repeat(message).into();
    let began = Instant::now();
    for _ in 0..rounds {
        // A sender that does not wait would overrun the queue: as the service coalesces, this one lets it drain.
        while sender.len() >= QUEUE_FRAMES / 2 {
            tokio::task::yield_now().await;
        }
        sender.send(frame.clone()).ok();
    }
    let mut heard = 0;
    while let Some(count) = clients.join_next().await {
        heard += count.map_err(Failure::unusable)?;
    }
    let took = began.elapsed().as_secs_f64();
    tasks.abort_all();
    Ok(heard as f64 * message as f64 / took)
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(address).await.map_err(Failure::unusable)?;
    stream.set_nodelay(true).map_err(Failure::unusable)?;
    Ok(stream)
}
