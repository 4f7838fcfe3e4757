//! The threads as they run in a service, on a disk in memory and a vault in a folder that goes away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::dispatch::{Asked, Command, Event};
use crate::domain::Timestamp;
use crate::engine::handle::{AskError, CommittedBatch, Reply};
use crate::engine::lanes::Lane;
use crate::engine::world_for_tests as world;
use crate::journal::{EventReader, Failure, MemoryDisk};
use crate::registry::Vault;

#[tokio::test]
async fn a_burst_is_answered_and_is_in_the_fold_and_with_the_sinks() {
    let it = Service::start(&MemoryDisk::new("g"));
    let asks: Vec<_> =
        (0..300).map(|n| tokio::spawn(it.handle.clone().ask_owned(Lane::Alarms, n % 40 + 1, n))).collect();
    for ask in asks {
        let reply = ask.await.unwrap().unwrap();
        let seq = reply.answer.seq.unwrap();
        assert!(it.handle.read(|state| state.seq) >= seq, "answered before it could be read");
    }
    assert_eq!(it.handle.read(|state| state.open_count()), 40);
    let told = it.told.clone();
    it.shell.shutdown();
    let seqs: Vec<u64> = told.lock().unwrap().iter().flat_map(|it| it.events.iter().map(|it| it.seq)).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "the sinks heard {seqs:?}");
    assert!(seqs.len() >= 300);
}

#[tokio::test]
async fn private_values_are_kept_with_the_events_that_name_them() {
    let it = Service::start(&MemoryDisk::new("g"));
    it.handle.ask(Lane::Alarms, world::sos("D1", 7), vec![world::private(7)]).await.unwrap();
    it.shell.shutdown();
    let vault = Vault::open(it.dir.path()).unwrap();
    assert_eq!(vault.read(&[world::private(7).id]).unwrap().len(), 1);
    let private: usize = it.told.lock().unwrap().iter().map(|it| it.private.len()).sum();
    assert_eq!(private, 1, "those who show it need it too");
}

#[tokio::test]
async fn what_is_not_written_is_asked_again_and_readiness_tells() {
    let disk = MemoryDisk::new("g");
    let it = Service::start(&disk);
    it.sos(1).await.unwrap();
    disk.script([Some(Failure::Definite), Some(Failure::Definite)]);
    let error = it.sos(2).await.unwrap_err();
    assert!(matches!(error, AskError::Unavailable { .. }), "{error}");
    // A refusal waits for no append: it comes after the failure was taken in.
    let claim = Command::Claim { incident: world::incident(2) };
    let error = it.handle.ask(Lane::People, world::by("ann", claim), Vec::new()).await.unwrap_err();
    assert!(matches!(error, AskError::Refused(_)), "what was not written was seen: {error}");
    assert!(it.handle.is_ready().is_err());
    it.sos(2).await.unwrap_err();
    it.sos(2).await.unwrap();
    it.handle.available().await.unwrap();
    assert_eq!(it.handle.is_ready(), Ok(()));
    it.shell.shutdown();
}

#[tokio::test]
async fn readiness_comes_back_without_anybody_asking() {
    let disk = MemoryDisk::new("g");
    let it = Service::start(&disk);
    disk.script([Some(Failure::Definite), Some(Failure::Definite)]);
    it.sos(1).await.unwrap_err();
    it.sos(2).await.unwrap_err();
    assert!(it.handle.is_ready().is_err());
    // The disk has room again, and nobody writes: a second later it is tried.
    it.clock.0.fetch_add(1_000_000, Ordering::SeqCst);
    it.ready("the probe is answered at once").await;
    it.sos(2).await.unwrap();
    it.shell.shutdown();
}

#[tokio::test]
async fn what_came_of_an_append_is_found_out_and_the_next_who_asks_hears_of_it() {
    for written in [true, false] {
        let disk = MemoryDisk::new("g");
        let it = Service::start(&disk);
        disk.script([Some(Failure::Unknown { written })]);
        it.sos(1).await.unwrap_err();
        let again = tokio::time::timeout(Duration::from_secs(30), it.sos(1)).await;
        assert!(again.expect("it is settled at once").unwrap().repeat, "written: {written}");
        it.ready("it is settled, and the district ready again").await;
        it.sos(2).await.unwrap();
        assert_eq!(disk.log().heads().unwrap()[&world::district()].seq, it.handle.read(|state| state.seq));
        it.shell.shutdown();
    }
}

#[tokio::test]
async fn a_disk_that_cannot_be_trusted_ends_the_process() {
    let disk = MemoryDisk::new("g");
    let it = Service::start(&disk);
    disk.script([Some(Failure::CrashInside { written: true })]);
    let asked = tokio::spawn(it.handle.clone().ask_owned(Lane::Alarms, 1, 1));
    let fatal = it.fatal;
    let why = tokio::task::spawn_blocking(move || fatal.recv_timeout(Duration::from_secs(30)));
    let why = why.await.unwrap().unwrap();
    assert!(why.contains("unknown until a restart"), "{why}");
    asked.abort();
}

#[tokio::test]
async fn a_start_goes_on_from_the_snapshot_and_after_it() {
    let disk = MemoryDisk::new("g");
    let it = Service::start(&disk);
    it.sos(1).await.unwrap();
    it.shell.shutdown();
    let snapshot = disk.latest(&disk.log(), world::district()).unwrap().expect("a snapshot was kept");
    let it = Service::start(&disk);
    assert_eq!(it.handle.read(|state| state.seq), snapshot.seq);
    let reply = it.sos(1).await.unwrap();
    assert!(reply.repeat, "what was answered before the start is known after it");
    it.sos(2).await.unwrap();
    let crashed = disk.copy();
    let seq = it.handle.read(|state| state.seq);
    it.shell.shutdown();
    let it = Service::start(&crashed);
    assert_eq!(it.handle.read(|state| state.seq), seq, "the tail after the snapshot is read");
    it.shell.shutdown();
}

#[tokio::test]
async fn closed_incidents_are_archived_and_those_a_crash_kept_back_too() {
    let disk = MemoryDisk::new("g");
    let it = Service::start(&disk);
    it.sos(1).await.unwrap();
    let close = Command::Close {
        incident: world::incident(1),
        disposition: crate::domain::Disposition::Test,
        note: None,
        force: false,
    };
    it.handle.ask(Lane::People, world::by("ann", close), Vec::new()).await.unwrap();
    let unarchived = without_archive(&disk);
    it.shell.shutdown();
    assert!(disk.log().archived(world::district(), 1).unwrap().is_some());
    let it = Service::start(&unarchived);
    assert!(unarchived.log().archived(world::district(), 1).unwrap().is_some());
    it.shell.shutdown();
}

#[tokio::test]
async fn who_asks_a_stopped_service_is_told() {
    let it = Service::start(&MemoryDisk::new("g"));
    it.shell.shutdown();
    let error = it.handle.ask(Lane::Alarms, world::sos("D1", 1), Vec::new()).await.unwrap_err();
    assert!(matches!(error, AskError::Unavailable { .. }), "{error}");
    assert!(it.handle.is_ready().is_err());
}

#[tokio::test]
async fn what_is_due_happens_by_itself() {
    let it = Service::start(&MemoryDisk::new("g"));
    it.sos(1).await.unwrap();
    it.clock.0.fetch_add(16_000_000, Ordering::SeqCst);
    // Anything wakes the engine; in a service its own waiting does.
    it.handle.hint(crate::engine::Hint::LinkOpened("R1".parse().unwrap()));
    it.handle.available().await.unwrap();
    it.sos(1).await.unwrap();
    it.shell.shutdown();
    let told = it.told.lock().unwrap();
    let mut events = told.iter().flat_map(|it| it.events.iter());
    assert!(events.any(|it| matches!(it.event, Event::SlaBreached { .. })));
}

/// A disk with the same events and nothing archived.
fn without_archive(disk: &MemoryDisk) -> MemoryDisk {
    let bare = MemoryDisk::new("g");
    let mut entries = Vec::new();
    let district = world::district();
    let copy = &mut |it: crate::journal::Record| {
        entries.push(crate::journal::Entry { district, seq: it.seq, body: it.body });
        std::ops::ControlFlow::Continue(())
    };
    disk.log().read(district, 1, copy).unwrap();
    bare.log().append(&entries).unwrap();
    bare
}

/// Stands still unless it is moved. Microseconds.
struct HandClock(AtomicU64);

impl Clock for HandClock {
    fn monotonic_us(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn wall(&self) -> Timestamp {
        Timestamp::EPOCH.after_s(1_800_000_000)
    }
}

struct Told(Arc<Mutex<Vec<Arc<CommittedBatch>>>>);

impl Sink for Told {
    fn committed(&mut self, batch: &Arc<CommittedBatch>) {
        self.0.lock().unwrap().push(batch.clone());
    }
}

struct Service {
    shell: Shell,
    handle: Handle,
    told: Arc<Mutex<Vec<Arc<CommittedBatch>>>>,
    clock: Arc<HandClock>,
    fatal: Receiver<String>,
    dir: tempfile::TempDir,
}

impl Service {
    fn start(disk: &MemoryDisk) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let told = Arc::new(Mutex::default());
        let clock = Arc::new(HandClock(AtomicU64::new(0)));
        let (tell, fatal) = channel();
        let tell = Mutex::new(tell);
        let parts = Parts {
            districts: vec![world::district()],
            log: Box::new(disk.log()),
            private: Private::Beside(Vault::open(dir.path()).unwrap()),
            facts: world::facts(40, 3),
            policy: Arc::default(),
            clock: clock.clone(),
            sinks: vec![Box::new(Told(Arc::clone(&told)))],
            on_fatal: Arc::new(move |why| drop(tell.lock().unwrap().send(why.to_owned()))),
            on_lost: Arc::new(|why| panic!("{why}")),
        };
        let shell = Shell::start(parts).unwrap();
        let handle = shell.handle(world::district()).unwrap().clone();
        Self { shell, handle, told, clock, fatal, dir }
    }

    /// Asked again after every turn of the engine; `why` it must come true.
    async fn ready(&self, why: &str) {
        let back = async {
            while self.handle.is_ready().is_err() {
                self.handle.available().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(30), back).await.expect(why);
    }

    async fn sos(&self, n: u128) -> Result<Reply, AskError> {
        self.handle.clone().ask_owned(Lane::Alarms, n, n).await
    }
}

impl Handle {
    async fn ask_owned(self, lane: Lane, device: u128, key: u128) -> Result<Reply, AskError> {
        let asked: Asked = world::sos(&format!("D{device}"), key);
        self.ask(lane, asked, Vec::new()).await
    }
}
