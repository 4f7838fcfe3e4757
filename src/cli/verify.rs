//! `verify`: the chain, the replay and the invariants of every district. Changes nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::dispatch::event::EVENT_VERSION;
use crate::dispatch::{Stamped, State, invariant};
use crate::domain::DistrictCode;
use crate::journal::{EventReader, ExpectedHead, Head, JOURNAL_FILE, Record, SqliteReader, verify_chain};
use crate::registry::{REGISTRY_FILE, districts_of};

#[derive(clap::Args)]
pub(crate) struct Verify {
    /// A data folder, served or not, or a backup
    #[arg(long, value_name = "DIR|BACKUP")]
    data: PathBuf,
    /// A head that was kept outside: finds a record that was cut off or rewritten
    #[arg(long, value_name = "CODE:SEQ:HEX")]
    expect_head: Vec<ExpectedHead>,
}

impl Verify {
    pub fn run(self) -> Result<(), Failure> {
        let registered = registered(&self.data)?;
        let reader = open(&self.data)?;
        let Some(reader) = reader else { return nothing_recorded(&registered, &self.expect_head) };
        let recorded = reader.heads().map_err(Failure::unusable)?;
        let districts: BTreeSet<DistrictCode> = registered.into_iter().chain(recorded.into_keys()).collect();
        let mut faults = Vec::new();
        quietly(|| {
            for district in districts {
                match replay(&reader, district) {
                    Ok(head) => print_ok(district, head),
                    Err(fault) => faults.push(fault),
                }
            }
        });
        let missing = self.expect_head.iter().filter_map(|it| it.check(&reader).err()).map(|it| it.to_string());
        faults.extend(missing);
        if faults.is_empty() { Ok(()) } else { Err(Failure::Check(faults.join("\n"))) }
    }
}

fn registered(dir: &Path) -> Result<Vec<DistrictCode>, Failure> {
    if dir.join(REGISTRY_FILE).exists() { districts_of(dir).map_err(Failure::unusable) } else { Ok(Vec::new()) }
}

/// A folder into which a world was imported and that was never served has no journal yet.
fn open(dir: &Path) -> Result<Option<SqliteReader>, Failure> {
    if !dir.join(JOURNAL_FILE).exists() && dir.join(REGISTRY_FILE).exists() {
        return Ok(None);
    }
    SqliteReader::open(dir).map(Some).map_err(Failure::unusable)
}

fn nothing_recorded(districts: &[DistrictCode], expected: &[ExpectedHead]) -> Result<(), Failure> {
    districts.iter().for_each(|it| print_ok(*it, Head::GENESIS));
    match expected.iter().find(|it| it.head != Head::GENESIS) {
        Some(it) => Err(Failure::Check(format!("found no journal, expected one with {it}"))),
        None => Ok(()),
    }
}

fn print_ok(district: DistrictCode, head: Head) {
    println!("district={district} head={} hash={} ok", head.seq, head.hash);
}

fn replay(reader: &SqliteReader, district: DistrictCode) -> Result<Head, String> {
    let (mut state, mut fault) = (State::new(district), None);
    let head = verify_chain(reader, district, Head::GENESIS, &mut |record| match follow(&mut state, record) {
        Ok(()) => ControlFlow::Continue(()),
        Err(why) => {
            fault = Some(format!("district={district} seq={}: {why}", record.seq));
            ControlFlow::Break(())
        }
    });
    let head = head.map_err(|it| it.to_string())?;
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
