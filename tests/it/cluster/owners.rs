//! How districts change hands: evenly, shortly, and with nothing lost. CLUSTER_KILLS=50 kills more owners, and prints how
//! long their districts were without one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::postgres::servers::{Server, Sync, redis};
use crate::postgres::{database, sql};
use crate::service::http::Client;
use crate::service::world::{bracelet, world};
use crate::service::{Folder, SOON, Service, told, until};

const DISTRICTS: [&str; 4] = ["990101", "990102", "990103", "990104"];

struct Country {
    folder: Folder,
    store: String,
    redis: Server,
    gate: String,
}

impl Country {
    fn new() -> Self {
        let store = database();
        let folder = Folder::new().beside(&store);
        DISTRICTS.iter().for_each(|it| folder.import(&world(it, 1, 1)));
        let gate = folder.account("gate", "gateway", &[]);
        Self { folder, store, redis: redis(Sync::Never).unwrap(), gate }
    }

    async fn start(&self, role: &str) -> Service {
        let bus = format!("redis://127.0.0.1:{}", self.redis.port);
        let arguments = ["--store", &self.store, "--bus", &bus, "--role", role, "--single-store"];
        self.folder.serve_with("", &arguments).await
    }

    fn status(&self) -> Value {
        let out = self.folder.command(&["status", "--store", &self.store, "--json"]);
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", told(&out)))
    }

    /// How many districts each owner has, where all have one.
    fn loads(&self) -> Option<Vec<usize>> {
        let status = self.status();
        let districts = status["districts"].as_array()?;
        if districts.len() < DISTRICTS.len() || districts.iter().any(|it| it["held"] != true) {
            return None;
        }
        let mut loads: BTreeMap<&str, usize> = BTreeMap::new();
        for it in districts {
            *loads.entry(it["owner"].as_str()?).or_default() += 1;
        }
        Some(loads.into_values().collect())
    }

    async fn spread(&self, what: &str, expected: &[usize]) {
        let even = async || {
            let mut loads = self.loads()?;
            loads.sort_unstable();
            (loads == expected).then_some(())
        };
        until(what, SOON, even).await;
    }

    /// The districts of a process.
    fn of(&self, service: &Service) -> BTreeSet<String> {
        let mark = format!("process {} ", service.pid());
        let status = self.status();
        let ours = |it: &&Value| it["owner"].as_str().is_some_and(|owner| owner.contains(&mark));
        let districts = status["districts"].as_array().unwrap().iter().filter(ours);
        districts.map(|it| it["district"].as_str().unwrap().to_owned()).collect()
    }

    fn verified(&self) {
        let out = self.folder.command(&["verify", "--store", &self.store]);
        assert!(out.status.success(), "verify: {}", told(&out));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn districts_are_spread_evenly_as_owners_come_and_go_and_a_stop_hands_over_in_a_moment() {
    let country = Country::new();
    let _one = country.start("owner").await;
    country.spread("all with the only owner", &[4]).await;
    let mut two = country.start("owner").await;
    country.spread("two each", &[2, 2]).await;
    let gateway = country.start("gateway").await;
    let client = Client::new(&gateway, &country.gate);
    for district in DISTRICTS {
        pressed(&client, district, "first").await;
    }
    // While it hands over, its districts are pressed on and on: the longest wait is what the hand-over takes.
    let leaving: Vec<String> = country.of(&two).into_iter().collect();
    let pressing: Vec<_> = leaving
        .iter()
        .map(|district| {
            let (client, district) = (client.clone(), district.clone());
            tokio::spawn(async move {
                let mut longest = Duration::ZERO;
                for n in 0..60 {
                    let began = Instant::now();
                    pressed(&client, &district, &n.to_string()).await;
                    longest = longest.max(began.elapsed());
                }
                longest
            })
        })
        .collect();
    let stopped = tokio::task::spawn_blocking(move || two.stop().success());
    let mut longest = Duration::ZERO;
    for it in pressing {
        longest = longest.max(it.await.unwrap());
    }
    assert!(stopped.await.unwrap(), "the owner that was stopped");
    country.spread("all with the other", &[4]).await;
    println!("handed over: the longest an alarm waited meanwhile, {} ms", longest.as_millis());
    country.verified();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_districts_of_an_owner_that_is_killed_are_served_by_the_others_within_seconds() {
    let rounds: usize = std::env::var("CLUSTER_KILLS").map_or(2, |it| it.parse().expect("a number"));
    let country = Country::new();
    let mut owners = vec![country.start("owner").await, country.start("owner").await];
    let gateway = country.start("gateway").await;
    let client = Client::new(&gateway, &country.gate);
    let mut waits = Vec::new();
    for round in 0..rounds {
        country.spread("two each", &[2, 2]).await;
        let dying = country.of(&owners[0]);
        owners[0].kill();
        let began = Instant::now();
        for district in &dying {
            pressed(&client, district, &format!("round {round}")).await;
        }
        waits.push(began.elapsed());
        let received = "SELECT count(*) FROM tidewatch.event
                        WHERE convert_from(body, 'UTF8')::json ->> 'type' = 'signal_received'";
        assert_eq!(sql(&country.store, received), [(2 * (round + 1)).to_string()], "each press is in the record once");
        owners.remove(0);
        owners.push(country.start("owner").await);
    }
    waits.sort_unstable();
    let (median, worst) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    println!(
        "owner killed: {rounds} times, its two districts served again after {} ms (median), {} ms (worst)",
        median.as_millis(),
        worst.as_millis()
    );
    country.verified();
}

/// Pressed until it is acknowledged, as a source does.
async fn pressed(client: &Client, district: &str, id: &str) {
    let signal = json!({"device": bracelet(district, 0), "id": id, "kind": "sos"});
    let mut again = tokio::time::interval(Duration::from_millis(5));
    let pressing = async {
        loop {
            again.tick().await;
            if client.signal(&signal).await.status == 200 {
                return;
            }
        }
    };
    tokio::time::timeout(SOON, pressing).await.expect("an acknowledgement within the bound");
}
