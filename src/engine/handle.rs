//! The only way into a district: ask, hint, read. A question is answered once the head it was decided on is committed;
//! a hint is never answered and never waits; what is read is the committed fold, never what is merely decided.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::desk::{Desk, Waiting, stopping};
use super::lanes::Lane;
use super::supervise::Heard;
use crate::dispatch::{Answer, Asked, Effect, Known, Rejection, Stamped, State};
use crate::domain::private::PrivateId;
use crate::domain::{AccountName, DeviceId, DistrictCode, Fix, Point, ResponderId, Timestamp};
use crate::registry::PrivateRow;

/// What was answered, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub answer: Answer,
    /// Taken before: this was the first answer.
    pub repeat: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It changes nothing, for this reason. Never `Rejection::Repeat`: that is a `Reply`.
    #[error(transparent)]
    Refused(#[from] Rejection),
    /// Its lane is full. Nothing was taken; ask again after that.
    #[error("no room just now, ask again in {retry_after_s} s")]
    NoRoom { retry_after_s: u64 },
    /// Not written, or not known to be: ask again with the same id or key.
    #[error("not taken: {why}")]
    Unavailable { why: String },
}

/// What is kept in memory alone. The newest wins; a position is the first to be shed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    LinkOpened(ResponderId),
    LinkClosed(ResponderId),
    /// Another channel than the link is confirmed, or none is any more.
    ReachedOtherwise(ResponderId, bool),
    ConsoleOpened(AccountName),
    ConsoleClosed(AccountName),
    Located {
        responder: ResponderId,
        fix: Fix,
    },
    DeviceHeard(DeviceId),
    BatteryTold(DeviceId, u8),
    BatteryLow(DeviceId),
    LearnPlace(PrivateId, Point),
}

/// What one commit has added to a district. After a start there is one without events: the effects to perform again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedBatch {
    pub district: DistrictCode,
    pub events: Vec<Stamped>,
    pub private: Vec<PrivateRow>,
    pub effects: Vec<Effect>,
    /// When the oldest command in it came in, on the monotonic clock (microseconds): for metrics alone.
    pub received_us: Option<u64>,
}

impl CommittedBatch {
    pub(super) fn empty(district: DistrictCode) -> Self {
        Self { district, events: Vec::new(), private: Vec::new(), effects: Vec::new(), received_us: None }
    }
}

/// Whoever wants to hear of commits. Called in order, on the publisher's thread, after the committed fold has these
/// events (and perhaps later ones). Must never block: everybody behind it waits.
pub trait Sink: Send {
    fn committed(&mut self, batch: &Arc<CommittedBatch>);
}

/// One per district; clones are the same.
#[derive(Clone)]
pub struct Handle {
    desk: Arc<Desk>,
}

impl Handle {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    pub fn district(&self) -> DistrictCode {
        self.desk.district
    }

    /// District time.
    pub fn now(&self) -> Timestamp {
        self.desk.now()
    }

    /// Answered after the commit of the head it was decided on: a repeat and a refusal too. A caller that goes away is
    /// not waited for; what it asked happens all the same.
    pub async fn ask(&self, lane: Lane, asked: Asked, private: Vec<PrivateRow>) -> Result<Reply, AskError> {
        let (answer, answered) = oneshot::channel();
        let give = Box::new(move |verdict| drop(answer.send(verdict)));
        self.desk.put(lane, Waiting { asked, private, answer: give, received_us: self.desk.monotonic_us() })?;
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// Never waits.
    pub fn hint(&self, hint: Hint) {
        self.desk.hint(hint);
    }

    /// From the committed fold, under a lock for reading: be short, a commit waits to be published.
    pub fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.desk.committed())
    }

    /// Looks at what the next decision would look at, hints too, on the engine's thread: be short.
    pub async fn ask_hints<R: Send + 'static>(
        &self,
        look: impl FnOnce(&Known<'_>, Timestamp) -> R + Send + 'static,
    ) -> Result<R, AskError> {
        let (answer, answered) = oneshot::channel();
        self.desk.query(Box::new(move |known, now| drop(answer.send(look(known, now)))))?;
        answered.await.map_err(|_| stopping())
    }

    /// What was heard of a device since the start; `None` where nothing was.
    pub fn last_heard(&self, device: &DeviceId) -> Option<Heard> {
        self.desk.heard.of(device)
    }

    /// Whether an alarm can be taken now; else why not.
    pub fn is_ready(&self) -> Result<(), String> {
        self.desk.health()
    }
}
