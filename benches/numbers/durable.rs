//! Durable alarms a second through the engine, against bare SQLite group commit with rows of the same size and batches
//! of the same size, and the disk's own sync.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tidewatch::journal::prepare_connection;

use super::world::{self, Seen};
use super::{Processor, ms, quantile, verdict};

/// Alarms asked for and not yet answered: as many as the alarm lane and a batch can use.
const IN_FLIGHT: usize = 4_096;
const RESPONDERS: usize = 60;

pub fn run(folder: &Path, quick: bool) {
    let alarms = if quick { 5_000 } else { 40_000 };
    println!("\n== durable alarms a second, one district ==");
    sync_floor(folder);
    let engine = folder.join("durable");
    std::fs::create_dir(&engine).expect("a folder");
    let processor = Processor::now();
    let (rate, seen) = through_the_engine(&engine, alarms);
    let rows = seen.bodies.len();
    let stolen = processor.stolen_since();
    let per_alarm = rows as f64 / alarms as f64;
    let batch = rows / seen.batches.len().max(1);
    let bare = bare(&folder.join("bare"), &seen.bodies, batch.max(1)) / per_alarm;
    println!(
        "engine: {rate:.0} alarms/s ({per_alarm:.1} events each, {batch} events a commit); {stolen:.0} % of the processor taken by other machines"
    );
    println!("floor:  {bare:.0} alarms/s bare SQLite group commit, the same rows and batches");
    let share = rate / bare;
    println!("share of the floor: {share:.2} (target 0.50) {}", verdict(share >= 0.5));
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
    println!("floor:  fdatasync p50 {:.2} ms, p99 {:.2} ms", ms(quantile(&took, 500)), ms(quantile(&took, 990)));
}

fn through_the_engine(folder: &Path, alarms: usize) -> (f64, Seen) {
    let service = world::start(folder, alarms, RESPONDERS);
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

/// Rows a second.
fn bare(folder: &Path, bodies: &[usize], batch: usize) -> f64 {
    std::fs::create_dir(folder).expect("a folder");
    let mut conn = Connection::open(folder.join("bare.db")).expect("a database");
    prepare_connection(&conn).expect("the same pragmas");
    conn.execute_batch("CREATE TABLE event(district INTEGER, seq INTEGER, body TEXT, hash BLOB, PRIMARY KEY(district, seq)) STRICT, WITHOUT ROWID")
        .expect("a table");
    let text = "x".repeat(bodies.iter().copied().max().unwrap_or(0));
    let began = Instant::now();
    let mut seq = 0_i64;
    for chunk in bodies.chunks(batch) {
        let tx = conn.transaction().expect("a transaction");
        {
            let mut insert = tx.prepare_cached("INSERT INTO event VALUES (330481, ?1, ?2, ?3)").expect("a statement");
            for length in chunk {
                seq += 1;
                insert.execute(rusqlite::params![seq, &text[..*length], [7_u8; 32]]).expect("a row");
            }
        }
        tx.commit().expect("a commit");
    }
    bodies.len() as f64 / began.elapsed().as_secs_f64()
}
