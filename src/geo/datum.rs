//! GCJ-02, the shifted datum of maps and telephones in mainland China, to WGS-84 and back.
//! Inside, positions are WGS-84 only; this is for the edges. The formula is the published one of the common libraries.

use std::f64::consts::PI;

use geo::{Intersects, Rect, coord};

use crate::domain::Point;

/// The ellipsoid of Krasovsky 1940: half axis in metres, and eccentricity squared.
const AXIS_M: f64 = 6_378_245.0;
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;

/// The shift changes by under 2 % of the way moved, so each step leaves a fiftieth of the error: 500 m are under 1 cm
/// after three; the rest is room.
const INVERSE_STEPS: usize = 8;

/// Shifted by the law's offset: what a map of China expects. Outside China's bounding box the point itself.
pub fn wgs84_to_gcj02(point: Point) -> Point {
    if !is_shifted(point) {
        return point;
    }
    let (lat, lon) = shifted(point.lat(), point.lon());
    point_near(lat, lon)
}

/// The shift taken back, to about a centimetre. Outside China's bounding box the point itself.
pub fn gcj02_to_wgs84(point: Point) -> Point {
    if !is_shifted(point) {
        return point;
    }
    let (mut lat, mut lon) = (point.lat(), point.lon());
    for _ in 0..INVERSE_STEPS {
        let (there_lat, there_lon) = shifted(lat, lon);
        lat += point.lat() - there_lat;
        lon += point.lon() - there_lon;
    }
    point_near(lat, lon)
}

/// The bounding box that the formula is used in: wider than China, as every implementation has it.
fn is_shifted(point: Point) -> bool {
    let china = Rect::new(coord! { x: 72.004, y: 0.8293 }, coord! { x: 137.8347, y: 55.8271 });
    china.intersects(&coord! { x: point.lon(), y: point.lat() })
}

fn point_near(lat: f64, lon: f64) -> Point {
    Point::from_degrees(lat, lon).expect("the box is far from the poles and the date line, the shift under a kilometre")
}

/// Degrees, WGS-84 to GCJ-02.
fn shifted(lat: f64, lon: f64) -> (f64, f64) {
    let (east_m, north_m) = offset_m(lon - 105.0, lat - 35.0);
    let lat_radians = lat.to_radians();
    let flat = 1.0 - ECCENTRICITY_2 * lat_radians.sin().powi(2);
    let meridian_m = AXIS_M * (1.0 - ECCENTRICITY_2) / (flat * flat.sqrt());
    let parallel_m = AXIS_M / flat.sqrt() * lat_radians.cos();
    (lat + (north_m / meridian_m).to_degrees(), lon + (east_m / parallel_m).to_degrees())
}

/// Metres east and north; `x` and `y` are degrees from 105° east, 35° north.
fn offset_m(x: f64, y: f64) -> (f64, f64) {
    let wave = |amplitude: f64, phase: f64| amplitude * (phase * PI).sin() * 2.0 / 3.0;
    let fine = wave(20.0, 6.0 * x) + wave(20.0, 2.0 * x);
    let root = x.abs().sqrt();
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + fine
        + wave(20.0, x)
        + wave(40.0, x / 3.0)
        + wave(150.0, x / 12.0)
        + wave(300.0, x / 30.0);
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + fine
        + wave(20.0, y)
        + wave(40.0, y / 3.0)
        + wave(160.0, y / 12.0)
        + wave(320.0, y / 30.0);
    (east_m, north_m)
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Haversine};
    use proptest::prelude::*;

    use super::*;

    /// The published vectors of eviltransform (googollee, 2015): Shanghai, Shenzhen, Beijing.
    #[test]
    fn cities_are_where_other_libraries_put_them() {
        for (from, to) in [
            (at(31.1774276, 121.5272106), at(31.175_303_98, 121.531_541_86)),
            (at(22.543847, 113.912316), at(22.540_796_13, 113.917_176_48)),
            (at(39.911954, 116.377817), at(39.913_345_46, 116.384_047_22)),
        ] {
            assert!(apart_m(wgs84_to_gcj02(from), to) < 0.02);
        }
    }

    /// The shift is not one number for a county: 12 m apart within 10 km.
    #[test]
    fn haining_is_shifted_east_and_south() {
        for (here, east_m, south_m) in [(at(30.53, 120.69), 406.0, 273.0), (at(30.502, 120.598), 393.0, 288.0)] {
            let there = wgs84_to_gcj02(here);
            assert!(there.lon() > here.lon() && there.lat() < here.lat());
            assert_eq!(apart_m(here, at(here.lat(), there.lon())).round(), east_m);
            assert_eq!(apart_m(here, at(there.lat(), here.lon())).round(), south_m);
        }
    }

    #[test]
    fn outside_china_both_are_the_point_itself() {
        for point in [at(40.71, -74.0), at(0.5, 105.0), at(35.0, 72.0), at(35.0, 139.7), at(56.0, 100.0)] {
            assert_eq!(wgs84_to_gcj02(point), point);
            assert_eq!(gcj02_to_wgs84(point), point);
        }
    }

    proptest! {
        /// A box's edge cuts: within the shift's own length of it, a point may leave the box on its way.
        #[test]
        fn there_and_back_is_the_same_place(lat in 0.85_f64..55.80, lon in 72.03_f64..137.81) {
            let here = at(lat, lon);
            let back = gcj02_to_wgs84(wgs84_to_gcj02(here));
            prop_assert!(apart_m(here, back) < 0.1, "{} m off", apart_m(here, back));
            let again = wgs84_to_gcj02(gcj02_to_wgs84(here));
            prop_assert!(apart_m(here, again) < 0.1, "{} m off", apart_m(here, again));
        }

        #[test]
        fn the_rest_of_the_world_is_left_alone(lat in -90.0_f64..90.0, lon in -180.0_f64..72.0) {
            prop_assert_eq!(wgs84_to_gcj02(at(lat, lon)), at(lat, lon));
            prop_assert_eq!(gcj02_to_wgs84(at(lat, lon)), at(lat, lon));
        }
    }

    fn at(lat: f64, lon: f64) -> Point {
        Point::from_degrees(lat, lon).unwrap()
    }

    fn apart_m(a: Point, b: Point) -> f64 {
        Haversine.distance(geo::Point::new(a.lon(), a.lat()), geo::Point::new(b.lon(), b.lat()))
    }
}
