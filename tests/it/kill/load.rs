//! Everybody at once: bracelets over HTTP, watches over TCP, operators with keys, responders who accept.
//! Each waits for its answer before it asks again; what was asked and what was answered goes into the book.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::service::feed::{Heard, Socket};
use crate::service::http::Client;
use crate::service::watch::{Watch, alarm, answered};
use crate::service::world::{DISTRICT, bracelet, responder_of, watch_of};
use crate::service::{Folder, SOON, Service, until};

pub const HOMES: usize = 120;
pub const RESPONDERS: usize = 8;

/// Who asks at the same time: well over a hundred, some of whom are always between two questions.
const BRACELETS: usize = 70;
const WATCHES: usize = 50;
const OPERATORS: usize = 20;

/// Retried at once.
const RETRIES: usize = 32;

pub struct Secrets {
    pub operator: String,
    gateway: String,
    responders: Vec<String>,
}

impl Secrets {
    pub fn gateway(&self, service: &Service) -> Client {
        Client::new(service, &self.gateway)
    }

    pub fn operator(&self, service: &Service) -> Client {
        Client::new(service, &self.operator)
    }

    pub fn make(folder: &Folder) -> Self {
        let link = |n| folder.account(&format!("phone-{n}"), "responder", &["--responder", &responder_of(DISTRICT, n)]);
        Self {
            operator: folder.account("board", "operator", &[]),
            gateway: folder.account("gate", "gateway", &[]),
            responders: (0..RESPONDERS).map(link).collect(),
        }
    }
}

/// Somebody asks something that can be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Signal {
        home: usize,
        id: String,
    },
    /// `at` as the watch says it.
    Frame {
        home: usize,
        at: String,
    },
    Note {
        incident: String,
        text: String,
    },
    /// Claims, or gives back.
    Claim {
        incident: String,
        act: &'static str,
        key: String,
    },
}

/// The first answer to it. A refusal says nothing that could be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Taken { outcome: String, incident: String, seq: u64 },
    Framed,
    Done { seq: Option<u64> },
    Refused,
}

/// What was asked in a round, and answered.
#[derive(Default)]
pub struct Book {
    asked: Mutex<Vec<(Ask, Option<Answer>)>>,
    pub answered: AtomicUsize,
    /// Offers whose acceptance was confirmed, and to whom.
    pub accepted: Mutex<Vec<(String, usize)>>,
    /// Accepts and statuses that wait for their answer.
    links_waiting: AtomicUsize,
}

impl Book {
    pub fn asked(&self) -> Vec<(Ask, Option<Answer>)> {
        self.asked.lock().unwrap().clone()
    }

    pub fn in_flight(&self) -> usize {
        let waiting = self.asked.lock().unwrap().iter().filter(|(_, answer)| answer.is_none()).count();
        waiting + self.links_waiting.load(Ordering::SeqCst)
    }

    fn ask(&self, ask: &Ask) -> usize {
        let mut asked = self.asked.lock().unwrap();
        asked.push((ask.clone(), None));
        asked.len() - 1
    }

    fn answer(&self, at: usize, answer: Answer) {
        self.asked.lock().unwrap()[at].1 = Some(answer);
        self.answered.fetch_add(1, Ordering::SeqCst);
    }
}

/// Everybody on duty, and an incident for each operator: who claims alone is answered with a claim of their own.
pub async fn begin(operator: &Client) -> Vec<String> {
    for n in 0..RESPONDERS {
        let duty = format!("/api/v1/responders/{}/duty", responder_of(DISTRICT, n));
        operator.post(&duty, &json!({"on": true})).await.ok();
    }
    let mut worked = Vec::new();
    for n in 0..OPERATORS {
        let (subject, premises) = (format!("S-{DISTRICT}-{n}"), format!("P-{DISTRICT}-{n}"));
        let by_hand = json!({"kind": "medical", "subject": subject, "premises": premises});
        let opened = operator.post("/api/v1/incidents", &by_hand).await.ok();
        worked.push(opened["incident"].as_str().unwrap().to_owned());
    }
    worked
}

pub struct Load(Vec<JoinHandle<()>>);

impl Load {
    pub fn start(service: &Service, secrets: &Secrets, worked: &[String], book: &Arc<Book>, round: u64) -> Self {
        let (gateway, operator) = (secrets.gateway(service), secrets.operator(service));
        let mut tasks = Vec::new();
        for n in 0..BRACELETS {
            tasks.push(tokio::spawn(bracelets(gateway.clone(), Arc::clone(book), round, n)));
        }
        for n in 0..WATCHES {
            tasks.push(tokio::spawn(watches(service.watch, Arc::clone(book), n)));
        }
        for incident in worked {
            tasks.push(tokio::spawn(operators(operator.clone(), Arc::clone(book), incident.clone(), round)));
        }
        for (n, secret) in secrets.responders.iter().enumerate() {
            tasks.push(tokio::spawn(respond(service.http, secret.clone(), Arc::clone(book), n)));
        }
        Self(tasks)
    }

    /// When the service is gone, everybody hears it.
    pub async fn ended(self) {
        for task in timeout(SOON, join_all(self.0)).await.expect("connections break when the process is gone") {
            task.unwrap();
        }
    }
}

async fn bracelets(gateway: Client, book: Arc<Book>, round: u64, n: usize) {
    for count in 0.. {
        let ask = Ask::Signal { home: (n * 7 + count) % HOMES, id: format!("{round}-{n}-{count}") };
        let at = book.ask(&ask);
        let Some(answer) = over_http(&gateway, &ask).await else { return };
        book.answer(at, answer);
    }
}

async fn operators(operator: Client, book: Arc<Book>, worked: String, round: u64) {
    for count in 0.. {
        let (incident, key) = (worked.clone(), format!("{round}-{worked}-{count}"));
        let ask = match count % 3 {
            0 => Ask::Note { incident, text: key },
            1 => Ask::Claim { incident, act: "claim", key },
            _ => Ask::Claim { incident, act: "release", key },
        };
        let at = book.ask(&ask);
        let Some(answer) = over_http(&operator, &ask).await else { return };
        book.answer(at, answer);
    }
}

async fn watches(watch: SocketAddr, book: Arc<Book>, n: usize) {
    let Ok(mut watch) = Watch::reach(watch).await else { return };
    for count in 0.. {
        let ask = Ask::Frame { home: (n * 3 + count) % HOMES, at: unused_second() };
        let at = book.ask(&ask);
        if !matches!(over_tcp(&mut watch, &ask).await, Ok(true)) {
            return;
        }
        book.answer(at, Answer::Framed);
    }
}

/// No two frames are of the same second: a year holds enough of them.
fn unused_second() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let second = NEXT.fetch_add(1, Ordering::SeqCst);
    let (day, rest) = (second / 86_400, second % 86_400);
    let (month, day) = (day / 28 + 1, day % 28 + 1);
    format!("{day:02}{month:02}25,{:02}{:02}{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// `None` where no answer came, or one that says to ask again.
pub async fn over_http(client: &Client, ask: &Ask) -> Option<Answer> {
    let said = match ask {
        Ask::Signal { home, id } => {
            let signal = json!({"device": bracelet(DISTRICT, *home), "id": id, "kind": "sos"});
            client.try_post("/api/v1/signals", &signal, None).await
        }
        Ask::Note { incident, text } => {
            let path = format!("/api/v1/incidents/{incident}/note");
            client.try_post(&path, &json!({"text": text}), Some(text)).await
        }
        Ask::Claim { incident, act, key } => {
            client.try_post(&format!("/api/v1/incidents/{incident}/{act}"), &json!({}), Some(key)).await
        }
        Ask::Frame { .. } => panic!("a frame goes over TCP"),
    };
    let said = said.ok()?;
    match (said.status.as_u16(), ask) {
        (200, Ask::Signal { .. }) => Some(Answer::Taken {
            outcome: said.body["outcome"].as_str().unwrap().to_owned(),
            incident: said.body["incident"].as_str().unwrap().to_owned(),
            seq: said.body["seq"].as_u64().unwrap(),
        }),
        (200, _) => Some(Answer::Done { seq: said.body["seq"].as_u64() }),
        (409, Ask::Claim { .. }) => Some(Answer::Refused),
        (503, _) => None,
        (status, _) => panic!("{ask:?}: {status} {}", said.body),
    }
}

/// False where the stream ended first.
pub async fn over_tcp(watch: &mut Watch, ask: &Ask) -> io::Result<bool> {
    let Ask::Frame { home, at } = ask else { panic!("{ask:?} goes over HTTP") };
    let identity = watch_of(DISTRICT, *home);
    watch.stream.write_all(alarm(&identity, at, "00010000").as_bytes()).await?;
    let reply = watch.try_reply().await?;
    assert!(reply.as_ref().is_none_or(|it| *it == answered(&identity)), "{reply:?}");
    Ok(reply.is_some())
}

/// Accepts whatever is offered, and goes there and back at once.
async fn respond(http: SocketAddr, secret: String, book: Arc<Book>, n: usize) {
    let Some(mut socket) = Socket::reach(http, "/api/v1/responder/live").await else { return };
    let waiting = Waiting(&book);
    if socket.try_say(&json!({"hello": {"token": secret}}).to_string()).await.is_err() {
        return;
    }
    while let Heard::Said(said) = socket.listen().await {
        let (offers, assignment) = offered(&said);
        for offer in offers {
            waiting.more();
            let words = [json!({"shown": {"offer": offer}}), json!({"accept": {"offer": offer}})];
            if say_all(&mut socket, &words).await.is_err() {
                return;
            }
        }
        if let Some(it) = assignment {
            waiting.less();
            book.accepted.lock().unwrap().push((it["offer"].as_str().unwrap().to_owned(), n));
            let status = |state: &&str| {
                let key = format!("{}-{state}", it["offer"]);
                json!({"status": {"incident": it["incident"], "state": state, "key": key}})
            };
            let words: Vec<Value> = ["en_route", "at_door", "inside", "clear"].iter().map(status).collect();
            if say_all(&mut socket, &words).await.is_err() {
                return;
            }
        }
        if said.get("refused").is_some() {
            waiting.less();
        }
    }
}

async fn say_all(socket: &mut Socket, words: &[Value]) -> Result<(), ()> {
    for word in words {
        socket.try_say(&word.to_string()).await.map_err(|_| ())?;
    }
    Ok(())
}

fn offered(said: &Value) -> (Vec<Value>, Option<Value>) {
    let state = &said["state"];
    let mut offers: Vec<Value> =
        state["offers"].as_array().into_iter().flatten().map(|it| it["offer"].clone()).collect();
    offers.extend(said.get("offer").map(|it| it["offer"].clone()));
    let assignment = said.get("assignment").or_else(|| state.get("assignment")).filter(|it| !it.is_null());
    (offers, assignment.cloned())
}

/// An accept of one responder waits for its answer.
struct Waiting<'a>(&'a Book);

impl Waiting<'_> {
    fn more(&self) {
        self.0.links_waiting.fetch_add(1, Ordering::SeqCst);
    }

    fn less(&self) {
        self.0.links_waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1)).ok();
    }
}

/// Asks again whatever was not answered, until it is.
pub async fn retry(service: &Service, secrets: &Secrets, book: &Book) {
    let asked = book.asked();
    let open: Vec<usize> = (0..asked.len()).filter(|at| asked[*at].1.is_none()).collect();
    let (gateway, operator) = (secrets.gateway(service), secrets.operator(service));
    for some in open.chunks(RETRIES) {
        join_all(some.iter().map(async |at| {
            let answer = again(service, &gateway, &operator, &asked[*at].0).await;
            book.answer(*at, answer);
        }))
        .await;
    }
}

pub async fn again(service: &Service, gateway: &Client, operator: &Client, ask: &Ask) -> Answer {
    match ask {
        Ask::Frame { .. } => {
            let mut watch = Watch::connect(service).await;
            assert!(timeout(SOON, over_tcp(&mut watch, ask)).await.expect("a reply").unwrap(), "{ask:?}");
            Answer::Framed
        }
        Ask::Signal { .. } => until("an answer", SOON, async || over_http(gateway, ask).await).await,
        Ask::Note { .. } | Ask::Claim { .. } => until("an answer", SOON, async || over_http(operator, ask).await).await,
    }
}
