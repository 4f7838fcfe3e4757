//! The link of one responder: what they are asked, and what they say. A word is answered only after the commit; the
//! same word sent twice is taken once. What is not understood gets a problem, and the link stays up.

mod door;
mod said;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use self::said::{Said, read};
use super::context::LiveContext;
use super::hello::{First, Hello, TOKEN_MAX, meet};
use super::line::lookup;
use super::past::PastError;
use super::socket::{Farewell, Incoming, Socket, limited};
use super::wire::{Eye, OfferSeen, assignment_json, offer_json};
use crate::dispatch::command::By;
use crate::dispatch::event::Via;
use crate::dispatch::state::{Assignment, Incident};
use crate::dispatch::{Asked, Command, Event, Rejection};
use crate::domain::{AssignmentState, Fix, IncidentId, OfferId, PrivateRef, ResponderId, Role};
use crate::engine::{AskError, Handle, Hint, Lane, Reply};
use crate::notify::{Link, Push};
use crate::registry::{Account, PrivateRow};

/// Answers the upgrade. `account`: whoever was identified by header or cookie.
pub fn responder_live(upgrade: WebSocketUpgrade, context: Arc<LiveContext>, account: Option<Arc<Account>>) -> Response {
    if account.as_deref().is_some_and(|it| !Greeting::may(it)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let tasks = context.tasks.clone();
    limited(upgrade).on_upgrade(move |socket| {
        let socket = Socket::new(socket, context.limits);
        tasks.track_future(run(socket, context, account))
    })
}

async fn run(mut socket: Socket, context: Arc<LiveContext>, account: Option<Arc<Account>>) {
    let shutdown = context.shutdown.clone();
    let farewell = tokio::select! {
        farewell = attend(&mut socket, &context, account) => farewell.err().unwrap_or(Farewell::GONE),
        () = shutdown.cancelled() => Farewell::STOPPING,
    };
    metrics::counter!("tidewatch_responder_link_closed_total", "reason" => farewell.reason).increment(1);
    socket.close(farewell).await;
}

async fn attend(
    socket: &mut Socket,
    context: &Arc<LiveContext>,
    account: Option<Arc<Account>>,
) -> Result<(), Farewell> {
    // Whoever is known already may say hello, or something else, or nothing: the state comes in any case.
    let (account, first) = meet::<Greeting>(socket, context, account, TOKEN_MAX).await?;
    let responder = account.responder.clone().ok_or(Farewell::FORBIDDEN)?;
    let district = (context.facts)().responder(&responder).map(|it| it.district).ok_or(Farewell::FORBIDDEN)?;
    let handle = (context.handles)().get(&district).cloned().ok_or(Farewell::FORBIDDEN)?;
    let presence = Presence::new(handle.clone(), responder.clone());
    let mut link = context.links.open(&responder);
    let mut session = Session { socket, context, account, responder, handle, told: BTreeSet::new() };
    let first = match first {
        First::Other(incoming) => Some(incoming),
        First::Hello(_) | First::Nothing => None,
    };
    let ended = session.attend(&mut link, first).await;
    drop(presence);
    ended
}

/// A phone asks for nothing with its hello.
struct Greeting {
    token: Option<String>,
}

impl Hello for Greeting {
    fn may(account: &Account) -> bool {
        account.role == Role::Responder
    }

    fn read(text: &str) -> Option<Self> {
        match read(text) {
            Ok(Said::Hello { token }) => Some(Self { token }),
            _ => None,
        }
    }

    fn token(&mut self) -> Option<String> {
        self.token.take()
    }
}

/// The engine hears when a link opens and closes, however it ends.
struct Presence {
    handle: Handle,
    responder: ResponderId,
}

impl Presence {
    fn new(handle: Handle, responder: ResponderId) -> Self {
        handle.hint(Hint::LinkOpened(responder.clone()));
        Self { handle, responder }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.handle.hint(Hint::LinkClosed(self.responder.clone()));
    }
}

struct Session<'a> {
    socket: &'a mut Socket,
    context: &'a Arc<LiveContext>,
    account: Arc<Account>,
    responder: ResponderId,
    handle: Handle,
    /// Open offers this socket has been told, and assignments: said once each.
    told: BTreeSet<(OfferId, bool)>,
}

impl Session<'_> {
    async fn attend(&mut self, link: &mut Link, first: Option<Incoming>) -> Result<(), Farewell> {
        self.tell_state().await?;
        if let Some(first) = first {
            self.hear(first).await?;
        }
        let mut beat = interval(self.context.limits.beat);
        beat.reset();
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                push = link.next() => self.tell(push.ok_or(Farewell::UNREAD)?).await?,
                incoming = self.socket.receive() => self.hear(incoming?).await?,
                _ = beat.tick() => self.beat().await?,
            }
        }
    }

    async fn beat(&mut self) -> Result<(), Farewell> {
        if (self.context.still_there)(&self.account.name).is_none() {
            return Err(Farewell::UNAUTHORIZED);
        }
        self.socket.ping().await
    }

    async fn tell(&mut self, push: Push) -> Result<(), Farewell> {
        match push {
            Push::Offer { offer, distance_m } => self.tell_offer(offer, distance_m).await,
            Push::Assignment { offer } => self.tell_assignment(offer, false).await,
            Push::Withdrawn { offer, reason } => {
                self.told.retain(|(told, _)| *told != offer);
                self.socket.say(&json!({"withdrawn": {"offer": offer, "reason": reason}})).await
            }
            Push::State => self.tell_state().await,
        }
    }

    /// Duty, open offers and the assignment, as they are committed.
    async fn tell_state(&mut self) -> Result<(), Farewell> {
        let (duty, open) = self.handle.read(|state| {
            let known = state.responder(&self.responder);
            let theirs = known.into_iter().flat_map(|it| [it.held, it.turn]).flatten();
            let open = theirs.filter_map(|(offer, _)| state.offer(offer));
            let open: Vec<_> = open.map(|(incident, it)| (incident.clone(), it.clone())).collect();
            (known.is_some_and(|it| it.duty), open)
        });
        self.told.clear();
        let (mut offers, mut assignment) = (Vec::new(), Value::Null);
        for (incident, it) in open {
            self.told.insert((it.offer, it.state.is_under_way()));
            let shown = self.shown(&incident, &it, None).await.map_err(unreadable)?;
            if it.state.is_under_way() { assignment = shown } else { offers.push(shown) }
        }
        self.socket.say(&json!({"state": {"duty": duty, "offers": offers, "assignment": assignment}})).await
    }

    async fn tell_offer(&mut self, offer: OfferId, distance_m: Option<u64>) -> Result<(), Farewell> {
        let found = self.find(offer).filter(|(_, it)| it.state == AssignmentState::Offered);
        let Some((incident, it)) = found else { return Ok(()) };
        if !self.told.insert((offer, false)) {
            return Ok(());
        }
        let shown = self.shown(&incident, &it, distance_m).await.map_err(unreadable)?;
        self.socket.say(&json!({ "offer": shown })).await
    }

    /// `again`: to a phone that has asked once more.
    async fn tell_assignment(&mut self, offer: OfferId, again: bool) -> Result<(), Farewell> {
        let found = self.find(offer).filter(|(_, it)| it.state.is_under_way());
        let Some((incident, it)) = found else { return Ok(()) };
        if !self.told.insert((offer, true)) && !again {
            return Ok(());
        }
        let shown = self.shown(&incident, &it, None).await.map_err(unreadable)?;
        self.socket.say(&json!({ "assignment": shown })).await
    }

    fn find(&self, offer: OfferId) -> Option<(Incident, Assignment)> {
        self.handle.read(|state| {
            let found = state.offer(offer).filter(|(_, it)| it.responder == self.responder);
            found.map(|(incident, it)| (incident.clone(), it.clone()))
        })
    }

    /// OFFER, or the assignment.
    async fn shown(
        &mut self,
        incident: &Incident,
        it: &Assignment,
        distance_m: Option<u64>,
    ) -> Result<Value, PastError> {
        let distance_m = match distance_m {
            Some(distance_m) => distance_m,
            None => self.distance_m(it).await?,
        };
        let exact = incident.place.as_ref().and_then(|place| place.private).map(|it: PrivateRef| it.id);
        let values = self.context.past.values(exact.into_iter().collect()).await?;
        let (facts, private) = ((self.context.facts)(), lookup(&values));
        let eye = Eye::open(&facts, &private, self.handle.now());
        let seen = OfferSeen { incident, assignment: it, distance_m, leaves: self.leaves(it.offer) };
        if !it.state.is_under_way() {
            return Ok(offer_json(seen, &eye));
        }
        Ok(assignment_json(seen, &eye))
    }

    /// The incident from which a yes to this offer turns them.
    fn leaves(&self, offer: OfferId) -> Option<IncidentId> {
        self.handle.read(|state| {
            let turning = state.responder(&self.responder).filter(|it| it.turn.is_some_and(|(turn, _)| turn == offer));
            turning.and_then(|it| it.held).map(|(_, incident)| incident)
        })
    }

    /// As the record has it.
    async fn distance_m(&mut self, it: &Assignment) -> Result<u64, PastError> {
        let (district, seq) = (self.handle.district(), it.made_seq);
        let events = self.context.past.events(district, seq, seq).await?;
        match events.first().map(|it| &it.event) {
            Some(Event::OfferMade(made)) => Ok(made.distance_m),
            _ => Err(PastError::Missing { seq }),
        }
    }

    async fn hear(&mut self, incoming: Incoming) -> Result<(), Farewell> {
        let said = match &incoming {
            Incoming::Text(text) => read(text),
            Incoming::Binary => Err("a binary message, expected text".to_owned()),
        };
        match said {
            Ok(said) => self.follow(said).await,
            Err(detail) => self.socket.problem("not_understood", &detail, Value::Null).await,
        }
    }

    async fn follow(&mut self, said: Said) -> Result<(), Farewell> {
        let responder = self.responder.clone();
        match said {
            Said::Hello { .. } => self.tell_state().await,
            Said::Shown { offer } => {
                let asked = self
                    .ask(
                        Command::ConfirmShown { offer, responder, channel: crate::domain::Channel::Link },
                        None,
                        Vec::new(),
                    )
                    .await;
                self.unless_refused(offer, asked).await.map(|_| ())
            }
            Said::Accept { offer } => {
                let asked = self.ask(Command::AcceptOffer { offer, responder }, None, Vec::new()).await;
                match self.unless_refused(offer, asked).await? {
                    Some(reply) => self.tell_assignment(offer, reply.repeat).await,
                    None => Ok(()),
                }
            }
            Said::Decline { offer, reason } => {
                let (reason, rows) = self.sealed(reason);
                let asked = self.ask(Command::DeclineOffer { offer, responder, reason }, None, rows).await;
                self.unless_refused(offer, asked).await.map(|_| ())
            }
            Said::Status { incident, progress, at, key } => {
                let via = Via::Link;
                let command = Command::ReportProgress { incident, responder, progress, at, via, scanned: false };
                self.noted(command, b"status", key, Vec::new()).await
            }
            Said::Scan(it) => self.scan(it).await,
            Said::Outcome { incident, text, key } => self.outcome(incident, text, key).await,
            Said::Position(fix) => {
                self.position(fix);
                Ok(())
            }
            Said::Duty { on } => {
                let command = Command::SetDuty { responder, on, via: Via::Link };
                match self.ask(command, None, Vec::new()).await {
                    // The others hear of a change by its commit; who says what is so already hears that it is so.
                    Ok(Reply { repeat: false, .. }) => Ok(()),
                    Ok(Reply { repeat: true, .. }) | Err(AskError::Refused(Rejection::NothingToDo)) => {
                        self.tell_state().await
                    }
                    Err(why) => self.problem(&why, Value::Null).await,
                }
            }
        }
    }

    /// Taken once under this key, and answered after the commit.
    async fn noted(
        &mut self,
        command: Command,
        word: &[u8],
        key: String,
        rows: Vec<PrivateRow>,
    ) -> Result<(), Farewell> {
        let request = self.context.key.fingerprint(&[word, self.responder.as_str().as_bytes(), key.as_bytes()]);
        match self.ask(command, Some(request), rows).await {
            Ok(_) | Err(AskError::Refused(Rejection::NothingToDo)) => {
                self.socket.say(&json!({"noted": {"key": key}})).await
            }
            Err(why) => self.problem(&why, json!({"key": key})).await,
        }
    }

    /// Kept only while on duty or on a job; a clock that runs ahead is not believed.
    fn position(&self, fix: said::GivenFix) {
        let now = self.handle.now();
        let known = self.handle.read(|state| state.responder(&self.responder).map(|it| it.duty || it.held.is_some()));
        let district = self.handle.district();
        if known != Some(true) {
            self.context.hub.forget_position(district, &self.responder);
            return;
        }
        let fix = Fix { point: fix.point, accuracy_m: fix.accuracy_m, at: fix.at.unwrap_or(now).min(now) };
        self.context.hub.moved(district, &self.responder, fix);
        self.handle.hint(Hint::Located { responder: self.responder.clone(), fix });
    }

    fn sealed(&self, text: Option<String>) -> (Option<PrivateRef>, Vec<PrivateRow>) {
        let row = text.map(|text| PrivateRow::new(&mut rand::rng(), self.handle.now(), None, "note", text));
        (row.as_ref().map(PrivateRow::reference), row.into_iter().collect())
    }

    async fn ask(
        &mut self,
        command: Command,
        request: Option<crate::domain::Fingerprint>,
        rows: Vec<PrivateRow>,
    ) -> Result<Reply, AskError> {
        let by = Some(By { account: self.account.name.clone(), supervisor: false });
        self.handle.ask(Lane::People, Asked { command, by, request }, rows).await
    }

    /// What an offer's answer came to; a refusal is said.
    async fn unless_refused(
        &mut self,
        offer: OfferId,
        asked: Result<Reply, AskError>,
    ) -> Result<Option<Reply>, Farewell> {
        match asked {
            Ok(reply) => return Ok(Some(reply)),
            Err(AskError::Refused(why)) => {
                self.socket.say(&json!({"refused": {"offer": offer, "code": why.code()}})).await?;
            }
            Err(why) => self.problem(&why, json!({"offer": offer})).await?,
        }
        Ok(None)
    }

    async fn problem(&mut self, why: &AskError, mut more: Value) -> Result<(), Farewell> {
        let code = match why {
            AskError::Refused(why) => why.code(),
            AskError::NoRoom { retry_after_s } => {
                more["retry_after_s"] = json!(retry_after_s);
                "no_room"
            }
            AskError::Unavailable { .. } => "unavailable",
        };
        self.socket.problem(code, &why.to_string(), more).await
    }
}

fn unreadable(error: PastError) -> Farewell {
    tracing::error!(%error, "A responder cannot be told: {error}");
    Farewell::TRY_AGAIN
}
