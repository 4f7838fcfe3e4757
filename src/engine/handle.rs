//! The only way into a district: ask, hint, look, read. A question is answered once the head it was decided on is
//! committed; a hint is never answered and never waits; what is read is the committed fold, never what is merely decided.
//! Whether its engine runs in this process or in another is nobody's business but this room's.

use std::sync::{Arc, RwLockReadGuard};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::desk::{Desk, Waiting, stopping};
use super::lanes::Lane;
use super::look::{Candidate, Look, Seen};
use super::supervise::Heard;
use crate::dispatch::{Answer, Asked, Effect, Rejection, Stamped, State};
use crate::domain::{AccountName, DeviceId, DistrictCode, Fix, IncidentId, ResponderId, Timestamp};
use crate::geo::Spot;
use crate::registry::PrivateRow;

/// What was answered, durably.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub answer: Answer,
    /// Taken before: this was the first answer.
    pub repeat: bool,
}

/// How an answer reaches whoever asked.
pub type Give = Box<dyn FnOnce(Result<Reply, AskError>) + Send>;

/// How what was seen reaches whoever looked.
pub type Show = Box<dyn FnOnce(Result<Seen, AskError>) + Send>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// A district whose engine runs in another process: what it has committed is folded here, what is asked is carried there.
pub trait Elsewhere: Send + Sync {
    fn district(&self) -> DistrictCode;

    /// District time, as its owner last told it.
    fn now(&self) -> Timestamp;

    /// `give` is called once the fold of `committed` has what was answered.
    fn ask(&self, lane: Lane, asked: Asked, private: Vec<PrivateRow>, give: Give);

    fn look(&self, look: Look, show: Show);

    /// Never waits.
    fn hint(&self, hint: Hint);

    fn committed(&self) -> RwLockReadGuard<'_, State>;

    fn last_heard(&self, device: &DeviceId) -> Option<Heard>;

    /// What the owner has heard is asked for with `Look::Heard`, and learned here.
    fn learn_heard(&self, heard: Vec<(DeviceId, Heard)>);

    fn is_ready(&self) -> Result<(), String>;
}

#[derive(Clone)]
enum Place {
    Here(Arc<Desk>),
    There(Arc<dyn Elsewhere>),
}

/// One per district; clones are the same.
#[derive(Clone)]
pub struct Handle {
    place: Place,
}

impl Handle {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { place: Place::Here(desk) }
    }

    /// Of a district that another process owns.
    pub fn elsewhere(it: Arc<dyn Elsewhere>) -> Self {
        Self { place: Place::There(it) }
    }

    pub fn district(&self) -> DistrictCode {
        match &self.place {
            Place::Here(desk) => desk.district,
            Place::There(it) => it.district(),
        }
    }

    /// District time.
    pub fn now(&self) -> Timestamp {
        match &self.place {
            Place::Here(desk) => desk.now(),
            Place::There(it) => it.now(),
        }
    }

    /// Answered after the commit of the head it was decided on: a repeat and a refusal too. A caller that goes away is
    /// not waited for; what it asked happens all the same.
    pub async fn ask(&self, lane: Lane, asked: Asked, private: Vec<PrivateRow>) -> Result<Reply, AskError> {
        let (answer, answered) = oneshot::channel();
        self.ask_then(lane, asked, private, Box::new(move |verdict| drop(answer.send(verdict))));
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// As `ask`; `give` is called with the answer, perhaps before this returns. What is asked one after the other comes in
    /// that order.
    pub fn ask_then(&self, lane: Lane, asked: Asked, private: Vec<PrivateRow>, give: Give) {
        match &self.place {
            Place::Here(desk) => {
                desk.put(lane, Waiting { asked, private, answer: give, received_us: desk.monotonic_us() });
            }
            Place::There(it) => it.ask(lane, asked, private, give),
        }
    }

    /// Never waits.
    pub fn hint(&self, hint: Hint) {
        match &self.place {
            Place::Here(desk) => desk.hint(hint),
            Place::There(it) => it.hint(hint),
        }
    }

    /// From the committed fold, under a lock for reading: be short, a commit waits to be published.
    pub fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        match &self.place {
            Place::Here(desk) => look(&desk.committed()),
            Place::There(it) => look(&it.committed()),
        }
    }

    /// What the next decision would look at, hints too. Seen on the engine's thread.
    pub async fn look(&self, look: Look) -> Result<Seen, AskError> {
        let (show, shown) = oneshot::channel();
        self.look_then(look, Box::new(move |seen| drop(show.send(seen))));
        shown.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// As `look`; `show` is called with what was seen.
    pub fn look_then(&self, look: Look, show: Show) {
        match &self.place {
            Place::Here(desk) => desk.query(look, show),
            Place::There(it) => it.look(look, show),
        }
    }

    /// Those who could be asked now.
    pub async fn available(&self) -> Result<Vec<(ResponderId, Spot)>, AskError> {
        match self.look(Look::Available).await? {
            Seen::Available(it) => Ok(it),
            other => Err(not_asked_for(&other)),
        }
    }

    /// Where responders said they are.
    pub async fn fixes(&self) -> Result<Vec<(ResponderId, Fix)>, AskError> {
        match self.look(Look::Fixes).await? {
            Seen::Fixes(it) => Ok(it),
            other => Err(not_asked_for(&other)),
        }
    }

    /// Who would be there soonest; `None` where there is no such incident.
    pub async fn nearest(&self, incident: IncidentId, limit: usize) -> Result<Option<Vec<Candidate>>, AskError> {
        match self.look(Look::Nearest { incident, limit }).await? {
            Seen::Nearest(it) => Ok(it),
            other => Err(not_asked_for(&other)),
        }
    }

    /// Before `last_heard` is asked: what another process has heard of these devices is fetched; of all of the district,
    /// where none are named.
    pub async fn fetch_heard(&self, devices: Vec<DeviceId>) -> Result<(), AskError> {
        let Place::There(it) = &self.place else { return Ok(()) };
        match self.look(Look::Heard { devices }).await? {
            Seen::Heard(heard) => it.learn_heard(heard),
            other => return Err(not_asked_for(&other)),
        }
        Ok(())
    }

    /// What was heard of a device since the start; `None` where nothing was.
    pub fn last_heard(&self, device: &DeviceId) -> Option<Heard> {
        match &self.place {
            Place::Here(desk) => desk.heard.of(device),
            Place::There(it) => it.last_heard(device),
        }
    }

    /// Nothing can be heard of the district's devices just now: silence means nothing.
    pub fn note_deaf(&self) {
        if let Place::Here(desk) = &self.place {
            desk.heard.note_deaf(desk.now());
        }
    }

    /// Whether an alarm can be taken now; else why not.
    pub fn is_ready(&self) -> Result<(), String> {
        match &self.place {
            Place::Here(desk) => desk.health(),
            Place::There(it) => it.is_ready(),
        }
    }
}

/// Another process answered another question.
fn not_asked_for(seen: &Seen) -> AskError {
    let found = match seen {
        Seen::Available(_) => "who is available",
        Seen::Fixes(_) => "positions",
        Seen::Nearest(_) => "the nearest",
        Seen::Heard(_) => "devices",
    };
    AskError::Unavailable { why: format!("the owner of the district answered with {found}, which was not asked for") }
}
