//! Faults: what goes wrong between the actors and the record. Each seed draws its own mixture, so that one kind does not
//! always hide another.

use crate::chance::Chance;
use crate::journal::Failure;

#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Messages and answers that never come, in percent.
    lost_pct: u64,
    doubled_pct: u64,
    late_pct: u64,
    late_ms: u64,
    /// Appends that fail definitely.
    fail_pct: u64,
    /// Appends during which the process ends.
    crash_pct: u64,
    slow_pct: u64,
    slow_ms: u64,
    /// Appends of which nobody knows what came: the line to the store was lost.
    unknown_pct: u64,
    /// Kills at any moment, in the whole run.
    pub kills: u64,
    /// Steps of the wall clock, in the whole run.
    pub wall_steps: u64,
    pub registry_changes: u64,
}

impl Faults {
    pub fn drawn(chance: &mut Chance) -> Self {
        let mut some = |most: u64| if chance.pct(60) { chance.between(1, most) } else { 0 };
        Self {
            lost_pct: some(25),
            doubled_pct: some(25),
            late_pct: some(20),
            late_ms: some(60_000),
            fail_pct: some(8),
            crash_pct: some(2),
            slow_pct: some(30),
            slow_ms: some(4_000),
            unknown_pct: 0,
            kills: some(4),
            wall_steps: some(4),
            registry_changes: some(3),
        }
    }

    /// The record is in a server, and the line to it may be lost: drawn apart, so that the rest is as it would be beside it.
    pub fn with_a_line(self, chance: &mut Chance) -> Self {
        Self { unknown_pct: chance.between(1, 10), ..self }
    }

    /// Whether a line that was lost is lost still when it is asked what came of an append.
    pub fn is_still_lost(&self, chance: &mut Chance) -> bool {
        self.unknown_pct > 0 && chance.pct(30)
    }

    /// When the copies of a message arrive, in milliseconds from now; none where it is lost.
    pub fn journeys(&self, chance: &mut Chance) -> Vec<u64> {
        let copies = if chance.pct(self.doubled_pct) { 2 } else { 1 };
        let mut journeys = Vec::new();
        for _ in 0..copies {
            if !chance.pct(self.lost_pct) {
                let late = self.late_ms > 0 && chance.pct(self.late_pct);
                journeys.push(chance.between(2, 40) + if late { chance.below(self.late_ms) } else { 0 });
            }
        }
        journeys
    }

    /// What becomes of one append; `None` succeeds.
    pub fn append(&self, chance: &mut Chance) -> Option<Failure> {
        if self.unknown_pct > 0 && chance.pct(self.unknown_pct) {
            return Some(Failure::Unknown { written: chance.pct(50) });
        }
        if chance.pct(self.fail_pct) {
            return Some(Failure::Definite);
        }
        if !chance.pct(self.crash_pct) {
            return None;
        }
        let kinds = [
            Failure::CrashBefore,
            Failure::CrashInside { written: true },
            Failure::CrashInside { written: false },
            Failure::CrashAfter,
        ];
        Some(*chance.pick(&kinds))
    }

    pub fn commit_ms(&self, chance: &mut Chance) -> u64 {
        let slow = self.slow_ms > 0 && chance.pct(self.slow_pct);
        chance.between(1, 15) + if slow { chance.below(self.slow_ms) } else { 0 }
    }
}
