//! Points as places in space, on a sphere: the straight line through it (the chord) orders distances as the arc over
//! it does, obeys the triangle inequality, and costs no trigonometry. Knows nothing of roads.

use geo::Haversine;

use crate::domain::Point;

/// More than all rounding between a chord and its arc (below 1e-7 m on this sphere), less than the metre that answers
/// are rounded up to. Every bound gives this much away.
pub(super) const SLACK_M: f64 = 0.001;

/// Metres from the centre of the earth, a sphere of the mean radius of GRS 80.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    x_m: f64,
    y_m: f64,
    z_m: f64,
}

impl Place {
    pub(super) fn of_radians(lat: f64, lon: f64) -> Self {
        let radius_m = Haversine.radius();
        let (lat_sin, lat_cos) = lat.sin_cos();
        let (lon_sin, lon_cos) = lon.sin_cos();
        Self { x_m: radius_m * lat_cos * lon_cos, y_m: radius_m * lat_cos * lon_sin, z_m: radius_m * lat_sin }
    }

    /// Rounded to half a metre or so.
    pub(super) fn rounded(&self) -> [f32; 3] {
        [self.x_m, self.y_m, self.z_m].map(|metres| metres as f32)
    }

    pub(super) fn of_rounded([x_m, y_m, z_m]: [f32; 3]) -> Self {
        Self { x_m: x_m.into(), y_m: y_m.into(), z_m: z_m.into() }
    }

    /// Square metres: the chord's length squared, enough to compare by.
    pub(super) fn chord2_m2(&self, other: &Self) -> f64 {
        let (x_m, y_m, z_m) = (self.x_m - other.x_m, self.y_m - other.y_m, self.z_m - other.z_m);
        x_m * x_m + y_m * y_m + z_m * z_m
    }

    /// Metres along the chord; never more than along the ground.
    pub(super) fn chord_m(&self, other: &Self) -> f64 {
        self.chord2_m2(other).sqrt()
    }
}

impl From<Point> for Place {
    fn from(point: Point) -> Self {
        Self::of_radians(point.lat().to_radians(), point.lon().to_radians())
    }
}

/// Metres along the great circle over a chord, rounded up.
pub(super) fn arc_m(chord2_m2: f64) -> u64 {
    let diameter_m = 2.0 * Haversine.radius();
    // Rounding may put the far side of the earth a hair beyond its diameter.
    let sine = (chord2_m2.sqrt() / diameter_m).min(1.0);
    (diameter_m * sine.asin()).ceil() as u64
}

#[cfg(test)]
mod tests {
    use geo::Distance;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The oracle is the haversine formula of another hand.
        #[test]
        fn arcs_are_great_circles(a in anywhere(), b in anywhere()) {
            let expected_m = Haversine.distance(geo::Point::new(a.1, a.0), geo::Point::new(b.1, b.0));
            let found_m = arc_m(place(a).chord2_m2(&place(b))) as f64;
            // Beside the rounding up: both formulas lose digits toward the far side, to about a metre in 20,000 km.
            prop_assert!((-1.0..=2.0).contains(&(found_m - expected_m)), "found {found_m}, expected {expected_m}");
        }

        #[test]
        fn a_chord_is_shorter_than_its_arc(a in anywhere(), b in anywhere()) {
            let (a, b) = (place(a), place(b));
            prop_assert!(a.chord_m(&b) <= arc_m(a.chord2_m2(&b)) as f64 + SLACK_M);
        }
    }

    #[test]
    fn short_arcs_are_exact_to_the_metre() {
        let home = place((30.53, 120.69));
        assert_eq!(arc_m(home.chord2_m2(&home)), 0);
        assert_eq!(arc_m(home.chord2_m2(&place((30.53, 120.6900001)))), 1);
        let degree_m = arc_m(place((0.0, 179.5)).chord2_m2(&place((0.0, -179.5))));
        assert_eq!(degree_m, 111_196);
    }

    fn anywhere() -> impl Strategy<Value = (f64, f64)> {
        (-90.0..=90.0, -180.0..=180.0)
    }

    fn place((lat, lon): (f64, f64)) -> Place {
        Place::from(Point::from_degrees(lat, lon).unwrap())
    }
}
