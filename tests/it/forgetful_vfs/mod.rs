//! SQLite on a disk that forgets what was not synced, crashed at every call that changes it: everything acknowledged
//! is there, nothing twice, no batch in part, and the chain holds.
//!
//!     CRASHES=10000 cargo test --test it forgetful -- --nocapture
//!     CRASH_SEED=7 CRASHES=1000 cargo test --test it forgetful -- --nocapture

mod disk;
mod vfs;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

use self::disk::{Chance, Disk, Plan};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tidewatch::domain::private::PrivateId;
use tidewatch::domain::{DistrictCode, Timestamp};
use tidewatch::journal::{
    AppendError, Entry, EventLog, EventReader, Head, LogError, Snapshot, SqliteLog, verify_chain,
};
use tidewatch::registry::{PrivateRow, Vault};

/// The batches of one life: several checkpoints and snapshots, and a write-ahead log that starts anew.
const BATCHES: usize = 40;
const JOURNAL: &str = "/journal.db";

#[test]
fn nothing_acknowledged_is_lost_or_doubled_wherever_the_disk_crashes() {
    let (crashes, seed) = (env("CRASHES", 500), env("CRASH_SEED", 1));
    let (mut done, mut call, mut round) = (0, 0, seed);
    let shim = Shim::new("forgetful-crash");
    while done < crashes {
        call += 1;
        let mut chance = Chance(round.wrapping_mul(1_000_003).wrapping_add(call));
        let mut audit = Audit::default();
        *shim.disk() = Disk::new();
        let finished = shim.live(Plan::CrashAt(call), &mut chance, &mut audit);
        shim.reboot_and_check(&mut chance, &mut audit, &format!("CRASH_SEED={round} call={call} first life"));
        // A second life on what the first one left: crashes in recovery, and on a log that was used before.
        let second = 1 + chance.below(200) as u64;
        shim.live(Plan::CrashAt(second), &mut chance, &mut audit);
        shim.reboot_and_check(&mut chance, &mut audit, &format!("CRASH_SEED={round} call={call} second life"));
        done += 2;
        if finished {
            (call, round) = (0, round + 1);
        }
    }
    println!("forgetful disk: {done} crashes, 0 lost, 0 doubled");
}

#[test]
fn a_full_disk_is_definite_wherever_it_strikes_and_the_log_goes_on_when_there_is_room() {
    let shim = Shim::new("forgetful-full");
    for call in calls(&shim) {
        let mut chance = Chance(call);
        let mut audit = Audit::default();
        *shim.disk() = Disk::new();
        shim.live(Plan::FullAfter(call), &mut chance, &mut audit);
        let context = format!("full after call {call}");
        // What definitely failed does not come back, whatever the disk kept.
        audit.pending.clear();
        shim.reboot_and_check(&mut chance, &mut audit, &context);
    }
}

#[test]
fn a_failed_sync_is_fatal_and_what_is_there_after_it_is_whole() {
    let shim = Shim::new("forgetful-sync");
    for call in calls(&shim) {
        let mut chance = Chance(call);
        let mut audit = Audit::default();
        *shim.disk() = Disk::new();
        shim.live(Plan::SyncFailsFrom(call), &mut chance, &mut audit);
        shim.reboot_and_check(&mut chance, &mut audit, &format!("sync fails from call {call}"));
    }
}

/// The vault makes the journal's promises: a switch to the write-ahead log whose sync failed must not go unseen.
#[test]
fn private_values_that_were_kept_are_there_after_a_failed_sync_and_a_crash() {
    let disk = vfs::register("forgetful-vault");
    let calls = vault_life(disk, Plan::Work, 0);
    assert!(calls > 20, "a life of {calls} calls tries too little");
    for call in 1..=calls {
        // What the crash leaves is drawn by lot.
        for seed in 0..8 {
            vault_life(disk, Plan::SyncFailsFrom(call), seed);
        }
    }
}

/// A vault opened and written on a new disk until something fails, then crashed and read. How many calls it made.
fn vault_life(disk: &'static Mutex<Disk>, plan: Plan, seed: u64) -> u64 {
    let open = || Vault::open_with(Path::new("/private.db"), "forgetful-vault");
    *disk.lock().unwrap() = Disk::new();
    disk.lock().unwrap().plan = plan;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut row = || PrivateRow::new(&mut rng, Timestamp::EPOCH, None, "note", "gate 7".to_owned());
    let mut kept: Vec<PrivateId> = Vec::new();
    if let Ok(mut vault) = open() {
        for _ in 0..3 {
            let row = row();
            match vault.keep(std::slice::from_ref(&row)) {
                Ok(()) => kept.push(row.id),
                Err(_) => break,
            }
        }
        // A crash closes nothing.
        std::mem::forget(vault);
    }
    let calls = disk.lock().unwrap().calls;
    disk.lock().unwrap().reboot(&mut Chance(seed));
    let found = open().and_then(|vault| vault.read(&kept));
    let found = found.unwrap_or_else(|error| panic!("{plan:?} seed {seed}: {error}"));
    assert_eq!(found.len(), kept.len(), "{plan:?} seed {seed}: what was kept is gone");
    calls
}

/// A selection of the calls that a life without faults makes.
fn calls(shim: &Shim) -> impl Iterator<Item = u64> + use<> {
    *shim.disk() = Disk::new();
    assert!(shim.live(Plan::Work, &mut Chance(0), &mut Audit::default()));
    let calls = shim.disk().calls;
    assert!(calls > 300, "a life of {calls} calls tries too little");
    (1..calls).step_by(23)
}

fn env(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// What was told to whom: the second implementation, which knows nothing of SQLite.
#[derive(Default)]
struct Audit {
    /// Acknowledged, or found after a crash and so told from then on.
    told: Bodies,
    /// Handed to an append that was not answered.
    pending: Vec<Entry>,
    snapshots: BTreeMap<DistrictCode, u64>,
}

type Bodies = BTreeMap<DistrictCode, Vec<String>>;

impl Audit {
    fn next_batch(&self, chance: &mut Chance) -> Vec<Entry> {
        let mut lengths: BTreeMap<DistrictCode, u64> =
            self.told.iter().map(|(district, it)| (*district, it.len() as u64)).collect();
        let one = |_| {
            let district: DistrictCode = ["110101", "330481", "330482"][chance.below(3)].parse().unwrap();
            let seq = lengths.entry(district).or_default();
            *seq += 1;
            // Some bodies spill over the page.
            let padding = "x".repeat([20, 200, 1500, 6000][chance.below(4)]);
            Entry { district, seq: *seq, body: format!("{district} {seq} {} {padding}", chance.below(1 << 30)) }
        };
        let count = 1 + [0, 0, 3, 11][self.told.len() % 4];
        (0..count).map(one).collect()
    }

    fn acknowledged(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        add(&mut self.told, &pending);
    }

    /// All that was told, and the unanswered batch whole or not at all.
    fn judge(&self, found: &Bodies) -> Result<(), String> {
        let mut with_pending = self.told.clone();
        add(&mut with_pending, &self.pending);
        if *found == self.told || *found == with_pending {
            return Ok(());
        }
        let count = |bodies: &Bodies| bodies.values().map(Vec::len).sum::<usize>();
        let (told, pending) = (count(&self.told), self.pending.len());
        Err(format!("found {} records, expected {told}, or with the unanswered batch {pending} more", count(found)))
    }
}

fn add(bodies: &mut Bodies, batch: &[Entry]) {
    for entry in batch {
        bodies.entry(entry.district).or_default().push(entry.body.clone());
    }
}

struct Shim {
    name: &'static str,
    disk: &'static Mutex<Disk>,
}

impl Shim {
    fn new(name: &'static str) -> Self {
        Self { name, disk: vfs::register(name) }
    }

    fn disk(&self) -> std::sync::MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    fn open(&self) -> Result<SqliteLog, LogError> {
        SqliteLog::open_with(Path::new(JOURNAL), self.name)
    }

    /// Opens and works until the plan strikes. Whether the life came to its end.
    fn live(&self, plan: Plan, chance: &mut Chance, audit: &mut Audit) -> bool {
        self.disk().plan = plan;
        let mut log = match self.open() {
            Ok(log) => log,
            Err(error) => {
                assert_ne!(plan, Plan::Work, "a whole disk refused: {error}");
                return false;
            }
        };
        (0..BATCHES).all(|n| self.step(n, &mut log, plan, chance, audit))
    }

    fn step(&self, n: usize, log: &mut SqliteLog, plan: Plan, chance: &mut Chance, audit: &mut Audit) -> bool {
        audit.pending = audit.next_batch(chance);
        let batch = audit.pending.clone();
        if !self.goes_on(plan, chance, || log.append(&batch).map(drop)) {
            return false;
        }
        audit.acknowledged();
        if n % 9 == 4 && !self.goes_on(plan, chance, || log.checkpoint()) {
            return false;
        }
        n % 7 != 3 || self.goes_on(plan, chance, || save(log, audit))
    }

    /// Whether the work was done: at once, or after a full disk has room again. Sometimes the power goes before that.
    fn goes_on(&self, plan: Plan, chance: &mut Chance, mut work: impl FnMut() -> Result<(), AppendError>) -> bool {
        match (work(), plan) {
            (Ok(()), _) => true,
            (Err(AppendError::Definite(error)), Plan::FullAfter(_)) => {
                assert!(matches!(error, LogError::DiskFull { .. }), "{error}");
                self.disk().plan = Plan::Work;
                chance.below(2) == 0 && {
                    work().expect("the log is usable again when there is room");
                    true
                }
            }
            (Err(AppendError::Fatal(_)), Plan::CrashAt(_) | Plan::SyncFailsFrom(_)) => false,
            (Err(error), plan) => panic!("{plan:?} gave: {error}"),
        }
    }

    fn reboot_and_check(&self, chance: &mut Chance, audit: &mut Audit, context: &str) {
        self.disk().reboot(chance);
        let log = self.open().unwrap_or_else(|error| panic!("{context}: {error}"));
        let found = bodies(&log).unwrap_or_else(|fault| panic!("{context}: {fault}"));
        audit.judge(&found).unwrap_or_else(|fault| panic!("{context}: {fault}"));
        for (district, seq) in &audit.snapshots {
            let kept = log.snapshots().unwrap().latest(&log, *district).unwrap().map(|it| it.seq);
            assert!(kept >= Some(*seq), "{context}: found the snapshot of {kept:?}, expected that of {seq}");
        }
        audit.told = found;
        audit.pending.clear();
    }
}

fn save(log: &mut SqliteLog, audit: &mut Audit) -> Result<(), AppendError> {
    let (district, head) = log.heads().unwrap().into_iter().next().unwrap();
    let body = vec![7; 9000];
    let mut snapshots = log.snapshots().map_err(|error| match error {
        LogError::DiskFull { .. } => AppendError::Definite(error),
        error => AppendError::Fatal(error),
    })?;
    snapshots.save(&Snapshot { district, seq: head.seq, hash: head.hash, state_version: 1, body })?;
    audit.snapshots.insert(district, head.seq);
    Ok(())
}

fn bodies(log: &SqliteLog) -> Result<Bodies, String> {
    let mut found = Bodies::new();
    for district in log.heads().unwrap().into_keys() {
        let bodies = found.entry(district).or_default();
        let visit = &mut |record: &tidewatch::journal::Record| {
            bodies.push(record.body.clone());
            ControlFlow::Continue(())
        };
        verify_chain(log, district, Head::GENESIS, visit).map_err(|fault| fault.to_string())?;
    }
    Ok(found)
}
