//! Several processes of the real binary over a real PostgreSQL and a real Redis: gateways that hold the sockets, and an
//! owner that decides. What a person sees is what one process would have shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::postgres::servers::{Server, Sync, redis};
use crate::postgres::{database, sql};
use crate::service::feed::{Console, Socket};
use crate::service::http::Client;
use crate::service::watch::{Watch, alarm, answered};
use crate::service::world::{DISTRICT, bracelet, responder_of, watch_of, world};
use crate::service::{Folder, SOON, Service, told, until};

struct House {
    folder: Folder,
    store: String,
    redis: Server,
    gate: String,
    board: String,
    phone: String,
}

impl House {
    fn new(homes: usize) -> Self {
        let store = database();
        let folder = Folder::new().beside(&store);
        folder.import(&world(DISTRICT, homes, 2));
        let phone = folder.account("phone", "responder", &["--responder", &responder_of(DISTRICT, 0)]);
        Self {
            gate: folder.account("gate", "gateway", &[]),
            board: folder.account("board", "operator", &[]),
            phone,
            folder,
            store,
            redis: redis(Sync::Never).unwrap(),
        }
    }

    /// An owner and two gateways, ready.
    async fn served(&self) -> (Service, Service, Service) {
        let owner = self.start("owner").await;
        let (one, other) = (self.start("gateway").await, self.start("gateway").await);
        ready(&one).await;
        ready(&other).await;
        (owner, one, other)
    }

    async fn start(&self, role: &str) -> Service {
        let bus = format!("redis://127.0.0.1:{}", self.redis.port);
        self.folder.serve_with("", &["--store", &self.store, "--bus", &bus, "--role", role]).await
    }

    fn verified(&self) {
        let out = self.folder.command(&["verify", "--store", &self.store]);
        assert!(out.status.success(), "verify: {}", told(&out));
    }

    /// The seqs of all signals in the record.
    fn received(&self) -> Vec<u64> {
        let received = "SELECT seq FROM tidewatch.event
                        WHERE convert_from(body, 'UTF8')::json ->> 'type' = 'signal_received' ORDER BY seq";
        sql(&self.store, received).iter().map(|it| it.parse().unwrap()).collect()
    }
}

async fn ready(service: &Service) {
    let ready = async || (Client::stranger(service).get("/readyz").await.status == 200).then_some(());
    until("ready", SOON, ready).await;
}

#[tokio::test]
async fn an_alarm_that_one_gateway_takes_is_offered_and_shown_by_another() {
    let house = House::new(2);
    let (_owner, one, other) = house.served().await;
    let (mut phone, _) = Socket::responder(&other, &house.phone).await;
    phone.say(&json!({"duty": {"on": true}})).await;
    let on = async || {
        let listed = Client::new(&one, &house.board).get("/api/v1/responders").await.ok();
        listed["responders"].as_array()?.iter().any(|it| it["duty"] == true).then_some(())
    };
    until("on duty, as the other gateway sees it", SOON, on).await;
    let mut console = Console::open(&other, &house.board, json!({DISTRICT: null})).await;
    console.find("snapshot").await;

    let mut watch = Watch::connect(&one).await;
    let id = watch_of(DISTRICT, 0);
    watch.ask(alarm(&id, "201126,033851", "00010000"), &answered(&id)).await;
    let opened = console.event("incident_opened").await;
    let offer = phone.find("offer").await;
    assert_eq!(offer["incident"], opened["incident"]);
    phone.say(&json!({"accept": {"offer": offer["offer"]}})).await;
    assert_eq!(phone.find("assignment").await["incident"], opened["incident"]);
    console.event("offer_accepted").await;
    // What was answered at one gateway is what the same gateway shows.
    let operator = Client::new(&one, &house.board);
    let noted = operator
        .post(
            &format!("/api/v1/incidents/{}/note", opened["incident"].as_str().unwrap()),
            &json!({"text": "钥匙在门卫"}),
        )
        .await
        .ok();
    let shown = operator.incident(&opened["incident"]).await;
    let notes: Vec<&Value> =
        shown["timeline"].as_array().unwrap().iter().filter(|it| it["seq"] == noted["seq"]).collect();
    assert_eq!(notes.len(), 1, "{shown}");
    assert!(notes[0].to_string().contains("钥匙在门卫"), "{}", notes[0]);
    house.verified();
}

/// Nothing is in a folder of theirs: a person signed in at one gateway is signed in at the other, and what is imported,
/// or ended, reaches both.
#[tokio::test]
async fn processes_share_one_registry_and_no_file() {
    let house = House::new(1);
    let (owner, one, other) = house.served().await;
    let signed = json!({"name": "board", "secret": house.board});
    let signed = Client::stranger(&one).post("/api/v1/sessions", &signed).await.ok();
    let session = signed["token"].as_str().unwrap();
    let me = async |at: &Service| Client::new(at, session).get("/api/v1/sessions/me").await.status.as_u16();
    assert_eq!([me(&one).await, me(&other).await], [200, 200]);

    house.folder.import(&world(DISTRICT, 2, 2));
    for gateway in [&one, &other] {
        let operator = Client::new(gateway, &house.board);
        let known = async || (operator.get("/api/v1/subjects/S-990101-1").await.status == 200).then_some(());
        until("what was imported, at each gateway", SOON, known).await;
    }
    // The owner knows it, too: the alarm is of a person.
    let renewed = async || owner.log().contains("The registry is at version").then_some(());
    until("what was imported, at the owner", SOON, renewed).await;
    let pressed = Client::new(&other, &house.gate).press(&bracelet(DISTRICT, 1), "1").await;
    // The gateway that was not asked shows it when it has read it: a moment later.
    let path = format!("/api/v1/incidents/{}", pressed["incident"].as_str().unwrap());
    let operator = Client::new(&one, &house.board);
    let read = async || Some(operator.get(&path).await).filter(|it| it.status == 200);
    let shown = until("the incident, at the other gateway", SOON, read).await.ok();
    assert_eq!(shown["subject"], "S-990101-1", "{shown}");

    let revoked = house.folder.run("account revoke", &["--name", "board"]);
    assert!(revoked.status.success(), "{}", told(&revoked));
    for gateway in [&one, &other] {
        until("signed out at each gateway", SOON, async || (me(gateway).await == 401).then_some(())).await;
    }
}

/// Pressed on and on at two gateways while Redis goes, comes back empty, and loses everything at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_bus_is_restarted_and_emptied_under_load() {
    const BETWEEN: u64 = 40;
    let mut house = House::new(8);
    let _owner = house.start("owner").await;
    let gateways = [house.start("gateway").await, house.start("gateway").await];
    for gateway in &gateways {
        ready(gateway).await;
    }
    let mut console = Console::open(&gateways[0], &house.board, json!({DISTRICT: 0})).await;
    let (acknowledged, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let pressing: Vec<_> = (0..8)
        .map(|home| {
            let gateway = Client::new(&gateways[home % 2], &house.gate);
            tokio::spawn(press_on(gateway, home, acknowledged.clone(), ended.clone()))
        })
        .collect();
    let reached = async |count: u64| {
        until("acknowledgements", SOON, async || (acknowledged.load(Ordering::SeqCst) >= count).then_some(())).await;
    };
    for emptied in [false, true, false, true] {
        reached(acknowledged.load(Ordering::SeqCst) + BETWEEN).await;
        if emptied {
            let client = ::redis::Client::open(format!("redis://127.0.0.1:{}", house.redis.port)).unwrap();
            ::redis::cmd("FLUSHALL").exec(&mut client.get_connection().unwrap()).unwrap();
        } else {
            house.redis.restart().unwrap();
        }
    }
    reached(acknowledged.load(Ordering::SeqCst) + BETWEEN).await;
    ended.store(true, Ordering::SeqCst);
    let mut told = Vec::new();
    for pressed in pressing {
        told.extend(pressed.await.unwrap());
    }
    told.sort_unstable();
    assert_eq!(told, house.received(), "acknowledged and recorded signals differ");
    // Every number reaches the console, in its order: it believes no gap.
    let last = sql(&house.store, "SELECT max(seq) FROM tidewatch.event")[0].parse().unwrap();
    console.events_to(DISTRICT, last).await;
    house.verified();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_of_an_owner_that_dies_is_answered_by_the_next_and_done_once() {
    let house = House::new(4);
    let mut owner = house.start("owner").await;
    let gateway = house.start("gateway").await;
    ready(&gateway).await;
    Client::new(&gateway, &house.gate).press(&bracelet(DISTRICT, 0), "1").await;
    owner.kill();
    let pressing: Vec<_> = (1..4)
        .map(|home| {
            let client = Client::new(&gateway, &house.gate);
            tokio::spawn(async move { client.press(&bracelet(DISTRICT, home), "1").await })
        })
        .collect();
    let _next = house.start("owner").await;
    for (home, pressed) in pressing.into_iter().enumerate() {
        let answer = pressed.await.unwrap();
        assert_eq!(answer["outcome"], "opened", "home {}: {answer}", home + 1);
    }
    assert_eq!(house.received().len(), 4);
    house.verified();
}

/// One bracelet, press after press; each is said again until it is acknowledged. Gives the seqs that it was told.
async fn press_on(gateway: Client, home: usize, acknowledged: Arc<AtomicU64>, ended: Arc<AtomicBool>) -> Vec<u64> {
    let (mut told, mut again) = (Vec::new(), tokio::time::interval(Duration::from_millis(5)));
    while !ended.load(Ordering::SeqCst) {
        let signal = json!({"device": bracelet(DISTRICT, home), "id": told.len().to_string(), "kind": "sos"});
        loop {
            again.tick().await;
            let said = gateway.signal(&signal).await;
            if said.status == 200 {
                told.push(said.body["seq"].as_u64().unwrap());
                acknowledged.fetch_add(1, Ordering::SeqCst);
                break;
            }
        }
    }
    told
}
