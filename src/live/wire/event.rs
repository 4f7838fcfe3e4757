//! One event as a console sees it. References to private values are recognised by their shape, wherever an event has
//! them, so that an event that will be added tomorrow cannot let one out.

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema::SchemaType};
use utoipa::{PartialSchema, ToSchema};

use super::place::PlaceShown;
use super::{Eye, Object, put, value_of};
use crate::dispatch::event::{DeviceRef, Place, Stamped};
use crate::domain::{PremisesId, PrivateRef};

/// What the record keeps for itself.
const INTERNAL: [&str; 5] = ["v", "request", "fingerprint", "terms", "registry"];

/// What a signal's private value shows beside its event: its own id, the exact place and the battery.
const OF_SIGNAL: [&str; 6] = ["device", "id", "lat", "lon", "accuracy_m", "battery_pct"];

/// Whom or what an event is about, each where it applies.
const OF_MANY: [&str; 6] = ["incident", "responder", "offer", "subject", "device", "call"];

/// `{"seq","at","type",…}`. Texts, numbers, identities and exact places stand there for those who may see them.
#[derive(Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct EventShown(Object);

impl EventShown {
    pub fn of(stamped: &Stamped, eye: &Eye<'_>) -> Self {
        let Value::Object(mut event) = value_of(stamped) else { unreachable!("an event is an object") };
        INTERNAL.iter().for_each(|key| drop(event.remove(*key)));
        show_device(&mut event, eye);
        show_place(&mut event, eye);
        let private: Vec<(String, PrivateRef)> =
            event.iter().filter_map(|(key, value)| Some((key.clone(), reference(value)?))).collect();
        for (key, reference) in private {
            event.remove(&key);
            match key.as_str() {
                "private" => show_signal(&mut event, &reference, eye),
                _ => put(&mut event, &key, eye.value(reference.id)),
            }
        }
        Self(event)
    }

    pub fn text(&self) -> String {
        serde_json::to_string(&self.0).expect("an object of texts and numbers is text")
    }
}

/// What all events have, and room for what each has of its own.
impl PartialSchema for EventShown {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let mut event = ObjectBuilder::new()
            .property("seq", ObjectBuilder::new().schema_type(Type::Integer))
            .property("at", text())
            .property("type", text())
            .required("seq")
            .required("at")
            .required("type");
        for key in OF_MANY {
            event = event.property(key, text());
        }
        let more = AdditionalProperties::RefOr(ObjectBuilder::new().schema_type(SchemaType::AnyValue).into());
        event.additional_properties(Some(more)).into()
    }
}

impl ToSchema for EventShown {
    fn name() -> std::borrow::Cow<'static, str> {
        "Event".into()
    }
}

fn reference(value: &Value) -> Option<PrivateRef> {
    let object = value.as_object().filter(|it| it.contains_key("commitment"))?;
    Some(PrivateRef {
        id: object.get("id")?.as_str()?.parse().ok()?,
        commitment: object.get("commitment")?.as_str()?.parse().ok()?,
    })
}

/// A reference to the device gives way to its name.
fn show_device(event: &mut Object, eye: &Eye<'_>) {
    let Some(source) = event.remove("source") else { return };
    let device = serde_json::from_value::<DeviceRef>(source).ok();
    put(event, "device", device.and_then(|device| eye.device_name(&device)));
}

fn show_place(event: &mut Object, eye: &Eye<'_>) {
    let Some(place) = event.get("place").cloned().and_then(|it| serde_json::from_value::<Place>(it).ok()) else {
        return;
    };
    let premises: Option<PremisesId> = event.get("premises").and_then(Value::as_str).and_then(|id| id.parse().ok());
    put(event, "place", PlaceShown::of(Some(&place), premises.as_ref(), eye));
}

fn show_signal(event: &mut Object, reference: &PrivateRef, eye: &Eye<'_>) {
    let kept = eye.object(reference.id);
    for key in OF_SIGNAL {
        if let Some(value) = kept.get(key) {
            event.insert(key.to_owned(), value.clone());
        }
    }
}
