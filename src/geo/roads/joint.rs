//! Where a place is joined to the network: the nearest point of the nearest segment that its mode may use.

use std::num::NonZeroU32;

use super::{PPM, Segment};
use crate::domain::Point;
use crate::geo::travel::WALK_MM_S;

/// Metres from a place to a road at most; farther away the map has nothing to say about it. An assumption: yards, fields
/// and the error of a phone among houses stay within it.
pub const SNAP_LIMIT_M: u64 = 500;

/// Metres a degree of the mean great circle.
pub(super) const DEGREE_M: f64 = 111_195.08;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Joint {
    pub(super) segment: u32,
    /// From the segment's `a` on.
    pub(super) along_ppm: u64,
    /// Off the road one walks, whatever one came by.
    pub(super) off_road_ms: u64,
}

type Time = Option<NonZeroU32>;

/// The plane around a place, in metres; good to a thousandth at the size of the limit.
pub(super) struct Plane {
    origin: Point,
    lon_degree_m: f64,
}

impl Plane {
    pub(super) fn around(origin: Point) -> Self {
        Self { origin, lon_degree_m: DEGREE_M * origin.lat().to_radians().cos() }
    }

    pub(super) fn lon_degree_m(&self) -> f64 {
        self.lon_degree_m
    }

    fn place(&self, it: Point) -> (f64, f64) {
        ((it.lon() - self.origin.lon()) * self.lon_degree_m, (it.lat() - self.origin.lat()) * DEGREE_M)
    }

    /// Millimetres from the origin to the line between two points, and where on it its nearest point is.
    pub(super) fn nearest_on(&self, a: Point, b: Point) -> (u64, u64) {
        let ((ax, ay), (bx, by)) = (self.place(a), self.place(b));
        let (dx, dy) = (bx - ax, by - ay);
        let length2 = dx * dx + dy * dy;
        let share = if length2 > 0.0 { (-(ax * dx + ay * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        let (x, y) = (ax + share * dx, ay + share * dy);
        (((x * x + y * y).sqrt() * 1_000.0).ceil() as u64, (share * PPM as f64).round() as u64)
    }
}

impl Joint {
    pub(super) fn new(segment: u32, off_road_mm: u64, along_ppm: u64) -> Self {
        Self { segment, along_ppm, off_road_ms: (off_road_mm * 1_000).div_ceil(WALK_MM_S) }
    }

    /// The nodes one comes to from here, and after how many milliseconds.
    pub(super) fn leaving(&self, it: &Segment, mode: usize) -> impl Iterator<Item = (u32, u64)> {
        self.reached(it, it.there[mode], it.back[mode])
    }

    /// The nodes from which one comes here.
    pub(super) fn arriving(&self, it: &Segment, mode: usize) -> impl Iterator<Item = (u32, u64)> {
        self.reached(it, it.back[mode], it.there[mode])
    }

    /// The ends of the segment, where the way to `b` and that to `a` may be used. Who is joined at an end is there
    /// already, whatever the direction: the other roads of a junction are not behind a one-way street.
    fn reached(&self, it: &Segment, b: Time, a: Time) -> impl Iterator<Item = (u32, u64)> {
        let off_road_ms = self.off_road_ms;
        let at_a = (self.along_ppm == 0).then_some((it.a, off_road_ms));
        let at_b = (self.along_ppm == PPM).then_some((it.b, off_road_ms));
        let at_end = at_a.or(at_b);
        let to_b = b.map(|ms| (it.b, off_road_ms + part(ms, PPM - self.along_ppm)));
        let to_a = a.map(|ms| (it.a, off_road_ms + part(ms, self.along_ppm)));
        at_end.into_iter().chain(to_b).chain(to_a)
    }

    /// Along the segment that both are joined to, without coming to a node.
    pub(super) fn direct(&self, to: &Self, it: &Segment, mode: usize) -> Option<u64> {
        if self.segment != to.segment {
            return None;
        }
        let there = it.there[mode].filter(|_| self.along_ppm <= to.along_ppm);
        let back = it.back[mode].filter(|_| self.along_ppm >= to.along_ppm);
        let along = |ms: NonZeroU32| part(ms, self.along_ppm.abs_diff(to.along_ppm));
        let best = there.into_iter().chain(back).map(along).min()?;
        Some(best + self.off_road_ms + to.off_road_ms)
    }
}

fn part(ms: NonZeroU32, share_ppm: u64) -> u64 {
    (u64::from(ms.get()) * share_ppm).div_ceil(PPM)
}
