//! The interface over real sockets: who may, what is answered, and what a second time is answered.

mod calls;
mod commands;
mod devices;
mod door;
mod figures;
mod house;
mod incidents;
mod registry;
mod roads;
mod search;
mod sessions;

use self::house::House;

#[tokio::test]
async fn each_role_reaches_what_is_its_own() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let other = house.press("http:ring-2", "b").await;
    let rows = [
        ("", "GET /healthz", "200"),
        ("", "GET /readyz", "200"),
        ("", "GET /", "200"),
        ("", "GET /nothing", "404 no_such_path"),
        ("", "GET /api/v1/incidents", "401 unauthorized"),
        ("operator", "GET /api/v1/incidents", "200"),
        ("operator", "GET /api/v1/incidents?district=330482", "403 other_district"),
        ("operator", "GET /api/v1/incidents?state=ended", "422 invalid"),
        ("operator", "GET /api/v1/incidents?page=2", "422 invalid"),
        ("operator", "GET /api/v1/incidents?limit=0", "422 invalid"),
        ("operator", "GET /api/v1/incidents/OTHER", "403 other_district"),
        ("operator", "GET /api/v1/incidents/330481-999", "404 no_such_incident"),
        ("operator", "GET /api/v1/incidents/x", "404 no_such_incident"),
        ("operator", "GET /api/v1/incidents/MINE", "200"),
        ("operator", "PUT /api/v1/incidents/MINE", "405 method_not_allowed"),
        ("supervisor", "GET /api/v1/incidents/OTHER", "200"),
        ("ops", "GET /api/v1/incidents", "403 forbidden"),
        ("gateway", "GET /api/v1/incidents", "403 forbidden"),
        ("operator", "GET /api/v1/audit", "403 forbidden"),
        ("supervisor", "GET /api/v1/audit", "200"),
        ("ops", "GET /api/v1/audit", "200"),
        ("ops", "GET /metrics", "200"),
        ("operator", "GET /metrics", "403 forbidden"),
        ("ops", "GET /api/v1/devices/unknown", "200"),
        ("operator", "GET /api/v1/responders", "200"),
        ("operator", "GET /api/v1/responders/nearest?incident=MINE", "200"),
        ("operator", "GET /api/v1/responders/nearest?incident=330481-999", "404 no_such_incident"),
        ("operator", "GET /api/v1/responders/nearest?incident=OTHER", "403 other_district"),
        ("gateway", "GET /api/v1/live", "403 forbidden"),
        ("operator", "GET /api/v1/responder/live", "403 forbidden"),
        ("responder", "GET /api/v1/responders", "403 forbidden"),
    ];
    for (who, call, expected) in rows {
        let call = call.replace("MINE", &incident).replace("OTHER", &other);
        assert_eq!(house.ask(who, &call, "").await.told(), expected, "{who} {call}");
    }
    house.running.stop().await;
}

#[tokio::test]
async fn a_refusal_is_in_the_audit_with_who_and_what() {
    let house = House::open().await;
    assert_eq!(house.ask("operator", "GET /api/v1/incidents?district=330482", "").await.status, 403);
    let entry = loop {
        let page = house.ask("ops", "GET /api/v1/audit?limit=50", "").await;
        let found = page.body["entries"].as_array().unwrap().iter().find(|it| it["action"] == "refused").cloned();
        if let Some(entry) = found {
            break entry;
        }
    };
    assert_eq!(entry["actor"], "operator");
    assert_eq!(entry["district"], "330482");
    assert_eq!(entry["detail"], "other_district GET /api/v1/incidents");
    house.running.stop().await;
}

#[tokio::test]
async fn a_signal_is_taken_once_and_what_is_wrong_is_told() {
    let house = House::open().await;
    let sos = r#"{"device":"http:ring-1","id":"1","kind":"sos"}"#;
    let first = house.ask("gateway", "POST /api/v1/signals", sos).await;
    assert_eq!((first.status, &first.body["outcome"]), (200, &"opened".into()), "{first:?}");
    let again = house.ask("ring", "POST /api/v1/signals", sos).await;
    assert_eq!(again.body["outcome"], "duplicate");
    assert_eq!((&again.body["incident"], &again.body["seq"]), (&first.body["incident"], &first.body["seq"]));
    let large = format!(r#"{{"device":"http:ring-1","id":"2","kind":"sos","x":"{}"}}"#, "x".repeat(64 * 1024));
    let rows = [
        ("gateway", "{", "400 malformed_json"),
        ("gateway", r#"{"id":"1","kind":"sos"}"#, "422 no_device"),
        ("gateway", large.as_str(), "413 too_large"),
        ("operator", sos, "403 forbidden"),
        ("ring", r#"{"device":"http:ring-2","id":"1","kind":"sos"}"#, "403 other_device"),
        ("ring", r#"{"device":"http:ring-1","kind":"heartbeat"}"#, "200"),
    ];
    for (who, body, expected) in rows {
        assert_eq!(
            house.ask(who, "POST /api/v1/signals", body).await.told(),
            expected,
            "{who} {}",
            &body[..body.len().min(60)]
        );
    }
    house.running.stop().await;
}

#[tokio::test]
async fn every_answer_is_guarded_and_every_route_described() {
    let house = House::open().await;
    let page = house.ask("", "GET /", "").await;
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers.get("content-encoding"), None, "nobody asked for it");
    let zipped = [("accept-encoding", "gzip")];
    assert_eq!(house.ask_with("", "GET /", "", &zipped).await.headers["content-encoding"], "gzip");
    let answer = house.ask_with("operator", "GET /api/v1/calls", "", &zipped).await;
    assert_eq!((answer.status, answer.headers.get("content-encoding")), (200, None));
    let problem = house.ask("", "GET /api/v1/incidents", "").await;
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    let described = house.ask("", "GET /api/openapi.json", "").await.body;
    for path in
        ["/api/v1/signals", "/api/v1/live", "/api/v1/responder/live", "/api/v1/calls/{call}/called_back", "/metrics"]
    {
        assert!(described["paths"][path].is_object(), "{path} is not described");
    }
    let operations =
        described["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut names: Vec<&str> = operations.map(|it| it["operationId"].as_str().unwrap()).collect();
    let many = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), many, "two operations share a name");
    let numbers = reqwest::get(format!("http://{}/metrics", house.running.metrics.unwrap())).await.unwrap();
    assert_eq!(numbers.status(), 200);
    house.running.stop().await;
}
