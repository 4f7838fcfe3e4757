//! Districts over owners: alarms by HTTP through two gateways into PostgreSQL, acknowledged once committed. One district
//! on one owner, then four on two, each a process of its own; the senders share the machine with all of them.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use redis::{InfoDict, cmd};
use serde_json::json;
use tokio_postgres::NoTls;

use crate::connections::redis_on;
use crate::contest::{Processor, Spread, TURNS};
use crate::servers::{Sync, postgres, redis};
use crate::service::http::Client;
use crate::service::world::{bracelet, world};
use crate::service::{Folder, SOON, Service, until};

const DISTRICTS: [&str; 4] = ["990101", "990102", "990103", "990104"];

/// Senders at once, each with a connection of its own to one of the gateways, whatever the number of districts.
const SENDERS: usize = 128;

pub fn run(quick: bool) -> Result<(), Box<dyn Error>> {
    let alarms = if quick { 1_000 } else { 10_000 };
    println!("\n== alarms a second through gateways, by districts and owners ==");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let processor = Processor::now();
    let (one, cost) = runtime.block_on(measured(1, 1, alarms))?;
    let (four, _) = runtime.block_on(measured(4, 2, alarms))?;
    println!("  {:<34} {one:.0} alarms/s", "one district on one owner");
    println!("  {:<34} {four:.0} alarms/s, {:.2} of it", "four districts on two owners", four.median / one.median);
    println!("  an alarm of the one district, which is {:.1} events, costs", cost.events);
    println!(
        "    owner {:.0} µs of processor, gateways {:.0} µs, Redis {:.0} µs",
        cost.owner, cost.gateways, cost.redis
    );
    println!("    Redis {:.0} bytes in and {:.0} out", cost.redis_in, cost.redis_out);
    println!("    PostgreSQL {:.0} bytes of tables and indexes, {:.0} of log", cost.kept, cost.written);
    let (cores, stolen) = (std::thread::available_parallelism()?, processor.stolen_since());
    println!("  all of it shares {cores} cores with its senders; {stolen:.0} % taken by other machines");
    Ok(())
}

/// What all alarms of a run cost, for one of them.
struct Cost {
    events: f64,
    /// Of processor, µs.
    owner: f64,
    gateways: f64,
    redis: f64,
    /// Bytes.
    redis_in: f64,
    redis_out: f64,
    kept: f64,
    written: f64,
}

async fn measured(districts: usize, owners: usize, alarms: usize) -> Result<(Spread, Cost), Box<dyn Error>> {
    let (postgres, redis) = (postgres()?, redis(Sync::Never)?);
    let store = format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port);
    let folder = Folder::new().beside(&store);
    let districts = &DISTRICTS[..districts];
    districts.iter().for_each(|it| folder.import(&world(it, SENDERS, 1)));
    let gate = folder.account("gate", "gateway", &[]);
    let bus = format!("redis://127.0.0.1:{}", redis.port);
    let start = async |role: &str| -> Service {
        folder.serve_with("", &["--store", &store, "--bus", &bus, "--role", role, "--single-store"]).await
    };
    let mut owning = Vec::new();
    for _ in 0..owners {
        owning.push(start("owner").await);
    }
    until("each district with an owner, as many with each", SOON, async || spread(&folder, &store, owners)).await;
    let gateways = [start("gateway").await, start("gateway").await];
    let clients: Vec<Client> = gateways.iter().map(|it| Client::new(it, &gate)).collect();
    // Not counted: it opens the incidents that the others join.
    press_all(&clients, districts, 0, alarms).await;
    let meter = Meter { owning: &owning, gateways: &gateways, redis: redis.port, store: &store };
    let before = meter.read().await;
    let mut turns = Vec::new();
    for turn in 1..=TURNS {
        let began = Instant::now();
        press_all(&clients, districts, turn, alarms).await;
        turns.push(alarms as f64 / began.elapsed().as_secs_f64());
    }
    let after = meter.read().await;
    let each = |which: fn(&Cost) -> f64| (which(&after) - which(&before)) / (alarms * TURNS) as f64;
    let cost = Cost {
        events: each(|it| it.events),
        owner: each(|it| it.owner),
        gateways: each(|it| it.gateways),
        redis: each(|it| it.redis),
        redis_in: each(|it| it.redis_in),
        redis_out: each(|it| it.redis_out),
        kept: each(|it| it.kept),
        written: each(|it| it.written),
    };
    Ok((Spread::of(turns), cost))
}

/// What everybody has used so far.
struct Meter<'a> {
    owning: &'a [Service],
    gateways: &'a [Service],
    redis: u16,
    store: &'a str,
}

impl Meter<'_> {
    async fn read(&self) -> Cost {
        let used = |services: &[Service]| services.iter().map(|it| processor_us(it.pid())).sum();
        let mut redis = redis_on(self.redis);
        let info: InfoDict = cmd("INFO").query(&mut redis).expect("what Redis says of itself");
        let told = |name: &str| info.get::<f64>(name).unwrap_or_else(|| panic!("{name} of Redis"));
        let (client, connection) = tokio_postgres::connect(self.store, NoTls).await.expect("a line to PostgreSQL");
        tokio::spawn(connection);
        let row = client.query_one(OF_THE_STORE, &[]).await.expect("what PostgreSQL says of its tables");
        let of_store = |at: usize| row.get::<_, i64>(at) as f64;
        Cost {
            events: of_store(0),
            owner: used(self.owning),
            gateways: used(self.gateways),
            redis: 1e6 * (told("used_cpu_user") + told("used_cpu_sys")),
            redis_in: told("total_net_input_bytes"),
            redis_out: told("total_net_output_bytes"),
            kept: of_store(1),
            written: of_store(2),
        }
    }
}

const OF_THE_STORE: &str = "
    SELECT (SELECT count(*) FROM tidewatch.event),
           (pg_total_relation_size('tidewatch.event') + pg_total_relation_size('tidewatch.private'))::bigint,
           (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint";

/// What a process has used, in µs, from `/proc`; its clock ticks a hundred times a second.
fn processor_us(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process that runs");
    let after_name = text.rsplit(')').next().expect("the rest of the line");
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<f64>().ok()).sum();
    ticks * 10_000.0
}

/// Every alarm of a turn, each until it is acknowledged.
async fn press_all(clients: &[Client], districts: &[&'static str], turn: usize, alarms: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (client, district) = (clients[sender % clients.len()].clone(), districts[sender % districts.len()]);
            let next = next.clone();
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= alarms {
                        return;
                    }
                    let id = format!("{turn}-{number}");
                    let signal = json!({"device": bracelet(district, sender), "id": id, "kind": "sos"});
                    loop {
                        match client.signal(&signal).await.status.as_u16() {
                            200 => break,
                            // Full, or asked too often: it is said again, as a source does.
                            429 | 503 => tokio::task::yield_now().await,
                            other => panic!("an alarm is answered with {other}"),
                        }
                    }
                }
            })
        })
        .collect();
    for it in senders {
        it.await.expect("a sender");
    }
}

/// Whether every district is held, and each owner has as many as it should.
fn spread(folder: &Folder, store: &str, owners: usize) -> Option<()> {
    let out = folder.command(&["status", "--store", store, "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&out.stdout).ok()?;
    let districts = status["districts"].as_array()?;
    let mut loads = std::collections::BTreeMap::<&str, usize>::new();
    for it in districts.iter().filter(|it| it["held"] == true) {
        *loads.entry(it["owner"].as_str()?).or_default() += 1;
    }
    let even = loads.values().all(|it| *it == districts.len() / owners);
    (loads.len() == owners && even && loads.values().sum::<usize>() == districts.len()).then_some(())
}
