//! Offers on their way to phones that hold no link: one try a channel, each with its outcome in the timeline. Nothing
//! waits for it: the sink hands over and goes on, and what finds no room is counted.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::gateway::{Gateway, Hook};
use super::message;
use super::push::{Browser, Pusher};
use super::reach::Reach;
use crate::dispatch::state::{Assignment, Incident};
use crate::dispatch::{Asked, Command, Deed, Facts};
use crate::domain::{AssignmentState, Channel, DistrictCode, OfferId, ResponderId, Timestamp, TryOutcome};
use crate::engine::{CommittedBatch, Handle, Lane, Sink};
use crate::registry::Target;
use crate::sources::{Handles, Source};

/// What may wait for the outbox: the offers of a large burst.
const QUEUE_MAX: usize = 4096;

/// Requests on their way at once.
const SENDING_MAX: usize = 256;

/// A message about an assignment, or a test, is of no use after that.
const HOLDS_S: u64 = 600;

/// Who carries messages.
pub struct Carriers {
    pub pusher: Option<Pusher>,
    pub gateway: Option<Gateway>,
    /// Hosts and origins of push services that may be called.
    pub services: Vec<String>,
}

impl Carriers {
    pub fn carry(&self, channel: Channel) -> bool {
        match channel {
            Channel::Link => true,
            Channel::Push => self.pusher.is_some(),
            Channel::Sms | Channel::Voice => self.gateway.as_ref().is_some_and(|it| it.carries(channel)),
        }
    }
}

/// Keeps what a try came to, off this task.
pub type Note = Arc<dyn Fn(&ResponderId, Channel, &Target, TryOutcome) + Send + Sync>;

/// One thing to tell one responder on one channel.
struct Letter {
    responder: ResponderId,
    channel: Channel,
    target: Target,
    id: String,
    kind: &'static str,
    json: serde_json::Value,
    text: String,
    offer: Option<OfferId>,
    expires_at: Timestamp,
}

struct Errand {
    district: DistrictCode,
    deed: Deed,
}

pub struct Outbox {
    reach: Arc<Reach>,
    carriers: Arc<Carriers>,
    handles: Source<Handles>,
    facts: Source<Facts>,
    note: Note,
    errands: mpsc::Sender<Errand>,
}

impl Outbox {
    pub fn start(
        reach: Arc<Reach>,
        carriers: Arc<Carriers>,
        (handles, facts): (Source<Handles>, Source<Facts>),
        note: Note,
        (tasks, shutdown): (&TaskTracker, CancellationToken),
    ) -> Arc<Self> {
        let (errands, taken) = mpsc::channel(QUEUE_MAX);
        let outbox = Arc::new(Self { reach, carriers, handles, facts, note, errands });
        let working = outbox.clone().work(taken, tasks.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = working => {}
            }
        });
        outbox
    }

    /// To be given to the engine's shell.
    pub fn sink(self: &Arc<Self>) -> Box<dyn Sink> {
        Box::new(OutboxSink(self.clone()))
    }

    /// Sends `answer`, with which the responder confirms the channel.
    pub async fn test(
        &self,
        responder: &ResponderId,
        channel: Channel,
        target: &Target,
        answer: &str,
        now: Timestamp,
    ) -> TryOutcome {
        let letter = Letter {
            responder: responder.clone(),
            channel,
            target: target.clone(),
            id: format!("test-{:016x}", rand::random::<u64>()),
            kind: "test",
            json: message::test_json(answer),
            text: message::test_text(answer, channel),
            offer: None,
            expires_at: now.after_s(HOLDS_S),
        };
        let outcome = self.send(&letter, now).await;
        (self.note)(responder, channel, target, outcome);
        outcome
    }

    async fn work(self: Arc<Self>, mut errands: mpsc::Receiver<Errand>, tasks: TaskTracker) {
        let room = Arc::new(Semaphore::new(SENDING_MAX));
        while let Some(errand) = errands.recv().await {
            let Some(handle) = (self.handles)().get(&errand.district).cloned() else { continue };
            for letter in self.letters(&handle, &errand.deed) {
                let permit = room.clone().acquire_owned().await.expect("the semaphore stays open");
                let (outbox, handle) = (self.clone(), handle.clone());
                tasks.spawn(async move {
                    outbox.deliver(&handle, &letter).await;
                    drop(permit);
                });
            }
        }
    }

    async fn deliver(&self, handle: &Handle, letter: &Letter) {
        let outcome = self.send(letter, handle.now()).await;
        let (channel, word) = (letter.channel.as_str(), outcome.as_str());
        metrics::counter!("tidewatch_message_total", "channel" => channel, "reason" => word).increment(1);
        (self.note)(&letter.responder, letter.channel, &letter.target, outcome);
        let Some(offer) = letter.offer.filter(|_| letter.kind == "offer") else { return };
        let command = Command::NoteTry { offer, channel: letter.channel, outcome };
        if let Err(why) = handle.ask(Lane::Technical, Asked::plain(command), Vec::new()).await {
            warn!(offer.id = %offer, "What became of a message is not in the timeline of `{offer}`: {why}");
        }
    }

    async fn send(&self, letter: &Letter, now: Timestamp) -> TryOutcome {
        let holds_s = letter.expires_at.since_s(now);
        match (&letter.target, &self.carriers.pusher, &self.carriers.gateway) {
            (Target::Browser(text), Some(pusher), _) => match Browser::read(text, &self.carriers.services) {
                Ok(browser) => {
                    let topic = letter.offer.map_or_else(|| "test".to_owned(), |it| it.to_string());
                    pusher.send(&browser, &topic, &letter.json.to_string(), holds_s, now).await
                }
                Err(_) => TryOutcome::Refused,
            },
            (Target::Phone, _, Some(gateway)) => {
                let Some(hook) = self.hook(letter) else { return TryOutcome::Gone };
                gateway.send(&hook, now).await
            }
            (Target::Browser(_), None, _) | (Target::Phone, _, None) => TryOutcome::Refused,
        }
    }

    /// `None` where the responder has left the registry.
    fn hook(&self, letter: &Letter) -> Option<Hook> {
        let to = (self.facts)().responder(&letter.responder)?.phone.to_string();
        let (id, text) = (letter.id.clone(), letter.text.clone());
        let (channel, kind, offer, expires_at) = (letter.channel, letter.kind, letter.offer, letter.expires_at);
        Some(Hook { id, channel, kind, to, text, offer, expires_at })
    }

    fn letters(&self, handle: &Handle, deed: &Deed) -> Vec<Letter> {
        let (Deed::SendOffer { offer, responder, .. }
        | Deed::SendAssignment { offer, responder, .. }
        | Deed::SendWithdrawal { offer, responder, .. }) = deed;
        let found = handle.read(|state| state.offer(*offer).map(|(incident, it)| (incident.clone(), it.clone())));
        let Some((incident, it)) = found else { return Vec::new() };
        let now = handle.now();
        let ways = self.reach.ways(responder).into_iter();
        ways.filter_map(|way| self.letter(deed, (&incident, &it), way, now)).collect()
    }

    /// `None` where it has nothing to say any more, or nothing on that channel.
    fn letter(
        &self,
        deed: &Deed,
        (incident, it): (&Incident, &Assignment),
        (channel, target): (Channel, Target),
        now: Timestamp,
    ) -> Option<Letter> {
        let (kind, json, text, expires_at) = match deed {
            Deed::SendOffer { .. } => {
                let pending = it.state == AssignmentState::Offered && it.expires_at > now;
                let text = message::offer_text(incident, it, channel);
                ("offer", message::offer_json(incident, it), text, pending.then_some(it.expires_at)?)
            }
            Deed::SendAssignment { .. } => {
                let facts = (self.facts)();
                let home = incident.premises.as_ref().filter(|_| channel == Channel::Sms)?;
                let text = message::assignment_text(incident, &facts.premises(home)?.address);
                ("assignment", serde_json::Value::Null, text, now.after_s(HOLDS_S))
            }
            Deed::SendWithdrawal { .. } => {
                let json = message::withdrawn_json(it.offer);
                (channel == Channel::Push).then_some(("withdrawn", json, String::new(), now.after_s(HOLDS_S)))?
            }
        };
        let (responder, offer) = (it.responder.clone(), Some(it.offer));
        let id = format!("{}:{}:{kind}", it.offer, channel.as_str());
        Some(Letter { responder, channel, target, id, kind, json, text, offer, expires_at })
    }
}

struct OutboxSink(Arc<Outbox>);

impl Sink for OutboxSink {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        for effect in &batch.effects {
            let errand = Errand { district: batch.district, deed: effect.deed.clone() };
            if self.0.errands.try_send(errand).is_err() {
                metrics::counter!("tidewatch_message_total", "channel" => "any", "reason" => "no_room").increment(1);
            }
        }
    }
}
