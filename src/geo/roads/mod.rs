//! Travel time over a road network, in process: places are joined to the nearest road, and contraction hierarchies answer
//! in whole seconds. One network serves all modes; what may be used by which, and how fast, is in its segments.
//! Reads no file: `crate::roads` brings networks in. Knows nothing of traffic, turn restrictions or who is asked.

mod component;
mod draft;
mod grid;
mod hierarchy;
mod joint;
mod label;
mod nearest;
pub mod speeds;
mod stored;
#[cfg(test)]
mod tests;
mod toward;

use std::fmt::{self, Debug, Formatter};

use serde::{Deserialize, Serialize};

pub use draft::{Draft, Kept, Segment, Share, Times};
pub use joint::SNAP_LIMIT_M;
pub use nearest::{REFINED, nearest_by_road};
pub use stored::{BadRoads, FORMAT};
pub use toward::Toward;

use self::grid::Grid;
use self::hierarchy::Hierarchy;
use super::sphere::Place;
use super::travel::{MODES, WALK_MM_S, distance_m, travel_s};
use crate::domain::{Point, Travel, Way};

/// Millionths: where on a segment a place is joined to it.
const PPM: u64 = 1_000_000;

/// Beside `distance_m`: what rounding, the plane around a joint, and the arc over its chord can add to a straight line.
const SLACK_M: u64 = 3;
const SLACK_PCT: u64 = 1;

/// A network that is prepared to be asked. Read only; shared by all who decide.
pub struct Roads {
    net: Net,
    grid: Grid,
    /// In the order of `Travel`: the greatest speed in a straight line, millimetres a second.
    tops_mm_s: [u64; MODES],
}

/// What is stored.
#[derive(Serialize, Deserialize)]
struct Net {
    nodes: Vec<Point>,
    segments: Vec<Segment>,
    /// In the order of `Travel`.
    hierarchies: [Hierarchy; MODES],
}

/// How somebody comes from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Seconds from saying yes to the door, rounded up.
    pub eta_s: u64,
    /// Metres in a straight line.
    pub distance_m: u64,
    pub way: Way,
}

impl Leg {
    /// Over the network where there is one and it reaches both places; else in a straight line.
    pub fn between(roads: Option<&Roads>, from: Point, to: Point, travel: Travel) -> Self {
        let distance_m = distance_m(from, to);
        match roads.and_then(|it| it.toward(to).eta_s(from, travel)) {
            Some(eta_s) => Self { eta_s, distance_m, way: Way::Road },
            None => Self { eta_s: travel_s(distance_m, travel), distance_m, way: Way::Line },
        }
    }
}

impl Roads {
    /// Keeps of each mode the largest part in which everything reaches everything, and prepares it. Takes about half a
    /// second for ten thousand nodes.
    pub fn prepare(draft: Draft) -> (Self, Kept) {
        let (draft, kept) = draft.connected();
        let hierarchies = Travel::ALL.map(|travel| Hierarchy::of(draft.nodes.len(), draft.arcs(travel)));
        (Self::new(Net { nodes: draft.nodes, segments: draft.segments, hierarchies }), kept)
    }

    /// Ways to one place, by whatever and from wherever.
    pub fn toward(&self, target: Point) -> Toward<'_> {
        Toward::new(self, target)
    }

    pub fn nodes(&self) -> usize {
        self.net.nodes.len()
    }

    pub fn segments(&self) -> usize {
        self.net.segments.len()
    }

    /// Seconds than which nobody is faster over this network, `distance_m` away in a straight line.
    pub fn at_least_s(&self, distance_m: u64, travel: Travel) -> u64 {
        let straight_m = distance_m.saturating_sub(SLACK_M + distance_m.saturating_mul(SLACK_PCT) / 100);
        let set_off_s = travel_s(0, travel);
        set_off_s.saturating_add(straight_m.saturating_mul(1_000) / self.tops_mm_s[travel as usize])
    }

    fn new(net: Net) -> Self {
        let grid = Grid::of(&net.nodes, &net.segments);
        let tops_mm_s = Travel::ALL.map(|travel| net.top_mm_s(travel));
        Self { net, grid, tops_mm_s }
    }

    fn segment(&self, number: u32) -> &Segment {
        &self.net.segments[number as usize]
    }

    fn ends(&self, it: &Segment) -> (Point, Point) {
        (self.net.nodes[it.a as usize], self.net.nodes[it.b as usize])
    }
}

impl Net {
    /// Where there is no road one walks.
    fn top_mm_s(&self, travel: Travel) -> u64 {
        let of_segment = |it: &Segment| {
            let times = [it.there, it.back].into_iter().filter_map(|times| times[travel as usize]);
            let length_mm = length_mm(self.nodes[it.a as usize], self.nodes[it.b as usize]);
            times.map(|ms| (length_mm * 1_000).div_ceil(u64::from(ms.get()))).max()
        };
        self.segments.iter().filter_map(of_segment).max().unwrap_or(0).max(WALK_MM_S)
    }
}

/// A network has too many nodes to be printed, and two versions of the registry share one.
impl Debug for Roads {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "Roads({} nodes, {} segments)", self.nodes(), self.segments())
    }
}

/// Millimetres in a straight line, rounded.
pub fn length_mm(a: Point, b: Point) -> u64 {
    (Place::from(a).chord2_m2(&Place::from(b)).sqrt() * 1_000.0).round() as u64
}
