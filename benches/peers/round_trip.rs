//! The floor under both servers: a question that needs no work.

use std::time::Instant;

use crate::connections::{Database, redis_on};
use crate::contest::{Spread, TURNS};

/// In one turn: a tenth of a second or two.
const ROUNDS: usize = 2_000;

/// To Redis and to PostgreSQL, in microseconds.
pub fn both(redis: u16, postgres: u16) -> [Spread; 2] {
    let mut redis = redis_on(redis);
    let database = Database::open(postgres);
    let nothing = database.prepare("SELECT 1");
    let ping = || redis::cmd("PING").exec(&mut redis).expect("an answer of Redis");
    [each(ping), each(|| _ = database.execute(&nothing, &[]))]
}

fn each(mut ask: impl FnMut()) -> Spread {
    let turn = |_| {
        let began = Instant::now();
        (0..ROUNDS).for_each(|_| ask());
        began.elapsed().as_secs_f64() * 1e6 / ROUNDS as f64
    };
    Spread::of((0..TURNS).map(turn).collect())
}
