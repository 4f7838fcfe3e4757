//! Rows of the registry on the wire: the fields of a world file, and nothing else. What comes in is judged by the reader
//! of world files; these shapes describe it, and say what goes out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::facts::Row;
use crate::domain::premises::{Device, Premises};
use crate::domain::subject::{Contact, Subject};
use crate::domain::{Class, Responder, Tier, Travel};

#[derive(Debug, Serialize, ToSchema)]
pub struct PremisesRow {
    id: String,
    district: String,
    /// 12-digit statistical code.
    village: Option<String>,
    /// `urban` or `rural`.
    class: Class,
    address: String,
    lat: f64,
    lon: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectRow {
    id: String,
    premises: String,
    name: String,
    /// E.164.
    phones: Vec<String>,
    birth: Option<String>,
    languages: Vec<String>,
    risks: Vec<String>,
    conditions: Vec<String>,
    access: Option<String>,
    elder_code: Option<String>,
    contact: Vec<ContactRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContactRow {
    name: String,
    phone: String,
    relation: String,
    keyholder: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceRow {
    id: String,
    subject: String,
    protocol: String,
    identity: String,
    supervision_s: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ResponderRow {
    id: String,
    district: String,
    name: String,
    phone: String,
    /// `keyholder`, `volunteer` or `staff`.
    tier: Tier,
    skills: Vec<String>,
    /// `foot`, `ebike` or `car`.
    travel: Travel,
    base_lat: f64,
    base_lon: f64,
}

/// A row of one of the tables.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum RowValue {
    Premises(PremisesRow),
    Subject(SubjectRow),
    Device(DeviceRow),
    Responder(ResponderRow),
}

impl RowValue {
    /// `None` for a district, which is not changed by hand.
    pub fn of(row: &Row) -> Option<Self> {
        match row {
            Row::District(_) => None,
            Row::Premises(it) => Some(Self::Premises(it.into())),
            Row::Subject(it) => Some(Self::Subject(it.into())),
            Row::Device(it) => Some(Self::Device(it.into())),
            Row::Responder(it) => Some(Self::Responder(it.into())),
        }
    }
}

impl From<&Premises> for PremisesRow {
    fn from(it: &Premises) -> Self {
        Self {
            id: it.id.to_string(),
            district: it.district.to_string(),
            village: it.village.clone(),
            class: it.class,
            address: it.address.clone(),
            lat: it.point.lat(),
            lon: it.point.lon(),
        }
    }
}

impl From<&Subject> for SubjectRow {
    fn from(it: &Subject) -> Self {
        Self {
            id: it.id.to_string(),
            premises: it.premises.to_string(),
            name: it.name.clone(),
            phones: it.phones.clone(),
            birth: it.birth.clone(),
            languages: it.languages.clone(),
            risks: it.risks.clone(),
            conditions: it.conditions.clone(),
            access: it.access.clone(),
            elder_code: it.elder_code.clone(),
            contact: it.contacts.iter().map(ContactRow::from).collect(),
        }
    }
}

impl From<&Contact> for ContactRow {
    fn from(it: &Contact) -> Self {
        let (name, phone, relation) = (it.name.clone(), it.phone.clone(), it.relation.clone());
        Self { name, phone, relation, keyholder: it.keyholder }
    }
}

impl From<&Device> for DeviceRow {
    fn from(it: &Device) -> Self {
        Self {
            id: it.id.to_string(),
            subject: it.subject.to_string(),
            protocol: it.name.protocol.clone(),
            identity: it.name.identity.clone(),
            supervision_s: it.supervision_s,
        }
    }
}

impl From<&Responder> for ResponderRow {
    fn from(it: &Responder) -> Self {
        Self {
            id: it.id.to_string(),
            district: it.district.to_string(),
            name: it.name.clone(),
            phone: it.phone.clone(),
            tier: it.tier,
            skills: it.skills.clone(),
            travel: it.travel,
            base_lat: it.base.lat(),
            base_lon: it.base.lon(),
        }
    }
}
