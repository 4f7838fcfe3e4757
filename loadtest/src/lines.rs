//! Watches on TCP: as many connections as there may be, each with one watch or with several that share it, as behind a
//! concentrator. A press is said again, byte for byte, until it is answered; a lost connection is made again.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tidewatch::sources::watch::{Framed, Framer, build};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::book::{Book, count};
use crate::moment::Clock;

/// What the watches of this maker call themselves.
pub const MAKER: &str = "3G";

/// An answer that takes longer than this is not waited for: the watch says it again.
const AGAIN: Duration = Duration::from_secs(10);

/// Before a lost connection is made again.
const RECONNECT: Duration = Duration::from_millis(100);

/// Connections that are made at once, at first and after a restart: more overflow the listener's queue.
const CONNECTING: usize = 256;

const READ_BYTES: usize = 4096;

/// What a watch says.
#[derive(Debug)]
pub enum Say {
    Press {
        number: usize,
        index: String,
        frame: Bytes,
    },
    Alive {
        identity: Arc<str>,
    },
    /// Nothing more for a while, and no connection.
    Off,
    On,
}

/// All connections of the watches, by number.
pub struct Lines {
    lines: Vec<UnboundedSender<Say>>,
    /// Watches that follow each other in number share one.
    watches_a_line: usize,
}

impl Lines {
    /// Begins the connections of `watches`, so many on each. Each counts in the book when it is there.
    pub fn open(
        watches: usize,
        watches_a_line: usize,
        watch: SocketAddr,
        book: &Arc<Book>,
        clock: Clock,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let room = Arc::new(Semaphore::new(CONNECTING));
        let mut open = || {
            let (sender, said) = unbounded_channel();
            let (book, room, framer) = (Arc::clone(book), Arc::clone(&room), Framer::default());
            let line = Line { watch, said, book, room, framer, clock, pending: VecDeque::new() };
            tasks.spawn(line.run());
            sender
        };
        let watches_a_line = watches_a_line.max(1);
        Self { lines: (0..watches.div_ceil(watches_a_line)).map(|_| open()).collect(), watches_a_line }
    }

    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// On the connection of the `nth` watch. A line that has ended was ended with the run.
    pub fn say(&self, nth: usize, say: Say) {
        self.lines[nth / self.watches_a_line].send(say).ok();
    }
}

struct Line {
    watch: SocketAddr,
    said: UnboundedReceiver<Say>,
    book: Arc<Book>,
    room: Arc<Semaphore>,
    framer: Framer,
    clock: Clock,
    /// Said and not yet answered.
    pending: VecDeque<Pending>,
}

struct Pending {
    number: usize,
    index: String,
    frame: Bytes,
    again_at: Instant,
}

/// Why a connection is no longer spoken on.
enum Ended {
    Lost,
    Off,
    /// The run is over.
    Over,
}

impl Line {
    async fn run(mut self) {
        let mut was_there = false;
        loop {
            let Some(mut stream) = self.connect().await else {
                sleep(RECONNECT).await;
                continue;
            };
            if !std::mem::replace(&mut was_there, true) {
                count(&self.book.lines);
            }
            match self.talk(&mut stream).await {
                Ended::Lost => {
                    count(&self.book.reconnects);
                    drop(stream);
                    sleep(RECONNECT).await;
                }
                Ended::Off => {
                    drop(stream);
                    if !self.silent().await {
                        return;
                    }
                }
                Ended::Over => return,
            }
        }
    }

    /// With everything said again that was not answered.
    async fn connect(&mut self) -> Option<TcpStream> {
        let permit = Arc::clone(&self.room).acquire_owned().await.ok()?;
        let mut stream = TcpStream::connect(self.watch).await.ok()?;
        drop(permit);
        stream.set_nodelay(true).ok()?;
        self.framer = Framer::default();
        let again: Vec<Bytes> = self.pending.iter().map(|it| it.frame.clone()).collect();
        for (frame, pending) in again.iter().zip(&mut self.pending) {
            self.book.entries[pending.number].went_out();
            pending.again_at = Instant::now() + AGAIN;
            stream.write_all(frame).await.ok()?;
        }
        Some(stream)
    }

    async fn talk(&mut self, stream: &mut TcpStream) -> Ended {
        let mut bytes = [0; READ_BYTES];
        loop {
            let again_at = self.pending.front().map(|it| it.again_at);
            tokio::select! {
                read = stream.read(&mut bytes) => match read {
                    Ok(read) if read > 0 => self.answered(&bytes[..read]),
                    Ok(_) | Err(_) => return Ended::Lost,
                },
                say = self.said.recv() => match self.write(say, stream).await {
                    Ok(()) => {}
                    Err(ended) => return ended,
                },
                () = until(again_at) => {
                    let Some(frame) = self.first_again() else { continue };
                    if stream.write_all(&frame).await.is_err() {
                        return Ended::Lost;
                    }
                }
            }
        }
    }

    /// Everything that waits, in one write.
    async fn write(&mut self, say: Option<Say>, stream: &mut TcpStream) -> Result<(), Ended> {
        let (mut out, mut next) = (Vec::new(), Some(say.ok_or(Ended::Over)?));
        while let Some(say) = next {
            match say {
                Say::Press { number, index, frame } => {
                    out.extend_from_slice(&frame);
                    self.book.entries[number].went_out();
                    self.pending.push_back(Pending { number, index, frame, again_at: Instant::now() + AGAIN });
                }
                Say::Alive { identity } => {
                    out.extend_from_slice(&build(MAKER, &identity, None, b"LK,0,0,80"));
                    count(&self.book.heartbeats_sent);
                }
                Say::Off => return Err(Ended::Off),
                Say::On => {}
            }
            next = self.said.try_recv().ok();
        }
        stream.write_all(&out).await.map_err(|_| Ended::Lost)
    }

    fn answered(&mut self, bytes: &[u8]) {
        self.framer.push(bytes);
        for framed in self.framer.by_ref() {
            let Framed::Frame(frame) = framed else { continue };
            if frame.content.starts_with(b"AL") {
                let index = frame.index.unwrap_or_default();
                let Some(at) = self.pending.iter().position(|it| it.index == index) else { continue };
                let pending = self.pending.remove(at).expect("it was just found there");
                self.book.entries[pending.number].acknowledged(self.clock.now());
            } else if frame.content.starts_with(b"LK") {
                count(&self.book.heartbeats_answered);
            }
        }
    }

    /// The one that has waited longest goes to the end.
    fn first_again(&mut self) -> Option<Bytes> {
        let mut first = self.pending.pop_front()?;
        first.again_at = Instant::now() + AGAIN;
        let frame = first.frame.clone();
        self.book.entries[first.number].went_out();
        self.pending.push_back(first);
        Some(frame)
    }

    /// Until it is to speak again; what is pressed meanwhile is said then. False: the run is over.
    async fn silent(&mut self) -> bool {
        while let Some(say) = self.said.recv().await {
            match say {
                Say::Off | Say::Alive { .. } => {}
                Say::On => return true,
                Say::Press { number, index, frame } => {
                    self.pending.push_back(Pending { number, index, frame, again_at: Instant::now() });
                }
            }
        }
        false
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
