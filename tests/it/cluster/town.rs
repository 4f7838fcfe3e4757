//! A town of two districts: two owners and two gateways, each with lines of its own to PostgreSQL and Redis, and people
//! who press until they are acknowledged.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::BORDER;
use super::wire::Wire;
use crate::postgres::proxy::Proxy;
use crate::postgres::servers::{self, Server, Sync};
use crate::postgres::{address, sql};
use crate::service::feed::Socket;
use crate::service::world::{DISTRICT, OTHER, bracelet, responder_of, world};
use crate::service::{Folder, SOON, Service, told, until};

pub const DISTRICTS: [&str; 2] = [DISTRICT, OTHER];

/// Homes of each district, each with somebody who presses on and on.
const HOMES: usize = 3;

/// A gateway that is cut off does not answer: the other is asked then.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nothing gets through for a moment: asked again after this.
const AGAIN: Duration = Duration::from_millis(20);

/// Two owners, then two gateways.
pub const OWNERS: usize = 2;

/// One process and its lines.
pub struct Side {
    role: &'static str,
    pub store: Wire,
    pub bus: Wire,
    /// Between the line and PostgreSQL, where a COMMIT can be lost.
    pub commits: Proxy,
    pub service: Option<Service>,
}

pub struct Town {
    folder: Folder,
    pub postgres: Server,
    pub redis: Server,
    pub sides: Vec<Side>,
    pub people: Arc<People>,
    pressing: Vec<JoinHandle<()>>,
    phones: Vec<JoinHandle<()>>,
}

/// What those who press know.
pub struct People {
    gate: String,
    /// Where each gateway is just now.
    gateways: Mutex<[Option<std::net::SocketAddr>; 2]>,
    /// What each press was told, by district: the seq.
    told: Mutex<BTreeMap<&'static str, Vec<u64>>>,
    counts: [AtomicUsize; 2],
    over: AtomicBool,
}

impl Town {
    pub async fn new() -> Self {
        let (postgres, redis) = (servers::postgres().unwrap(), servers::redis(Sync::Never).unwrap());
        let folder = Folder::new().beside(&address(postgres.port, "postgres"));
        DISTRICTS.iter().for_each(|it| folder.import(&world(it, HOMES, 1)));
        let gate = folder.account("gate", "gateway", &[]);
        let side = |role| {
            let commits = Proxy::to(postgres.port);
            Side { role, store: Wire::to(commits.port), bus: Wire::to(redis.port), commits, service: None }
        };
        let sides = ["owner", "owner", "gateway", "gateway"].map(side).into();
        let people = Arc::new(People {
            gate,
            gateways: Mutex::default(),
            told: Mutex::default(),
            counts: Default::default(),
            over: AtomicBool::new(false),
        });
        let mut town = Self { folder, postgres, redis, sides, people, pressing: Vec::new(), phones: Vec::new() };
        for n in 0..town.sides.len() {
            town.start(n).await;
        }
        town
    }

    /// Somebody presses in every home, and a responder of each district says yes to everything.
    pub fn live(&mut self) {
        for (at, district) in DISTRICTS.into_iter().enumerate() {
            for home in 0..HOMES {
                self.pressing.push(tokio::spawn(self.people.clone().press_on(at, district, home)));
            }
            let more = ["--responder", &responder_of(district, 0)];
            let secret = self.folder.account(&format!("phone-{district}"), "responder", &more);
            self.phones.push(tokio::spawn(self.people.clone().answer_on(secret)));
        }
    }

    pub async fn start(&mut self, n: usize) {
        let side = &self.sides[n];
        let (store, bus) = (address(side.store.port, "postgres"), format!("redis://127.0.0.1:{}", side.bus.port));
        let arguments = ["--store", &store, "--bus", &bus, "--role", side.role, "--single-store"];
        let service = self.folder.serve_with(BORDER, &arguments).await;
        if let Some(at) = n.checked_sub(OWNERS) {
            self.people.gateways.lock().unwrap()[at] = Some(service.http);
        }
        self.sides[n].service = Some(service);
    }

    pub fn kill(&mut self, n: usize) {
        if let Some(at) = n.checked_sub(OWNERS) {
            self.people.gateways.lock().unwrap()[at] = None;
        }
        self.sides[n].service.take().expect("it runs").kill();
    }

    pub fn signal(&self, n: usize, name: &str) {
        let pid = self.sides[n].service.as_ref().expect("it runs").pid().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Some more are acknowledged in every district, whatever was done to the town.
    pub async fn goes_on(&self, what: &str) {
        const MORE: usize = 6;
        let counts = || self.people.counts.each_ref().map(|it| it.load(Ordering::SeqCst));
        let before = counts();
        let further = async || counts().iter().zip(before).all(|(now, then)| *now >= then + MORE).then_some(());
        until(&format!("acknowledgements after {what}"), SOON * 2, further).await;
    }

    /// Lets everybody finish, and looks whether all that was promised was kept.
    pub async fn end_well(mut self) {
        self.goes_on("the last fault").await;
        self.people.over.store(true, Ordering::SeqCst);
        for it in self.pressing.drain(..) {
            it.await.unwrap();
        }
        self.phones.drain(..).for_each(|it| it.abort());
        let store = address(self.postgres.port, "postgres");
        for (district, mut told) in std::mem::take(&mut *self.people.told.lock().unwrap()) {
            told.sort_unstable();
            let received = format!(
                "SELECT seq FROM tidewatch.event WHERE district = {district}
                 AND convert_from(body, 'UTF8')::json ->> 'type' = 'signal_received' ORDER BY seq"
            );
            let kept: Vec<u64> = sql(&store, &received).iter().map(|it| it.parse().unwrap()).collect();
            assert_eq!(told, kept, "district {district}: acknowledged and recorded signals differ");
        }
        // An epoch is one owner's: within a district it never falls from one event to the next.
        let fallen = "SELECT count(*) FROM (SELECT epoch - lag(epoch) OVER (PARTITION BY district ORDER BY seq) AS step
                      FROM tidewatch.event) steps WHERE step < 0";
        assert_eq!(sql(&store, fallen), ["0"], "rows of two owners lie between each other");
        // What was asked of the other district is one incident there, however often its letter was carried.
        let twice = "SELECT count(*) - count(DISTINCT aid) FROM (
                        SELECT convert_from(body, 'UTF8')::json -> 'aid' ->> 'aid' AS aid FROM tidewatch.event
                        WHERE convert_from(body, 'UTF8')::json ->> 'type' = 'incident_opened') opened WHERE aid IS NOT NULL";
        assert_eq!(sql(&store, twice), ["0"], "an aid was opened twice");
        let asked =
            "SELECT count(*) FROM tidewatch.event WHERE convert_from(body, 'UTF8')::json ->> 'type' = 'aid_asked'";
        println!("the other district was asked {} times", sql(&store, asked)[0]);
        // The chain, every number, and every invariant: no responder at two doors among them.
        let out = self.folder.command(&["verify", "--store", &store]);
        assert!(out.status.success(), "verify: {}", told(&out));
    }
}

impl People {
    /// One bracelet, press after press; each is said again, at either gateway, until it is acknowledged.
    async fn press_on(self: Arc<Self>, at: usize, district: &'static str, home: usize) {
        tidewatch::tls::begin();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let (mut press, mut try_at, mut again) = (0, home, tokio::time::interval(AGAIN));
        while !self.over.load(Ordering::SeqCst) {
            let signal = json!({"device": bracelet(district, home), "id": press.to_string(), "kind": "sos"});
            let seq = loop {
                again.tick().await;
                try_at += 1;
                if let Some(answer) = self.signal(&http, try_at, &signal).await {
                    break answer["seq"].as_u64().unwrap();
                }
            };
            press += 1;
            self.told.lock().unwrap().entry(district).or_default().push(seq);
            self.counts[at].fetch_add(1, Ordering::SeqCst);
        }
    }

    async fn signal(&self, http: &reqwest::Client, nth: usize, signal: &Value) -> Option<Value> {
        let gateway = self.gateways.lock().unwrap()[nth % 2]?;
        let request = http.post(format!("http://{gateway}/api/v1/signals")).bearer_auth(&self.gate);
        let response = request.header("content-type", "application/json").body(signal.to_string()).send().await.ok()?;
        if response.status() != 200 {
            return None;
        }
        serde_json::from_str(&response.text().await.ok()?).ok()
    }

    /// A phone: on duty at whichever gateway it reaches, says yes, and is clear at once.
    async fn answer_on(self: Arc<Self>, secret: String) {
        let mut again = tokio::time::interval(Duration::from_millis(100));
        for nth in 0_usize.. {
            again.tick().await;
            let gateway = self.gateways.lock().unwrap()[nth % 2];
            let Some(gateway) = gateway else { continue };
            if let Some(socket) = Socket::reach(gateway, "/api/v1/responder/live").await {
                answer(socket, &secret).await;
            }
        }
    }
}

/// Until the line is lost.
async fn answer(mut socket: Socket, secret: &str) {
    let first = [json!({"hello": {"token": secret}}), json!({"duty": {"on": true}})];
    for it in first {
        if socket.try_say(&it.to_string()).await.is_err() {
            return;
        }
    }
    while let crate::service::feed::Heard::Said(said) = socket.listen().await {
        let answers = if let Some(offer) = said.get("offer") {
            let offer = &offer["offer"];
            vec![json!({"shown": {"offer": offer}}), json!({"accept": {"offer": offer}})]
        } else if let Some(incident) = said.get("assignment").map(|it| &it["incident"]) {
            vec![json!({"status": {"incident": incident, "state": "clear", "key": incident}})]
        } else {
            Vec::new()
        };
        for it in answers {
            if socket.try_say(&it.to_string()).await.is_err() {
                return;
            }
        }
    }
}
