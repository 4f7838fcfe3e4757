//! Where something is, in degrees: of the home from the registry, of anywhere else from the private value.

use serde_json::{Value, json};

use super::{Eye, Object, put};
use crate::dispatch::event::Place;
use crate::domain::{PlaceSource, PremisesId};

/// `{"lat","lon","source","age_s"}` and, where a fix has one, `accuracy_m`. Degrees are absent where they were erased
/// or may not be seen. `age_s` is 0 at the premises: they do not move.
pub fn place_json(place: Option<&Place>, premises: Option<&PremisesId>, eye: &Eye<'_>) -> Option<Value> {
    let mut shown = match place {
        Some(Place { private: Some(private), .. }) => exact(&eye.object(private.id)),
        _ => Object::new(),
    };
    if shown.is_empty() {
        shown = premises.map_or_else(Object::new, |id| of_premises(id, eye));
    }
    let source = place.map_or(PlaceSource::Premises, |it| it.source);
    if place.is_none() && premises.is_none() {
        return None;
    }
    let age_s = match (source, place) {
        (PlaceSource::Fix | PlaceSource::LastKnown | PlaceSource::Call, Some(it)) => eye.now.since_s(it.at),
        (PlaceSource::Premises, _) | (_, None) => 0,
    };
    put(&mut shown, "source", Some(source));
    shown.insert("age_s".to_owned(), json!(age_s));
    Some(Value::Object(shown))
}

/// The address of the premises, where the place is that.
pub fn address(place: Option<&Place>, premises: Option<&PremisesId>, eye: &Eye<'_>) -> Option<String> {
    let at_home = place.is_none_or(|it| it.source == PlaceSource::Premises);
    premises.filter(|_| at_home && eye.sees_private()).and_then(|id| Some(eye.facts.premises(id)?.address.clone()))
}

/// The degrees of a private value, and how exact they are.
fn exact(kept: &Object) -> Object {
    let known = |key: &&str| kept.get(*key).is_some_and(Value::is_number);
    if !known(&"lat") || !known(&"lon") {
        return Object::new();
    }
    let keys = ["lat", "lon", "accuracy_m"];
    keys.iter().filter(|key| known(key)).map(|key| ((*key).to_owned(), kept[*key].clone())).collect()
}

fn of_premises(id: &PremisesId, eye: &Eye<'_>) -> Object {
    let mut shown = Object::new();
    if let Some(home) = eye.facts.premises(id).filter(|_| eye.sees_private()) {
        put(&mut shown, "lat", Some(home.point.lat()));
        put(&mut shown, "lon", Some(home.point.lon()));
    }
    shown
}
