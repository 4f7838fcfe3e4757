//! A whole service on real sockets in a temporary folder: engine, journal, registry, hub and links, with a small world.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tempfile::TempDir;
use tidewatch::clock::SystemClock;
use tidewatch::dispatch::{Asked, By, Command, Facts, Policy};
use tidewatch::domain::{AccountName, Role, Timestamp};
use tidewatch::engine::{Lane, Parts, Shell};
use tidewatch::journal::{EventReader, SqliteLog, SqliteReader};
use tidewatch::live::{Hub, Limits, LiveContext, Past, live_feed, responder_live};
use tidewatch::notify::Links;
use tidewatch::registry::{self, Account, Registry, Vault, VaultReader, world};
use tidewatch::sources::http::{HttpSender, decode};
use tidewatch::sources::{Handles, Intake, Taken, UnknownList, watch};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Far beyond anything but a hang.
pub const PATIENCE: Duration = Duration::from_secs(20);

const WORLD: &str = r#"
[[district]]
code = "330481"
name = "made up"
hotline = "967890"
[[premises]]
id = "P-1"
district = "330481"
class = "urban"
address = "1 Made Up Road"
lat = 30.53
lon = 120.68
[[subject]]
id = "S-1"
premises = "P-1"
name = "Somebody"
phones = ["+8657387000001"]
access = "the key is with the guard"
[[device]]
id = "D-1"
subject = "S-1"
protocol = "watch"
identity = "8800000015"
[[device]]
id = "D-2"
subject = "S-1"
protocol = "http"
identity = "ring-1"
[[responder]]
id = "R-1"
district = "330481"
name = "Carer"
phone = "+8613900000002"
tier = "staff"
travel = "ebike"
base_lat = 30.54
base_lon = 120.68
"#;

pub struct House {
    pub intake: Arc<Intake>,
    pub shutdown: CancellationToken,
    tasks: TaskTracker,
    http: String,
    watch: String,
    shell: Shell,
    _dir: TempDir,
}

impl House {
    pub async fn open() -> Self {
        Self::open_with(PATIENCE, Limits::default()).await
    }

    /// `watch_idle`: a watch that says nothing for so long is let go.
    pub async fn open_with(watch_idle: Duration, limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut registry = Registry::open(dir.path()).unwrap();
        let world = world::parse("world.toml", WORLD, &|point| point).unwrap();
        registry.import(&[world], registry::By { actor: "import", at: Timestamp::EPOCH }).unwrap();
        let facts = Arc::new(registry.load().unwrap());
        let key = registry.fingerprint_key().clone();
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let source: Arc<dyn Fn() -> Arc<Facts> + Send + Sync> = {
            let facts = facts.clone();
            Arc::new(move || facts.clone())
        };
        let hub = Hub::new(source.clone(), tasks.clone(), shutdown.clone(), Handle::current());
        let links = Arc::new(Links::default());
        let vault = Vault::open(dir.path()).unwrap();
        let shell = Shell::start(Parts {
            districts: facts.districts().map(|it| it.code).collect(),
            log: Box::new(SqliteLog::open(dir.path()).unwrap()),
            private: tidewatch::engine::Private::Beside(vault),
            facts: facts.clone(),
            policy: Arc::new(Policy::default()),
            clock: Arc::new(SystemClock::new()),
            sinks: vec![hub.sink(), links.sink()],
            on_fatal: Arc::new(|why| panic!("{why}")),
            on_lost: Arc::new(|why| panic!("{why}")),
        })
        .unwrap();
        let handles: Arc<Handles> = Arc::new(shell.handles().clone());
        let handles: Arc<dyn Fn() -> Arc<Handles> + Send + Sync> = Arc::new(move || handles.clone());
        let (unknown, _) = UnknownList::start(registry).unwrap();
        let intake = Arc::new(Intake::new(handles.clone(), source.clone(), key.clone(), unknown));
        let journal: Box<dyn EventReader + Send> = Box::new(SqliteReader::open_own(dir.path()).unwrap());
        let context = Arc::new(LiveContext {
            handles,
            facts: source,
            hub,
            links,
            past: Past::new(journal, Box::new(VaultReader::open(dir.path()).unwrap())),
            identify: Arc::new(|token| Box::pin(async move { account(&token) })),
            still_there: Arc::new(|name| account(name.as_str())),
            audit: Arc::new(|_| ()),
            key,
            limits,
            screens: Handle::current(),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        });
        let http = serve_http(context).await;
        let watch = serve_watch(intake.clone(), watch_idle, &tasks, &shutdown).await;
        Self { intake, shutdown, tasks, http, watch, shell, _dir: dir }
    }

    pub async fn console(&self, name: &str, hello: &str) -> Client {
        self.client("live", name, hello).await
    }

    pub async fn responder(&self, name: &str) -> Client {
        self.client("responder", name, "").await
    }

    async fn client(&self, path: &str, name: &str, hello: &str) -> Client {
        let (socket, _) = connect_async(format!("ws://{}/{path}", self.http)).await.unwrap();
        let mut client = Client(socket);
        let token = if name.is_empty() { String::new() } else { format!("\"token\":\"{name}\"") };
        let comma = if hello.is_empty() || token.is_empty() { "" } else { "," };
        client.say(&format!("{{\"hello\":{{{hello}{comma}{token}}}}}")).await;
        client
    }

    pub async fn watch(&self) -> TcpStream {
        TcpStream::connect(&self.watch).await.unwrap()
    }

    pub async fn signal(&self, body: &str) -> Taken {
        let sender = HttpSender { listener: "http".to_owned(), reach: Default::default() };
        self.intake.take(decode(body.as_bytes(), &sender).unwrap()).await.unwrap()
    }

    /// What an operator asks for.
    pub async fn command(&self, name: &str, command: Command) {
        let by = Some(By { account: name.parse().unwrap(), supervisor: false });
        let handle = self.shell.handle("330481".parse().unwrap()).unwrap();
        handle.ask(Lane::People, Asked { command, by, request: None }, Vec::new()).await.unwrap();
    }

    pub async fn close(self) {
        self.shutdown.cancel();
        self.tasks.close();
        tokio::time::timeout(PATIENCE, self.tasks.wait()).await.expect("a task did not end");
        self.shell.shutdown();
    }
}

/// Whoever names an account is believed to be it.
fn account(token: &str) -> Option<Arc<Account>> {
    let role = match token {
        "op" => Role::Operator,
        "ops" => Role::Ops,
        "gw" => Role::Gateway,
        "carer" => Role::Responder,
        _ => return None,
    };
    let name: AccountName = token.parse().unwrap();
    let responder = (role == Role::Responder).then(|| "R-1".parse().unwrap());
    Some(Arc::new(Account { name, role, districts: Default::default(), responder, device: None }))
}

async fn serve_http(context: Arc<LiveContext>) -> String {
    let (console, responder) = (context.clone(), context);
    let router = Router::new()
        .route("/live", get(move |upgrade: WebSocketUpgrade| async move { live_feed(upgrade, console, None) }))
        .route(
            "/responder",
            get(move |upgrade: WebSocketUpgrade| async move { responder_live(upgrade, responder, None) }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn serve_watch(intake: Arc<Intake>, idle: Duration, tasks: &TaskTracker, shutdown: &CancellationToken) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let limits = watch::Limits { listener: "watch".to_owned(), default_district: None, connections: 2, idle };
    tasks.spawn(watch::run(listener, intake, limits, shutdown.clone()));
    address
}

/// A client of one websocket.
pub struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next message, or the code with which it was closed.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing came");
            match message {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(_)) => {}
                other => panic!("the socket ended: {other:?}"),
            }
        }
    }

    /// The next message with this word; others are passed over.
    pub async fn until(&mut self, word: &str) -> Value {
        loop {
            let message = self.next().await.expect("closed");
            if let Some(found) = message.get(word) {
                return found.clone();
            }
        }
    }

    /// Events up to one of this type, each with its seq checked to follow `seen`.
    pub async fn events_until(&mut self, kind: &str, seen: &mut u64) -> Vec<Value> {
        let mut events = Vec::new();
        while !events.iter().any(|event: &Value| event["type"] == kind) {
            let frame = self.until("frame").await;
            assert_eq!(frame["from"], *seen + 1);
            for event in frame["events"].as_array().unwrap() {
                *seen += 1;
                assert_eq!(event["seq"], *seen);
                events.push(event.clone());
            }
            assert_eq!(frame["to"], *seen);
        }
        events
    }
}
