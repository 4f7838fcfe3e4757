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
        let end = self.end(travel)?;
        let (roads, mode) = (self.roads, travel as usize);
        let start = roads.joint(from, travel)?;
        let hierarchy = &roads.net.hierarchies[mode];
        let nodes = start.leaving(roads.segment(start.segment), mode);
        let label = Label::climb(&hierarchy.leaving, nodes.map(|(node, ms)| (hierarchy.rank(node), ms)));
        let direct = start.direct(&end.joint, roads.segment(start.segment), mode);
        label.meet(&end.label).into_iter().chain(direct).min()
    }

    fn end(&self, travel: Travel) -> Option<&End> {
        let make = || {
            let (roads, mode) = (self.roads, travel as usize);
            let joint = roads.joint(self.target, travel)?;
            let hierarchy = &roads.net.hierarchies[mode];
            let nodes = joint.arriving(roads.segment(joint.segment), mode);
            let label = Label::climb(&hierarchy.arriving, nodes.map(|(node, ms)| (hierarchy.rank(node), ms)));
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
