//! What the outside sees of a district, in the shapes of the contract. Pure projections: they read no clock and no
//! store. What the record keeps for itself (versions, fingerprints, references, commitments) never goes out.

mod event;
mod incident;
mod offer;
mod place;
mod responder;

pub use event::EventShown;
pub use incident::{IncidentShown, Timeline};
pub use offer::{OfferSeen, assignment_json, offer_json};
pub use responder::ResponderShown;

use serde_json::{Map, Value};

use crate::dispatch::Facts;
use crate::dispatch::event::DeviceRef;
use crate::domain::Timestamp;
use crate::domain::private::PrivateId;

/// An object of the wire.
pub type Object = Map<String, Value>;

/// Finds a private value, if it is still there.
pub type Lookup<'a> = dyn Fn(PrivateId) -> Option<String> + 'a;

/// Who looks, and what they may see.
#[derive(Clone, Copy)]
pub struct Eye<'a> {
    pub facts: &'a Facts,
    /// `None`: may not see private values.
    pub private: Option<&'a Lookup<'a>>,
    /// Ages are told at this time.
    pub now: Timestamp,
}

impl<'a> Eye<'a> {
    /// Sees names, numbers, texts and places.
    pub fn open(facts: &'a Facts, private: &'a Lookup<'a>, now: Timestamp) -> Self {
        Self { facts, private: Some(private), now }
    }

    /// Sees what happened, and not to whom or where.
    pub fn shut(facts: &'a Facts, now: Timestamp) -> Self {
        Self { facts, private: None, now }
    }

    pub fn sees_private(&self) -> bool {
        self.private.is_some()
    }

    fn value(&self, id: PrivateId) -> Option<String> {
        self.private?(id)
    }

    /// A private value that is itself an object; empty where it is gone or may not be seen.
    fn object(&self, id: PrivateId) -> Object {
        self.value(id).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// `PROTOCOL:IDENTITY`, as far as the registry knows it now.
    fn device_name(&self, device: &DeviceRef) -> Option<String> {
        match device {
            DeviceRef::Known(id) if self.sees_private() => self.facts.device(id).map(|it| it.name.to_string()),
            DeviceRef::Known(_) | DeviceRef::Unknown(_) => None,
        }
    }
}

/// What has a serde shape of text, numbers and objects always is a JSON value.
fn value_of(it: impl serde::Serialize) -> Value {
    serde_json::to_value(it).expect("the words of the house are text, numbers and objects")
}

/// Puts `value` under `key` unless there is none.
fn put(object: &mut Object, key: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value_of(value));
    }
}

#[cfg(test)]
mod tests;
