//! The feed of one console: hello, then for each district a resumption or a snapshot, then every event as it is
//! committed. Never an event twice or after a gap, never a queue without end.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::channel::{Channel, Joined, Pushed};
use super::context::LiveContext;
use super::cursor::{Cursor, Step};
use super::hello::{First, Hello, meet};
use super::line::{Frame, Line, Sight, lookup};
use super::pages::{PAGE, page_of};
use super::past::PastError;
use super::snapshot::snapshot;
use super::socket::{Farewell, Incoming, Socket, limited};
use crate::dispatch::{Facts, Stamped};
use crate::domain::{DistrictCode, Role, Seq};
use crate::engine::{Handle, Hint};
use crate::registry::Account;

/// Who has said at the upgrade who they are may take longer to say what they want to see.
const HELLO_MAX: Duration = Duration::from_secs(30);

/// Whether an account may look at the feed at all.
pub fn may_watch(account: &Account) -> bool {
    match account.role {
        Role::Operator | Role::Supervisor | Role::Ops => true,
        Role::Responder | Role::Gateway | Role::Device => false,
    }
}

/// Answers the upgrade. `account`: whoever was identified by header or cookie.
pub fn live_feed(upgrade: WebSocketUpgrade, context: Arc<LiveContext>, account: Option<Arc<Account>>) -> Response {
    if account.as_deref().is_some_and(|it| !may_watch(it)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (tasks, screens) = (context.tasks.clone(), context.screens.clone());
    limited(upgrade).on_upgrade(move |socket| {
        let socket = Socket::new(socket, context.limits);
        let session = screens.spawn(tasks.track_future(run(socket, context, account)));
        async move { session.await.unwrap_or_default() }
    })
}

async fn run(mut socket: Socket, context: Arc<LiveContext>, account: Option<Arc<Account>>) {
    let shutdown = context.shutdown.clone();
    let farewell = tokio::select! {
        farewell = watch(&mut socket, &context, account) => farewell.err().unwrap_or(Farewell::GONE),
        () = shutdown.cancelled() => Farewell::STOPPING,
    };
    metrics::counter!("tidewatch_live_closed_total", "reason" => farewell.reason).increment(1);
    socket.close(farewell).await;
}

async fn watch(socket: &mut Socket, context: &Arc<LiveContext>, account: Option<Arc<Account>>) -> Result<(), Farewell> {
    let (account, hello) =
        timeout(HELLO_MAX, greeted(socket, context, account)).await.map_err(|_| Farewell::SILENT)??;
    let handles = (context.handles)();
    let mut wanted = Vec::new();
    for (code, seen) in hello.districts {
        let handle = handles.get(&code).filter(|_| account.reaches(code)).ok_or(Farewell::FORBIDDEN)?;
        wanted.push((handle.clone(), seen));
    }
    let presence = Presence::new(&account, wanted.iter().map(|(handle, _)| handle.clone()).collect());
    let sight = if account.role == Role::Ops { Sight::Shut } else { Sight::Open };
    let clock = handles.values().next().cloned();
    let mut session = Session { socket, context, account, sight, clock, feeds: BTreeMap::new() };
    let generation = hello.generation;
    let feed = session.feed(wanted, generation).await;
    drop(presence);
    feed
}

/// What a console asks for.
struct Wanted {
    /// The last seq seen; `None`: a snapshot.
    districts: Vec<(DistrictCode, Option<Seq>)>,
    token: Option<String>,
    generation: Option<String>,
}

impl Hello for Wanted {
    fn may(account: &Account) -> bool {
        may_watch(account)
    }

    fn read(text: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(text).ok()?;
        let hello = message.get("hello")?.as_object()?;
        let mut districts = Vec::new();
        for (code, seen) in hello.get("districts").and_then(Value::as_object).into_iter().flatten() {
            // A number that is no seq is one in the future.
            let seen = if seen.is_null() { None } else { Some(seen.as_u64().unwrap_or(Seq::MAX)) };
            districts.push((code.parse().ok()?, seen));
        }
        let text = |key: &str| hello.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self { districts, token: text("token"), generation: text("generation") })
    }

    fn token(&mut self) -> Option<String> {
        self.token.take()
    }
}

/// Whoever is known may try again; the limit is its caller's.
async fn greeted(
    socket: &mut Socket,
    context: &LiveContext,
    mut known: Option<Arc<Account>>,
) -> Result<(Arc<Account>, Wanted), Farewell> {
    loop {
        let (account, first) = meet::<Wanted>(socket, context, known, HELLO_MAX).await?;
        match first {
            First::Hello(wanted) => return Ok((account, wanted)),
            First::Nothing => return Err(Farewell::SILENT),
            First::Other(_) => {
                let detail = "expected {\"hello\":{\"districts\":{\"330481\":null}}} first";
                socket.problem("bad_hello", detail, Value::Null).await?;
            }
        }
        known = Some(account);
    }
}

/// An operator at a console keeps claims alive; the engines hear when one comes and goes, however it goes.
struct Presence {
    account: Option<crate::domain::AccountName>,
    handles: Vec<Handle>,
}

impl Presence {
    fn new(account: &Account, handles: Vec<Handle>) -> Self {
        let owns = matches!(account.role, Role::Operator | Role::Supervisor);
        let it = Self { account: owns.then(|| account.name.clone()), handles };
        it.hint(Hint::ConsoleOpened);
        it
    }

    fn hint(&self, hint: impl Fn(crate::domain::AccountName) -> Hint) {
        if let Some(account) = &self.account {
            self.handles.iter().for_each(|handle| handle.hint(hint(account.clone())));
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.hint(Hint::ConsoleClosed);
    }
}

/// One district of a session.
struct Feed {
    handle: Handle,
    channel: Arc<Channel>,
    cursor: Cursor,
}

type Next = BoxFuture<'static, (DistrictCode, Receiver<Pushed>, Result<Pushed, RecvError>)>;

struct Session<'a> {
    socket: &'a mut Socket,
    context: &'a Arc<LiveContext>,
    account: Arc<Account>,
    sight: Sight,
    clock: Option<Handle>,
    feeds: BTreeMap<DistrictCode, Feed>,
}

impl Session<'_> {
    async fn feed(&mut self, wanted: Vec<(Handle, Option<Seq>)>, generation: Option<String>) -> Result<(), Farewell> {
        let current = generation.is_none_or(|it| it == self.context.past.generation());
        let mut news = FuturesUnordered::new();
        for (handle, seen) in wanted {
            let receiver = self.begin(handle, seen.filter(|_| current)).await?;
            news.push(receiver);
        }
        let mut beat = interval(self.context.limits.beat);
        beat.reset();
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some((district, receiver, pushed)) = news.next() => {
                    let next = self.pushed(district, receiver, pushed).await?;
                    news.push(next);
                }
                incoming = self.socket.receive() => self.heard(&incoming?).await?,
                _ = beat.tick() => self.beat().await?,
            }
        }
    }

    /// Resumes after `seen` where that can be; else begins with a snapshot.
    async fn begin(&mut self, handle: Handle, seen: Option<Seq>) -> Result<Next, Farewell> {
        let district = handle.district();
        let head = handle.read(|state| state.seq);
        let channel = self.context.hub.channel(district, head);
        match seen.filter(|seen| *seen <= head) {
            Some(seen) => {
                let resumed = json!({"seq": head, "generation": self.context.past.generation()});
                self.socket.say(&json!({"district": district, "resumed": resumed})).await?;
                self.feeds.insert(district, Feed { handle, channel, cursor: Cursor::after(seen) });
            }
            None => {
                self.feeds.insert(district, Feed { handle, channel, cursor: Cursor::after(head) });
                self.snapshot(district).await?;
            }
        }
        self.catch_up(district).await
    }

    async fn snapshot(&mut self, district: DistrictCode) -> Result<(), Farewell> {
        let feed = self.feeds.get_mut(&district).expect("a district of this session");
        let made = snapshot(self.context, &feed.handle, &feed.channel, self.sight).await.map_err(unreadable)?;
        feed.cursor = Cursor::after(made.seq);
        self.socket.send(made.text).await
    }

    /// From the journal as long as the ring does not reach back so far, then from the ring, then live.
    async fn catch_up(&mut self, district: DistrictCode) -> Result<Next, Farewell> {
        loop {
            let feed = self.feeds.get(&district).expect("a district of this session");
            let next = feed.cursor.next();
            match feed.channel.join(next) {
                Joined::Live { missed, pushed } => {
                    for lines in missed.chunks(PAGE as usize) {
                        self.send_lines(district, lines.to_vec()).await?;
                    }
                    return Ok(wait(district, pushed));
                }
                Joined::Behind { head } => {
                    let channel = Arc::clone(&feed.channel);
                    let frame = past(self.context, &channel, next, head).await.map_err(unreadable)?;
                    self.send_frame(district, &frame).await?;
                }
            }
        }
    }

    async fn send_lines(&mut self, district: DistrictCode, lines: Vec<Arc<Line>>) -> Result<(), Farewell> {
        match Frame::of(district, lines) {
            Some(frame) => self.send_frame(district, &frame).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// True if the console has everything up to the end of the frame now.
    async fn send_frame(&mut self, district: DistrictCode, frame: &Frame) -> Result<bool, Farewell> {
        let feed = self.feeds.get_mut(&district).expect("a district of this session");
        match feed.cursor.take(frame, self.sight) {
            Step::Send(text) => self.socket.send(text).await.map(|()| true),
            Step::Skip => Ok(true),
            Step::Gap => Ok(false),
        }
    }

    async fn pushed(
        &mut self,
        district: DistrictCode,
        receiver: Receiver<Pushed>,
        pushed: Result<Pushed, RecvError>,
    ) -> Result<Next, Farewell> {
        match pushed {
            Ok(Pushed::Frame(frame)) => {
                if !self.send_frame(district, &frame).await? {
                    return self.resync(district).await;
                }
            }
            Ok(Pushed::Positions(text)) => match self.sight {
                Sight::Open => self.socket.send(text).await?,
                Sight::Shut => {}
            },
            Err(RecvError::Lagged(_)) => return self.resync(district).await,
            Err(RecvError::Closed) => return Err(Farewell::STOPPING),
        }
        Ok(wait(district, receiver))
    }

    /// It could not keep up: from a new snapshot on.
    async fn resync(&mut self, district: DistrictCode) -> Result<Next, Farewell> {
        metrics::counter!("tidewatch_live_resyncs_total").increment(1);
        self.socket.say(&json!({"district": district, "resync": {"reason": "slow"}})).await?;
        self.snapshot(district).await?;
        self.catch_up(district).await
    }

    async fn heard(&mut self, incoming: &Incoming) -> Result<(), Farewell> {
        match incoming {
            Incoming::Text(_) | Incoming::Binary => {
                self.socket.problem("not_understood", "after the hello a console only listens", Value::Null).await
            }
        }
    }

    /// The server's clock, how far each district has been sent, and which can take no alarm just now and why; and whether
    /// the account is still there.
    async fn beat(&mut self) -> Result<(), Farewell> {
        if (self.context.still_there)(&self.account.name).is_none() {
            return Err(Farewell::UNAUTHORIZED);
        }
        let heads: BTreeMap<String, Seq> =
            self.feeds.iter().map(|(district, feed)| (district.to_string(), feed.cursor.sent())).collect();
        let at = self.clock.as_ref().map(Handle::now);
        let why =
            |(district, feed): (&DistrictCode, &Feed)| Some((district.to_string(), feed.handle.is_ready().err()?));
        let unready: BTreeMap<String, String> = self.feeds.iter().filter_map(why).collect();
        let mut heartbeat = json!({"at": at, "heads": heads});
        if !unready.is_empty() {
            heartbeat["unready"] = json!(unready);
        }
        self.socket.say(&json!({"heartbeat": heartbeat})).await?;
        self.socket.ping().await
    }
}

/// From `next` on, or a little before it; as much as is read at once.
async fn past(context: &LiveContext, channel: &Channel, next: Seq, head: Seq) -> Result<Arc<Frame>, PastError> {
    let ((number, from, to), facts) = (page_of(next), (context.facts)());
    if to > head {
        return read(context, channel.district, next..=head, &facts).await.map(Arc::new);
    }
    channel.pages.get(number, &facts, read(context, channel.district, from..=to, &facts)).await
}

async fn read(
    context: &LiveContext,
    district: DistrictCode,
    seqs: RangeInclusive<Seq>,
    facts: &Facts,
) -> Result<Frame, PastError> {
    let events = context.past.events(district, *seqs.start(), *seqs.end()).await?;
    let private = |event: &Stamped| event.event.private_refs().into_iter().map(|it| it.id).collect::<Vec<_>>();
    let values = context.past.values(events.iter().flat_map(private).collect()).await?;
    let private = lookup(&values);
    let lines = events.iter().map(|event| Arc::new(Line::write(event, facts, &private))).collect();
    Frame::of(district, lines).ok_or(PastError::Missing { seq: *seqs.start() })
}

fn wait(district: DistrictCode, mut receiver: Receiver<Pushed>) -> Next {
    Box::pin(async move {
        let pushed = receiver.recv().await;
        (district, receiver, pushed)
    })
}

fn unreadable(error: PastError) -> Farewell {
    tracing::error!(%error, "A console cannot be fed: {error}");
    Farewell::TRY_AGAIN
}
