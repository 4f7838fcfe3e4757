//! Durable alarms a second through the engine, against bare stores with rows of the same size and batches of the same
//! size, and the disk's own sync. Our own bare store is SQLite; others may stand beside it.

mod sqlite;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

pub use sqlite::BareSqlite;

use super::world::{self, Seen};
use super::{Processor, Spread, TURNS, ms, quantile, verdict};

/// Alarms asked for and not yet answered: as many as the alarm lane and a batch can use.
const IN_FLIGHT: usize = 4_096;
const RESPONDERS: usize = 60;

/// What a record has besides its body: as long as ours.
pub const HASH: [u8; 32] = [7; 32];

/// A store that is given rows, a batch and a commit at a time, by one writer who waits for each.
pub trait BareStore {
    fn name(&self) -> &'static str;
    /// Throws away what it was given before.
    fn empty(&mut self);
    /// Durable when it returns. The rows are numbered from `first`.
    fn commit(&mut self, first: i64, bodies: &[&str]);
}

/// Where the engine keeps its record, new for each turn.
pub enum Kept<'a> {
    /// In files below this folder.
    Files(&'a Path),
    /// In a database that this makes: its address.
    Server(&'a dyn Fn() -> String),
}

/// What one turn found.
struct Turn {
    engine: f64,
    events_per_alarm: f64,
    events_per_commit: usize,
    stores: Vec<f64>,
}

/// `folder`: on the disk that is written to. `stores`: the first is the one whose half is the target.
pub fn run(folder: &Path, quick: bool, kept: &Kept<'_>, stores: &mut [Box<dyn BareStore>]) {
    let alarms = if quick { 5_000 } else { 40_000 };
    let where_kept = if matches!(kept, Kept::Files(_)) { "" } else { ", its record in PostgreSQL" };
    println!("\n== durable alarms a second, one district{where_kept} ==");
    sync_floor(folder);
    let processor = Processor::now();
    let turns: Vec<Turn> = (0..TURNS).map(|number| turn(kept, number, alarms, stores)).collect();
    let stolen = processor.stolen_since();
    let engine = Spread::of(turns.iter().map(|it| it.engine).collect());
    let (events, commit) = (turns[0].events_per_alarm, turns[0].events_per_commit);
    println!("  {:<34} {engine:.0} alarms/s ({events:.1} events each, {commit} events a commit)", "engine");
    for (number, store) in stores.iter().enumerate() {
        let bare = Spread::of(turns.iter().map(|it| it.stores[number]).collect());
        let share = engine.median / bare.median;
        let judged = if number == 0 { format!(" (target 0.50) {}", verdict(share >= 0.5)) } else { String::new() };
        println!("  {:<34} {bare:.0} alarms/s; ours is {share:.2} of it{judged}", store.name());
    }
    println!("  {stolen:.0} % of the processor taken by other machines");
}

/// The engine first, whose rows and batches the stores are then given.
fn turn(kept: &Kept<'_>, number: usize, alarms: usize, stores: &mut [Box<dyn BareStore>]) -> Turn {
    let service = match kept {
        Kept::Files(parent) => {
            let folder = parent.join(format!("durable-{number}"));
            std::fs::create_dir(&folder).expect("a folder");
            world::start(&folder, alarms, RESPONDERS)
        }
        Kept::Server(new) => world::start_on_server(&new(), alarms, RESPONDERS),
    };
    let (engine, seen) = through_the_engine(service, alarms);
    let text = "x".repeat(seen.bodies.iter().copied().max().unwrap_or(0));
    let bodies: Vec<&str> = seen.bodies.iter().map(|length| &text[..*length]).collect();
    let events_per_alarm = bodies.len() as f64 / alarms as f64;
    let events_per_commit = (bodies.len() / seen.batches.len().max(1)).max(1);
    let each = |store: &mut Box<dyn BareStore>| rows_a_second(store.as_mut(), &bodies, events_per_commit);
    let stores = stores.iter_mut().map(each).map(|rows| rows / events_per_alarm).collect();
    Turn { engine, events_per_alarm, events_per_commit, stores }
}

fn rows_a_second(store: &mut dyn BareStore, bodies: &[&str], batch: usize) -> f64 {
    store.empty();
    let began = Instant::now();
    let mut first = 1;
    for chunk in bodies.chunks(batch) {
        store.commit(first, chunk);
        first += chunk.len() as i64;
    }
    bodies.len() as f64 / began.elapsed().as_secs_f64()
}

fn sync_floor(folder: &Path) {
    let mut file = File::create(folder.join("sync")).expect("a file");
    let mut took: Vec<Duration> = (0..300)
        .map(|_| {
            file.write_all(&[7; 4096]).expect("room on the disk");
            let began = Instant::now();
            file.sync_data().expect("a disk that syncs");
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!("  floor: fdatasync p50 {:.2} ms, p99 {:.2} ms", ms(quantile(&took, 500)), ms(quantile(&took, 990)));
}

fn through_the_engine(service: world::Service, alarms: usize) -> (f64, Seen) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let took = runtime.block_on(async {
        world::on_duty(&service.handle, RESPONDERS).await;
        *service.seen.lock().expect("nobody panics holding it") = Seen::default();
        let room = std::sync::Arc::new(tokio::sync::Semaphore::new(IN_FLIGHT));
        let began = Instant::now();
        for number in 0..alarms {
            let permit = room.clone().acquire_owned().await.expect("the semaphore stays open");
            let handle = service.handle.clone();
            tokio::spawn(async move {
                let (asked, private) = world::sos(number, &handle);
                handle.ask(tidewatch::engine::Lane::Alarms, asked, private).await.expect("an alarm is taken");
                drop(permit);
            });
        }
        let _all = room.acquire_many(IN_FLIGHT as u32).await.expect("the semaphore stays open");
        began.elapsed()
    });
    let seen = std::mem::take(&mut *service.seen.lock().expect("nobody panics holding it"));
    service.shell.shutdown();
    (alarms as f64 / took.as_secs_f64(), seen)
}
