//! One signal in JSON. Where the JSON parses and names device, id and kind, an alarm is taken: what else cannot be read
//! is left off or marked. Of equipment alone everything must be right, so that whoever installs it hears what is wrong.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::premises::DeviceName;
use crate::domain::signal::SignalClass;
use crate::domain::{Datum, Point, SignalKind};
use crate::pipeline::{GivenTime, RawMessage, RawPlace, RawSignal, Reach, Refusal, Sameness};

const KNOWN: [&str; 6] = ["device", "id", "kind", "occurred_at", "location", "battery_pct"];
const KNOWN_OF_LOCATION: [&str; 4] = ["lat", "lon", "datum", "accuracy_m"];

/// Whose request it is.
#[derive(Debug, Clone)]
pub struct HttpSender {
    /// The name of the listener.
    pub listener: String,
    pub reach: Reach,
}

/// The fields of the body, each still as text: one that cannot be read must not take the others with it.
type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// A body becomes a message, or says with status and code why not.
pub fn decode(body: &[u8], sender: &HttpSender) -> Result<RawMessage, Refusal> {
    let whole: &RawValue = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    let fields: Fields<'_> = serde_json::from_str(whole.get())
        .map_err(|_| Refusal::wrong("not_an_object", "the body is no JSON object, expected one signal as an object"))?;
    let device = device(&fields)?;
    let kind = kind(&fields)?;
    let lenient = matches!(kind.class(), SignalClass::Alarm | SignalClass::TakesBack);
    let id = id(&fields, lenient)?;
    if !lenient {
        check_names(fields.keys(), &KNOWN)?;
    }
    let signal = RawSignal { id, kind, occurred_at: occurred_at(&fields) };
    Ok(RawMessage {
        device,
        signals: vec![signal],
        place: place(&fields, lenient)?,
        battery_pct: battery_pct(&fields, lenient)?,
        sameness: Sameness::Named,
        listener: sender.listener.clone(),
        reach: sender.reach.clone(),
        refusable: true,
    })
}

fn malformed(error: &serde_json::Error) -> Refusal {
    let detail = format!("the body is no JSON: line {} column {}", error.line(), error.column());
    Refusal { status: 400, code: "malformed_json", detail }
}

/// `None` where there is no such field, or it is null; `Some(Err)` where it is there and cannot be read.
fn field(fields: &Fields<'_>, name: &str) -> Option<Result<Value, ()>> {
    match serde_json::from_str(fields.get(name)?.get()) {
        Ok(Value::Null) => None,
        Ok(value) => Some(Ok(value)),
        Err(_) => Some(Err(())),
    }
}

fn device(fields: &Fields<'_>) -> Result<DeviceName, Refusal> {
    match field(fields, "device") {
        None => Err(Refusal::wrong("no_device", "device is missing, expected PROTOCOL:IDENTITY")),
        Some(Ok(Value::String(text))) => text
            .parse()
            .map_err(|_| Refusal::wrong("bad_device", "device is not PROTOCOL:IDENTITY, such as http:ring-17")),
        Some(_) => Err(Refusal::wrong("bad_device", "device is no text, expected PROTOCOL:IDENTITY")),
    }
}

fn kind(fields: &Fields<'_>) -> Result<SignalKind, Refusal> {
    match field(fields, "kind") {
        None => Err(Refusal::wrong("no_kind", "kind is missing, expected one such as sos")),
        Some(Ok(Value::String(text))) => {
            text.parse().map_err(|error: crate::domain::id::BadId| Refusal::wrong("unknown_kind", error.to_string()))
        }
        Some(_) => Err(Refusal::wrong("unknown_kind", "kind is no text, expected one such as sos")),
    }
}

/// A counter sent as a number is an id too.
fn id(fields: &Fields<'_>, required: bool) -> Result<Option<String>, Refusal> {
    match field(fields, "id") {
        Some(Ok(Value::String(text))) if !text.is_empty() => Ok(Some(text)),
        Some(Ok(Value::Number(number))) => Ok(Some(number.to_string())),
        None if !required => Ok(None),
        None => Err(Refusal::wrong("no_id", "id is missing, expected the sender's own id of this signal")),
        Some(_) => Err(Refusal::wrong("bad_id", "id is no text or empty, expected the sender's own id of this signal")),
    }
}

fn check_names<'a>(found: impl Iterator<Item = &'a String>, known: &[&str]) -> Result<(), Refusal> {
    let unknown: Vec<String> =
        found.filter(|name| !known.contains(&name.as_str())).map(|name| name.chars().take(40).collect()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let detail = format!("no field is called `{}`, expected {}", unknown.join("`, `"), known.join(", "));
    Err(Refusal::wrong("unknown_field", detail))
}

fn occurred_at(fields: &Fields<'_>) -> GivenTime {
    match field(fields, "occurred_at") {
        None => GivenTime::None,
        Some(Ok(Value::String(text))) => text.parse().map_or(GivenTime::Unreadable, GivenTime::At),
        Some(_) => GivenTime::Unreadable,
    }
}

fn place(fields: &Fields<'_>, lenient: bool) -> Result<RawPlace, Refusal> {
    let Some(text) = fields.get("location") else { return Ok(RawPlace::None) };
    if field(fields, "location").is_none() {
        return Ok(RawPlace::None);
    }
    let Ok(location) = serde_json::from_str::<Fields<'_>>(text.get()) else { return Ok(RawPlace::Refused) };
    if !lenient {
        check_names(location.keys(), &KNOWN_OF_LOCATION)?;
    }
    let accuracy_m = accuracy_m(&location, lenient)?;
    let degrees = |name| field(&location, name).and_then(Result::ok).and_then(|it| it.as_f64());
    let point = degrees("lat").zip(degrees("lon")).and_then(|(lat, lon)| Point::from_degrees(lat, lon).ok());
    Ok(match (point, datum(&location)) {
        (Some(point), Some(datum)) => RawPlace::At { point, datum, accuracy_m },
        _ => RawPlace::Refused,
    })
}

fn datum(location: &Fields<'_>) -> Option<Datum> {
    match field(location, "datum") {
        None => Some(Datum::Wgs84),
        Some(Ok(value)) => serde_json::from_value(value).ok(),
        Some(Err(())) => None,
    }
}

fn accuracy_m(location: &Fields<'_>, lenient: bool) -> Result<Option<u32>, Refusal> {
    let read = |value: &Value| value.as_f64().filter(|it| *it >= 0.0).map(|it| it.ceil() as u32);
    let wrong = || Refusal::wrong("bad_accuracy", "accuracy_m is not a number of metres from 0");
    optional(field(location, "accuracy_m"), read, lenient, wrong)
}

fn battery_pct(fields: &Fields<'_>, lenient: bool) -> Result<Option<u8>, Refusal> {
    let read = |value: &Value| value.as_f64().filter(|it| (0.0..=100.0).contains(it)).map(|it| it.round() as u8);
    let wrong = || Refusal::wrong("bad_battery", "battery_pct is not a number from 0 to 100");
    optional(field(fields, "battery_pct"), read, lenient, wrong)
}

/// What cannot be read is left off, or refused where the sender should hear it.
fn optional<T>(
    found: Option<Result<Value, ()>>,
    read: impl FnOnce(&Value) -> Option<T>,
    lenient: bool,
    wrong: impl FnOnce() -> Refusal,
) -> Result<Option<T>, Refusal> {
    let Some(found) = found else { return Ok(None) };
    match found.ok().as_ref().and_then(read) {
        None if !lenient => Err(wrong()),
        read => Ok(read),
    }
}

#[cfg(test)]
mod tests;
