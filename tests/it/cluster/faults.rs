//! Two owners and two gateways under a seeded schedule of faults, while people press: nothing that was acknowledged is lost
//! or doubled, the chains are whole, and no responder is at two doors. CLUSTER_SCHEDULES=500 plays more, CLUSTER_SEED=n one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
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

#[test]
fn a_cluster_keeps_its_promise_under_faults() {
    let number = |name: &str| std::env::var(name).ok().map(|it| it.parse::<u64>().expect("a number"));
    let seeds: Vec<u64> = match number("CLUSTER_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("CLUSTER_SCHEDULES").unwrap_or(20)).collect(),
    };
    let (count, began) = (seeds.len(), Instant::now());
    let waiting = Mutex::new(seeds.into_iter());
    let next = || waiting.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(seed) = next() {
                    play(seed);
                }
            });
        }
    });
    println!("cluster: {count} schedules of {FAULTS} faults, 0 failed, {:.0} s", began.elapsed().as_secs_f64());
}

fn play(seed: u64) {
    let mut dice = Dice::new(seed);
    let faults: Vec<Fault> = (0..FAULTS).map(|_| dice.fault()).collect();
    let told = format!("CLUSTER_SEED={seed} {faults:?}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let played = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let mut town = Town::new().await;
            town.live();
            town.goes_on("the start").await;
            for fault in faults {
                befall(&mut town, fault).await;
            }
            town.end_well().await;
        });
    }));
    assert!(played.is_ok(), "{told}: failed as it says above");
    println!("{told}: ok");
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
