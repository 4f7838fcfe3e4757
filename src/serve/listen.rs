//! HTTP on one listener: a bounded number of connections, small writes sent at once, no place for whoever begins
//! a request and does not end it, an end when the service stops.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

use crate::api::Peer;
use crate::config::Http;

/// Serves until `stop`, and then until every request has its answer.
pub(super) async fn http(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let bounded = Bounded { listener, limits, room: Arc::new(Semaphore::new(limits.connections)) };
    let service = router.into_make_service_with_connect_info::<Peer>();
    let served = axum::serve(bounded, service).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!("The interface has ended: {error}");
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub connections: usize,
    /// A request that has begun is answered by then, or its connection is closed: head and body have half of it each.
    /// Without this whoever sends a byte a minute could take every place there is.
    pub answer: Duration,
}

impl Limits {
    pub fn of(config: &Http) -> Self {
        Self { connections: config.connections, answer: Duration::from_secs(2 * config.request_s) }
    }
}

/// A listener that accepts no more connections than there is room for; the others wait in the system's queue.
struct Bounded {
    listener: TcpListener,
    limits: Limits,
    room: Arc<Semaphore>,
}

/// A connection, and its place.
struct Placed {
    stream: TcpStream,
    answer: Duration,
    /// Something has come, or should, that nothing was written for yet.
    waits: bool,
    limit: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Placed {
    fn new(stream: TcpStream, answer: Duration, place: OwnedSemaphorePermit) -> Self {
        Self { stream, answer, waits: true, limit: Box::pin(sleep(answer)), _place: place }
    }

    fn heard(&mut self) {
        if !std::mem::replace(&mut self.waits, true) {
            self.limit.set(sleep(self.answer));
        }
    }

    fn said(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.waits &= !matches!(written, Poll::Ready(Ok(_)));
        written
    }
}

impl Listener for Bounded {
    type Io = Placed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Placed, SocketAddr) {
        let place = self.room.clone().acquire_owned().await.expect("the semaphore is never closed");
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // A frame of a live feed must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true).ok();
        (Placed::new(stream, self.limits.answer, place), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Listener::local_addr(&self.listener)
    }
}

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl AsyncRead for Placed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.heard();
        }
        if read.is_pending() && self.waits && self.limit.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Placed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.said(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.said(written)
    }
}
