//! The tables of a world file, one function each: from fields to a row of the domain.

use std::str::FromStr;

use toml::de::{DeTable, DeValue};

use super::keys;
use super::{Entry, Parent};
use crate::dispatch::facts::Row;
use crate::document::fields::{boolean, date, degrees, digits, id, list, phone, positive, protocol, text, texts, word};
use crate::document::{Fields, Key, Sink};
use crate::domain::premises::{Device, DeviceName, District, Premises};
use crate::domain::subject::{Contact, Subject};
use crate::domain::{Datum, Point, Responder};
use crate::registry::table::Table;

type ToWgs84<'a> = &'a dyn Fn(Point) -> Point;

/// A row as far as it could be read, and what it names.
type Read = (Option<Parent>, Option<Row>);

/// Reads one table. `None` where not even its id can be read.
pub(super) fn read(
    table: Table,
    fields: &DeTable<'_>,
    at: usize,
    sink: &mut Sink,
    to_wgs84: ToWgs84<'_>,
) -> Option<Entry> {
    let (header, key) = marks(table);
    let mut fields = Fields::new(header, fields, at, sink);
    let (id, line) = (id_of(table, key, &mut fields), fields.line(key));
    let (parent, row) = match table {
        Table::District => (None, district(&mut fields)),
        Table::Premises => premises(&mut fields, to_wgs84),
        Table::Subject => subject(&mut fields),
        Table::Device => device(&mut fields),
        Table::Responder => responder(&mut fields, to_wgs84),
    };
    let row = if fields.finish() { row } else { None };
    Some(Entry { table, id: id?, line, parent, row })
}

/// A row that was made and not read. It stands on no line.
pub(super) fn made(row: Row) -> Entry {
    let parent = |table, id: String| Some(Parent { table, id, line: 0 });
    let (table, id, parent) = match &row {
        Row::District(it) => (Table::District, it.code.to_string(), None),
        Row::Premises(it) => (Table::Premises, it.id.to_string(), parent(Table::District, it.district.to_string())),
        Row::Subject(it) => (Table::Subject, it.id.to_string(), parent(Table::Premises, it.premises.to_string())),
        Row::Device(it) => (Table::Device, it.id.to_string(), parent(Table::Subject, it.subject.to_string())),
        Row::Responder(it) => (Table::Responder, it.id.to_string(), parent(Table::District, it.district.to_string())),
    };
    Entry { table, id, line: 0, parent, row: Some(row) }
}

fn marks(table: Table) -> (&'static str, &'static Key) {
    match table {
        Table::District => ("[[district]]", &keys::CODE),
        Table::Premises => ("[[premises]]", &keys::PREMISES_ID),
        Table::Subject => ("[[subject]]", &keys::SUBJECT_ID),
        Table::Device => ("[[device]]", &keys::DEVICE_ID),
        Table::Responder => ("[[responder]]", &keys::RESPONDER_ID),
    }
}

fn id_of(table: Table, key: &Key, fields: &mut Fields<'_, '_, '_>) -> Option<String> {
    match table {
        Table::District => fields.need(key, |value| digits(value, 6, 6)),
        Table::Premises | Table::Subject | Table::Device | Table::Responder => fields.need(key, id),
    }
}

fn district(fields: &mut Fields<'_, '_, '_>) -> Option<Row> {
    let code = known(fields, &keys::CODE);
    let name = fields.need(&keys::NAME, text);
    let hotline = fields.need(&keys::HOTLINE, |value| digits(value, 3, 15));
    Some(Row::District(District { code: code?, name: name?, hotline: hotline? }))
}

fn premises(fields: &mut Fields<'_, '_, '_>, to_wgs84: ToWgs84<'_>) -> Read {
    let id = known(fields, &keys::PREMISES_ID);
    let parent = parent(fields, Table::District, &keys::DISTRICT);
    let village = fields.may(&keys::VILLAGE, |value| digits(value, 12, 12));
    let class = fields.need(&keys::CLASS, word);
    let address = fields.need(&keys::ADDRESS, text);
    let point = point(fields, &keys::LAT, &keys::LON, to_wgs84);
    let district = parent.as_ref().and_then(|it| it.id.parse().ok());
    let row = || {
        let (id, district, class) = (id?, district?, class?);
        Some(Row::Premises(Premises { id, district, village, class, address: address?, point: point? }))
    };
    (parent, row())
}

fn subject(fields: &mut Fields<'_, '_, '_>) -> Read {
    let id = known(fields, &keys::SUBJECT_ID);
    let parent = parent(fields, Table::Premises, &keys::PREMISES);
    let name = fields.need(&keys::NAME, text);
    let phones = fields.need(&keys::PHONES, |value| list(value, phone));
    let premises = parent.as_ref().and_then(|it| it.id.parse().ok());
    let birth = fields.may(&keys::BIRTH, date);
    let languages = fields.may(&keys::LANGUAGES, texts).unwrap_or_default();
    let risks = fields.may(&keys::RISKS, texts).unwrap_or_default();
    let conditions = fields.may(&keys::CONDITIONS, texts).unwrap_or_default();
    let access = fields.may(&keys::ACCESS, text);
    let elder_code = fields.may(&keys::ELDER_CODE, text);
    let contacts = contacts(fields);
    let row = || {
        let (id, premises, name, phones) = (id?, premises?, name?, phones?);
        let it =
            Subject { id, premises, name, phones, birth, languages, risks, conditions, access, elder_code, contacts };
        Some(Row::Subject(it))
    };
    (parent, row())
}

/// The naming of a row of `table`.
fn parent(fields: &mut Fields<'_, '_, '_>, table: Table, key: &Key) -> Option<Parent> {
    let id = fields.need(key, id)?;
    Some(Parent { table, id, line: fields.line(key) })
}

fn contacts(fields: &mut Fields<'_, '_, '_>) -> Vec<Contact> {
    let tables = fields.tables(&keys::CONTACT);
    let numbered = tables.into_iter().enumerate();
    numbered.filter_map(|(number, (table, at))| contact(number, table, at, fields.sink())).collect()
}

fn contact(number: usize, table: &DeTable<'_>, at: usize, sink: &mut Sink) -> Option<Contact> {
    let mut fields = Fields::new("[[subject.contact]]", table, at, sink).nth_of(&keys::CONTACT, number);
    let name = fields.need(&keys::NAME, text);
    let phone = fields.need(&keys::PHONE_OF, phone);
    let relation = fields.need(&keys::RELATION, text);
    let keyholder = fields.may(&keys::KEYHOLDER, boolean).unwrap_or(false);
    fields.finish();
    Some(Contact { name: name?, phone: phone?, relation: relation?, keyholder })
}

fn device(fields: &mut Fields<'_, '_, '_>) -> Read {
    let id = known(fields, &keys::DEVICE_ID);
    let parent = parent(fields, Table::Subject, &keys::SUBJECT);
    let protocol = fields.need(&keys::PROTOCOL, protocol);
    let identity = fields.need(&keys::IDENTITY, self::id);
    let supervision_s = fields.may(&keys::SUPERVISION_S, positive);
    let subject = parent.as_ref().and_then(|it| it.id.parse().ok());
    let row = || {
        let name = DeviceName { protocol: protocol?, identity: identity? };
        Some(Row::Device(Device { id: id?, subject: subject?, name, supervision_s }))
    };
    (parent, row())
}

fn responder(fields: &mut Fields<'_, '_, '_>, to_wgs84: ToWgs84<'_>) -> Read {
    let id = known(fields, &keys::RESPONDER_ID);
    let parent = parent(fields, Table::District, &keys::DISTRICT);
    let name = fields.need(&keys::NAME, text);
    let phone = fields.need(&keys::PHONE_OF, phone);
    let tier = fields.need(&keys::TIER, word);
    let skills = fields.may(&keys::SKILLS, texts).unwrap_or_default();
    let travel = fields.need(&keys::TRAVEL, word);
    let base = point(fields, &keys::BASE_LAT, &keys::BASE_LON, to_wgs84);
    let district = parent.as_ref().and_then(|it| it.id.parse().ok());
    let row = || {
        let (id, district, name, phone) = (id?, district?, name?, phone?);
        let it = Responder { id, district, name, phone, tier: tier?, skills, travel: travel?, base: base? };
        Some(Row::Responder(it))
    };
    (parent, row())
}

/// An id that `id_of` has judged already: a wrong one was told there.
fn known<T: FromStr>(fields: &mut Fields<'_, '_, '_>, key: &Key) -> Option<T> {
    let text = |value: &DeValue<'_>| Ok(value.as_str().and_then(|text| text.parse().ok()));
    fields.may(key, text).flatten()
}

fn point(fields: &mut Fields<'_, '_, '_>, lat_key: &Key, lon_key: &Key, to_wgs84: ToWgs84<'_>) -> Option<Point> {
    let lat = fields.need(lat_key, |value| degrees(value, 90.0));
    let lon = fields.need(lon_key, |value| degrees(value, 180.0));
    let datum = fields.may(&keys::DATUM, word::<Datum>).unwrap_or_default();
    let point = Point::from_degrees(lat?, lon?).ok()?;
    if point.is_null_island() {
        fields.refuse(lat_key, "0, 0, which is what a receiver without a fix says");
        return None;
    }
    match datum {
        Datum::Wgs84 => Some(point),
        Datum::Gcj02 => Some(to_wgs84(point)),
    }
}
