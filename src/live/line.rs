//! Lines and frames: an event is serialised once for those who see private values and once for those who do not, and a
//! frame once for everybody who gets all of it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;

use super::wire::{EventShown, Eye, Lookup};
use crate::dispatch::{Facts, Stamped};
use crate::domain::private::PrivateId;
use crate::domain::{DistrictCode, Seq};

/// Which variant of everything a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Sees private values.
    Open,
    Shut,
}

/// One event, serialised.
#[derive(Debug)]
pub struct Line {
    pub seq: Seq,
    open: String,
    shut: String,
}

impl Line {
    pub fn write(stamped: &Stamped, facts: &Facts, private: &Lookup<'_>) -> Self {
        let open = EventShown::of(stamped, &Eye::open(facts, private, stamped.at)).text();
        let shut = EventShown::of(stamped, &Eye::shut(facts, stamped.at)).text();
        Self { seq: stamped.seq, open, shut }
    }

    fn text(&self, sight: Sight) -> &str {
        match sight {
            Sight::Open => &self.open,
            Sight::Shut => &self.shut,
        }
    }
}

/// Values that are at hand, by their names.
pub fn lookup(values: &BTreeMap<PrivateId, String>) -> impl Fn(PrivateId) -> Option<String> + '_ {
    |id| values.get(&id).cloned()
}

/// Consecutive events; never empty.
#[derive(Debug)]
pub struct Frame {
    district: DistrictCode,
    lines: Vec<Arc<Line>>,
    open: OnceLock<Utf8Bytes>,
    shut: OnceLock<Utf8Bytes>,
}

impl Frame {
    /// `None` of no lines.
    pub fn of(district: DistrictCode, lines: Vec<Arc<Line>>) -> Option<Self> {
        let gapless = lines.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq);
        assert!(gapless, "district={district}: a frame with a gap would tell a console a lie");
        if lines.is_empty() {
            return None;
        }
        Some(Self { district, lines, open: OnceLock::new(), shut: OnceLock::new() })
    }

    pub fn from(&self) -> Seq {
        self.lines.first().expect("a frame is never empty").seq
    }

    pub fn to(&self) -> Seq {
        self.lines.last().expect("a frame is never empty").seq
    }

    /// The whole frame, serialised at the first call and shared from then on.
    pub fn whole(&self, sight: Sight) -> Utf8Bytes {
        let kept = match sight {
            Sight::Open => &self.open,
            Sight::Shut => &self.shut,
        };
        kept.get_or_init(|| self.write(&self.lines, sight)).clone()
    }

    /// The events from `next` on, for a client that has the earlier ones.
    pub fn rest(&self, next: Seq, sight: Sight) -> Utf8Bytes {
        let from = self.lines.partition_point(|line| line.seq < next);
        self.write(&self.lines[from..], sight)
    }

    fn write(&self, lines: &[Arc<Line>], sight: Sight) -> Utf8Bytes {
        let events: Vec<&str> = lines.iter().map(|line| line.text(sight)).collect();
        let (from, to) = (lines.first().map_or(0, |it| it.seq), lines.last().map_or(0, |it| it.seq));
        let (district, events) = (self.district, events.join(","));
        format!(r#"{{"district":"{district}","frame":{{"from":{from},"to":{to},"events":[{events}]}}}}"#).into()
    }
}
