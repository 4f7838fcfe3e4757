//! Consoles on websockets: each keeps account of every sequence number it was shown, and when. Frames are known by their
//! heads and not read through: a thousand consoles must not cost more to look than to serve.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::book::count;
use crate::doors::Door;
use crate::moment::{Clock, Us};

/// Upgrades at once.
const CONNECTING: usize = 64;

const RECONNECT: Duration = Duration::from_millis(200);

/// A frame that came in.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The last number in it.
    pub to: u64,
    pub at: Us,
    pub bytes: u64,
}

/// What one console saw of one district.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The last number it was shown, or told to begin after.
    pub last: Option<u64>,
    pub frames: Vec<Shown>,
    /// Frames that began later than the number after the last.
    pub gaps: u64,
    /// Frames that began earlier.
    pub twice: u64,
    /// It was too slow, and was sent a new snapshot.
    pub resyncs: u64,
}

/// What all consoles share.
#[derive(Debug, Default)]
pub struct Wall {
    pub reconnects: AtomicU64,
    /// Consoles that have had their first snapshot of everything.
    pub looking: AtomicU64,
    /// By console, by district.
    pub seen: Vec<Mutex<BTreeMap<String, Seen>>>,
}

impl Wall {
    /// What each console saw of `district`.
    pub fn of(&self, district: &str) -> Vec<Seen> {
        let of = |seen: &Mutex<BTreeMap<String, Seen>>| {
            let seen = seen.lock().expect("nothing panics while it holds what was seen");
            seen.get(district).cloned().unwrap_or_default()
        };
        self.seen.iter().map(of).collect()
    }

    /// The least of the last numbers that consoles have been shown of `district`.
    pub fn least(&self, district: &str) -> u64 {
        let last = |seen: &Mutex<BTreeMap<String, Seen>>| {
            let seen = seen.lock().expect("nothing panics while it holds what was seen");
            seen.get(district).and_then(|it| it.last).unwrap_or(0)
        };
        self.seen.iter().map(last).min().unwrap_or(u64::MAX)
    }
}

/// Opens `number` consoles that look at `districts`.
pub fn open(
    number: usize,
    http: SocketAddr,
    secret: &str,
    districts: &[String],
    clock: Clock,
    tasks: &mut JoinSet<()>,
) -> Arc<Wall> {
    let seen = (0..number).map(|_| Mutex::default()).collect();
    let wall = Arc::new(Wall { seen, ..Wall::default() });
    let room = Arc::new(Semaphore::new(CONNECTING));
    for nth in 0..number {
        let (secret, districts) = (secret.to_owned(), districts.to_vec());
        let (wall, room) = (Arc::clone(&wall), Arc::clone(&room));
        let console = Console { nth, http, secret, districts, generation: None, was_looking: false, wall, room, clock };
        tasks.spawn(console.run());
    }
    wall
}

struct Console {
    nth: usize,
    http: SocketAddr,
    secret: String,
    districts: Vec<String>,
    generation: Option<String>,
    was_looking: bool,
    wall: Arc<Wall>,
    room: Arc<Semaphore>,
    clock: Clock,
}

impl Console {
    async fn run(mut self) {
        loop {
            if let Some(mut door) = self.open().await {
                while let Some(text) = door.hear().await {
                    self.heard(&text);
                }
            }
            count(&self.wall.reconnects);
            sleep(RECONNECT).await;
        }
    }

    async fn open(&mut self) -> Option<Door> {
        let _permit = Arc::clone(&self.room).acquire_owned().await.ok()?;
        let mut door = Door::open(self.http, "/api/v1/live", &self.secret).await.ok()?;
        let hello = self.hello();
        door.say(&hello).await.ok()?;
        Some(door)
    }

    /// From where it was, after a lost line.
    fn hello(&self) -> Value {
        let seen = self.wall.seen[self.nth].lock().expect("nothing panics while it holds what was seen");
        let last = |code: &String| (code.clone(), json!(seen.get(code).and_then(|it| it.last)));
        let districts: BTreeMap<String, Value> = self.districts.iter().map(last).collect();
        let mut hello = json!({"districts": districts});
        if let Some(generation) = &self.generation {
            hello["generation"] = json!(generation);
        }
        json!({"hello": hello})
    }

    fn heard(&mut self, text: &str) {
        let now = self.clock.now();
        match Head::read(text) {
            Head::Frame { district, from, to } => {
                self.frame(district, from, Shown { to, at: now, bytes: text.len() as u64 });
            }
            Head::Snapshot { district, seq, generation } => self.begin(&district, seq, generation),
            Head::Resync { district } => self.with(&district, |it| it.resyncs += 1),
            Head::Other => {}
        }
    }

    fn frame(&self, district: &str, from: u64, shown: Shown) {
        self.with(district, |it| {
            let next = it.last.map_or(from, |last| last + 1);
            it.gaps += u64::from(from > next);
            it.twice += u64::from(from < next);
            it.last = Some(shown.to);
            it.frames.push(shown);
        });
    }

    fn begin(&mut self, district: &str, seq: u64, generation: Option<String>) {
        self.generation = generation.or(self.generation.take());
        self.with(district, |it| it.last = Some(seq));
        let seen = self.wall.seen[self.nth].lock().expect("nothing panics while it holds what was seen");
        let looks_everywhere = seen.len() == self.districts.len();
        drop(seen);
        if looks_everywhere && !std::mem::replace(&mut self.was_looking, true) {
            count(&self.wall.looking);
        }
    }

    fn with(&self, district: &str, note: impl FnOnce(&mut Seen)) {
        let mut seen = self.wall.seen[self.nth].lock().expect("nothing panics while it holds what was seen");
        match seen.get_mut(district) {
            Some(it) => note(it),
            None => note(seen.entry(district.to_owned()).or_default()),
        }
    }
}

/// What a message is. Frames, of which there are many, are known by their first bytes; the others are parsed.
#[derive(Debug, PartialEq, Eq)]
pub enum Head<'a> {
    Frame { district: &'a str, from: u64, to: u64 },
    Snapshot { district: String, seq: u64, generation: Option<String> },
    Resync { district: String },
    Other,
}

#[derive(Deserialize)]
struct Told {
    district: Option<String>,
    snapshot: Option<SnapshotTold>,
    resync: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct SnapshotTold {
    seq: u64,
    generation: Option<String>,
}

impl<'a> Head<'a> {
    /// A head that is written in another order of keys is not understood, and the account of the console shows it.
    pub fn read(text: &'a str) -> Self {
        Self::frame(text).unwrap_or_else(|| Self::told(text))
    }

    fn frame(text: &'a str) -> Option<Self> {
        let (district, rest) = text.strip_prefix(r#"{"district":""#)?.split_once('"')?;
        let (from, rest) = rest.strip_prefix(r#","frame":{"from":"#)?.split_once(r#","to":"#)?;
        let (to, _) = rest.split_once(',')?;
        Some(Self::Frame { district, from: from.parse().ok()?, to: to.parse().ok()? })
    }

    fn told(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Told { district: Some(district), snapshot: Some(it), .. }) => {
                Self::Snapshot { district, seq: it.seq, generation: it.generation }
            }
            Ok(Told { district: Some(district), resync: Some(_), .. }) => Self::Resync { district },
            Ok(_) | Err(_) => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_as_the_service_writes_them() {
        let frame = r#"{"district":"990001","frame":{"from":12,"to":14,"events":[{"seq":12}]}}"#;
        assert_eq!(Head::read(frame), Head::Frame { district: "990001", from: 12, to: 14 });
        let snapshot =
            r#"{"district":"990001","snapshot":{"generation":"g1","incidents":[{"signals":[{"seq":3}]}],"seq":77}}"#;
        let (district, generation) = ("990001".to_owned(), Some("g1".to_owned()));
        assert_eq!(Head::read(snapshot), Head::Snapshot { district, seq: 77, generation });
        let resync = r#"{"district":"990001","resync":{"reason":"slow"}}"#;
        assert_eq!(Head::read(resync), Head::Resync { district: "990001".to_owned() });
        assert_eq!(Head::read(r#"{"heartbeat":{"at":"…"}}"#), Head::Other);
    }
}
