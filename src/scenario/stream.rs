//! What comes in, by kind: arrivals by chance with a curve over the day, bursts, traces; devices that fall silent
//! together and come back together; and the floor of heartbeats under all of it.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::keys;
use super::trace::TraceRow;
use crate::document::fields::{a, degrees, number, string, whole};
use crate::document::{Fields, Key, shown};
use crate::domain::signal::SignalClass;
use crate::domain::{Point, SignalKind};

/// A source of arrivals of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    pub what: What,
    pub when: When,
    pub around: Around,
    /// Of a hundred, so many happen away from home, and the device says where.
    pub fix_pct: u64,
    /// Of a hundred, so many are said again within a few minutes.
    pub again_pct: u64,
    /// Of a hundred, so many are taken back within a few minutes.
    pub cancel_pct: u64,
    /// Of a hundred, so many come from a device that nobody has registered.
    pub unknown_pct: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A device says so.
    Signal(SignalKind),
    /// Somebody rings the hotline.
    Call,
}

#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// By chance, so many on the average day, by the hour's weight (whose mean is 1).
    Poisson { a_day: f64, weights: [f64; 24] },
    /// So many, at even chance within so much time.
    Burst { at_ms: u64, within_ms: u64, count: u64 },
    /// As the file says.
    Trace(Vec<TraceRow>),
}

/// In whose homes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    Everywhere,
    Place { point: Point, radius_m: u64 },
}

/// Devices that say nothing for a while, all at once, and come back all at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    pub at_ms: u64,
    pub within_ms: u64,
    pub count: u64,
    pub for_ms: u64,
    pub back_within_ms: u64,
    /// What each says before it is silent.
    pub says: Option<SignalKind>,
    pub around: Around,
}

/// Every device says that it lives, this often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeats {
    pub every_ms: u64,
    /// The load harness begins with them so long after the start, to measure what goes before without them. Everybody
    /// else takes them to be there all the time.
    pub from_ms: u64,
    /// So many watches speak through one connection, as behind a concentrator.
    pub watches_a_line: u64,
}

const AT_MAX_S: u64 = 366 * 86_400;
const COUNT_MAX: u64 = 1_000_000;
const A_DAY_MAX: f64 = 10_000_000.0;
const RADIUS_MAX_M: u64 = 200_000;
const PCT: u64 = 100;

/// The hours' weights of human alarms: few at night, most in the late morning and the early evening. An assumption in
/// the shape that telecare centres publish.
const DAY: [f64; 24] = [
    0.45, 0.35, 0.3, 0.3, 0.4, 0.65, 1.0, 1.35, 1.5, 1.55, 1.5, 1.35, 1.15, 1.05, 1.05, 1.1, 1.2, 1.35, 1.4, 1.3, 1.15,
    1.0, 0.85, 0.65,
];

impl Stream {
    /// `[[poisson]]`; `homes` live in the world.
    pub(super) fn poisson(fields: &mut Fields<'_, '_, '_>, homes: usize) -> Option<Self> {
        let what = fields.need(&keys::KIND, what);
        let a_day = fields.may(&keys::A_DAY, |value| number(value, 0.0, A_DAY_MAX));
        let per_home_day = fields.may(&keys::PER_HOME_DAY, |value| number(value, 0.0, 1_000.0));
        let weights = fields.may(&keys::CURVE, curve).unwrap_or([1.0; 24]);
        let a_day = match (a_day, per_home_day) {
            (Some(a_day), None) => Some(a_day),
            (None, Some(per_home)) => Some(per_home * homes as f64),
            (None, None) => {
                fields.refuse(&keys::A_DAY, "neither `a_day` nor `per_home_day`");
                None
            }
            (Some(_), Some(_)) => {
                fields.refuse(&keys::A_DAY, "`a_day` and `per_home_day` together");
                None
            }
        };
        Self::of(fields, what, a_day.map(|a_day| When::Poisson { a_day, weights }))
    }

    /// `[[burst]]`
    pub(super) fn burst(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let what = fields.need(&keys::KIND, what);
        let at_s = fields.need(&keys::AT_S, |value| whole(value, 0, AT_MAX_S));
        let count = fields.need(&keys::COUNT, |value| whole(value, 1, COUNT_MAX));
        let within_s = fields.need(&keys::WITHIN_S, |value| whole(value, 0, AT_MAX_S));
        let when = || Some(When::Burst { at_ms: at_s? * 1000, within_ms: within_s? * 1000, count: count? });
        let when = when();
        Self::of(fields, what, when)
    }

    /// `[[trace]]`, whose rows were read.
    pub(super) fn trace(fields: &mut Fields<'_, '_, '_>, rows: Option<Vec<TraceRow>>) -> Option<Self> {
        let what = fields.may(&keys::KIND, what).unwrap_or(What::Signal(SignalKind::Sos));
        Self::of(fields, Some(what), rows.map(When::Trace))
    }

    fn of(fields: &mut Fields<'_, '_, '_>, what: Option<What>, when: Option<When>) -> Option<Self> {
        let around = Around::read(fields);
        let mut pct = |key: &Key| fields.may(key, |value| whole(value, 0, PCT)).unwrap_or(0);
        let (fix_pct, again_pct) = (pct(&keys::FIX_PCT), pct(&keys::AGAIN_PCT));
        let (cancel_pct, unknown_pct) = (pct(&keys::CANCEL_PCT), pct(&keys::UNKNOWN_PCT));
        Some(Self { what: what?, when: when?, around: around?, fix_pct, again_pct, cancel_pct, unknown_pct })
    }
}

impl Silence {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let at_s = fields.need(&keys::AT_S, |value| whole(value, 0, AT_MAX_S));
        let count = fields.need(&keys::COUNT, |value| whole(value, 1, COUNT_MAX));
        let within_s = fields.need(&keys::WITHIN_S, |value| whole(value, 0, AT_MAX_S));
        let for_s = fields.need(&keys::FOR_S, |value| whole(value, 1, AT_MAX_S));
        let back_within_s = fields.need(&keys::BACK_WITHIN_S, |value| whole(value, 0, AT_MAX_S));
        let says = fields.may(&keys::SAYS, technical);
        let around = Around::read(fields);
        Some(Self {
            at_ms: at_s? * 1000,
            within_ms: within_s? * 1000,
            count: count?,
            for_ms: for_s? * 1000,
            back_within_ms: back_within_s? * 1000,
            says,
            around: around?,
        })
    }
}

impl Heartbeats {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let every_ms = fields.need(&keys::EVERY_S, |value| number(value, 0.01, 86_400.0).map(milliseconds))?;
        let from_s = fields.may(&keys::HEARTBEATS_FROM_S, |value| whole(value, 0, AT_MAX_S)).unwrap_or(0);
        let watches_a_line = fields.may(&keys::WATCHES_A_LINE, |value| whole(value, 1, 1_000)).unwrap_or(1);
        Some(Self { every_ms, from_ms: from_s * 1000, watches_a_line })
    }
}

/// Of seconds that were read as a number from 0 on.
pub(super) fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

impl Around {
    /// `around = { lat, lon, radius_m }`; missing: everywhere. `None`: it has a fault.
    fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let Some((table, at)) = fields.table(&keys::AROUND) else { return Some(Self::Everywhere) };
        let mut fields = Fields::new("around", table, at, fields.sink());
        let lat = fields.need(&keys::LAT, |value| degrees(value, 90.0));
        let lon = fields.need(&keys::LON, |value| degrees(value, 180.0));
        let radius_m = fields.need(&keys::RADIUS_M, |value| whole(value, 1, RADIUS_MAX_M));
        fields.finish();
        Some(Self::Place { point: Point::from_degrees(lat?, lon?).ok()?, radius_m: radius_m? })
    }
}

/// A kind of signal that means something by itself, or a call.
fn what(value: &DeValue<'_>) -> Result<What, String> {
    let text = string(value)?;
    if text == "call" {
        return Ok(What::Call);
    }
    match text.parse::<SignalKind>() {
        Ok(kind) if kind.class() != SignalClass::Telemetry => Ok(What::Signal(kind)),
        Ok(_) | Err(_) => Err(format!("`{}`", shown(text))),
    }
}

fn technical(value: &DeValue<'_>) -> Result<SignalKind, String> {
    let text = string(value)?;
    let kind = text.parse::<SignalKind>().ok().filter(|it| it.class() == SignalClass::Technical);
    kind.ok_or_else(|| format!("`{}`", shown(text)))
}

/// The hours' weights, brought to a mean of 1.
fn curve(value: &DeValue<'_>) -> Result<[f64; 24], String> {
    if let Some(text) = value.as_str() {
        let named: BTreeMap<&str, [f64; 24]> = [("flat", [1.0; 24]), ("day", DAY)].into_iter().collect();
        return named.get(text).map(|it| mean_of_one(*it)).ok_or_else(|| format!("`{}`", shown(text)));
    }
    let items = value.as_array().ok_or_else(|| a(value))?;
    let mut weights = [0.0; 24];
    if items.len() != weights.len() {
        return Err(format!("a list of {}", items.len()));
    }
    for (weight, item) in weights.iter_mut().zip(items) {
        *weight = number(item.get_ref(), 0.0, 1_000.0).map_err(|found| format!("{found} in the list"))?;
    }
    if weights.iter().sum::<f64>() <= 0.0 { Err("a list of zeros".to_owned()) } else { Ok(mean_of_one(weights)) }
}

fn mean_of_one(weights: [f64; 24]) -> [f64; 24] {
    let mean = weights.iter().sum::<f64>() / 24.0;
    weights.map(|it| it / mean)
}
