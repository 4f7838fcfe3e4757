//! Points as places in space, on a sphere: the straight line through it (the chord) orders distances as the arc over
//! it does, obeys the triangle inequality, and costs no trigonometry. Knows nothing of roads.

use geo::Haversine;

use crate::domain::Point;

/// A metre is lost by rounding two places at most, the rest by reckoning with singles at the size of a district.
pub(super) const ROUGH_M: f32 = 2.0;

/// Eight times the smallest step of a single: what reckoning with them loses where the way is long.
pub(super) const ROUGH_SHARE: f32 = 1.0 - 8.0 * f32::EPSILON;

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

    /// Square metres: the chord's length squared, enough to compare by.
    #[inline]
    pub(super) fn chord2_m2(&self, other: &Self) -> f64 {
        let (x_m, y_m, z_m) = (self.x_m - other.x_m, self.y_m - other.y_m, self.z_m - other.z_m);
        x_m * x_m + y_m * y_m + z_m * z_m
    }
}

/// A place in singles, up to half a metre off: for leaving places out, at half the memory and twice as many at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rough {
    pub(super) x_m: f32,
    pub(super) y_m: f32,
    pub(super) z_m: f32,
}

impl Rough {
    /// Square metres along the chord.
    #[inline]
    pub(super) fn chord2_m2(&self, other: &Self) -> f32 {
        let (x_m, y_m, z_m) = (self.x_m - other.x_m, self.y_m - other.y_m, self.z_m - other.z_m);
        x_m * x_m + y_m * y_m + z_m * z_m
    }
}

impl From<Place> for Rough {
    fn from(place: Place) -> Self {
        Self { x_m: place.x_m as f32, y_m: place.y_m as f32, z_m: place.z_m as f32 }
    }
}

impl From<Point> for Place {
    fn from(point: Point) -> Self {
        Self::of_radians(point.lat().to_radians(), point.lon().to_radians())
    }
}

/// Metres along the great circle over a chord, rounded up.
#[inline]
pub(super) fn arc_m(chord2_m2: f64) -> u64 {
    let diameter_m = 2.0 * Haversine.radius();
    // Rounding may put the far side of the earth a hair beyond its diameter.
    let sine = (chord2_m2.sqrt() / diameter_m).min(1.0);
    (diameter_m * sine.asin()).ceil() as u64
}

/// The chord's length squared under an arc of so many metres, at most half way round the earth.
pub(super) fn chord2_of_m2(arc_m: u64) -> f64 {
    let diameter_m = 2.0 * Haversine.radius();
    let chord_m = diameter_m * (arc_m as f64 / diameter_m).min(std::f64::consts::FRAC_PI_2).sin();
    chord_m * chord_m
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
        fn a_rough_chord_is_hardly_longer_than_an_exact_one(a in anywhere(), far in anywhere(), by in -1e-4..1e-4_f64) {
            let near = (a.0.clamp(-89.0, 89.0) + by, a.1.clamp(-179.0, 179.0) - by);
            for b in [near, far] {
                let (a, b) = (place(a), place(b));
                let rough_m = f64::from(Rough::from(a).chord2_m2(&b.into()).sqrt() * ROUGH_SHARE - ROUGH_M);
                let exact_m = a.chord2_m2(&b).sqrt();
                prop_assert!(rough_m <= exact_m, "{rough_m} of {exact_m}");
            }
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
