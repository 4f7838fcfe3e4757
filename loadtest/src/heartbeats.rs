//! The floor under everything: each device says in its turn that it lives, evenly over the period.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::gateway::Gateway;
use crate::lines::{Lines, Say};
use crate::moment::{Clock, Us};

/// How often those whose turn has come are looked up.
const TICK: Duration = Duration::from_millis(10);

/// Signs of life by HTTP that wait for an answer; further ones are left out, as a gateway would.
const WAITING_MAX: usize = 2_000;

/// Who lives, and whether they are silent just now.
pub struct Living {
    pub watches: Vec<(Arc<str>, AtomicBool)>,
    pub sensors: Vec<(String, AtomicBool)>,
}

impl Living {
    pub fn of(watches: &[String], sensors: &[String]) -> Self {
        let watches = watches.iter().map(|it| (it.as_str().into(), AtomicBool::new(false))).collect();
        let sensors = sensors.iter().map(|it| (it.clone(), AtomicBool::new(false))).collect();
        Self { watches, sensors }
    }

    pub fn silence(&self, watch: usize, silent: bool) {
        if let Some((_, it)) = self.watches.get(watch) {
            it.store(silent, Ordering::Relaxed);
        }
    }

    pub fn silence_sensor(&self, sensor: usize, silent: bool) {
        if let Some((_, it)) = self.sensors.get(sensor) {
            it.store(silent, Ordering::Relaxed);
        }
    }
}

/// From now until the task is ended.
pub async fn run(living: Arc<Living>, period: Us, lines: Arc<Lines>, gateway: Gateway, clock: Clock) {
    let (mut ticks, began) = (interval(TICK), clock.now());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut watches, mut sensors) = (Turns::of(living.watches.len(), period), Turns::of(living.sensors.len(), period));
    let mut waiting = JoinSet::new();
    loop {
        ticks.tick().await;
        let now = clock.now() - began;
        for nth in watches.due(now) {
            let (identity, silent) = &living.watches[nth];
            if !silent.load(Ordering::Relaxed) {
                lines.say(nth, Say::Alive { identity: Arc::clone(identity) });
            }
        }
        for nth in sensors.due(now) {
            let (device, silent) = &living.sensors[nth];
            if !silent.load(Ordering::Relaxed) && waiting.len() < WAITING_MAX {
                let (gateway, device) = (gateway.clone(), device.clone());
                waiting.spawn(async move { gateway.alive(&device).await });
            }
        }
        while waiting.try_join_next().is_some() {}
    }
}

/// Whose turn it is: all of them once a period, one after the other.
struct Turns {
    count: usize,
    period: Us,
    done: u64,
}

impl Turns {
    fn of(count: usize, period: Us) -> Self {
        Self { count, period: period.max(1), done: 0 }
    }

    fn due(&mut self, now: Us) -> impl Iterator<Item = usize> + use<> {
        let upto = (u128::from(now) * self.count as u128 / u128::from(self.period)) as u64;
        let (from, count) = (self.done, self.count as u64);
        self.done = upto.max(from);
        (from..self.done).map(move |it| (it % count) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn_a_period() {
        let mut turns = Turns::of(10, 1_000);
        let first: Vec<usize> = turns.due(500).collect();
        assert_eq!(first, [0, 1, 2, 3, 4]);
        let rest: Vec<usize> = turns.due(1_200).collect();
        assert_eq!(rest, [5, 6, 7, 8, 9, 0, 1]);
        assert_eq!(Turns::of(0, 1_000).due(5_000).count(), 0);
    }
}
