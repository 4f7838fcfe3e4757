//! Homes: does what the script says, each through the socket that such a device or exchange has.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::debug;

use super::chance::Chance;
use super::door::Door;
use super::evening::{Happening, Script};
use super::hotline::{self, Call};
use super::watches::{Press, press};
use super::{Evening, Pace};

/// Happenings that still wait for an answer: a service that is away for longer has had enough to catch up with.
const WAITING_MAX: usize = 64;

pub async fn run(evening: Arc<Evening>) {
    let mut script = Script::new(evening.cast.homes.clone(), Chance::new(evening.seed, "homes"));
    let door = Door::new(evening.http, &evening.keys.gateway);
    let began = evening.pace.wall().ms();
    let (room, mut told) = (Arc::new(Semaphore::new(WAITING_MAX)), JoinSet::new());
    for nth in 1_u64.. {
        let Some((gap_ms, happening)) = script.next() else { return };
        evening.pace.pass(gap_ms).await;
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let teller = Teller { evening: Arc::clone(&evening), door: door.clone(), id: format!("demo-{began}-{nth}") };
        told.spawn(async move {
            teller.tell(happening).await;
            drop(permit);
        });
        while told.try_join_next().is_some() {}
    }
}

struct Teller {
    evening: Arc<Evening>,
    door: Door,
    /// Of the signal or the call; unlike that of any other evening in the same folder.
    id: String,
}

impl Teller {
    async fn tell(self, happening: Happening) {
        let pace: &Pace = &self.evening.pace;
        match happening {
            Happening::Watch { identity, bits, fix, battery_pct } => {
                let it = Press { identity, at: pace.wall(), bits, fix, battery_pct };
                if !press(self.evening.watch, &it).await {
                    debug!("a watch of the demo was not answered");
                }
            }
            Happening::Sensor { identity, kind } => {
                let signal = json!({"device": format!("http:{identity}"), "id": self.id, "kind": kind.as_str(),
                    "occurred_at": pace.wall()});
                if let Err(error) = self.door.post("/api/v1/signals", &signal).await {
                    debug!(%error, "a sensor of the demo was not answered");
                }
            }
            Happening::Call { phone, answered } => {
                let call = Call { id: self.id, phone, answered, by: self.evening.keys.evening.0.clone() };
                if let Err(error) = hotline::play(&self.door, pace, &call).await {
                    debug!(%error, "a call of the demo was not taken");
                }
            }
        }
    }
}
