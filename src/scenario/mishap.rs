//! Faults of a scenario: what goes wrong with the machine and its surroundings, and which program can play it.

use toml::de::DeValue;

use super::keys;
use super::span::Span;
use super::stream::milliseconds;
use crate::document::fields::{number, signed, string, whole};
use crate::document::{Fields, shown};

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mishap {
    pub at_ms: u64,
    pub what: MishapKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MishapKind {
    /// The process ends at once, and starts again after this.
    Kill {
        down_ms: u64,
    },
    /// Every append takes so much longer.
    SlowDisk {
        for_ms: u64,
        by: Span,
    },
    /// Every append is refused.
    FullDisk {
        for_ms: u64,
    },
    RedisAway {
        for_ms: u64,
    },
    PostgresAway {
        for_ms: u64,
    },
    /// So many of a hundred responders lose their links.
    NetworkCut {
        for_ms: u64,
        pct: u64,
    },
    /// The wall clock jumps.
    ClockStep {
        by_s: i64,
    },
    /// Storm mode: telemetry is shed, and nobody is judged silent.
    Storm {
        for_ms: u64,
    },
}

/// A program that plays scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Player {
    Demo,
    Simulate,
    Loadtest,
}

const AT_MAX_S: f64 = 366.0 * 86_400.0;
const FOR_MAX_S: u64 = 7 * 86_400;
const STEP_MAX_S: i64 = 86_400;

impl Mishap {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let word = fields.need(&keys::WHAT, word);
        let at_ms = fields.need(&keys::FAULT_AT_S, |value| number(value, 0.0, AT_MAX_S).map(milliseconds));
        let what = kind(word?, fields)?;
        Some(Self { at_ms: at_ms?, what })
    }

    /// Why `player` cannot play it; `None`: it can.
    pub fn unplayable(&self, player: Player) -> Option<&'static str> {
        use MishapKind::*;
        match (player, &self.what) {
            (Player::Simulate, Kill { .. } | SlowDisk { .. } | FullDisk { .. } | NetworkCut { .. })
            | (Player::Simulate, ClockStep { .. } | Storm { .. })
            | (Player::Loadtest, Kill { .. }) => None,
            (Player::Simulate, RedisAway { .. } | PostgresAway { .. }) => {
                Some("the simulator has one process and one disk, and neither Redis nor PostgreSQL")
            }
            (Player::Demo, _) => Some("the demo is an evening to look at: nothing breaks in it"),
            (Player::Loadtest, _) => Some("the load harness reaches the service over the network alone"),
        }
    }
}

impl MishapKind {
    /// As the scenario calls it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Kill { .. } => "kill",
            Self::SlowDisk { .. } => "slow_disk",
            Self::FullDisk { .. } => "full_disk",
            Self::RedisAway { .. } => "redis_away",
            Self::PostgresAway { .. } => "postgres_away",
            Self::NetworkCut { .. } => "network_cut",
            Self::ClockStep { .. } => "clock_step",
            Self::Storm { .. } => "storm",
        }
    }
}

const WORDS: [&str; 8] =
    ["kill", "slow_disk", "full_disk", "redis_away", "postgres_away", "network_cut", "clock_step", "storm"];

fn word(value: &DeValue<'_>) -> Result<&'static str, String> {
    let text = string(value)?;
    WORDS.into_iter().find(|it| *it == text).ok_or_else(|| format!("`{}`", shown(text)))
}

fn kind(word: &'static str, fields: &mut Fields<'_, '_, '_>) -> Option<MishapKind> {
    let lasts = |fields: &mut Fields<'_, '_, '_>| {
        fields.need(&keys::FOR_S, |value| whole(value, 1, FOR_MAX_S)).map(|it| it * 1000)
    };
    Some(match word {
        "kill" => MishapKind::Kill { down_ms: fields.need(&keys::DOWN_S, |it| whole(it, 0, FOR_MAX_S))? * 1000 },
        "clock_step" => MishapKind::ClockStep { by_s: fields.need(&keys::BY_S, |it| signed(it, STEP_MAX_S))? },
        "slow_disk" => {
            let (for_ms, by) = (lasts(fields), fields.need(&keys::BY_MS, Span::read_ms));
            MishapKind::SlowDisk { for_ms: for_ms?, by: by? }
        }
        "network_cut" => {
            let (for_ms, pct) = (lasts(fields), fields.need(&keys::PCT, |it| whole(it, 0, 100)));
            MishapKind::NetworkCut { for_ms: for_ms?, pct: pct? }
        }
        "full_disk" => MishapKind::FullDisk { for_ms: lasts(fields)? },
        "redis_away" => MishapKind::RedisAway { for_ms: lasts(fields)? },
        "postgres_away" => MishapKind::PostgresAway { for_ms: lasts(fields)? },
        _ => MishapKind::Storm { for_ms: lasts(fields)? },
    })
}
