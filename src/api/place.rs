//! Places that people say: degrees on the wire, WGS-84 inside, and only a reference in what is recorded.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::problem::Problem;
use super::service::Api;
use crate::dispatch::command::GivenPlace;
use crate::domain::{Datum, Fix, Point, SubjectId};
use crate::engine::Handle;
use crate::geo;
use crate::registry::PrivateRow;

/// How exact a place is taken to be where nobody says: a house and its neighbours.
const ASSUMED_ACCURACY_M: u32 = 50;

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceGiven {
    pub lat: f64,
    pub lon: f64,
    /// `wgs84` or `gcj02`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub datum: Datum,
    pub accuracy_m: Option<u32>,
}

/// The place as a command takes it, and the row in which its degrees are kept.
pub fn take_place(
    api: &Api,
    handle: &Handle,
    subject: Option<SubjectId>,
    given: &PlaceGiven,
) -> Result<(GivenPlace, PrivateRow), Problem> {
    let point = Point::from_degrees(given.lat, given.lon).map_err(|it| Problem::invalid("place", it.to_string()))?;
    if point.is_null_island() {
        return Err(Problem::invalid("place", "0, 0 is what a receiver without a fix says, expected a place"));
    }
    let point = match given.datum {
        Datum::Wgs84 => point,
        Datum::Gcj02 => geo::gcj02_to_wgs84(point),
    };
    let accuracy_m = given.accuracy_m.unwrap_or(ASSUMED_ACCURACY_M);
    let value = json!({"lat": point.lat(), "lon": point.lon(), "accuracy_m": accuracy_m});
    let (private, row) = api.seal(subject, "place", value.to_string());
    Ok((GivenPlace { fix: Fix { point, accuracy_m, at: handle.now() }, private }, row))
}
