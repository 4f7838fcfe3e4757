//! Everything that is quiet: each device of the world is heard twice in its period of supervision, so that nobody is
//! called silent who is not. Runs by the clock and not by the evening: supervision does too.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::Evening;
use super::door::Door;
use super::watches::keep_alive;

/// Where a device is not supervised, this is as good as any, in seconds.
const PERIOD_S: u64 = 600;

/// No more often than this, however many devices there are, in milliseconds.
const GAP_MIN_MS: u64 = 50;

pub async fn watches(evening: Arc<Evening>) {
    let gap = gap(&evening, evening.cast.watch_period_s, evening.cast.watches.len());
    for (nth, identity) in evening.cast.watches.iter().enumerate().cycle() {
        if !evening.is_silent(identity) {
            keep_alive(evening.watch, identity, 100 - u64::try_from(nth % 60).unwrap_or(0)).await;
        }
        tokio::time::sleep(gap).await;
    }
}

pub async fn sensors(evening: Arc<Evening>) {
    let door = Door::new(evening.http, &evening.keys.gateway);
    let gap = gap(&evening, evening.cast.sensor_period_s, evening.cast.sensors.len());
    for identity in evening.cast.sensors.iter().cycle() {
        let heartbeat = json!({"device": format!("http:{identity}"), "id": "alive", "kind": "heartbeat"});
        if !evening.is_silent(identity) {
            drop(door.post("/api/v1/signals", &heartbeat).await);
        }
        tokio::time::sleep(gap).await;
    }
}

/// Once round as often as the scenario says, or twice in a period of supervision.
fn gap(evening: &Evening, period_s: Option<u64>, devices: usize) -> Duration {
    let round_ms = evening.scenario.heartbeats.map_or(period_s.unwrap_or(PERIOD_S) * 1_000 / 2, |it| it.every_ms);
    between(round_ms, devices)
}

fn between(round_ms: u64, devices: usize) -> Duration {
    Duration::from_millis((round_ms / u64::try_from(devices.max(1)).unwrap_or(1)).max(GAP_MIN_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_shared_by_all_devices() {
        assert_eq!(between(300_000, 1_500), Duration::from_millis(200));
        assert_eq!(between(300_000, 0), Duration::from_secs(300));
        assert_eq!(between(1_000, 1_000), Duration::from_millis(GAP_MIN_MS));
    }
}
