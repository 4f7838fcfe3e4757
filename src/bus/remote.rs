//! A district that another process owns, as a gateway sees it: asked over the switchboard, read from its mirror.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::switchboard::Switchboard;
use crate::clock::Clock;
use crate::dispatch::{Asked, State};
use crate::domain::private::PrivateRow;
use crate::domain::{DeviceId, DistrictCode, Seq, Timestamp};
use crate::engine::supervise::{Heard, LastHeard};
use crate::engine::{Elsewhere, Give, Hint, Lane, Look, Show};

/// What the mirror keeps of a district, and everybody reads.
pub(super) struct Image {
    pub district: DistrictCode,
    state: RwLock<State>,
    time: OwnersTime,
    /// Why no alarm can be taken, where none can.
    health: Mutex<Result<(), String>>,
}

impl Image {
    pub fn new(state: State, clock: Arc<dyn Clock>) -> Self {
        let time = OwnersTime::new(clock, state.at);
        let health = Mutex::new(Err("the district's owner has not been seen yet".to_owned()));
        Self { district: state.district, state: RwLock::new(state), time, health }
    }

    pub fn seq(&self) -> Seq {
        self.committed().seq
    }

    pub fn committed(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn committed_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The owner's word of what time it is.
    pub fn told_time(&self, now: Timestamp) {
        self.time.told(now);
    }

    pub fn set_health(&self, health: Result<(), String>) {
        *self.health() = health;
    }

    fn health(&self) -> MutexGuard<'_, Result<(), String>> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// District time by its owner's clock and what has passed since on ours: clocks of machines may differ by minutes.
struct OwnersTime {
    clock: Arc<dyn Clock>,
    told_at: AtomicI64,
    told_ms: AtomicU64,
    /// What was last said: it never runs back, whoever owns the district next.
    last: AtomicI64,
}

impl OwnersTime {
    /// Until the owner says something, it is as late as the last event, and our wall says it is.
    fn new(clock: Arc<dyn Clock>, last: Timestamp) -> Self {
        let (at, ms) = (last.max(clock.wall()).ms(), clock.now_monotonic_ms());
        Self { clock, told_at: AtomicI64::new(at), told_ms: AtomicU64::new(ms), last: AtomicI64::new(last.ms()) }
    }

    fn told(&self, now: Timestamp) {
        self.told_at.store(now.ms(), Ordering::Relaxed);
        self.told_ms.store(self.clock.now_monotonic_ms(), Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        let passed_ms = self.clock.now_monotonic_ms().saturating_sub(self.told_ms.load(Ordering::Relaxed));
        let now = Timestamp::from_ms(self.told_at.load(Ordering::Relaxed)).after_ms(passed_ms).ms();
        Timestamp::from_ms(self.last.fetch_max(now, Ordering::Relaxed).max(now))
    }
}

pub(super) struct Remote {
    pub image: Arc<Image>,
    pub switchboard: Arc<Switchboard>,
    pub heard: LastHeard,
}

impl Elsewhere for Remote {
    fn district(&self) -> DistrictCode {
        self.image.district
    }

    fn now(&self) -> Timestamp {
        self.image.time.now()
    }

    fn ask(&self, lane: Lane, asked: Asked, private: Vec<PrivateRow>, give: Give) {
        self.switchboard.ask(self.image.district, self.now(), (lane, asked, private), give);
    }

    fn look(&self, look: Look, show: Show) {
        self.switchboard.look(self.image.district, look, show);
    }

    fn hint(&self, hint: Hint) {
        match &hint {
            Hint::DeviceHeard(device) => self.heard.note(device, self.now()),
            Hint::BatteryTold(device, battery_pct) => self.heard.note_battery(device, *battery_pct, self.now()),
            Hint::BatteryLow(device) => self.heard.note_battery_low(device, self.now()),
            Hint::LinkOpened(_)
            | Hint::LinkClosed(_)
            | Hint::ReachedOtherwise(..)
            | Hint::ConsoleOpened(_)
            | Hint::ConsoleClosed(_)
            | Hint::Located { .. } => {}
        }
        self.switchboard.hint(self.image.district, hint);
    }

    fn committed(&self) -> RwLockReadGuard<'_, State> {
        self.image.committed()
    }

    fn last_heard(&self, device: &DeviceId) -> Option<Heard> {
        self.heard.of(device)
    }

    fn learn_heard(&self, heard: Vec<(DeviceId, Heard)>) {
        self.heard.learn(heard);
    }

    fn is_ready(&self) -> Result<(), String> {
        self.image.health().clone()?;
        self.switchboard.is_carried()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    struct Stopped(AtomicU64);

    impl Clock for Stopped {
        fn monotonic_us(&self) -> u64 {
            self.0.load(Ordering::Relaxed) * 1000
        }

        fn wall(&self) -> Timestamp {
            Timestamp::from_ms(500_000)
        }
    }

    #[test]
    fn time_is_the_owners_and_never_runs_back() {
        let clock = Arc::new(Stopped(AtomicU64::new(10)));
        let time = OwnersTime::new(clock.clone(), Timestamp::from_ms(0));
        assert_eq!(time.now(), Timestamp::from_ms(500_000), "our wall, until the owner has said something");
        time.told(Timestamp::from_ms(800_000));
        clock.0.store(30, Ordering::Relaxed);
        assert_eq!(time.now(), Timestamp::from_ms(800_020));
        // The next owner's clock is five minutes behind.
        time.told(Timestamp::from_ms(500_000));
        assert_eq!(time.now(), Timestamp::from_ms(800_020));
    }
}
