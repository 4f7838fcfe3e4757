//! The listener of watches: a task a connection. Answers signs of life at once and an alarm only after its commit; while
//! there is no room, or the journal cannot write, it holds the frame and does not read on, so that the socket itself
//! tells the watch to wait. One bad connection disturbs no other. No identity goes into a log.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::message::{Said, said};
use super::{Damage, Frame, Framed, Framer, decode, reply_to};
use crate::domain::DistrictCode;
use crate::pipeline::RawMessage;
use crate::sources::metrics::{
    WATCH_ANSWERS, WATCH_CLOSED, WATCH_DAMAGED, WATCH_FRAMES, WATCH_OPENED, WATCH_WAITS, add, count,
};
use crate::sources::recent::Recent;
use crate::sources::{Intake, IntakeError};

/// Bytes read at once: a frame is some two hundred, a voice message some thousands.
const READ_BYTES: usize = 4096;

/// A watch that does not take a few bytes for so long is gone, or means no good.
const WRITE_MAX: Duration = Duration::from_secs(10);

/// Devices whose last status is remembered.
const STATUS_MAX: usize = 200_000;

/// Between attempts while the journal cannot write: doubled each time, up to the most.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MOST: Duration = Duration::from_secs(5);

/// After an accept failed for want of descriptors, some of which will be free again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a listener allows.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The name of the listener.
    pub listener: String,
    /// Where a device that nobody knows is taken to be.
    pub default_district: Option<DistrictCode>,
    pub connections: usize,
    /// A connection that says nothing for so long is closed.
    pub idle: Duration,
}

/// What all connections of a listener share.
struct Shared {
    intake: Arc<Intake>,
    limits: Limits,
    /// The status of each device's last frame that was taken, by identity.
    statuses: Mutex<Recent<String, u32>>,
    shutdown: CancellationToken,
}

/// Serves until `shutdown`, and then until every connection has finished what it was answering.
pub async fn run(listener: TcpListener, intake: Arc<Intake>, limits: Limits, shutdown: CancellationToken) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let statuses = Mutex::new(Recent::new(STATUS_MAX));
    let shared = Arc::new(Shared { intake, limits, statuses, shutdown: shutdown.clone() });
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        accept(accepted, &room, &tasks, &shared).await;
    }
    tasks.close();
    tasks.wait().await;
}

async fn accept(
    accepted: std::io::Result<(TcpStream, SocketAddr)>,
    room: &Arc<Semaphore>,
    tasks: &TaskTracker,
    shared: &Arc<Shared>,
) {
    match (accepted, Arc::clone(room).try_acquire_owned()) {
        (Ok((stream, _)), Ok(permit)) => {
            count(WATCH_OPENED, "watch");
            tasks.spawn(serve(stream, Arc::clone(shared), permit));
        }
        (Ok(_), Err(_)) => count(WATCH_CLOSED, "too_many"),
        (Err(error), _) => {
            tracing::warn!(%error, "A watch could not be accepted: {error}");
            sleep(ACCEPT_PAUSE).await;
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>, _permit: OwnedSemaphorePermit) {
    // An answer must not wait until the other end has confirmed the one before, which takes it 40 ms.
    stream.set_nodelay(true).ok();
    let shutdown = shared.shutdown.clone();
    let mut connection = Connection { stream, shared, framer: Framer::default(), answers: Vec::new() };
    let why = tokio::select! {
        why = connection.talk() => why,
        () = shutdown.cancelled() => Ended::Stopping,
    };
    count(WATCH_CLOSED, why.as_str());
    if why != Ended::Broken {
        // The watch sees the end of the stream; whether it answers that is its own affair.
        timeout(WRITE_MAX, connection.stream.shutdown()).await.ok();
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Closed,
    Idle,
    Broken,
    Slow,
    Stopping,
}

impl Ended {
    fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Idle => "idle",
            Self::Broken => "broken",
            Self::Slow => "slow",
            Self::Stopping => "stopping",
        }
    }
}

struct Connection {
    stream: TcpStream,
    shared: Arc<Shared>,
    framer: Framer,
    /// Written together when everything that was read has been taken, or before something that may take long: many
    /// watches may speak through one connection.
    answers: Vec<u8>,
}

impl Connection {
    async fn talk(&mut self) -> Ended {
        let mut bytes = [0; READ_BYTES];
        loop {
            let read = match timeout(self.shared.limits.idle, self.stream.read(&mut bytes)).await {
                Err(_) => return Ended::Idle,
                Ok(Err(_)) => 0,
                Ok(Ok(read)) => read,
            };
            if read == 0 {
                self.framer.finish();
            } else {
                self.framer.push(&bytes[..read]);
            }
            while let Some(framed) = self.framer.next() {
                if let Err(why) = self.take(framed).await {
                    return why;
                }
            }
            if let Err(why) = self.answer().await {
                return why;
            }
            if read == 0 {
                return Ended::Closed;
            }
        }
    }

    async fn take(&mut self, framed: Framed) -> Result<(), Ended> {
        match framed {
            Framed::Damaged { bytes, why } => {
                add(WATCH_DAMAGED, damage(why), bytes);
                Ok(())
            }
            Framed::Frame(frame) => self.take_frame(&frame).await,
        }
    }

    async fn take_frame(&mut self, frame: &Frame) -> Result<(), Ended> {
        let message = decode(frame);
        let said = {
            let limits = &self.shared.limits;
            let statuses = self.shared.statuses.lock().unwrap_or_else(PoisonError::into_inner);
            said(frame, &message, statuses.get(&frame.id).copied(), &limits.listener, limits.default_district)
        };
        count(WATCH_FRAMES, said.word);
        let reply = reply_to(frame, &message);
        let (answer_first, word) = (said.answer_first, said.word);
        if answer_first {
            self.will_answer(reply.as_deref(), word);
        }
        if !said.raw.as_ref().is_none_or(RawMessage::is_telemetry) {
            self.answer().await?;
        }
        let taken = self.bring(frame, said).await;
        if taken && !answer_first {
            self.will_answer(reply.as_deref(), word);
        }
        Ok(())
    }

    /// Until it is taken: what asks for anything is not given up while its connection lives. The status moves on only
    /// then, so that a bit that was not taken still counts in the next frame. False where it was refused.
    async fn bring(&self, frame: &Frame, said: Said) -> bool {
        let taken = match said.raw {
            Some(raw) if raw.is_telemetry() => self.shared.intake.take(raw).await.is_ok(),
            Some(raw) => self.insist(raw).await,
            None => true,
        };
        if let Some(status) = said.status.filter(|_| taken) {
            let mut statuses = self.shared.statuses.lock().unwrap_or_else(PoisonError::into_inner);
            statuses.put(frame.id.clone(), status);
        }
        taken
    }

    async fn insist(&self, raw: RawMessage) -> bool {
        let mut pause = RETRY_FIRST;
        loop {
            match self.shared.intake.take(raw.clone()).await {
                Ok(_) => return true,
                Err(IntakeError::Refused(refusal)) => {
                    tracing::warn!(code = refusal.code, "A watch's message was refused: {refusal}");
                    return false;
                }
                Err(IntakeError::NoRoom { .. }) => count(WATCH_WAITS, "no_room"),
                Err(IntakeError::Unavailable { .. }) => count(WATCH_WAITS, "unavailable"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(RETRY_MOST);
        }
    }

    fn will_answer(&mut self, reply: Option<&[u8]>, word: &str) {
        if let Some(reply) = reply {
            self.answers.extend_from_slice(reply);
            count(WATCH_ANSWERS, word);
        }
    }

    async fn answer(&mut self) -> Result<(), Ended> {
        if self.answers.is_empty() {
            return Ok(());
        }
        let written = timeout(WRITE_MAX, self.stream.write_all(&self.answers)).await;
        self.answers.clear();
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Broken),
            Err(_) => Err(Ended::Slow),
        }
    }
}

fn damage(why: Damage) -> &'static str {
    match why {
        Damage::Noise => "noise",
        Damage::Cut => "cut",
        Damage::TooLong => "too_long",
    }
}
