use proptest::prelude::*;

use super::*;

#[test]
fn a_whole_signal_is_read() {
    let raw = read(
        r#"{"device":"http:b-17","id":"v1","kind":"sos","occurred_at":"2026-11-21T03:38:51Z",
        "location":{"lat":30.5,"lon":120.6,"datum":"gcj02","accuracy_m":11.2},"battery_pct":41}"#,
    )
    .unwrap();
    let point = Point::from_degrees(30.5, 120.6).unwrap();
    assert_eq!(raw.device.to_string(), "http:b-17");
    assert_eq!(raw.place, RawPlace::At { point, datum: Datum::Gcj02, accuracy_m: Some(12) });
    assert_eq!(raw.battery_pct, Some(41));
    let at = GivenTime::At("2026-11-21T03:38:51Z".parse().unwrap());
    assert_eq!(raw.signals, [RawSignal { id: Some("v1".into()), kind: SignalKind::Sos, occurred_at: at }]);
}

#[test]
fn what_names_no_device_id_and_kind_is_refused_with_a_code() {
    for (body, expected) in [
        ("", "400 malformed_json"),
        ("{", "400 malformed_json"),
        (r#"{"device":"http:a","id":"1","kind":"sos","battery_pct":NaN}"#, "400 malformed_json"),
        (r#"{"device":"http:a","id":"1","kind":"sos"} {}"#, "400 malformed_json"),
        ("[]", "422 not_an_object"),
        ("7", "422 not_an_object"),
        ("{}", "422 no_device"),
        (r#"{"device":null,"id":"1","kind":"sos"}"#, "422 no_device"),
        (r#"{"device":"a","id":"1","kind":"sos"}"#, "422 bad_device"),
        (r#"{"device":7,"id":"1","kind":"sos"}"#, "422 bad_device"),
        (r#"{"device":"http:a","id":"1"}"#, "422 no_kind"),
        (r#"{"device":"http:a","id":"1","kind":"SOS"}"#, "422 unknown_kind"),
        (r#"{"device":"http:a","id":"1","kind":["sos"]}"#, "422 unknown_kind"),
        (r#"{"device":"http:a","kind":"sos"}"#, "422 no_id"),
        (r#"{"device":"http:a","id":"","kind":"sos"}"#, "422 bad_id"),
        (r#"{"device":"http:a","id":{},"kind":"cancel"}"#, "422 bad_id"),
    ] {
        assert_eq!(code(body), expected, "{body}");
    }
}

#[test]
fn an_alarm_is_never_refused_for_what_it_carries() {
    let taken = |rest: &str| {
        let raw = read(&format!(r#"{{"device":"http:a","id":"1","kind":"fall",{rest}}}"#)).expect(rest);
        (raw.place, raw.signals[0].occurred_at, raw.battery_pct)
    };
    let nothing = (RawPlace::None, GivenTime::None, None);
    assert_eq!(taken(r#""colour":"red""#), nothing);
    assert_eq!(taken(r#""battery_pct":"full""#), nothing);
    assert_eq!(taken(r#""battery_pct":1e999"#), nothing);
    assert_eq!(taken(r#""battery_pct":101"#), nothing);
    assert_eq!(taken(r#""location":null,"occurred_at":null"#), nothing);
    assert_eq!(taken(&format!(r#""x":{}1{}"#, "[".repeat(9_000), "]".repeat(9_000))), nothing);
    for time in [r#""yesterday""#, "1763696331", "{}", r#""2026-13-01T00:00:00Z""#, r#""\ud800""#] {
        assert_eq!(taken(&format!(r#""occurred_at":{time}"#)).1, GivenTime::Unreadable, "{time}");
    }
    for location in [
        "7",
        "[]",
        "{}",
        r#""here""#,
        r#"{"lat":"30.5","lon":120.6}"#,
        r#"{"lat":91,"lon":120.6}"#,
        r#"{"lat":1e999,"lon":120.6}"#,
        r#"{"lat":30.5}"#,
        r#"{"lat":30.5,"lon":120.6,"datum":"bd09"}"#,
        r#"{"lat":30.5,"lon":120.6,"datum":7}"#,
    ] {
        assert_eq!(taken(&format!(r#""location":{location}"#)).0, RawPlace::Refused, "{location}");
    }
    let inexact = taken(r#""location":{"lat":30.5,"lon":120.6,"accuracy_m":"fine","floor":3}"#).0;
    assert!(matches!(inexact, RawPlace::At { accuracy_m: None, .. }));
}

#[test]
fn of_equipment_everything_must_be_right() {
    for (rest, expected) in [
        (r#""colour":"red""#, "422 unknown_field"),
        (r#""battery_pct":"full""#, "422 bad_battery"),
        (r#""battery_pct":101"#, "422 bad_battery"),
        (r#""location":{"lat":30.5,"lon":120.6,"floor":3}"#, "422 unknown_field"),
        (r#""location":{"lat":30.5,"lon":120.6,"accuracy_m":-1}"#, "422 bad_accuracy"),
    ] {
        for kind in ["low_battery", "heartbeat"] {
            let body = format!(r#"{{"device":"http:a","id":"1","kind":"{kind}",{rest}}}"#);
            assert_eq!(code(&body), expected, "{body}");
        }
    }
    assert_eq!(read(r#"{"device":"http:a","kind":"heartbeat"}"#).unwrap().signals[0].id, None);
}

#[test]
fn a_number_is_an_id_too() {
    let raw = read(r#"{"device":"http:a","id":17,"kind":"sos"}"#).unwrap();
    assert_eq!(raw.signals[0].id.as_deref(), Some("17"));
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&body, &sender());
    }

    /// Whatever stands in the other fields, as long as it is JSON.
    #[test]
    fn no_field_takes_an_alarm_down(
        time in json(), location in json(), lat in json(), datum in json(), battery in json(), other in json()
    ) {
        for location in [location, format!(r#"{{"lat":{lat},"lon":120.6,"datum":{datum},"accuracy_m":{other}}}"#)] {
            let body = format!(
                r#"{{"x":{other},"occurred_at":{time},"location":{location},"battery_pct":{battery},
                    "device":"http:a","id":"1","kind":"gas"}}"#
            );
            let raw = read(&body).map_err(|it| TestCaseError::fail(format!("{body}: {it}")))?;
            prop_assert_eq!(raw.signals[0].kind, SignalKind::Gas);
        }
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        (-1.0e9..1.0e9_f64).prop_map(|it| format!("{it:e}")),
        Just("1e999".to_owned()),
        "[a-z0-9 :.-]{0,12}".prop_map(|it| format!("\"{it}\"")),
        Just("\"\\udc00\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| format!("[{}]", it.join(","))),
            prop::collection::vec(("[a-z]{1,4}", inner), 0..4).prop_map(|it| {
                let fields: Vec<String> = it.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

fn sender() -> HttpSender {
    HttpSender { listener: "http".to_owned(), reach: Reach::default() }
}

fn read(body: &str) -> Result<RawMessage, Refusal> {
    decode(body.as_bytes(), &sender())
}

fn code(body: &str) -> String {
    let refusal = read(body).expect_err(body);
    format!("{} {}", refusal.status, refusal.code)
}
