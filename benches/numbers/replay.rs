//! A restart with a million events: verified, replayed in full, and begun from the snapshot.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use tidewatch::dispatch::{Stamped, State, invariant};
use tidewatch::engine::Lane;
use tidewatch::journal::{EventReader, Head, SqliteReader, verify_chain};

use crate::contest::{verdict, world};

const HOMES: usize = 20_000;
const RESPONDERS: usize = 60;
const IN_FLIGHT: usize = 1024;

pub fn run(folder: &Path, quick: bool) {
    let events: u64 = if quick { 50_000 } else { 1_000_000 };
    println!("\n== restart with {events} events ==");
    let folder = folder.join("replay");
    std::fs::create_dir(&folder).expect("a folder");
    let began = Instant::now();
    fill(&folder, events);
    println!("filled through the engine in {:.0} s", began.elapsed().as_secs_f64());
    let (count, replay_s) = replay(&folder);
    println!("verified and replayed {count} events in {replay_s:.1} s (target 30 s) {}", verdict(replay_s < 30.0));
    let began = Instant::now();
    let service = world::start(&folder, HOMES, RESPONDERS);
    let ready_s = began.elapsed().as_secs_f64();
    println!("ready from the snapshot in {ready_s:.2} s (target 3 s) {}", verdict(ready_s < 3.0));
    service.shell.shutdown();
}

/// The same homes press again and again: each press is a signal, an attachment, and at times a raised urgency.
fn fill(folder: &Path, events: u64) {
    let service = world::start(folder, HOMES, RESPONDERS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        world::on_duty(&service.handle, RESPONDERS).await;
        let room = std::sync::Arc::new(tokio::sync::Semaphore::new(IN_FLIGHT));
        let mut press = 0;
        while service.handle.read(|state| state.seq) < events {
            let permit = room.clone().acquire_owned().await.expect("the semaphore stays open");
            let handle = service.handle.clone();
            tokio::spawn(async move {
                let (asked, private) = world::press(press % HOMES, press, &handle);
                handle.ask(Lane::Alarms, asked, private).await.expect("an alarm is taken");
                drop(permit);
            });
            press += 1;
        }
        let _all = room.acquire_many(IN_FLIGHT as u32).await.expect("the semaphore stays open");
    });
    service.shell.shutdown();
}

fn replay(folder: &Path) -> (u64, f64) {
    let began = Instant::now();
    let reader = SqliteReader::open(folder).expect("a journal to read");
    let district = world::id(world::DISTRICT);
    let mut state = State::new(district);
    let head = verify_chain(&reader, district, Head::GENESIS, &mut |record| {
        let stamped: Stamped = serde_json::from_str(&record.body).expect("an event that reads");
        state.apply(&stamped);
        invariant::check(&state, &stamped).expect("what always holds");
        ControlFlow::Continue(())
    })
    .expect("an unbroken chain");
    assert_eq!(reader.heads().expect("heads")[&district], head);
    (head.seq, began.elapsed().as_secs_f64())
}
