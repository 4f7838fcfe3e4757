//! Two owners and two gateways under a seeded schedule of faults, while people press: nothing that was acknowledged is lost
//! or doubled, the chains are whole, and no responder is at two doors. CLUSTER_SCHEDULES=500 plays more, CLUSTER_SEED=n one.

use std::time::Instant;

use super::town::{OWNERS, Town};
use crate::postgres::proxy::Cut;

/// What one schedule does, one after the other.
const FAULTS: usize = 4;

/// Schedules that are played at a time; most of each is waiting for leases.
const AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy)]
enum Fault {
    Kill(usize),
    /// Past its lease, and on.
    Stop(usize),
    CutStore(usize),
    CutBus(usize),
    LoseCommit(usize, Cut),
    EmptyRedis,
    RestartRedis,
    RestartPostgres,
}

/// From a seed, and nothing else.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn below(&mut self, most: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most
    }

    fn fault(&mut self) -> Fault {
        let (owner, anybody) = (self.below(OWNERS), self.below(4));
        match self.below(9) {
            0 => Fault::Kill(owner),
            1 => Fault::Kill(anybody),
            2 => Fault::Stop(owner),
            3 => Fault::CutStore(anybody),
            4 => Fault::CutBus(anybody),
            5 => Fault::LoseCommit(owner, if self.below(2) == 0 { Cut::Before } else { Cut::After }),
            6 => Fault::EmptyRedis,
            7 => Fault::RestartRedis,
            _ => Fault::RestartPostgres,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_keeps_its_promise_under_faults() {
    let number = |name: &str| std::env::var(name).ok().map(|it| it.parse::<u64>().expect("a number"));
    let seeds: Vec<u64> = match number("CLUSTER_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("CLUSTER_SCHEDULES").unwrap_or(20)).collect(),
    };
    let (count, began) = (seeds.len(), Instant::now());
    let mut seeds = seeds.into_iter();
    let mut playing = tokio::task::JoinSet::new();
    for seed in seeds.by_ref().take(AT_ONCE) {
        playing.spawn(play(seed));
    }
    while let Some(played) = playing.join_next().await {
        played.expect("a schedule that failed has printed its seed");
        if let Some(seed) = seeds.next() {
            playing.spawn(play(seed));
        }
    }
    println!("cluster: {count} schedules of {FAULTS} faults, 0 failed, {:.0} s", began.elapsed().as_secs_f64());
}

async fn play(seed: u64) {
    let mut dice = Dice::new(seed);
    let faults: Vec<Fault> = (0..FAULTS).map(|_| dice.fault()).collect();
    let told = tokio::spawn(async move {
        let mut town = Town::new().await;
        town.live();
        town.goes_on("the start").await;
        for fault in faults.clone() {
            befall(&mut town, fault).await;
        }
        town.is_well().await;
    });
    if let Err(why) = told.await {
        let mut dice = Dice::new(seed);
        let faults: Vec<Fault> = (0..FAULTS).map(|_| dice.fault()).collect();
        panic!("CLUSTER_SEED={seed} {faults:?}: {why}");
    }
}

async fn befall(town: &mut Town, fault: Fault) {
    let what = format!("{fault:?}");
    match fault {
        Fault::Kill(n) => {
            town.kill(n);
            town.goes_on(&what).await;
            town.start(n).await;
        }
        Fault::Stop(n) => {
            town.signal(n, "STOP");
            town.goes_on(&what).await;
            town.signal(n, "CONT");
        }
        Fault::CutStore(n) => {
            town.sides[n].store.cut();
            town.goes_on(&what).await;
            town.sides[n].store.mend();
        }
        Fault::CutBus(n) => {
            town.sides[n].bus.cut();
            town.goes_on(&what).await;
            town.sides[n].bus.mend();
        }
        Fault::LoseCommit(n, how) => town.sides[n].commits.cut(how),
        Fault::EmptyRedis => {
            let client = redis::Client::open(format!("redis://127.0.0.1:{}", town.redis.port)).unwrap();
            redis::cmd("FLUSHALL").exec(&mut client.get_connection().unwrap()).unwrap();
        }
        Fault::RestartRedis => town.redis.restart().unwrap(),
        Fault::RestartPostgres => town.postgres.restart().unwrap(),
    }
    town.goes_on(&what).await;
}
