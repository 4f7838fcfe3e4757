//! One event to a thousand consoles: the real service, its live feed and real websockets, beside a bare broadcast of the
//! same bytes to as many. Idle: an event at a time. Ours is timed from the request that brings the event about, since nobody
//! outside sees its commit, and then less what the request takes with nobody connected; the bare one from the word to send.

pub mod bare;
mod consoles;

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::sleep;

use self::bare::Bare;
use self::consoles::Consoles;
use crate::contest::{Spread, TURNS, ms, verdict};
use crate::service::http::Client;
use crate::service::world::{DISTRICT, responder_of, world};
use crate::service::{Folder, Service};

const CONSOLES: u64 = 1_000;

/// What this process needs open beside two sockets a console.
const OTHER_FILES: u64 = 200;

/// Events of each in one turn, of which the median is its figure.
const EVENTS: usize = 40;

/// Longer than the feed gathers under load, so that each event finds it idle.
const PAUSE: Duration = Duration::from_millis(40);

/// What our event is called on the wire.
const MARK: &str = "\"duty_changed\"";

pub fn run(quick: bool) {
    let count = as_many_as_may_be();
    println!("\n== one event to {count} consoles ==");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(both(count, if quick { 3 } else { EVENTS }));
}

async fn both(count: usize, events: usize) {
    let (mut ours, mut bare) = (Ours::open(count).await, Bare::open(count).await);
    let mut turns = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        turns[0].push(median(events, async || ours.tell().await).await);
        turns[1].push(median(events, async || bare.tell(&ours.text).await).await);
    }
    let [ours_ms, bare_ms] = turns.map(Spread::of);
    let (whole, alone) = (ours_ms.median, ours.alone_ms);
    let (ratio, told) = (whole / bare_ms.median, (whole - alone) / bare_ms.median);
    println!("  floor: the request and its commit, nobody connected: {alone:.2} ms");
    println!(
        "  {:<34} {bare_ms:.2} ms, {} bytes; {} kB a console",
        "bare tokio-tungstenite",
        ours.text.len(),
        bare.each_kb
    );
    println!("  {:<34} {ours_ms:.2} ms, {ratio:.2} ×; {} kB a console", "ours, from the request on", ours.each_kb);
    println!(
        "  {:<34} {:.2} ms, {told:.2} × (target 1.5 ×) {}",
        "ours, less the request alone",
        whole - alone,
        verdict(told <= 1.5)
    );
}

/// In milliseconds.
async fn median(events: usize, mut tell: impl AsyncFnMut() -> Duration) -> f64 {
    let mut took = Vec::with_capacity(events);
    for _ in 0..events {
        sleep(PAUSE).await;
        took.push(ms(tell().await));
    }
    Spread::of(took).median
}

/// The real binary with everybody connected.
struct Ours {
    client: Client,
    consoles: Consoles,
    on_duty: bool,
    /// What the last event was told as.
    text: String,
    alone_ms: f64,
    each_kb: u64,
    _service: Service,
    _folder: Folder,
}

impl Ours {
    async fn open(count: usize) -> Self {
        let folder = Folder::of(&world(DISTRICT, 1, 1));
        let secret = folder.account("console", "operator", &[]);
        let service = folder.serve().await;
        let client = Client::new(&service, &secret);
        let mut on_duty = false;
        let alone = async || {
            let began = Instant::now();
            on_duty = !on_duty;
            duty(&client, on_duty).await;
            began.elapsed()
        };
        let alone_ms = median(EVENTS, alone).await;
        let before = resident_kb(service.pid());
        let url = format!("ws://{}/api/v1/live", service.http);
        let hello = json!({"hello": {"districts": {DISTRICT: null}, "token": secret}}).to_string();
        let consoles = Consoles::connect(&url, count, Some(hello), MARK).await;
        let mut ours = Self {
            client,
            consoles,
            on_duty,
            text: String::new(),
            alone_ms,
            each_kb: 0,
            _service: service,
            _folder: folder,
        };
        ours.tell().await;
        ours.each_kb = resident_kb(ours._service.pid()).saturating_sub(before) / count as u64;
        ours
    }

    /// From the request until the last console has it.
    async fn tell(&mut self) -> Duration {
        let began = Instant::now();
        self.on_duty = !self.on_duty;
        let (last, ()) = tokio::join!(self.consoles.last(), duty(&self.client, self.on_duty));
        self.text = last.text;
        last.at.duration_since(began)
    }
}

async fn duty(client: &Client, on: bool) {
    let path = format!("/api/v1/responders/{}/duty", responder_of(DISTRICT, 0));
    client.post(&path, &json!({"on": on})).await.ok();
}

/// Of a process, in kilobytes.
fn resident_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

/// The limit of open files is raised as far as it goes; where it is low, there are fewer consoles, and the title says how many.
fn as_many_as_may_be() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let now = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    let room = now.unwrap_or(u64::MAX).saturating_sub(OTHER_FILES) / 2;
    CONSOLES.min(room) as usize
}
