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
    let gap = gap(evening.cast.watch_period_s, evening.cast.watches.len());
    for (nth, identity) in evening.cast.watches.iter().enumerate().cycle() {
        keep_alive(evening.watch, identity, 100 - u64::try_from(nth % 60).unwrap_or(0)).await;
        tokio::time::sleep(gap).await;
    }
}

pub async fn sensors(evening: Arc<Evening>) {
    let door = Door::new(evening.http, &evening.keys.gateway);
    let gap = gap(evening.cast.sensor_period_s, evening.cast.sensors.len());
    for identity in evening.cast.sensors.iter().cycle() {
        let heartbeat = json!({"device": format!("http:{identity}"), "id": "alive", "kind": "heartbeat"});
        drop(door.post("/api/v1/signals", &heartbeat).await);
        tokio::time::sleep(gap).await;
    }
}

/// Twice round in a period.
fn gap(period_s: Option<u64>, devices: usize) -> Duration {
    let rounds_ms = period_s.unwrap_or(PERIOD_S) * 1_000 / 2;
    Duration::from_millis((rounds_ms / u64::try_from(devices.max(1)).unwrap_or(1)).max(GAP_MIN_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_heard_twice_in_its_period() {
        assert_eq!(gap(Some(600), 1_500), Duration::from_millis(200));
        assert_eq!(gap(None, 0), Duration::from_secs(300));
    }
}
