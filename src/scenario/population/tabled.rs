//! A world out of tables of a city: homes and responders as comma-separated values. Where there is no table of homes,
//! every place of the traces is one.

use super::{HTTP, id};
use crate::dispatch::facts::Row;
use crate::document::Sink;
use crate::domain::premises::{Device, DeviceName, District, Premises};
use crate::domain::subject::Subject;
use crate::domain::{Class, DistrictCode, Point, Responder, Tier, Travel};
use crate::scenario::tables::Table;
use crate::scenario::trace::TraceRow;

const HOMES_MAX: usize = 1_000_000;
const RESPONDERS_MAX: usize = 20_000;

/// A world as tables tell it.
#[derive(Debug)]
pub(in crate::scenario) struct Tabled {
    pub district: DistrictCode,
    /// Of homes that do not say.
    pub class: Class,
    /// Of responders who do not say.
    pub tier: Tier,
    pub travel: Travel,
}

impl Tabled {
    /// `id,lat,lon` and, where it is there, `class`.
    pub fn homes(&self, file: &str, text: &str, sink: &mut Sink) -> Vec<(Point, Class)> {
        let Some(table) = Table::read(file, text, HOMES_MAX, sink) else { return Vec::new() };
        let (Some(lat), Some(lon)) = (table.needed("lat", sink), table.needed("lon", sink)) else { return Vec::new() };
        let class = table.column("class");
        let mut homes = Vec::new();
        for line in table.lines() {
            let lat = table.number(&line, lat, -90.0, 90.0, sink);
            let lon = table.number(&line, lon, -180.0, 180.0, sink);
            let read = |text: &str| Some(if text == "urban" { Class::Urban } else { rural(text)? });
            let class = match class {
                Some(column) => table.parsed(&line, column, "urban or rural", read, sink),
                None => Some(self.class),
            };
            let point = lat.zip(lon).and_then(|(lat, lon)| Point::from_degrees(lat, lon).ok());
            homes.extend(point.zip(class));
        }
        homes
    }

    /// `id,lat,lon` and, where they are there, `tier` and `travel`.
    pub fn responders(&self, file: &str, text: &str, sink: &mut Sink) -> Vec<Row> {
        let Some(table) = Table::read(file, text, RESPONDERS_MAX, sink) else { return Vec::new() };
        let needed = ["id", "lat", "lon"].map(|name| table.needed(name, sink));
        let [Some(name), Some(lat), Some(lon)] = needed else { return Vec::new() };
        let (tier, travel) = (table.column("tier"), table.column("travel"));
        let mut rows = Vec::new();
        for (number, line) in table.lines().enumerate() {
            let name = table.parsed(&line, name, "an id of 1 to 128 printable bytes", |it| it.parse().ok(), sink);
            let lat = table.number(&line, lat, -90.0, 90.0, sink);
            let lon = table.number(&line, lon, -180.0, 180.0, sink);
            let tier = match tier {
                Some(column) => table.parsed(&line, column, "keyholder, volunteer or staff", tier_of, sink),
                None => Some(self.tier),
            };
            let travel = match travel {
                Some(column) => table.parsed(&line, column, "foot, ebike or car", travel_of, sink),
                None => Some(self.travel),
            };
            let row = || {
                let base = Point::from_degrees(lat?, lon?).ok()?;
                let (name, phone) = (name?, format!("+86139000{:05}", number + 1));
                let (district, skills) = (self.district, vec!["first_aid".to_owned()]);
                let called = format!("Responder {}", number + 1);
                Some(Responder { id: name, district, name: called, phone, tier: tier?, skills, travel: travel?, base })
            };
            rows.extend(row().map(Row::Responder));
        }
        rows
    }

    /// The district, and a home with a unit at every place.
    pub fn rows(&self, homes: &[(Point, Class)]) -> Vec<Row> {
        let district = District { code: self.district, name: "invented".to_owned(), hotline: "967890".to_owned() };
        let mut rows = vec![Row::District(district)];
        for (number, (point, class)) in homes.iter().enumerate() {
            let number = number + 1;
            rows.push(Row::Premises(Premises {
                id: id(&format!("P-{number:06}")),
                district: self.district,
                village: None,
                class: *class,
                address: format!("Invented Lane {number}"),
                point: *point,
            }));
            rows.push(Row::Subject(Subject {
                name: format!("Invented {number}"),
                phones: vec![format!("+86573870{number:06}")],
                ..Subject::bare(id(&format!("S-{number:06}")), id(&format!("P-{number:06}")))
            }));
            rows.push(Row::Device(Device {
                id: id(&format!("D-{number:06}")),
                subject: id(&format!("S-{number:06}")),
                name: DeviceName { protocol: HTTP.to_owned(), identity: format!("unit-{number:06}") },
                supervision_s: None,
            }));
        }
        rows
    }
}

/// Every place of the traces once, as homes of `class`.
pub(in crate::scenario) fn places_of<'a>(
    traces: impl Iterator<Item = &'a TraceRow>,
    class: Class,
) -> Vec<(Point, Class)> {
    let places: std::collections::BTreeSet<Point> = traces.map(|it| it.point).collect();
    places.into_iter().map(|it| (it, class)).collect()
}

fn rural(text: &str) -> Option<Class> {
    (text == "rural").then_some(Class::Rural)
}

pub(in crate::scenario) fn tier_of(text: &str) -> Option<Tier> {
    [("keyholder", Tier::Keyholder), ("volunteer", Tier::Volunteer), ("staff", Tier::Staff)]
        .into_iter()
        .find_map(|(name, tier)| (name == text).then_some(tier))
}

pub(in crate::scenario) fn travel_of(text: &str) -> Option<Travel> {
    [("foot", Travel::Foot), ("ebike", Travel::Ebike), ("car", Travel::Car)]
        .into_iter()
        .find_map(|(name, travel)| (name == text).then_some(travel))
}
