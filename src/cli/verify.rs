//! `verify`: the chain, the replay and the invariants of every district. Changes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::dispatch::event::EVENT_VERSION;
use crate::dispatch::{Stamped, State, invariant};
use crate::domain::DistrictCode;
use crate::journal::{
    ChainFault, EventReader, ExpectedHead, Head, Heads, JOURNAL_FILE, LogError, PostgresReader, Record, SqliteReader,
    cut_off, record_is_here, verify_chain,
};
use crate::registry::{REGISTRY_FILE, districts_of};

#[derive(clap::Args)]
pub(crate) struct Verify {
    /// A data folder, served or not, or a backup
    #[arg(long, value_name = "DIR|BACKUP", required_unless_present = "store")]
    data: Option<PathBuf>,
    /// A PostgreSQL that keeps the record, owned by somebody or not
    #[arg(long, value_name = "postgres://…", conflicts_with = "data")]
    store: Option<String>,
    /// A head that was kept outside: finds a record that was cut off or rewritten
    #[arg(long, value_name = "CODE:SEQ:HEX")]
    expect_head: Vec<ExpectedHead>,
}

impl Verify {
    pub fn run(self) -> Result<(), Failure> {
        let found = match (&self.store, &self.data) {
            (Some(store), _) => self.look_at_store(store)?,
            (None, Some(dir)) => self.look_twice(dir)?,
            (None, None) => unreachable!("one of the two is required"),
        };
        found.heads.iter().for_each(|(district, head)| print_ok(*district, *head));
        if found.faults.is_empty() { Ok(()) } else { Err(Failure::Check(found.faults.join("\n"))) }
    }

    fn look_at_store(&self, store: &str) -> Result<Found, Failure> {
        let reader = PostgresReader::open(&super::store_url(store)?).map_err(Failure::unusable)?;
        let mut found = Found::default();
        found.read(&reader, Vec::new(), &self.expect_head)?;
        Ok(found)
    }

    fn look_twice(&self, dir: &Path) -> Result<Found, Failure> {
        record_is_here(dir).map_err(Failure::unusable)?;
        let found = self.look(dir)?;
        // Somebody began to serve the folder while it was read: what looked wrong may have been two moments.
        if found.overtaken { self.look(dir) } else { Ok(found) }
    }

    fn look(&self, dir: &Path) -> Result<Found, Failure> {
        let mut found = Found::default();
        let registered = registered(dir, &mut found.faults)?;
        if registered.is_some() && !dir.join(JOURNAL_FILE).exists() {
            found.nothing_recorded(&registered.unwrap_or_default(), &self.expect_head);
            return Ok(found);
        }
        match SqliteReader::open(dir) {
            Ok(reader) => {
                found.read(&reader, registered.unwrap_or_default(), &self.expect_head)?;
                found.overtaken = !found.faults.is_empty() && reader.is_overtaken().map_err(Failure::unusable)?;
            }
            Err(error) if is_spoilt(&error, dir, registered.is_some()) => {
                found.faults.push(damage_of(dir).unwrap_or_else(|| format!("{error}; {MEND}")));
                return Ok(found);
            }
            Err(error) => return Err(Failure::unusable(error)),
        }
        // Only now, with no connection of ours left: the look at the file itself.
        found.faults.extend(damage_of(dir).filter(|_| !found.faults.is_empty()));
        Ok(found)
    }
}

/// What came of one look at the folder.
#[derive(Default)]
struct Found {
    heads: Vec<(DistrictCode, Head)>,
    faults: Vec<String>,
    overtaken: bool,
}

impl Found {
    /// A folder into which a world was imported and that was never served has no journal yet.
    fn nothing_recorded(&mut self, districts: &[DistrictCode], expected: &[ExpectedHead]) {
        self.heads.extend(districts.iter().map(|it| (*it, Head::GENESIS)));
        let missing = expected.iter().find(|it| it.head != Head::GENESIS);
        self.faults.extend(missing.map(|it| format!("found no journal, expected one with {it}")));
    }

    fn read(
        &mut self,
        reader: &dyn EventReader,
        registered: Vec<DistrictCode>,
        expected: &[ExpectedHead],
    ) -> Result<(), Failure> {
        let recorded = match reader.heads() {
            Ok(heads) => heads,
            Err(error) if error.is_damage() => {
                self.faults.push(error.to_string());
                Heads::new()
            }
            Err(error) => return Err(Failure::unusable(error)),
        };
        let districts: BTreeSet<DistrictCode> = registered.into_iter().chain(recorded.into_keys()).collect();
        quietly(|| {
            for district in districts {
                match replay(reader, district) {
                    Ok(head) => self.heads.push((district, head)),
                    Err(fault) => self.faults.push(fault),
                }
            }
        });
        let missing = expected.iter().filter_map(|it| it.check(reader).err()).map(|it| it.to_string());
        self.faults.extend(missing);
        Ok(())
    }
}

/// The districts of the registry; `None` where there is none, as beside a journal that was copied alone.
fn registered(dir: &Path, faults: &mut Vec<String>) -> Result<Option<Vec<DistrictCode>>, Failure> {
    if !dir.join(REGISTRY_FILE).exists() {
        return Ok(None);
    }
    match districts_of(dir) {
        Ok(districts) => Ok(Some(districts)),
        Err(error) if error.is_damage() => {
            faults.push(format!("{}: {error}; {MEND}", dir.join(REGISTRY_FILE).display()));
            Ok(Some(Vec::new()))
        }
        Err(error) => Err(Failure::unusable(error)),
    }
}

/// In a folder of ours a journal that is no longer one is a check that fails; anywhere else the folder is the wrong one.
fn is_spoilt(error: &LogError, dir: &Path, is_ours: bool) -> bool {
    let is_empty = || fs::metadata(dir.join(JOURNAL_FILE)).is_ok_and(|it| it.len() == 0);
    match error {
        LogError::Foreign { .. } => is_ours,
        LogError::Older { .. } => is_ours && is_empty(),
        other => other.is_damage(),
    }
}

/// What to do, and what not to.
const MEND: &str = "stop whatever serves the folder, keep it as it is for whoever has to explain it, and make a new one \
                    of the last backup with `tidewatch restore --from BACKUP --data NEWDIR`";

/// Of the file, where that is at fault and not a record in it.
fn damage_of(dir: &Path) -> Option<String> {
    let path = dir.join(JOURNAL_FILE);
    let what = match cut_off(&path) {
        Ok(Some((found, expected))) => {
            format!("found {found} bytes, expected the {expected} of which its first page tells: its end was cut off")
        }
        Ok(None) if fs::metadata(&path).is_ok_and(|it| it.len() == 0) => "found 0 bytes, expected a record".to_owned(),
        Ok(None) => return None,
        Err(error) => format!("cannot be read: {error}"),
    };
    Some(format!("{}: {what}; {MEND}", path.display()))
}

fn print_ok(district: DistrictCode, head: Head) {
    println!("district={district} head={} hash={} ok", head.seq, head.hash);
}

fn replay(reader: &dyn EventReader, district: DistrictCode) -> Result<Head, String> {
    let (mut state, mut fault, mut next) = (State::new(district), None, 1);
    let head = verify_chain(reader, district, Head::GENESIS, &mut |record| match follow(&mut state, record) {
        Ok(()) => {
            next = record.seq + 1;
            ControlFlow::Continue(())
        }
        Err(why) => {
            fault = Some(format!("district={district} seq={}: {why}", record.seq));
            ControlFlow::Break(())
        }
    });
    let head = head.map_err(|it| match it {
        ChainFault::Unreadable(error @ LogError::Store { .. }) => format!("district={district} seq={next}: {error}"),
        other => other.to_string(),
    })?;
    match fault {
        Some(fault) => Err(fault),
        None => invariant::check_all(&state).map(|()| head).map_err(|why| format!("district={district}: {why}")),
    }
}

fn follow(state: &mut State, record: &Record) -> Result<(), String> {
    let event: Stamped = serde_json::from_str(&record.body)
        .map_err(|error| format!("found no event (column {}), expected one this program knows", error.column()))?;
    if event.v > EVENT_VERSION {
        return Err(format!("found an event of version {}, expected {EVENT_VERSION} or less", event.v));
    }
    catch_unwind(AssertUnwindSafe(|| state.apply(&event))).map_err(|why| said(why.as_ref()))?;
    invariant::check(state, &event)
}

/// What a panic said.
fn said(why: &(dyn std::any::Any + Send)) -> String {
    let text = why.downcast_ref::<String>().cloned();
    text.or_else(|| why.downcast_ref::<&str>().map(|it| (*it).to_owned()))
        .unwrap_or_else(|| "it cannot follow".to_owned())
}

/// An event that cannot follow is told once, as the first bad record, and not by the panic too.
fn quietly(run: impl FnOnce()) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    run();
    std::panic::set_hook(hook);
}
