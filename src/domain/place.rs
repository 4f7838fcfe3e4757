//! Where something is. Degrees exist on the wire only; inside, a point is two whole numbers, so that two machines
//! that decide about it decide alike.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// WGS-84, in units of 1e-7 degree (about 1 cm). Bounds: |lat| ≤ 90°, |lon| ≤ 180°.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    lat_e7: i32,
    lon_e7: i32,
}

/// Why a pair of degrees is no place on earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BadPoint {
    #[error("lat is {found}, expected -90 to 90")]
    Latitude { found: f64 },
    #[error("lon is {found}, expected -180 to 180")]
    Longitude { found: f64 },
}

impl Point {
    /// From degrees, rounded to 1e-7. NaN and infinities are refused as out of bounds.
    pub fn from_degrees(lat: f64, lon: f64) -> Result<Self, BadPoint> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(BadPoint::Latitude { found: lat });
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(BadPoint::Longitude { found: lon });
        }
        Ok(Self { lat_e7: (lat * 1e7).round() as i32, lon_e7: (lon * 1e7).round() as i32 })
    }

    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }

    /// 0,0 is what a receiver without a fix says; nobody lives there.
    pub fn is_null_island(self) -> bool {
        self.lat_e7 == 0 && self.lon_e7 == 0
    }
}

/// In which datum degrees arrive; positions are kept as WGS-84 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    #[default]
    Wgs84,
    Gcj02,
}

/// A position somebody or something reported: where, how exact, and when it was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub point: Point,
    pub accuracy_m: u32,
    pub at: super::Timestamp,
}

/// Where the place of an incident comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSource {
    Premises,
    Fix,
    LastKnown,
    Call,
}

/// Which door-arrival target holds at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Urban,
    Rural,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_on_earth_are_points() {
        assert!(Point::from_degrees(90.0, -180.0).is_ok());
        assert_eq!(Point::from_degrees(91.0, 0.0).unwrap_err().to_string(), "lat is 91, expected -90 to 90");
        assert!(Point::from_degrees(f64::NAN, 0.0).is_err());
        assert!(Point::from_degrees(0.0, f64::INFINITY).is_err());
        assert!(Point::from_degrees(0.0, 0.0).unwrap().is_null_island());
    }
}
