//! The shell: one thread per district around the pure core, one for the journal, one for the vault, one that tidies
//! their files, one that publishes.
//! Decides nothing. A thread that finds a bug ends the process: what is wrong must not go on, and the record is whole.

mod driver;
mod journalist;
mod keeper;
mod load;
mod publisher;
mod tidier;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel};
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use std::time::Duration;

use tracing::error;

use self::driver::Driver;
use self::journalist::{Job, Journalist};
use self::keeper::Keep;
pub use self::keeper::Private;
pub use self::load::{exact_place, fold_to_end};
use self::publisher::{Book, Post, Publisher};
use super::core::Engine;
use super::desk::Desk;
use super::handle::{Handle, Sink};
use crate::clock::{Clock, SystemClock};
use crate::dispatch::State;
use crate::dispatch::{Facts, Policy};
use crate::domain::{DistrictCode, Seq};
use crate::journal::{AppendError, EventLog, Housekeeper, LogError, SnapshotStore};
use crate::registry::RegistryError;

/// What happens where going on would make it worse.
pub type OnFatal = Arc<dyn Fn(&str) + Send + Sync>;

/// The most that `shutdown` waits for all of its steps together. Whoever stops a service allows ten seconds.
const STOP: Duration = Duration::from_secs(5);

/// Everything a running engine is made of.
pub struct Parts {
    pub districts: Vec<DistrictCode>,
    pub log: Box<dyn EventLog>,
    pub private: Private,
    pub facts: Arc<Facts>,
    pub policy: Arc<Policy>,
    pub clock: Arc<dyn Clock>,
    pub sinks: Vec<Box<dyn Sink>>,
    /// Called with the reason; `Shell::exit_at_once` in a service.
    pub on_fatal: OnFatal,
    /// Called, with the reason, where a district is another's. `Shell::exit_at_once` where all of them are one log's.
    pub on_lost: OnFatal,
}

/// Why a district could not be taken up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("reading the journal: {0}")]
    Journal(#[from] LogError),
    #[error("reading private values: {0}")]
    Vault(#[from] RegistryError),
    #[error("archiving what a crash kept from the archive: {0}")]
    Archive(#[from] AppendError),
    #[error("starting a thread: {0}")]
    Thread(#[from] std::io::Error),
    #[error(
        "district={district} seq={seq}: {found}, expected an event of version {expected} or less; start the \
             tidewatch that wrote it"
    )]
    Unreadable { district: DistrictCode, seq: Seq, found: String, expected: u16 },
}

/// The threads of all districts of this process.
pub struct Shell {
    handles: BTreeMap<DistrictCode, Handle>,
    desks: Vec<Arc<Desk>>,
    engines: Vec<Thread>,
    publisher: (Thread, SyncSender<Post>),
    journal: (Thread, Sender<Job>),
    vault: (Thread, Sender<Keep>),
    tidier: Thread,
    /// What a district that joins later is begun with.
    policy: Arc<Policy>,
    clock: Arc<dyn Clock>,
    on_fatal: OnFatal,
    on_lost: OnFatal,
}

impl Shell {
    /// Folds what is recorded, renews what waits for people, and begins. Takes as long as the reading takes.
    pub fn start(mut parts: Parts) -> Result<Self, StartError> {
        let mut engines = Vec::new();
        let snapshots = parts.log.snapshots()?;
        for district in parts.districts.clone() {
            engines.push(prepare(&mut parts, &*snapshots, district)?);
        }
        let Parts { log, private, clock, sinks, on_fatal, on_lost, policy, .. } = parts;
        let (journal, jobs) = journalist::queue();
        let (publisher, posts) = publisher::queue();
        let (keeper, keeps) = channel();
        let (tidier, told) = tidier::queue();
        let mut housekeepers: Vec<Box<dyn Housekeeper>> = Vec::new();
        if let Private::Beside(vault) = &private {
            housekeepers.push(Box::new(vault.housekeeper()?));
        }
        housekeepers.extend(log.housekeeper()?);
        let fatal = on_fatal.clone();
        let tidier_thread = Thread::start("tw-tidier", &on_fatal, move || tidier::run(housekeepers, &told, &fatal))?;
        let journalist = Journalist { log, tidier: tidier.clone(), clock: clock.clone(), on_fatal: on_fatal.clone() };
        let vault_thread = Thread::start("tw-vault", &on_fatal, move || keeper::run(private, keeps, &tidier))?;
        let journal_thread = Thread::start("tw-journal", &on_fatal, move || journalist.run(jobs))?;
        let books = engines.iter().map(|(book, _)| (book.desk.district, book.clone())).collect();
        let publishing = Publisher {
            sinks,
            journal: journal.clone(),
            books,
            backlog: VecDeque::new(),
            snapshots: Arc::new(Mutex::new(snapshots)),
            snapshotting: None,
        };
        let publisher_thread = Thread::start("tw-publisher", &on_fatal, move || publishing.run(posts))?;
        let mut shell = Self {
            handles: BTreeMap::new(),
            desks: Vec::new(),
            engines: Vec::new(),
            publisher: (publisher_thread, publisher),
            journal: (journal_thread, journal),
            vault: (vault_thread, keeper),
            tidier: tidier_thread,
            policy,
            clock: clock.clone(),
            on_fatal: on_fatal.clone(),
            on_lost,
        };
        for (book, engine) in engines {
            shell.drive(book, engine, &clock, &on_fatal)?;
        }
        Ok(shell)
    }

    pub fn handles(&self) -> &BTreeMap<DistrictCode, Handle> {
        &self.handles
    }

    pub fn handle(&self, district: DistrictCode) -> Option<&Handle> {
        self.handles.get(&district)
    }

    /// The registry has changed: decisions look at the new one from the next round on.
    pub fn facts_changed(&self, facts: &Arc<Facts>) {
        self.desks.iter().for_each(|desk| desk.facts(facts.clone()));
    }

    /// Takes up a district that has come into the registry since the start, and has therefore no record yet.
    pub fn join(&mut self, district: DistrictCode, facts: &Arc<Facts>) -> Result<(), StartError> {
        if self.handles.contains_key(&district) {
            return Ok(());
        }
        let (clock, on_fatal) = (self.clock.clone(), self.on_fatal.clone());
        let state = State::new(district);
        let desk = Arc::new(Desk::new(state.clone(), clock.clone()));
        let engine = Engine::new(state, facts.clone(), self.policy.clone(), desk.heard.clone(), desk.now());
        let book = Book { desk, head: crate::journal::Head::GENESIS, kept: 0 };
        self.publisher.1.send(Post::Join(book.clone())).ok();
        self.drive(book, engine, &clock, &on_fatal)
    }

    /// Stops taking, finishes what was accepted, keeps snapshots, and ends within 5 s. What is not done by then is left as
    /// a crash would leave it.
    pub fn shutdown(self) {
        let began = SystemClock::new();
        let left = || STOP.saturating_sub(Duration::from_micros(began.monotonic_us()));
        self.desks.iter().for_each(|desk| desk.stop());
        self.engines.iter().for_each(|it| it.end_within(left()));
        let (publisher, posts) = self.publisher;
        posts.send(Post::Stop).ok();
        drop(posts);
        publisher.end_within(left());
        let (vault, keeps) = self.vault;
        drop(keeps);
        vault.end_within(left());
        let (journal, jobs) = self.journal;
        drop(jobs);
        journal.end_within(left());
        self.tidier.end_within(left());
    }

    /// For `Parts::on_fatal` of a service: the process ends now, and the next start reads what is there.
    pub fn exit_at_once(why: &str) {
        error!("Ending at once, the next start goes on from the record: {why}");
        std::process::exit(EXIT_FATAL);
    }

    fn drive(
        &mut self,
        book: Book,
        engine: Engine,
        clock: &Arc<dyn Clock>,
        on_fatal: &OnFatal,
    ) -> Result<(), StartError> {
        let Book { desk, head, .. } = book;
        let driver = Driver {
            desk: desk.clone(),
            engine,
            clock: clock.clone(),
            journal: self.journal.1.clone(),
            vault: self.vault.1.clone(),
            keeping: Vec::new(),
            publisher: self.publisher.1.clone(),
            on_fatal: on_fatal.clone(),
            on_lost: self.on_lost.clone(),
            head,
            askers: HashMap::new(),
            tickets: 0,
            supervise_at_ms: 0,
            shed: 0,
            probe_at_ms: None,
            failure: None,
            stopped: false,
        };
        self.engines.push(Thread::start("tw-engine", on_fatal, move || driver.run())?);
        self.handles.insert(desk.district, Handle::new(desk.clone()));
        self.desks.push(desk);
        Ok(())
    }
}

/// Software that found itself wrong (EX_SOFTWARE): the service manager starts it again.
const EXIT_FATAL: i32 = 70;

/// The engine of a district on the fold of its record, with the places it needs, not yet begun.
fn prepare(
    parts: &mut Parts,
    snapshots: &dyn SnapshotStore,
    district: DistrictCode,
) -> Result<(Book, Engine), StartError> {
    let load::Folded { state, head, kept } = load::fold(&*parts.log, snapshots, district)?;
    let rows = load::unarchived(&*parts.log, &state)?;
    if !rows.is_empty() {
        parts.log.archive(&rows)?;
    }
    let places = load::places(&parts.private, &state)?;
    let desk = Arc::new(Desk::new(state.clone(), parts.clock.clone()));
    let engine = engine(parts, state, &desk, places);
    Ok((Book { desk, head, kept }, engine))
}

fn engine(parts: &Parts, state: State, desk: &Desk, places: load::Places) -> Engine {
    let now = desk.now();
    let mut engine = Engine::new(state, parts.facts.clone(), parts.policy.clone(), desk.heard.clone(), now);
    for (private, point) in places {
        engine.learn_place(private, point);
    }
    engine
}

/// A thread whose end can be waited for with a limit.
struct Thread {
    name: &'static str,
    ended: Receiver<()>,
}

impl Thread {
    /// A panic in it is a bug, and ends the process.
    fn start(name: &'static str, on_fatal: &OnFatal, run: impl FnOnce() + Send + 'static) -> Result<Self, StartError> {
        let (end, ended) = channel();
        let on_fatal = on_fatal.clone();
        Builder::new().name(name.to_owned()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(run)).is_err() {
                on_fatal(&format!("the thread {name} found a broken invariant"));
            }
            drop(end);
        })?;
        Ok(Self { name, ended })
    }

    fn end_within(&self, limit: Duration) {
        if self.ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            error!("The thread {} did not end in time and is left behind", self.name);
        }
    }
}

#[cfg(test)]
mod tests;
