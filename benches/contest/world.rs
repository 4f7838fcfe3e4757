//! An invented district for measuring: so many homes with a watch each, so many responders on duty and linked.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tidewatch::clock::SystemClock;
use tidewatch::dispatch::command::{Asked, Command, ReceiveSignals, RepeatRule, Signal};
use tidewatch::dispatch::event::{DeviceRef, Via};
use tidewatch::dispatch::facts::{Facts, Row};
use tidewatch::dispatch::{Event, Policy};
use tidewatch::domain::premises::{Device, District, Premises};
use tidewatch::domain::signal::PlaceGiven;
use tidewatch::domain::subject::Subject;
use tidewatch::domain::*;
use tidewatch::engine::{CommittedBatch, Handle, Hint, Lane, Parts, Private, Shell, Sink};
use tidewatch::journal::{
    AppendError, ArchiveRow, Entry, EventLog, EventReader, Heads, Housekeeper, LogError, Ownership, PostgresLog,
    PostgresReader, Record, SnapshotStore, SqliteLog, StoreUrl,
};
use tidewatch::registry::{PrivateRow, Vault};

pub const DISTRICT: &str = "330481";

/// As `config.default.toml` has it.
const LEASE: Duration = Duration::from_secs(3);

pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("an id of the benchmark is well formed")
}

fn somewhere(rng: &mut StdRng) -> Point {
    let (lat, lon) = (rng.random_range(30.35..30.60), rng.random_range(120.35..120.85));
    Point::from_degrees(lat, lon).expect("a place in the county")
}

pub fn facts(homes: usize, responders: usize) -> Facts {
    let mut rng = StdRng::seed_from_u64(1);
    let mut facts = Facts::default();
    facts.put(Row::District(District { code: id(DISTRICT), name: "invented".into(), hotline: "967890".into() }));
    for number in 0..homes {
        facts.put(Row::Premises(Premises {
            id: id(&format!("P{number}")),
            district: id(DISTRICT),
            village: None,
            class: Class::Urban,
            address: String::new(),
            point: somewhere(&mut rng),
        }));
        facts.put(Row::Subject(Subject::bare(id(&format!("S{number}")), id(&format!("P{number}")))));
        facts.put(Row::Device(Device {
            id: id(&format!("D{number}")),
            subject: id(&format!("S{number}")),
            name: id(&format!("watch:{number:010}")),
            supervision_s: None,
        }));
    }
    for number in 0..responders {
        facts.put(Row::Responder(Responder {
            id: id(&format!("R{number:06}")),
            district: id(DISTRICT),
            name: String::new(),
            phone: String::new(),
            tier: Tier::Staff,
            skills: Vec::new(),
            travel: Travel::ALL[number % 3],
            base: somewhere(&mut rng),
        }));
    }
    facts
}

/// What the sink and the timed log wrote down.
#[derive(Default)]
pub struct Seen {
    pub bodies: Vec<usize>,
    pub batches: Vec<usize>,
    pub commits: Vec<Duration>,
}

/// One running engine on a folder of its own.
pub struct Service {
    pub shell: Shell,
    pub handle: Handle,
    pub seen: Arc<Mutex<Seen>>,
    pub offers: Receiver<(SubjectId, Instant)>,
}

/// In files of a folder, as it comes.
pub fn start(folder: &Path, homes: usize, responders: usize) -> Service {
    let private = Private::Beside(Vault::open(folder).expect("a vault"));
    start_on(Box::new(SqliteLog::open(folder).expect("a journal")), private, homes, responders)
}

/// In PostgreSQL, which keeps private values in the commit of their events.
pub fn start_on_server(store: &str, homes: usize, responders: usize) -> Service {
    let url: StoreUrl = store.parse().expect("the address of a store");
    let ownership = Ownership { url: url.clone(), lease: LEASE, owner: Ownership::name("benchmark") };
    let on_lost = Arc::new(|why: &str| panic!("{why}"));
    let log = PostgresLog::open(ownership, &[id(DISTRICT)], on_lost).expect("a journal");
    let private = Private::Within(Box::new(PostgresReader::open(&url).expect("a server that can be read")));
    start_on(Box::new(log), private, homes, responders)
}

fn start_on(log: Box<dyn EventLog>, private: Private, homes: usize, responders: usize) -> Service {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let log = TimedLog { log, seen: seen.clone() };
    let (offered, offers) = channel();
    let shell = Shell::start(Parts {
        districts: vec![id(DISTRICT)],
        log: Box::new(log),
        private,
        facts: Arc::new(facts(homes, responders)),
        policy: Arc::new(Policy::default()),
        clock: Arc::new(SystemClock::new()),
        sinks: vec![Box::new(Offers { offered, subjects: Default::default() })],
        on_fatal: Arc::new(|why| panic!("{why}")),
        on_lost: Arc::new(|why| panic!("{why}")),
    })
    .expect("an engine");
    let handle = shell.handle(id(DISTRICT)).expect("its district").clone();
    Service { shell, handle, seen, offers }
}

/// Everybody on duty, with a link.
pub async fn on_duty(handle: &Handle, responders: usize) {
    let mut waiting = Vec::new();
    for number in 0..responders {
        let responder: ResponderId = id(&format!("R{number:06}"));
        handle.hint(Hint::LinkOpened(responder.clone()));
        let handle = handle.clone();
        waiting.push(tokio::spawn(async move {
            let command = Command::SetDuty { responder, on: true, via: Via::Link };
            handle.ask(Lane::People, Asked::plain(command), Vec::new()).await.expect("duty is taken");
        }));
        if waiting.len() == 256 {
            for one in waiting.drain(..) {
                one.await.expect("a task");
            }
        }
    }
    for one in waiting {
        one.await.expect("a task");
    }
}

/// The SOS of home `number`, with the private value that such a signal brings.
pub fn sos(number: usize, handle: &Handle) -> (Asked, Vec<PrivateRow>) {
    press(number, number, handle)
}

/// The private value of the SOS of home `number`.
pub fn value(number: usize) -> PrivateRow {
    private(number, number, Timestamp::EPOCH)
}

fn private(number: usize, press: usize, at: Timestamp) -> PrivateRow {
    let value = format!(r#"{{"device":"watch:{number:010}","id":"{press}-0001","battery_pct":41}}"#);
    PrivateRow::new(&mut rand::rng(), at, Some(id(&format!("S{number}"))), "signal", value)
}

/// The `press`-th SOS of all, from home `number`.
pub fn press(number: usize, press: usize, handle: &Handle) -> (Asked, Vec<PrivateRow>) {
    let private = private(number, press, handle.now());
    let signal = Signal {
        kind: SignalKind::Sos,
        fingerprint: Fingerprint(press as u128),
        repeat: RepeatRule::Named,
        occurred_at: None,
        time_refused: false,
        late: false,
        place: PlaceGiven::None,
        private: private.reference(),
    };
    let message = ReceiveSignals {
        source: DeviceRef::Known(id(&format!("D{number}"))),
        signals: vec![signal],
        fix: None,
        last_known: None,
        listener: "watch".into(),
    };
    (Asked::plain(Command::ReceiveSignals(Box::new(message))), vec![private])
}

/// Says when the first offer of a subject is published: the moment at which it goes to the responder's socket.
struct Offers {
    offered: Sender<(SubjectId, Instant)>,
    subjects: std::collections::BTreeMap<IncidentId, SubjectId>,
}

impl Sink for Offers {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        let now = Instant::now();
        for stamped in &batch.events {
            match &stamped.event {
                Event::IncidentOpened(it) => {
                    let subject = it.subject.clone().expect("every home of the benchmark has a subject");
                    self.subjects.insert(it.incident, subject);
                }
                Event::OfferMade(it) => {
                    if let Some(subject) = self.subjects.remove(&it.incident) {
                        self.offered.send((subject, now)).ok();
                    }
                }
                _ => {}
            }
        }
    }
}

/// The journal, with what each commit took and how much it wrote.
struct TimedLog {
    log: Box<dyn EventLog>,
    seen: Arc<Mutex<Seen>>,
}

impl EventReader for TimedLog {
    fn generation(&self) -> &str {
        self.log.generation()
    }

    fn heads(&self) -> Result<Heads, LogError> {
        self.log.heads()
    }

    fn read(
        &self,
        district: DistrictCode,
        from: Seq,
        visit: &mut dyn FnMut(Record) -> std::ops::ControlFlow<()>,
    ) -> Result<(), LogError> {
        self.log.read(district, from, visit)
    }

    fn archived(&self, district: DistrictCode, number: u64) -> Result<Option<ArchiveRow>, LogError> {
        self.log.archived(district, number)
    }

    fn archived_page(
        &self,
        district: DistrictCode,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ArchiveRow>, LogError> {
        self.log.archived_page(district, before, limit)
    }
}

impl EventLog for TimedLog {
    fn append(&mut self, batch: &[Entry]) -> Result<Heads, AppendError> {
        self.append_with(batch, &[])
    }

    fn keeps_private(&self) -> bool {
        self.log.keeps_private()
    }

    fn append_with(&mut self, batch: &[Entry], private: &[PrivateRow]) -> Result<Heads, AppendError> {
        let began = Instant::now();
        let heads = self.log.append_with(batch, private)?;
        let mut seen = self.seen.lock().expect("nobody panics holding it");
        seen.commits.push(began.elapsed());
        seen.batches.push(batch.len());
        seen.bodies.extend(batch.iter().map(|entry| entry.body.len()));
        Ok(heads)
    }

    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, LogError> {
        self.log.snapshots()
    }

    fn archive(&mut self, rows: &[ArchiveRow]) -> Result<(), AppendError> {
        self.log.archive(rows)
    }

    fn probe(&mut self) -> Result<(), AppendError> {
        self.log.probe()
    }

    fn housekeeper(&self) -> Result<Option<Box<dyn Housekeeper>>, LogError> {
        self.log.housekeeper()
    }
}
