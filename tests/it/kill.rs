//! SIGKILL with at least a hundred requests in flight, again and again on one folder: whatever was acknowledged is
//! there, and nothing is there twice. `KILL_ROUNDS` rounds, from the seed `KILL_SEED`.

mod audit;
mod load;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use self::audit::Audit;
use self::load::{Book, Load};
use crate::service::world::{DISTRICT, world};
use crate::service::{Folder, SOON, until};

const ROUNDS: u64 = 20;

/// The promise is about a crowd, not about one request.
const IN_FLIGHT_LEAST: usize = 100;

/// Acknowledgements before the kill: from almost none, so that connections and first commits are hit too.
const BEFORE_THE_KILL: std::ops::Range<usize> = 1..250;

/// The kill itself falls anywhere within some commits, in microseconds.
const WITHIN_US: std::ops::Range<u64> = 0..15_000;

/// Rounds on one folder: every round verifies all of its record, which grows.
const ROUNDS_A_FOLDER: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let rounds = number("KILL_ROUNDS").unwrap_or(ROUNDS);
    let seed = Seed(number("KILL_SEED").unwrap_or_else(rand::random));
    let mut rng = StdRng::seed_from_u64(seed.0);
    let mut in_flight = 0;
    for done in (0..rounds).step_by(ROUNDS_A_FOLDER as usize) {
        let upto = rounds.min(done + ROUNDS_A_FOLDER);
        in_flight += on_one_folder(done..upto, &mut rng).await;
        println!("kill: {upto} of {rounds} rounds");
    }
    println!("kill: {rounds} rounds, {in_flight} requests in flight at the kills, 0 lost, 0 doubled");
}

/// How many requests were in flight at the kills.
async fn on_one_folder(rounds: std::ops::Range<u64>, rng: &mut StdRng) -> usize {
    let folder = Folder::of(&world(DISTRICT, load::HOMES, load::RESPONDERS));
    let secrets = load::Secrets::make(&folder);
    let (mut audit, mut in_flight) = (Audit::default(), 0);
    let mut service = folder.serve().await;
    let worked = load::begin(&secrets.operator(&service)).await;
    for round in rounds {
        let book = Arc::new(Book::default());
        let load = Load::start(&service, &secrets, &worked, &book, round);
        let (acks, pause_us) = (rng.random_range(BEFORE_THE_KILL), rng.random_range(WITHIN_US));
        until("acknowledgements", SOON, async || (book.answered.load(Ordering::SeqCst) >= acks).then_some(())).await;
        // The moment of the kill is chance; nothing is waited for here.
        tokio::time::sleep(Duration::from_micros(pause_us)).await;
        let crowd = || Some(book.in_flight()).filter(|it| *it >= IN_FLIGHT_LEAST);
        in_flight += until("a hundred in flight", SOON, async || crowd()).await;
        service.kill();
        load.ended().await;

        folder.verified();
        service = folder.serve().await;
        load::retry(&service, &secrets, &book).await;
        audit.round(&service, &secrets, &book).await;
    }
    audit.end(&service, &secrets).await;
    assert!(service.stop().success());
    folder.verified();
    in_flight
}

/// Said when the test fails, so that it can be run again.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("KILL_SEED={} cargo test --test it kill", self.0);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}
