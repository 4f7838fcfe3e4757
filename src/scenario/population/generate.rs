//! A made-up county from a seed and sizes: towns around a middle, homes around the towns, a watch or a bracelet for
//! everybody, a sensor in every third home; staff in the towns, volunteers and keyholders among the homes. The same
//! sizes and seed give the same county. ALL PEOPLE, TELEPHONES, ADDRESSES AND POSITIONS ARE INVENTED.

use super::{HTTP, WATCH, id};
use crate::chance::Chance;
use crate::dispatch::facts::Row;
use crate::document::Fields;
use crate::document::fields::{degrees, digits, whole};
use crate::domain::premises::{Device, DeviceName, District, Premises};
use crate::domain::subject::Subject;
use crate::domain::{Class, DistrictCode, Point, Responder, Tier, Travel};
use crate::scenario::keys;

/// What a made-up county is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Sizes {
    pub seed: u64,
    pub district: DistrictCode,
    pub middle: Point,
    pub radius_m: u64,
    pub towns: u64,
    pub homes: u64,
    pub responders: u64,
    /// Of a hundred homes, so many stand in town.
    pub urban_pct: u64,
    /// Of a hundred homes, so many have a watch; the others have a bracelet with a gateway.
    pub watch_pct: u64,
    /// Of a hundred homes, so many have a sensor too.
    pub sensor_pct: u64,
    /// Of a hundred responders, so many are staff; of the others every third holds a key, the rest volunteer.
    pub staff_pct: u64,
    /// Silence that is a fault, of a watch; 0: nobody is supervised.
    pub supervision_s: u64,
}

const HOMES_MAX: u64 = 1_000_000;
const RESPONDERS_MAX: u64 = 20_000;
const TOWNS_MAX: u64 = 999;
const RADIUS_MAX_M: u64 = 200_000;

/// How far homes in town lie from its middle, and homes in the country.
const TOWN_M: u64 = 1_200;
const COUNTRY_M: u64 = 5_500;

/// Metres of one degree of latitude; of longitude it is less by the cosine.
const METRES_PER_DEGREE: f64 = 111_320.0;

const WATCH_PCT: u64 = 72;
const SENSOR_PCT: u64 = 33;
const SENSORS: [(&str, u64); 4] = [("smoke", 86_400), ("gas", 86_400), ("radar", 3_600), ("door", 14_400)];

impl Sizes {
    pub(in crate::scenario) fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let lat = fields.need(&keys::LAT, |value| degrees(value, 80.0));
        let lon = fields.need(&keys::LON, |value| degrees(value, 180.0));
        let district = fields.may(&keys::DISTRICT, |value| digits(value, 6, 6));
        let mut of = |key, least, most| fields.need(key, |value| whole(value, least, most));
        let (seed, homes) = (of(&keys::SEED, 0, u64::MAX), of(&keys::HOMES, 1, HOMES_MAX));
        let responders = of(&keys::RESPONDERS_COUNT, 0, RESPONDERS_MAX);
        let (towns, radius_m) = (of(&keys::TOWNS, 1, TOWNS_MAX), of(&keys::RADIUS_M, 100, RADIUS_MAX_M));
        let mut or = |key, most, preset| fields.may(key, |value| whole(value, 0, most)).unwrap_or(preset);
        let (urban_pct, staff_pct) = (or(&keys::URBAN_PCT, 100, 40), or(&keys::STAFF_PCT, 100, 40));
        let (watch_pct, sensor_pct) = (or(&keys::WATCH_PCT, 100, WATCH_PCT), or(&keys::SENSOR_PCT, 100, SENSOR_PCT));
        let supervision_s = or(&keys::SUPERVISION_S, 86_400, 600);
        Some(Self {
            seed: seed?,
            district: id(&district.unwrap_or_else(|| "990001".to_owned())),
            middle: Point::from_degrees(lat?, lon?).ok()?,
            radius_m: radius_m?,
            towns: towns?,
            homes: homes?,
            responders: responders?,
            urban_pct,
            watch_pct,
            sensor_pct,
            staff_pct,
            supervision_s,
        })
    }

    /// Everybody.
    pub(in crate::scenario) fn generate(&self) -> Vec<Row> {
        let mut chance = Chance::of(self.seed, &[0]);
        let towns: Vec<Point> = (0..self.towns).map(|_| around(self.middle, 0, self.radius_m, &mut chance)).collect();
        let district = District { code: self.district, name: "invented".to_owned(), hotline: "967890".to_owned() };
        let mut rows = vec![Row::District(district)];
        for number in 1..=self.homes {
            self.home(number, &towns, &mut rows);
        }
        for number in 1..=self.responders {
            rows.push(Row::Responder(self.responder(number, &towns)));
        }
        rows
    }

    fn home(&self, number: u64, towns: &[Point], rows: &mut Vec<Row>) {
        let mut chance = Chance::of(self.seed, &[1, number]);
        let town = chance.index(towns.len());
        let is_urban = chance.pct(self.urban_pct);
        let (class, point) = if is_urban {
            (Class::Urban, around(towns[town], 0, TOWN_M, &mut chance))
        } else {
            (Class::Rural, around(towns[town], TOWN_M, COUNTRY_M, &mut chance))
        };
        // One committee for the town itself, and a few for the country around it.
        let village = if is_urban { 1 } else { 200 + chance.below(6) };
        let (premises, subject) = (id(&format!("P-{number:06}")), id(&format!("S-{number:06}")));
        rows.push(Row::Premises(Premises {
            id: premises,
            district: self.district,
            village: Some(format!("{}{:03}{village:03}", self.district, town + 1)),
            class,
            address: format!("Invented Lane {number}"),
            point,
        }));
        rows.push(Row::Subject(Subject {
            name: format!("Invented {number}"),
            phones: vec![format!("+86573870{number:06}")],
            ..Subject::bare(subject, id(&format!("P-{number:06}")))
        }));
        self.devices(number, &mut chance, rows);
    }

    fn devices(&self, number: u64, chance: &mut Chance, rows: &mut Vec<Row>) {
        let mut device = |nth: u64, protocol: &str, identity: String, supervision_s: u64| {
            rows.push(Row::Device(Device {
                id: id(&format!("D-{number:06}-{nth}")),
                subject: id(&format!("S-{number:06}")),
                name: DeviceName { protocol: protocol.to_owned(), identity },
                supervision_s: (self.supervision_s > 0).then_some(supervision_s),
            }));
        };
        if chance.pct(self.watch_pct) {
            device(1, WATCH, format!("88{number:08}"), self.supervision_s);
        } else {
            device(1, HTTP, format!("bracelet-{number:06}"), self.supervision_s.saturating_mul(6));
        }
        if chance.pct(self.sensor_pct) {
            let (what, silence_s) = *chance.pick(&SENSORS);
            device(2, HTTP, format!("{what}-{number:06}"), silence_s);
        }
    }

    fn responder(&self, number: u64, towns: &[Point]) -> Responder {
        let mut chance = Chance::of(self.seed, &[2, number]);
        let tier = if chance.pct(self.staff_pct) {
            Tier::Staff
        } else if chance.pct(33) {
            Tier::Keyholder
        } else {
            Tier::Volunteer
        };
        // Everybody of a town in turn, so that none is without.
        let town = towns[usize::try_from(number).expect("a count fits") % towns.len()];
        let (travel, far_m) = match tier {
            Tier::Staff => (*chance.pick(&[Travel::Ebike, Travel::Car]), TOWN_M / 2),
            Tier::Volunteer => (*chance.pick(&[Travel::Ebike, Travel::Ebike, Travel::Foot]), COUNTRY_M),
            Tier::Keyholder => (Travel::Foot, COUNTRY_M),
        };
        Responder {
            id: id(&format!("R-{number:04}")),
            district: self.district,
            name: format!("Responder {number}"),
            phone: format!("+86139000{number:05}"),
            tier,
            skills: vec!["first_aid".to_owned()],
            travel,
            base: around(town, 0, far_m, &mut chance),
        }
    }
}

/// A place in the ring around `middle`; whole metres are drawn, so that every machine draws the same.
fn around(middle: Point, inner_m: u64, outer_m: u64, chance: &mut Chance) -> Point {
    let cosine = (middle.lat().to_radians()).cos().max(0.1);
    loop {
        let mut off = || chance.between(0, 2 * outer_m) as i64 - outer_m as i64;
        let (east, north) = (off(), off());
        let square = (east * east + north * north) as u64;
        if (inner_m * inner_m..=outer_m * outer_m).contains(&square) {
            let lat = middle.lat() + north as f64 / METRES_PER_DEGREE;
            let lon = middle.lon() + east as f64 / (METRES_PER_DEGREE * cosine);
            return Point::from_degrees(lat, lon).expect("a county lies on earth");
        }
    }
}
