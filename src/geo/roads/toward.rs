//! Ways to one place: its climb is made once for each mode, and whoever might go there adds their own.

use std::cell::OnceCell;

use super::Roads;
use super::joint::Joint;
use super::label::Label;
use crate::domain::{Point, Travel};
use crate::geo::travel::{MODES, travel_s};

pub struct Toward<'a> {
    roads: &'a Roads,
    target: Point,
    /// In the order of `Travel`, made when it is first asked for; `None` where no road of this mode is near.
    ends: [OnceCell<Option<End>>; MODES],
}

/// What became of looking for a way within a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// Milliseconds under way.
    After(u64),
    /// There is a way, and it takes longer.
    Later,
    /// One of both is farther from a road of this mode than the limit.
    NoRoad,
}

struct End {
    joint: Joint,
    label: Label,
}

impl<'a> Toward<'a> {
    pub(super) fn new(roads: &'a Roads, target: Point) -> Self {
        Self { roads, target, ends: std::array::from_fn(|_| OnceCell::new()) }
    }

    /// Seconds from saying yes at `from` to the door, rounded up. `None` where one of both is farther from a road of
    /// this mode than the limit.
    pub fn eta_s(&self, from: Point, travel: Travel) -> Option<u64> {
        Some(travel_s(0, travel) + self.way_ms(from, travel)?.div_ceil(1_000))
    }

    /// Milliseconds under way.
    pub fn way_ms(&self, from: Point, travel: Travel) -> Option<u64> {
        match self.way_within(from, travel, u64::MAX) {
            Reached::After(way_ms) => Some(way_ms),
            Reached::Later => unreachable!("nobody is later than ever, and what is kept of a mode reaches all of it"),
            Reached::NoRoad => None,
        }
    }

    /// As `way_ms`, and the sooner done the less there is to wait for.
    pub(super) fn way_within(&self, from: Point, travel: Travel, limit_ms: u64) -> Reached {
        let (roads, mode) = (self.roads, travel as usize);
        let Some(end) = self.end(travel) else { return Reached::NoRoad };
        let Some(start) = roads.joint(from, travel) else { return Reached::NoRoad };
        let hierarchy = &roads.net.hierarchies[mode];
        let nodes = start.leaving(roads.segment(start.segment), mode);
        let starts = nodes.map(|(node, ms)| (hierarchy.rank(node), ms));
        let label = Label::climb(&hierarchy.leaving, starts, limit_ms);
        let direct = start.direct(&end.joint, roads.segment(start.segment), mode);
        let best = label.meet(&end.label).into_iter().chain(direct).min();
        best.filter(|way_ms| *way_ms <= limit_ms).map_or(Reached::Later, Reached::After)
    }

    fn end(&self, travel: Travel) -> Option<&End> {
        let make = || {
            let (roads, mode) = (self.roads, travel as usize);
            let joint = roads.joint(self.target, travel)?;
            let hierarchy = &roads.net.hierarchies[mode];
            let nodes = joint.arriving(roads.segment(joint.segment), mode);
            let label = Label::climb(&hierarchy.arriving, nodes.map(|(node, ms)| (hierarchy.rank(node), ms)), u64::MAX);
            Some(End { joint, label })
        };
        self.ends[travel as usize].get_or_init(make).as_ref()
    }
}

impl Roads {
    pub(super) fn joint(&self, place: Point, travel: Travel) -> Option<Joint> {
        self.grid.nearest(place, travel, |number| *self.segment(number), |it| self.ends(it))
    }
}
