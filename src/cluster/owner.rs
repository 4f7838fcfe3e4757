//! An owner among owners: a thread that says it is here, looks at who owns what, and takes and hands over as `spread` says.
//! Each district has a log and a shell of its own, so that losing one stops no other. What it takes it tells `Attached`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tracing::{error, info, warn};

use super::spread::{Deed, Standing, what_to_do};
use crate::clock::Clock;
use crate::dispatch::{Facts, Policy};
use crate::domain::DistrictCode;
use crate::engine::{self, Handle, Private, Shell, Sink, StartError};
use crate::journal::{self, LogError, Ownership, PostgresLog, PostgresReader, Roster, StoreUrl, Tenure};

/// Between two looks; while something changes hands, the shorter one.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const LOOK_SOON: Duration = Duration::from_millis(50);

/// Looks after which an owner that does not hear the bus hands over to those who do.
const DEAF_LOOKS: u32 = 4;

/// Who hears of districts that come and go.
pub trait Attached: Send + Sync {
    /// Who hears of commits of a district that is about to be taken.
    fn sinks(&self, district: DistrictCode) -> Vec<Box<dyn Sink>>;

    /// It is ours, and can be asked.
    fn taken(&self, handle: &Handle);

    /// It is handed over, or lost: nothing more is to be asked.
    fn left(&self, district: DistrictCode);

    /// Whether what is asked reaches us.
    fn hears(&self) -> bool;
}

/// What an owner is made of.
pub struct Parts {
    pub store: StoreUrl,
    pub lease: Duration,
    /// Who this process is, unlike any other.
    pub id: String,
    pub role: &'static str,
    /// Where it is asked over HTTP.
    pub address: String,
    pub facts: Arc<dyn Fn() -> Arc<Facts> + Send + Sync>,
    pub policy: Arc<Policy>,
    pub clock: Arc<dyn Clock>,
    pub attached: Arc<dyn Attached>,
    /// What readiness says of the store, as it is looked at.
    pub standing: Arc<journal::Standing>,
}

enum Word {
    /// The registry has changed.
    Facts,
    /// Another has taken it from us.
    Lost(DistrictCode),
    Stop,
}

/// The owner's thread, and the way to it.
pub struct Owner {
    words: Sender<Word>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Owner {
    pub fn start(parts: Parts, roster: Roster) -> io::Result<Self> {
        let (words, told) = channel();
        let (words_back, shells, ending) = (words.clone(), BTreeMap::new(), Vec::new());
        let looking = Looking { parts, roster, words: words_back, shells, ending, deaf: 0, failing: false };
        let thread = Builder::new().name("tw-owner".to_owned()).spawn(move || looking.run(&told))?;
        Ok(Self { words, thread: Mutex::new(Some(thread)) })
    }

    pub fn facts_changed(&self) {
        self.words.send(Word::Facts).ok();
    }

    /// Hands everything over; returns when nothing is owned any more.
    pub fn stop(&self) {
        self.words.send(Word::Stop).ok();
        let thread = lock(&self.thread).take();
        if thread.is_some_and(|it| it.join().is_err()) {
            error!("The owner's thread had found a broken invariant");
        }
    }
}

struct Looking {
    parts: Parts,
    roster: Roster,
    words: Sender<Word>,
    shells: BTreeMap<DistrictCode, Shell>,
    /// Shells that finish what they had accepted.
    ending: Vec<JoinHandle<()>>,
    /// Looks in a row in which we did not hear the bus.
    deaf: u32,
    failing: bool,
}

impl Looking {
    fn run(mut self, told: &Receiver<Word>) {
        let mut wait = Duration::ZERO;
        loop {
            match told.recv_timeout(wait) {
                Ok(Word::Facts) => {
                    let facts = (self.parts.facts)();
                    self.shells.values().for_each(|it| it.facts_changed(&facts));
                }
                Ok(Word::Lost(district)) => self.step_down(district),
                Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => return self.leave(),
                Err(RecvTimeoutError::Timeout) => {}
            }
            wait = self.look(false).unwrap_or_else(|why| {
                self.parts.standing.missed();
                if !std::mem::replace(&mut self.failing, true) {
                    error!("Who owns what cannot be read, what is owned goes on as long as its leases do: {why}");
                }
                LOOK_EVERY
            });
        }
    }

    /// One look at the rows, and what follows from it; how long until the next.
    fn look(&mut self, leaving: bool) -> Result<Duration, LogError> {
        self.deaf = if self.parts.attached.hears() { 0 } else { self.deaf.saturating_add(1) };
        let role = match (leaving, self.deaf >= DEAF_LOOKS) {
            (true, _) => "leaving",
            (false, true) => "deaf",
            (false, false) => self.parts.role,
        };
        self.ending.retain(|it| !it.is_finished());
        self.roster.sign_in(&self.parts.id, role, &self.parts.address)?;
        let (owners, tenures) = (self.owners()?, self.roster.tenures()?);
        self.failing = false;
        self.parts.standing.told(self.roster.has_synchronous_standby()?);
        metrics::gauge!("tidewatch_owned_districts").set(self.shells.len() as f64);
        let districts = self.districts(&tenures);
        let in_motion = districts.values().any(|it| it.is_in_motion());
        let deeds = what_to_do(&self.parts.id, &owners, &districts);
        let acted = !deeds.is_empty();
        for deed in deeds {
            match deed {
                Deed::Take(district) => self.take(district),
                Deed::HandOver { district, heir } => self.hand_over(district, &heir)?,
            }
        }
        Ok(if acted || in_motion { LOOK_SOON } else { LOOK_EVERY })
    }

    /// Those who live, hear the bus, and may own.
    fn owners(&mut self) -> Result<BTreeSet<String>, LogError> {
        let lease_ms = u64::try_from(self.parts.lease.as_millis()).unwrap_or(u64::MAX);
        let may = |role: &str| matches!(role, "owner" | "all");
        let processes = self.roster.processes()?.into_iter();
        Ok(processes.filter(|it| may(&it.role) && it.silent_ms < lease_ms).map(|it| it.id).collect())
    }

    /// All districts of the registry, and those that have a record whatever the registry says today.
    fn districts(&self, tenures: &[Tenure]) -> BTreeMap<DistrictCode, Standing> {
        let facts = (self.parts.facts)();
        let new = facts.districts().map(|it| (it.code, Standing::Free { heir: None, free_ms: u64::MAX }));
        let mut all: BTreeMap<DistrictCode, Standing> = new.collect();
        for it in tenures {
            let standing = if it.held && !self.forgot(it) {
                Standing::Held { owner: it.owner.clone(), heir: it.heir.clone() }
            } else {
                Standing::Free { heir: it.heir.clone(), free_ms: it.free_ms }
            };
            all.insert(it.district, standing);
        }
        all
    }

    /// A lease of ours of which nothing runs here any more: it is taken anew.
    fn forgot(&self, it: &Tenure) -> bool {
        it.owner == self.parts.id && !self.shells.contains_key(&it.district)
    }

    fn take(&mut self, district: DistrictCode) {
        match self.begin(district) {
            Ok(shell) => {
                info!(%district, "District `{district}` is ours");
                let handle = shell.handle(district).expect("it was begun with this district").clone();
                self.shells.insert(district, shell);
                self.parts.attached.taken(&handle);
            }
            Err(StartError::Journal(LogError::Held { .. })) => {}
            Err(why) => error!(%district, "District `{district}` cannot be taken, and is tried again: {why}"),
        }
    }

    fn begin(&self, district: DistrictCode) -> Result<Shell, StartError> {
        let (parts, words) = (&self.parts, self.words.clone());
        let ownership = Ownership { url: parts.store.clone(), lease: parts.lease, owner: parts.id.clone() };
        let lost = move || drop(words.send(Word::Lost(district)));
        let told = lost.clone();
        let log = PostgresLog::open_one(ownership, district, Arc::new(move |_| told()))?;
        Shell::start(engine::Parts {
            districts: vec![district],
            log: Box::new(log),
            private: Private::Within(Box::new(PostgresReader::open(&parts.store)?)),
            facts: (parts.facts)(),
            policy: parts.policy.clone(),
            clock: parts.clock.clone(),
            sinks: parts.attached.sinks(district),
            on_fatal: Arc::new(Shell::exit_at_once),
            on_lost: Arc::new(move |_| lost()),
        })
    }

    /// Said before it is done, so that the heir looks out for it.
    fn hand_over(&mut self, district: DistrictCode, heir: &str) -> Result<(), LogError> {
        if self.roster.name_heir(district, &self.parts.id, heir)? {
            info!(%district, heir, "District `{district}` is handed over");
            self.end(district);
        }
        Ok(())
    }

    fn step_down(&mut self, district: DistrictCode) {
        if self.shells.contains_key(&district) {
            error!(%district, "District `{district}` is another's: what was not committed here is asked of them");
            metrics::counter!("tidewatch_leases_lost_total").increment(1);
            self.end(district);
        }
    }

    /// Finishes what was accepted, keeps a snapshot, and gives the lease back, where it is still ours: beside us, for it
    /// may have to wait for a store that does not answer.
    fn end(&mut self, district: DistrictCode) {
        self.parts.attached.left(district);
        let Some(shell) = self.shells.remove(&district) else { return };
        match Builder::new().name("tw-handover".to_owned()).spawn(move || shell.shutdown()) {
            Ok(ending) => self.ending.push(ending),
            Err(why) => error!(%district, "District `{district}` is let go unfinished: {why}"),
        }
    }

    fn leave(mut self) {
        if let Err(why) = self.look(true) {
            warn!("Districts are let go without an heir: {why}");
        }
        let left: Vec<DistrictCode> = self.shells.keys().copied().collect();
        left.into_iter().for_each(|it| self.end(it));
        for ending in self.ending.drain(..) {
            if ending.join().is_err() {
                error!("A district was let go unfinished: its shell had found a broken invariant");
            }
        }
        if let Err(why) = self.roster.sign_out(&self.parts.id) {
            warn!("The row of this process is swept later: {why}");
        }
    }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
