//! A Redis stream, synced before each answer: a batch is one transaction, so that it is synced once.

use redis::Connection;

use crate::connections::redis_on;
use crate::contest::durable::{BareStore, HASH};

pub struct BareStream(Connection);

impl BareStream {
    pub fn on(port: u16) -> Self {
        Self(redis_on(port))
    }
}

impl BareStore for BareStream {
    fn name(&self) -> &'static str {
        "bare Redis stream, XADD"
    }

    fn empty(&mut self) {
        redis::cmd("DEL").arg("event").exec(&mut self.0).expect("an empty stream");
    }

    fn commit(&mut self, first: i64, bodies: &[&str]) {
        let mut batch = redis::pipe();
        batch.atomic();
        for (seq, body) in (first..).zip(bodies) {
            batch.cmd("XADD").arg("event").arg(format!("{seq}-0")).arg("body").arg(body).arg("hash").arg(&HASH[..]);
            batch.ignore();
        }
        batch.exec(&mut self.0).expect("a batch in Redis");
    }
}
