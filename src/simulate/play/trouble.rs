//! Mishaps as the simulator plays them: the process that ends, the disk that is slow or full, links that are cut, the
//! wall clock that jumps, telemetry that is shed.

use super::{Player, Thing};
use crate::journal::Failure;
use crate::scenario::{MishapKind, Span};

/// What is wrong just now.
#[derive(Debug, Default)]
pub(super) struct Troubled {
    slow: Option<(u64, Span)>,
    full_until_ms: u64,
    shedding_until_ms: u64,
    wall_offset_ms: i64,
}

impl Troubled {
    pub fn is_shedding(&self, now_ms: u64) -> bool {
        now_ms < self.shedding_until_ms
    }

    pub fn wall_offset_ms(&self) -> i64 {
        self.wall_offset_ms
    }
}

impl Player<'_> {
    pub(super) fn mishap(&mut self, nth: usize) {
        let until = |for_ms: u64| self.now_ms + for_ms;
        match self.scenario.mishaps[nth].what {
            MishapKind::Kill { down_ms } => {
                let news = self.service.kill();
                self.take(news);
                self.later(down_ms, Thing::Start);
            }
            MishapKind::SlowDisk { for_ms, by } => self.troubled.slow = Some((until(for_ms), by)),
            MishapKind::FullDisk { for_ms } => self.troubled.full_until_ms = until(for_ms),
            MishapKind::Storm { for_ms } => self.troubled.shedding_until_ms = until(for_ms),
            MishapKind::ClockStep { by_s } => self.troubled.wall_offset_ms += by_s * 1000,
            // Part of everybody's availability.
            MishapKind::NetworkCut { .. } => {}
            // Said to whoever runs it, and not played.
            MishapKind::RedisAway { .. } | MishapKind::PostgresAway { .. } => {}
        }
    }

    /// How much longer an append takes now.
    pub(super) fn slow_ms(&mut self) -> u64 {
        match self.troubled.slow {
            Some((until_ms, by)) if self.now_ms < until_ms => by.draw(&mut self.chance),
            Some(_) | None => 0,
        }
    }

    pub(super) fn append_ends(&mut self, epoch: u64) {
        if epoch == self.service.epoch {
            let is_full = self.now_ms < self.troubled.full_until_ms;
            let news = self.service.end_append(is_full.then_some(Failure::Definite), self.now_ms);
            self.take(news);
        }
    }
}
