//! Segments by square of the grid of degrees, to find the nearest to a place without looking at all of them.

use super::Segment;
use super::joint::{DEGREE_M, Joint, Plane, SNAP_LIMIT_M};
use crate::domain::{Point, Travel};

/// Squares a degree: about 220 m from south to north, as far as the next street in a town.
const PER_DEGREE: f64 = 500.0;

/// Rings of squares around a place at most: toward the poles squares get narrow, and nobody lives there.
const RINGS_MAX: i32 = 64;

type Square = (i32, i32);

/// Sorted by square, then segment. A segment stands in every square that it crosses.
pub(super) struct Grid(Vec<(Square, u32)>);

impl Grid {
    pub(super) fn of(nodes: &[Point], segments: &[Segment]) -> Self {
        let mut crossed = Vec::new();
        for (number, it) in (0..).zip(segments) {
            let [a, b] = [it.a, it.b].map(|node| nodes[node as usize]);
            squares(a, b, &mut |square| crossed.push((square, number)));
        }
        crossed.sort_unstable();
        crossed.dedup();
        Self(crossed)
    }

    /// The nearest that `travel` may use within the limit; of those equally near the first.
    pub(super) fn nearest(
        &self,
        place: Point,
        travel: Travel,
        segment: impl Fn(u32) -> Segment,
        ends: impl Fn(&Segment) -> (Point, Point),
    ) -> Option<Joint> {
        let plane = Plane::around(place);
        let (row, column) = square(place.lat(), place.lon());
        // What is not in the rings so far is farther away than this for each of them.
        let ring_mm = DEGREE_M.min(plane.lon_degree_m()) / PER_DEGREE * 1_000.0;
        let mut best: Option<(u64, u32, u64)> = None;
        for ring in 0..=RINGS_MAX {
            let passed_mm = (f64::from((ring - 1).max(0)) * ring_mm) as u64;
            if passed_mm > best.map_or(SNAP_LIMIT_M * 1_000, |(far_mm, ..)| far_mm) {
                break;
            }
            for square in around(row, column, ring) {
                for number in self.crossing(square) {
                    let it = segment(number);
                    if !it.joinable || !it.is_for(travel) {
                        continue;
                    }
                    let (a, b) = ends(&it);
                    let (far_mm, along_ppm) = plane.nearest_on(a, b);
                    let found = (far_mm, number, along_ppm);
                    if far_mm <= SNAP_LIMIT_M * 1_000 && best.is_none_or(|best| found < best) {
                        best = Some(found);
                    }
                }
            }
        }
        best.map(|(far_mm, number, along_ppm)| Joint::new(number, far_mm, along_ppm))
    }

    fn crossing(&self, square: Square) -> impl Iterator<Item = u32> {
        let from = self.0.partition_point(|it| it.0 < square);
        self.0[from..].iter().take_while(move |it| it.0 == square).map(|it| it.1)
    }
}

fn square(lat: f64, lon: f64) -> Square {
    ((lat * PER_DEGREE).floor() as i32, (lon * PER_DEGREE).floor() as i32)
}

/// The squares whose row or column differs by `ring`, and neither by more.
fn around(row: i32, column: i32, ring: i32) -> impl Iterator<Item = Square> {
    (-ring..=ring).flat_map(move |north| {
        let step = if north.abs() == ring { 1 } else { 2 * ring };
        (-ring..=ring).step_by(step.max(1) as usize).map(move |east| (row + north, column + east))
    })
}

/// Row by row, the squares between where the line enters the row and where it leaves it.
fn squares(a: Point, b: Point, visit: &mut impl FnMut(Square)) {
    let (south, north) = if a.lat() <= b.lat() { (a, b) } else { (b, a) };
    let (first, last) = (square(south.lat(), south.lon()).0, square(north.lat(), north.lon()).0);
    let lon_at = |lat: f64| {
        let share = (lat - south.lat()) / (north.lat() - south.lat());
        south.lon() + share.clamp(0.0, 1.0) * (north.lon() - south.lon())
    };
    for row in first..=last {
        let enters = if row == first { south.lon() } else { lon_at(f64::from(row) / PER_DEGREE) };
        let leaves = if row == last { north.lon() } else { lon_at(f64::from(row + 1) / PER_DEGREE) };
        let (west, east) = (enters.min(leaves), enters.max(leaves));
        for column in square(0.0, west).1..=square(0.0, east).1 {
            visit((row, column));
        }
    }
}
