//! Eight balls side by side, each around the middle of an H3 cell: what a cell's children look like from outside.
//! One lane after the other, so that all eight are measured at once; inlined, as the search is compiled where it is
//! called. Knows nothing of what is in a ball but how far it reaches and by what it travels.
//!
//! Each ball remembers how far from its middle something in it has ever been; with the triangle inequality that is a
//! bound that needs no geometry of hexagons: pentagons, poles, the date line and whoever stands beyond a cell's edge
//! are all covered by how it is kept.

use h3o::{CellIndex as Cell, LatLng};

use super::seat::Seat;
use super::sphere::{Place, ROUGH_SHARE, Rough};
use super::travel::{MODES, ROUGH_WAYS};

/// Seven cells at most, a cell's children or its neighbourhood, and one lane that is never used: two registers full.
pub(super) const LANES: usize = 8;

#[derive(Clone)]
pub(super) struct Balls {
    x_m: [f32; LANES],
    y_m: [f32; LANES],
    z_m: [f32; LANES],
    /// By the way of travelling: nothing is, or ever was since the ball was empty, farther than this from the middle
    /// along the chord.
    reach_m: [[f32; LANES]; MODES],
}

impl Balls {
    /// Empty ones around the middles of these cells. A lane without a cell is infinitely far from everywhere.
    pub(super) fn around(cells: impl Iterator<Item = Cell>) -> Self {
        let nowhere = [f32::INFINITY; LANES];
        let empty = [f32::NEG_INFINITY; LANES];
        let mut balls = Self { x_m: nowhere, y_m: nowhere, z_m: nowhere, reach_m: [empty; MODES] };
        for (lane, cell) in cells.enumerate() {
            let at = LatLng::from(cell);
            let middle = Rough::from(Place::of_radians(at.lat_radians(), at.lng_radians()));
            (balls.x_m[lane], balls.y_m[lane], balls.z_m[lane]) = (middle.x_m, middle.y_m, middle.z_m);
        }
        balls
    }

    /// Seconds that everything in a ball takes to `to`, or more; infinite where nothing is.
    #[inline]
    pub(super) fn at_least_s(&self, lane: usize, to: &Rough) -> f32 {
        let chord_m = self.middle(lane).chord2_m2(to).sqrt();
        let by_mode = self.reach_m.iter().zip(&ROUGH_WAYS);
        by_mode.map(|(reach_m, way)| way.at_least_s(chord_m - reach_m[lane])).fold(f32::INFINITY, f32::min)
    }

    /// The same of all, where everything is in the ball whose middle is nearest to it: then it is also beyond the plane
    /// half way between its own middle and any other, such as the one that `to` is nearest to.
    #[inline]
    pub(super) fn parted_at_least_s(&self, to: &Rough) -> [f32; LANES] {
        let chord2_m2 = self.chord2_m2(to);
        let home = first_of_least(&chord2_m2);
        let apart2_m2 = self.chord2_m2(&self.middle(home));
        let beyond_m: [f32; LANES] = std::array::from_fn(|lane| {
            (chord2_m2[lane] * ROUGH_SHARE - chord2_m2[home]) / (2.0 * apart2_m2[lane].sqrt())
        });
        let chord_m = chord2_m2.map(f32::sqrt);
        let mut soonest_s = [f32::INFINITY; LANES];
        for (reach_m, way) in self.reach_m.iter().zip(&ROUGH_WAYS) {
            for lane in 0..LANES {
                let outside_m = chord_m[lane] - reach_m[lane];
                // The home lane is no plane's width from itself, which is no number and never greater.
                let at_least_m = if beyond_m[lane] > outside_m { beyond_m[lane] } else { outside_m };
                let it_s = way.at_least_s(at_least_m);
                soonest_s[lane] = if it_s < soonest_s[lane] { it_s } else { soonest_s[lane] };
            }
        }
        soonest_s
    }

    /// The lane whose middle is nearest, within a millionth: the same for the same place, whatever is in the balls.
    #[inline]
    pub(super) fn nearest(&self, to: &Rough) -> usize {
        first_of_least(&self.chord2_m2(to))
    }

    #[inline]
    pub(super) fn stretch_to(&mut self, lane: usize, seat: &Seat) {
        let at_m = self.middle(lane).chord2_m2(&seat.at).sqrt();
        let reach_m = &mut self.reach_m[seat.mode()][lane];
        if at_m > *reach_m {
            *reach_m = at_m;
        }
    }

    pub(super) fn empty(&mut self, lane: usize) {
        self.reach_m.iter_mut().for_each(|reach_m| reach_m[lane] = f32::NEG_INFINITY);
    }

    #[inline]
    fn middle(&self, lane: usize) -> Rough {
        Rough { x_m: self.x_m[lane], y_m: self.y_m[lane], z_m: self.z_m[lane] }
    }

    #[inline]
    fn chord2_m2(&self, from: &Rough) -> [f32; LANES] {
        std::array::from_fn(|lane| {
            let (x_m, y_m, z_m) = (self.x_m[lane] - from.x_m, self.y_m[lane] - from.y_m, self.z_m[lane] - from.z_m);
            x_m * x_m + y_m * y_m + z_m * z_m
        })
    }
}

/// The lane of the least, any of those that are equal but for their last three bits. These make way for the lane, so
/// that the processor has nothing to guess.
#[inline]
pub(super) fn first_of_least(lanes: &[f32; LANES]) -> usize {
    const LANE: u32 = LANES as u32 - 1;
    let lesser = |a: f32, b: f32| if a < b { a } else { b };
    // An infinite one with a lane in it would be no number.
    let keys: [f32; LANES] =
        std::array::from_fn(|lane| f32::from_bits((lesser(lanes[lane], f32::MAX).to_bits() & !LANE) | lane as u32));
    let halved: [f32; LANES / 2] = std::array::from_fn(|lane| lesser(keys[lane], keys[lane + LANES / 2]));
    let least = lesser(lesser(halved[0], halved[1]), lesser(halved[2], halved[3]));
    (least.to_bits() & LANE) as usize
}

#[cfg(test)]
impl Balls {
    pub(super) fn holds(&self, lane: usize, seat: &Seat) -> bool {
        self.middle(lane).chord2_m2(&seat.at).sqrt() <= self.reach_m[seat.mode()][lane]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_of_least_is_the_least_but_for_three_bits(
            lanes in proptest::array::uniform8(prop_oneof![4 => 0.0_f32..1e14, 1 => Just(f32::INFINITY)])
        ) {
            let (found, least) = (lanes[first_of_least(&lanes)], lanes.into_iter().fold(f32::INFINITY, f32::min));
            prop_assert!(found == least || found <= least * (1.0 + 8.0 * f32::EPSILON), "{found} of {lanes:?}");
        }
    }
}
