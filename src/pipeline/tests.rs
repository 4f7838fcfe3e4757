use crate::dispatch::event::DeviceRef;
use crate::dispatch::facts::Row;
use crate::domain::Class;
use crate::domain::premises::{Device, District, Premises};
use crate::domain::subject::Subject;
use crate::geo::datum::wgs84_to_gcj02;

use super::*;

const NOW: &str = "2026-11-21T04:00:00.000Z";

#[test]
fn a_known_device_is_of_its_subjects_district_whatever_the_account_says() {
    let mut raw = alarm("http:known");
    raw.reach.default_district = Some(code("330482"));
    let sender = piped(&raw).unwrap().sender;
    assert_eq!(sender.district, code("330481"));
    assert_eq!((sender.source, sender.subject), (DeviceRef::Known(id("D-1")), Some(id("S-1"))));
    raw.reach.districts = [code("330482")].into();
    assert_eq!(refused(&raw), "403 other_district");
}

#[test]
fn an_unknown_device_is_the_accounts_then_the_listeners_then_anybodys() {
    let district = |districts: &[&str], default: Option<&str>| {
        let mut raw = alarm("http:nobody");
        raw.reach.districts = districts.iter().map(|it| code(it)).collect();
        raw.reach.default_district = default.map(code);
        piped(&raw).unwrap().sender.district.to_string()
    };
    assert_eq!(district(&["330482"], Some("330481")), "330482");
    assert_eq!(district(&[], Some("330482")), "330482");
    assert_eq!(district(&[], None), "330481");
    assert_eq!(district(&["330482", "330483"], Some("330481")), "330482");
    assert!(matches!(piped(&alarm("http:nobody")).unwrap().sender.source, DeviceRef::Unknown(_)));
}

#[test]
fn an_absurd_time_is_marked_and_never_stops_an_alarm() {
    let time = |given: GivenTime| {
        let mut raw = alarm("http:known");
        raw.signals[0].occurred_at = given;
        let signal = piped(&raw).unwrap().signals.remove(0);
        (signal.occurred_at.is_some(), signal.time_refused, signal.late)
    };
    let at = |text: &str| GivenTime::At(text.parse().unwrap());
    assert_eq!(time(GivenTime::None), (false, false, false));
    assert_eq!(time(GivenTime::Unreadable), (false, true, false));
    assert_eq!(time(at("2014-12-31T23:59:59.999Z")), (false, true, false));
    assert_eq!(time(at("2015-01-01T00:00:00Z")), (true, false, true));
    assert_eq!(time(at("2026-11-21T03:58:00Z")), (true, false, false));
    assert_eq!(time(at("2026-11-21T03:57:59.999Z")), (true, false, true));
    assert_eq!(time(at("2026-11-22T04:00:00Z")), (true, false, false));
    assert_eq!(time(at("2026-11-22T04:00:00.001Z")), (false, true, false));
}

#[test]
fn equipment_with_a_fault_is_refused_where_its_sender_hears_it() {
    let mut raw = RawMessage { place: RawPlace::Refused, ..alarm("http:known") };
    assert_eq!(piped(&raw).unwrap().signals[0].place, PlaceGiven::Refused);
    raw.signals[0].kind = SignalKind::LowBattery;
    assert_eq!(refused(&raw), "422 bad_location");
    raw.refusable = false;
    assert_eq!(piped(&raw).unwrap().signals[0].place, PlaceGiven::Refused);
    raw = RawMessage { place: RawPlace::None, refusable: true, ..raw };
    raw.signals[0].occurred_at = GivenTime::Unreadable;
    assert_eq!(refused(&raw), "422 bad_time");
    raw.signals[0] = RawSignal { id: None, kind: SignalKind::Position, occurred_at: GivenTime::None };
    assert_eq!(refused(&raw), "422 no_location");
}

#[test]
fn places_are_kept_as_wgs84_and_null_island_is_none() {
    let home = point(30.5, 120.6);
    let fix = |point, datum| {
        let place = RawPlace::At { point, datum, accuracy_m: None };
        piped(&RawMessage { place, ..alarm("http:known") }).unwrap().fix
    };
    let shifted = fix(wgs84_to_gcj02(home), Datum::Gcj02).unwrap();
    assert!(crate::geo::distance_m(shifted.point, home) < 1, "shifted back to {:?}", shifted.point);
    assert_eq!((shifted.accuracy_m, shifted.at), (ACCURACY_UNKNOWN_M, now()));
    assert_eq!(fix(home, Datum::Wgs84).unwrap().point, home);
    assert_eq!(fix(point(0.0, 0.0), Datum::Gcj02), None);
}

#[test]
fn the_same_content_has_the_same_fingerprint_and_other_content_another() {
    let print = |raw: &RawMessage| piped(raw).unwrap().signals[0].fingerprint;
    let raw = alarm("http:known");
    let first = print(&raw);
    assert_eq!(print(&RawMessage { battery_pct: Some(3), listener: "other".into(), ..raw.clone() }), first);
    let other = |change: &dyn Fn(&mut RawMessage)| {
        let mut raw = raw.clone();
        change(&mut raw);
        assert_ne!(print(&raw), first);
    };
    other(&|it| it.device = "http:nobody".parse().unwrap());
    other(&|it| it.signals[0].id = Some("2".into()));
    other(&|it| it.signals[0].kind = SignalKind::Fall);
    other(&|it| it.signals[0].occurred_at = GivenTime::At(now()));
    other(&|it| it.place = RawPlace::Refused);
    other(&|it| it.sameness = Sameness::Bytes("[3G*1*AL]".into()));
    other(&|it| it.signals[0].id = None);
}

#[test]
fn several_signals_stand_in_the_order_of_life_and_each_once() {
    let mut raw = alarm("http:known");
    let kinds = [SignalKind::LowBattery, SignalKind::Fall, SignalKind::Sos, SignalKind::Fall];
    raw.signals = kinds.map(|kind| RawSignal { id: None, kind, occurred_at: GivenTime::None }).to_vec();
    let piped = piped(&raw).unwrap();
    let found: Vec<&str> = piped.signals.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(found, ["sos", "fall", "low_battery"]);
    assert!(!piped.is_technical() && !piped.is_telemetry());
}

fn piped(raw: &RawMessage) -> Result<Piped, Refusal> {
    let key = crate::registry::FingerprintKey::new([7; 32]);
    let digest = |parts: &[&[u8]]| key.fingerprint(parts);
    run(raw, &Tools { facts: &facts(), digest: &digest, nonce: [1; 16] }, now())
}

fn refused(raw: &RawMessage) -> String {
    let refusal = piped(raw).unwrap_err();
    format!("{} {}", refusal.status, refusal.code)
}

fn alarm(device: &str) -> RawMessage {
    RawMessage {
        device: device.parse().unwrap(),
        signals: vec![RawSignal { id: Some("1".into()), kind: SignalKind::Sos, occurred_at: GivenTime::None }],
        place: RawPlace::None,
        battery_pct: None,
        sameness: Sameness::Named,
        listener: "http".to_owned(),
        reach: Reach::default(),
        refusable: true,
    }
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    for district in ["330481", "330482", "330483"] {
        let district = District { code: code(district), name: "海宁市".into(), hotline: "967890".into() };
        facts.put(Row::District(district));
    }
    let (premises, subject): (crate::domain::PremisesId, crate::domain::SubjectId) = (id("P-1"), id("S-1"));
    facts.put(Row::Premises(Premises {
        id: premises.clone(),
        district: code("330481"),
        village: None,
        class: Class::Urban,
        address: "made up".into(),
        point: point(30.5, 120.6),
    }));
    facts.put(Row::Subject(Subject::bare(subject.clone(), premises)));
    let name = "http:known".parse().unwrap();
    facts.put(Row::Device(Device { id: id("D-1"), subject, name, supervision_s: None }));
    facts
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn code(text: &str) -> DistrictCode {
    text.parse().unwrap()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn point(lat: f64, lon: f64) -> Point {
    Point::from_degrees(lat, lon).unwrap()
}
