//! What a responder sees of an incident: an offer says where, how urgent and how frail; an assignment also who. How to
//! get in is asked for on its own, so that each reading is known.

use serde_json::{Value, json};

use super::place::{PlaceShown, address};
use super::{Eye, Object, put, value_of};
use crate::dispatch::state::{Assignment, Incident};
use crate::domain::subject::{Contact, Subject};
use crate::domain::{IncidentId, SubjectId};

/// An offer or assignment with its incident.
#[derive(Clone, Copy)]
pub struct OfferSeen<'a> {
    pub incident: &'a Incident,
    pub assignment: &'a Assignment,
    /// In a straight line, when the offer was made or now.
    pub distance_m: u64,
    /// What they would leave with their yes.
    pub leaves: Option<IncidentId>,
}

/// OFFER.
pub fn offer_json(it: OfferSeen<'_>, eye: &Eye<'_>) -> Value {
    let mut shown = head(it, eye);
    put(&mut shown, "expires_at", Some(it.assignment.expires_at));
    put(&mut shown, "leaves", it.leaves);
    let about = |id: &SubjectId| eye.facts.subject(id).map(|it| about(it));
    shown.insert("about".to_owned(), it.incident.subjects.iter().filter_map(about).collect());
    Value::Object(shown)
}

/// The assignment: the offer, how far it has come, and the persons with their keyholders.
pub fn assignment_json(it: OfferSeen<'_>, eye: &Eye<'_>) -> Value {
    let mut shown = head(it, eye);
    put(&mut shown, "state", Some(it.assignment.state));
    put(&mut shown, "at", Some(it.assignment.at));
    put(&mut shown, "arrival_at", it.assignment.arrival_at);
    let person = |id: &SubjectId| eye.facts.subject(id).map(|it| person(it));
    let subjects: Vec<Value> = it.incident.subjects.iter().filter_map(person).collect();
    shown.insert("subject".to_owned(), subjects.first().cloned().unwrap_or(Value::Null));
    shown.insert("subjects".to_owned(), Value::Array(subjects));
    Value::Object(shown)
}

fn head(it: OfferSeen<'_>, eye: &Eye<'_>) -> Object {
    let (incident, offer) = (it.incident, it.assignment);
    let mut shown = Object::new();
    put(&mut shown, "offer", Some(offer.offer));
    put(&mut shown, "incident", Some(incident.id));
    put(&mut shown, "kind", Some(incident.kind));
    put(&mut shown, "urgency", Some(incident.urgency));
    put(&mut shown, "eta_s", Some(offer.eta_s));
    put(&mut shown, "way", Some(offer.way));
    put(&mut shown, "distance_m", Some(it.distance_m));
    put(&mut shown, "travel", eye.facts.responder(&offer.responder).map(|it| it.travel));
    put(&mut shown, "door_due_at", Some(incident.door_due_at));
    put(&mut shown, "hotline", eye.facts.district(incident.id.district).map(|it| &it.hotline));
    shown.insert("place".to_owned(), place(incident, eye));
    shown
}

fn place(incident: &Incident, eye: &Eye<'_>) -> Value {
    let (place, premises) = (incident.place.as_ref(), incident.premises.as_ref());
    let mut shown = value_of(PlaceShown::of(place, premises, eye));
    if shown.is_null() {
        return shown;
    }
    shown["address"] = value_of(address(place, premises, eye));
    shown
}

/// What whoever is asked must know to decide, and nobody's name: the year of birth, and the risks.
fn about(it: &Subject) -> Value {
    let year = it.birth.as_deref().and_then(|birth| birth.split('-').next()?.parse::<u16>().ok());
    json!({"birth_year": year, "risks": it.risks})
}

/// What the one at the door must know, and nothing else the registry knows.
fn person(it: &Subject) -> Value {
    let keyholders: Vec<Value> = it.contacts.iter().filter(|it| it.keyholder).map(contact).collect();
    json!({"id": it.id, "name": it.name, "birth": it.birth, "languages": it.languages, "phones": it.phones,
        "risks": it.risks, "conditions": it.conditions, "keyholders": keyholders})
}

fn contact(it: &Contact) -> Value {
    json!({"name": it.name, "phone": it.phone, "relation": it.relation})
}
