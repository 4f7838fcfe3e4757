//! Where something is, in degrees: of the home from the registry, of anywhere else from the private value.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Eye, Object};
use crate::dispatch::event::Place;
use crate::domain::{PlaceSource, PremisesId};

/// Degrees are absent where they were erased or may not be seen. `age_s` is 0 at the premises: they do not move.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub struct PlaceShown {
    #[serde(flatten)]
    degrees: Degrees,
    source: PlaceSource,
    age_s: u64,
}

#[derive(Debug, Default, Serialize, ToSchema)]
struct Degrees {
    /// WGS-84.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = f64, required = false)]
    lat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = f64, required = false)]
    lon: Option<f64>,
    /// Of a fix that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = f64, required = false)]
    accuracy_m: Option<serde_json::Number>,
}

impl PlaceShown {
    pub fn of(place: Option<&Place>, premises: Option<&PremisesId>, eye: &Eye<'_>) -> Option<Self> {
        if place.is_none() && premises.is_none() {
            return None;
        }
        let exact = place.and_then(|it| it.private).and_then(|private| exact(&eye.object(private.id)));
        let degrees = exact.or_else(|| of_premises(premises?, eye)).unwrap_or_default();
        let source = place.map_or(PlaceSource::Premises, |it| it.source);
        let age_s = match (source, place) {
            (PlaceSource::Fix | PlaceSource::LastKnown | PlaceSource::Call, Some(it)) => eye.now.since_s(it.at),
            (PlaceSource::Premises, _) | (_, None) => 0,
        };
        Some(Self { degrees, source, age_s })
    }
}

/// The address of the premises, where the place is that.
pub fn address<'a>(place: Option<&Place>, premises: Option<&PremisesId>, eye: &Eye<'a>) -> Option<&'a str> {
    let at_home = place.is_none_or(|it| it.source == PlaceSource::Premises);
    let id = premises.filter(|_| at_home && eye.sees_private())?;
    Some(&eye.facts.premises(id)?.address)
}

/// The degrees of a private value, and how exact they are.
fn exact(kept: &Object) -> Option<Degrees> {
    let (lat, lon) = (kept.get("lat")?.as_f64()?, kept.get("lon")?.as_f64()?);
    let accuracy_m = kept.get("accuracy_m").and_then(|it| it.as_number().cloned());
    Some(Degrees { lat: Some(lat), lon: Some(lon), accuracy_m })
}

fn of_premises(id: &PremisesId, eye: &Eye<'_>) -> Option<Degrees> {
    let home = eye.facts.premises(id).filter(|_| eye.sees_private())?;
    Some(Degrees { lat: Some(home.point.lat()), lon: Some(home.point.lon()), accuracy_m: None })
}
