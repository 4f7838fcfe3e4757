//! One responder as the board shows them.

use serde_json::{Value, json};

use super::{Eye, Object, put, value_of};
use crate::dispatch::state::{Assignment, Incident, State};
use crate::domain::{Fix, Responder};

/// `{"id","name","tier","duty","state","place","place_age_s","assignment"}`. `state` is that of the offer or assignment
/// they hold, else `free` or `off_duty`. `place_age_s` is null where the place is their base; name and place are null
/// for those who may not see private values.
pub fn responder_json(it: &Responder, state: &State, fix: Option<&Fix>, eye: &Eye<'_>) -> Value {
    let known = state.responder(&it.id);
    let duty = known.is_some_and(|it| it.duty);
    let held = known.and_then(|it| it.held).and_then(|(offer, _)| state.offer(offer));
    let seen = eye.sees_private();
    let point = fix.map_or(it.base, |fix| fix.point);
    let mut shown = Object::new();
    put(&mut shown, "id", Some(&it.id));
    shown.insert("name".to_owned(), if seen { value_of(&it.name) } else { Value::Null });
    put(&mut shown, "tier", Some(it.tier));
    put(&mut shown, "duty", Some(duty));
    put(&mut shown, "state", Some(state_of(duty, held)));
    let place = json!({"lat": point.lat(), "lon": point.lon()});
    shown.insert("place".to_owned(), if seen { place } else { Value::Null });
    shown.insert("place_age_s".to_owned(), value_of(fix.filter(|_| seen).map(|fix| eye.now.since_s(fix.at))));
    shown.insert("assignment".to_owned(), held.map_or(Value::Null, assignment));
    Value::Object(shown)
}

fn state_of(duty: bool, held: Option<(&Incident, &Assignment)>) -> Value {
    match held {
        Some((_, it)) => value_of(it.state),
        None if duty => Value::from("free"),
        None => Value::from("off_duty"),
    }
}

fn assignment((incident, it): (&Incident, &Assignment)) -> Value {
    json!({"incident": incident.id, "offer": it.offer, "state": it.state, "at": it.at, "eta_s": it.eta_s})
}
