//! The body that positions and alarms share: time, place, battery, status.
//! A field that cannot be read is left off, and never takes the others with it; columns are believed only where the
//! validity letter stands in its own, because a shifted status could read as "low battery" and hide a cry for help.

use crate::domain::signal::PlaceGiven;
use crate::domain::{Point, Timestamp};

/// Columns behind the type word.
const DATE: usize = 0;
const CLOCK: usize = 1;
const VALID: usize = 2;
const LAT: usize = 3;
const LAT_LETTER: usize = 4;
const LON: usize = 5;
const LON_LETTER: usize = 6;
const BATTERY: usize = 12;
const STATUS: usize = 15;
const CELL_COUNT: usize = 16;
/// Cell count, timing advance, country and network code stand before the cells.
const CELLS: usize = 20;
/// A cell and a network are three fields each.
const STATION_FIELDS: usize = 3;

/// Circles wider than this say nothing about where to go.
const ACCURACY_MAX_M: f64 = 100_000.0;

/// What a position or an alarm says beside its type.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// The device's own time, read as UTC.
    pub at: Option<Timestamp>,
    /// A time was sent that is none.
    pub time_refused: bool,
    /// The device vouches for its fix. `point` may be there without that: an old fix, or a guess.
    pub valid: bool,
    pub point: Option<Point>,
    /// `Refused`: coordinates were sent that are no place on earth. 0,0 and empty fields are `None`.
    pub place: PlaceGiven,
    pub accuracy_m: Option<u32>,
    pub battery_pct: Option<u8>,
    pub status: Option<u32>,
}

/// Without the place: it is private, and this is what a log would show.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Body {{ at: {:?}, valid: {}, place: {:?}, status: {:08x?} }}",
            self.at, self.valid, self.place, self.status
        )
    }
}

impl Body {
    /// A body of which nothing could be read.
    pub const EMPTY: Self = Self {
        at: None,
        time_refused: false,
        valid: false,
        point: None,
        place: PlaceGiven::None,
        accuracy_m: None,
        battery_pct: None,
        status: None,
    };

    /// `fields` are the bytes between the commas behind the type word; names of networks may be of any encoding.
    pub fn read(fields: &[&[u8]]) -> Self {
        let fields = Fields(fields);
        let (at, time_refused) = time(fields.text(DATE), fields.text(CLOCK));
        let valid = match fields.text(VALID) {
            "A" | "a" => true,
            "V" | "v" => false,
            _ => return Self { at, time_refused, ..Self::EMPTY },
        };
        let (point, place) = place(&fields);
        Self {
            at,
            time_refused,
            valid: valid && point.is_some(),
            point,
            place,
            accuracy_m: accuracy_m(&fields),
            battery_pct: percent(fields.text(BATTERY)),
            status: status(fields.text(STATUS)),
        }
    }
}

struct Fields<'a>(&'a [&'a [u8]]);

impl<'a> Fields<'a> {
    /// Trimmed; empty where there is no such field or it is not text.
    fn text(&self, at: usize) -> &'a str {
        self.0.get(at).and_then(|field| str::from_utf8(field).ok()).map_or("", str::trim)
    }

    fn count(&self, at: usize) -> Option<usize> {
        match self.text(at) {
            "" => Some(0),
            text => text.parse().ok(),
        }
    }
}

/// `ddmmyy` and `hhmmss`. No place in the calendar, or nothing at all: no time; the former is marked.
fn time(date: &str, clock: &str) -> (Option<Timestamp>, bool) {
    if date.is_empty() && clock.is_empty() {
        return (None, false);
    }
    let at = calendar(date, clock);
    (at, at.is_none())
}

fn calendar(date: &str, clock: &str) -> Option<Timestamp> {
    let six_digits = |text: &str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    if !six_digits(date) || !six_digits(clock) {
        return None;
    }
    let (day, month, year) = (&date[..2], &date[2..4], &date[4..]);
    let (hour, minute, second) = (&clock[..2], &clock[2..4], &clock[4..]);
    format!("20{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

fn place(fields: &Fields<'_>) -> (Option<Point>, PlaceGiven) {
    let (lat, lon) = (fields.text(LAT), fields.text(LON));
    if lat.is_empty() && lon.is_empty() {
        return (None, PlaceGiven::None);
    }
    let lat = degrees(lat, fields.text(LAT_LETTER), ["N", "S"]);
    let lon = degrees(lon, fields.text(LON_LETTER), ["E", "W"]);
    match lat.zip(lon).and_then(|(lat, lon)| Point::from_degrees(lat, lon).ok()) {
        Some(point) if point.is_null_island() => (None, PlaceGiven::None),
        Some(point) => (Some(point), PlaceGiven::Given),
        None => (None, PlaceGiven::Refused),
    }
}

/// Some firmwares send a minus and a letter both. Minus with S or W is still south or west, and a minus that
/// contradicts its letter is believed too: so either of them is enough. `None`: no number, or no such letter.
fn degrees(number: &str, letter: &str, [plus, minus]: [&str; 2]) -> Option<f64> {
    let degrees: f64 = number.parse().ok()?;
    if !letter.is_empty() && !letter.eq_ignore_ascii_case(plus) && !letter.eq_ignore_ascii_case(minus) {
        return None;
    }
    Some(if letter.eq_ignore_ascii_case(minus) { -degrees.abs() } else { degrees })
}

fn percent(text: &str) -> Option<u8> {
    text.parse().ok().filter(|percent| *percent <= 100)
}

/// Four to eight hex digits; what is shorter is a neighbouring column.
fn status(text: &str) -> Option<u32> {
    if !(4..=8).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(text, 16).ok()
}

/// The last field, where cells and networks leave exactly one. Any other number there belongs to a network.
fn accuracy_m(fields: &Fields<'_>) -> Option<u32> {
    let last = fields.0.len().checked_sub(1)?;
    let networks_at = CELLS.checked_add(fields.count(CELL_COUNT)?.checked_mul(STATION_FIELDS)?)?;
    let networks = fields.count(networks_at)?.checked_mul(STATION_FIELDS)?;
    if networks_at.checked_add(networks)?.checked_add(1)? != last {
        return None;
    }
    let accuracy_m: f64 = fields.text(last).parse().ok()?;
    (accuracy_m > 0.0 && accuracy_m <= ACCURACY_MAX_M).then_some(accuracy_m.ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Body {
        Body::read(&text.as_bytes().split(|b| *b == b',').collect::<Vec<_>>())
    }

    fn placed(lat: &str, lon: &str) -> (PlaceGiven, Option<(f64, f64)>) {
        let body = body(&format!("211126,033851,A,{lat},{lon},0,0,0,9,60,41,0,0,00010000"));
        assert_eq!(body.status, Some(0x1_0000), "a bad place took the status with it");
        (body.place, body.point.map(|point| (point.lat(), point.lon())))
    }

    #[test]
    fn either_the_minus_or_the_letter_makes_it_south_or_west() {
        let given = |lat, lon| (PlaceGiven::Given, Some((lat, lon)));
        assert_eq!(placed("30.5,N", "120.5,E"), given(30.5, 120.5));
        assert_eq!(placed("30.5,S", "120.5,W"), given(-30.5, -120.5));
        assert_eq!(placed("-30.5,S", "-120.5,W"), given(-30.5, -120.5));
        assert_eq!(placed("-30.5,N", " 120.5,"), given(-30.5, 120.5));
        assert_eq!(placed("30.5,", "-120.5,"), given(30.5, -120.5));
    }

    #[test]
    fn what_is_no_place_is_refused_and_nothing_is_none() {
        for (lat, lon) in
            [("91.0,N", "1.0,E"), ("abc,N", "1.0,E"), ("nan,N", "1.0,E"), ("1.0,X", "1.0,E"), (",N", "1.0,E")]
        {
            assert_eq!(placed(lat, lon), (PlaceGiven::Refused, None), "{lat} {lon}");
        }
        for (lat, lon) in [("0.0,N", "0.0,E"), ("-0.0,S", "000.000000,"), (",", ",")] {
            assert_eq!(placed(lat, lon), (PlaceGiven::None, None), "{lat} {lon}");
        }
    }

    #[test]
    fn a_time_outside_the_calendar_is_marked() {
        let read = |text| {
            let body = body(text);
            (body.at.map(|at| at.to_string()), body.time_refused)
        };
        assert_eq!(read("211126,033851,V"), (Some("2026-11-21T03:38:51.000Z".to_owned()), false));
        for absurd in ["000000,000000,V", "310226,000000,V", "211126,250000,V", "21112,033851,V", "2111é,033851,V"] {
            assert_eq!(read(absurd), (None, true), "{absurd}");
        }
        assert_eq!(read(",,V"), (None, false));
    }

    #[test]
    fn a_status_is_not_taken_from_a_shifted_column() {
        let shifted = body("211126,033851,30.5,N,120.5,E,0,0,0,9,60,41,0,0,00010000,00000001,1,460");
        assert_eq!((shifted.status, shifted.point), (None, None));
        assert_eq!(body("211126,033851,V,,,,,0,0,0,9,60,41,0,0,7,00010000").status, None);
        assert_eq!(body("211126,033851,V,,,,,0,0,0,9,60,41,0,0,0x010000").status, None);
        assert_eq!(body("211126,033851,V,,,,,0,0,0,9,60,141,0,0,0020000f").status, Some(0x20_000f));
        assert_eq!(body("211126,033851,V,,,,,0,0,0,9,60,141").battery_pct, None);
    }

    #[test]
    fn accuracy_is_the_field_behind_all_cells_and_networks() {
        let read = |stations: &str| {
            body(&format!("211126,033851,A,30.5,N,120.5,E,0,0,0,9,60,41,0,0,00000000,{stations}")).accuracy_m
        };
        assert_eq!(read("1,1,460,0,9360,4082,131,1,Home,aa:bb,-46,12.3"), Some(13));
        assert_eq!(read("0,1,,,,10"), Some(10));
        assert_eq!(read("1,1,460,0,9360,4082,131,1,Home,aa:bb,-46,0.0"), None);
        for not_it in [
            "",
            "1",
            "1,1,460,0,9360,4082,131",
            "1,1,460,0,9360,4082,131,2,Home,aa:bb,-46,12",
            "99999999999999999999,1,1,1,1,1",
        ] {
            assert_eq!(read(not_it), None, "{not_it}");
        }
        assert_eq!(read("18446744073709551615,1,1,1,1,1"), None);
    }
}
