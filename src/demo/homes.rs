//! Homes: does what was drawn, each thing through the socket that such a device or exchange has. When the evening is
//! over another one begins.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::debug;

use super::door::Door;
use super::hotline::{self, Call};
use super::watches::{Press, bits, keep_alive, press};
use super::{Evening, Pace};
use crate::chance::Chance;
use crate::domain::{Point, SignalKind};
use crate::scenario::population::WATCH;
use crate::scenario::{Arrival, Happening, draw};

/// Happenings that still wait for an answer: a service that is away for longer has had enough to catch up with.
const WAITING_MAX: usize = 64;

/// The first one does not let the visitor wait.
const FIRST_MS: u64 = 2_500;

pub async fn run(evening: Arc<Evening>) {
    let door = Door::new(evening.http, &evening.keys.gateway);
    let began = evening.pace.wall().ms();
    let (room, mut told) = (Arc::new(Semaphore::new(WAITING_MAX)), JoinSet::new());
    for round in 0_u64.. {
        let arrivals = draw(&evening.scenario, evening.seed.wrapping_add(round));
        // An evening in which nothing ever happens would be drawn without end.
        let Some(first) = arrivals.first() else { return };
        let mut at_ms = first.at_ms;
        evening.pace.pass(FIRST_MS).await;
        for (nth, arrival) in arrivals.into_iter().enumerate() {
            evening.pace.pass((arrival.at_ms - at_ms) / evening.scenario.clock.speed).await;
            at_ms = arrival.at_ms;
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let id = format!("demo-{began}-{round}-{nth}");
            let teller = Teller { evening: Arc::clone(&evening), door: door.clone(), id };
            told.spawn(async move {
                teller.tell(nth as u64, arrival).await;
                drop(permit);
            });
            while told.try_join_next().is_some() {}
        }
    }
}

struct Teller {
    evening: Arc<Evening>,
    door: Door,
    /// Of the signal or the call; unlike that of any other evening in the same folder.
    id: String,
}

impl Teller {
    async fn tell(self, nth: u64, arrival: Arrival) {
        match arrival.what {
            Happening::Signal { home, device, kind, fix, .. } if !self.is_visitors(home) => {
                let name = self.evening.scenario.population.homes[home].devices[device].name.clone();
                if name.protocol == WATCH && bits(kind).is_some() {
                    self.watch(name.identity, kind, fix).await;
                } else {
                    self.sensor(&name.to_string(), kind, fix).await;
                }
            }
            Happening::Stranger { number, kind, fix } => {
                self.watch(format!("99{number:08}"), kind, Some(fix)).await;
            }
            Happening::Call { home } if !self.is_visitors(home) => self.call(nth, home).await,
            Happening::FallsSilent { home, device } => {
                let identity = self.identity(home, device);
                self.evening.silent.lock().expect("nothing panics while it holds the names").insert(identity);
            }
            Happening::ComesBack { home, device } => self.comes_back(home, device).await,
            Happening::Signal { .. } | Happening::Call { .. } => {}
        }
    }

    async fn watch(&self, identity: String, kind: SignalKind, fix: Option<Point>) {
        let battery_pct = if kind == SignalKind::LowBattery { 9 } else { 58 };
        let bits = bits(kind).unwrap_or_default();
        let it = Press { identity, at: self.pace().wall(), bits, fix, battery_pct };
        if !press(self.evening.watch, &it).await {
            debug!("a watch of the demo was not answered");
        }
    }

    async fn sensor(&self, device: &str, kind: SignalKind, fix: Option<Point>) {
        let mut signal =
            json!({"device": device, "id": self.id, "kind": kind.as_str(), "occurred_at": self.pace().wall()});
        if let Some(fix) = fix {
            signal["location"] = json!({"lat": fix.lat(), "lon": fix.lon(), "accuracy_m": 15});
        }
        if let Err(error) = self.door.post("/api/v1/signals", &signal).await {
            debug!(%error, "a sensor of the demo was not answered");
        }
    }

    /// As many callers hear somebody as incidents are claimed; the others hang up.
    async fn call(&self, nth: u64, home: usize) {
        let Some(phone) = self.evening.scenario.population.homes[home].phone.clone() else { return };
        let operators = &self.evening.scenario.operators;
        let mut chance = Chance::of(self.evening.seed, &[7, nth]);
        let answered = chance.pct(operators.claim_pct);
        let rings = if answered { operators.pick_up } else { operators.patience };
        let call = Call {
            id: self.id.clone(),
            phone,
            answered,
            by: self.evening.keys.evening.0.clone(),
            rings_ms: rings.draw(&mut chance),
            talks_ms: operators.talk.draw(&mut chance),
        };
        if let Err(error) = hotline::play(&self.door, self.pace(), &call).await {
            debug!(%error, "a call of the demo was not taken");
        }
    }

    async fn comes_back(&self, home: usize, device: usize) {
        let identity = self.identity(home, device);
        self.evening.silent.lock().expect("nothing panics while it holds the names").remove(&identity);
        let name = &self.evening.scenario.population.homes[home].devices[device].name;
        if name.protocol == WATCH {
            keep_alive(self.evening.watch, &identity, 80).await;
        } else {
            self.sensor(&name.to_string(), SignalKind::Heartbeat, None).await;
        }
    }

    fn identity(&self, home: usize, device: usize) -> String {
        self.evening.scenario.population.homes[home].devices[device].name.identity.clone()
    }

    fn is_visitors(&self, home: usize) -> bool {
        self.evening.cast.visitor.as_ref().is_some_and(|(visitor, _)| *visitor == home)
    }

    fn pace(&self) -> &Pace {
        &self.evening.pace
    }
}
