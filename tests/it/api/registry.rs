use serde_json::{Value, json};

use super::house::House;

/// What the row of `name` says now, as a supervisor sees it.
async fn row(house: &House, name: &str) -> Value {
    house.ask("supervisor", &format!("GET /api/v1/registry/{name}"), "").await.body
}

#[tokio::test]
async fn persons_are_found_by_their_ids() {
    let house = House::open().await;
    let shown = house.ask("operator", "GET /api/v1/subjects?ids=S-1,S-2,S-9", "").await.body;
    let it = &shown["subjects"][0];
    assert_eq!((shown["subjects"].as_array().map(Vec::len), &it["name"]), (Some(1), &"Somebody".into()), "{shown}");
    assert_eq!((&it["district"], &it["class"], &it["lat"]), (&"330481".into(), &"urban".into(), &30.53.into()));
    let many = vec!["S-1"; 201].join(",");
    let asked = format!("GET /api/v1/subjects?ids={many}");
    assert_eq!(house.ask("operator", &asked, "").await.told(), "422 invalid");
    assert_eq!(house.ask("responder", "GET /api/v1/subjects?ids=S-1", "").await.told(), "403 forbidden");
    house.running.stop().await;
}

#[tokio::test]
async fn all_of_a_person_is_shown_to_their_district_and_each_reading_is_audited() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let shown = house.ask("operator", "GET /api/v1/subjects/S-1", "").await.body;
    assert_eq!(shown["subject"]["contact"][0]["name"], "Son", "{shown}");
    assert_eq!((&shown["premises"]["id"], &shown["devices"][0]["id"]), (&"P-1".into(), &"D-1".into()));
    assert!(shown["devices"][0]["last_seen"].is_string(), "{shown}");
    assert_eq!((&shown["incidents"][0]["id"], &shown["incidents"][0]["kind"]), (&incident.into(), &"sos".into()));
    assert!(shown["version"].is_u64());
    assert_eq!(house.ask("elsewhere", "GET /api/v1/subjects/S-1", "").await.told(), "403 other_district");
    assert_eq!(house.ask("operator", "GET /api/v1/subjects/S-9", "").await.told(), "404 no_such_subject");
    let entry = house.audited("subject_read").await;
    assert_eq!(
        (&entry["actor"], &entry["id"], &entry["district"]),
        (&"operator".into(), &"S-1".into(), &"330481".into())
    );
    house.running.stop().await;
}

#[tokio::test]
async fn a_row_is_changed_on_the_version_that_was_seen_and_at_once() {
    let house = House::open().await;
    let mut subject = row(&house, "subjects/S-1").await;
    subject["value"]["name"] = "Somebody Renamed".into();
    let put = "PUT /api/v1/registry/subjects/S-1";
    let changed = house.ask("supervisor", put, &subject.to_string()).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let shown = house.ask("operator", "GET /api/v1/subjects?ids=S-1", "").await.body;
    assert_eq!(shown["subjects"][0]["name"], "Somebody Renamed");
    let late = house.ask("supervisor", put, &subject.to_string()).await;
    assert_eq!((late.told(), &late.body["found"]), ("409 version_moved".to_owned(), &changed.body["version"]));
    subject["version"] = changed.body["version"].clone();
    let same = house.ask("supervisor", put, &subject.to_string()).await;
    assert_eq!(same.body["version"], changed.body["version"], "nothing is different");
    subject["version"] = Value::Null;
    assert_eq!(house.ask("supervisor", put, &subject.to_string()).await.told(), "409 version_moved");
    assert_eq!(house.ask("operator", put, &subject.to_string()).await.told(), "403 forbidden");
    let entry = house.audited("changed").await;
    assert_eq!(
        (&entry["actor"], &entry["kind"], &entry["id"]),
        (&"supervisor".into(), &"subject".into(), &"S-1".into())
    );
    assert_eq!(entry["version"], changed.body["version"]);
    house.running.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_value_is_told_field_by_field() {
    let house = House::open().await;
    let value = json!({"premises": "P-9", "name": "", "phones": ["12"], "hobby": "tea",
        "contact": [{"name": "Son", "phone": "+8613900000001", "relation": "son"}, {"name": "Niece", "relation": "niece"}]});
    let asked = json!({"version": null, "value": value}).to_string();
    let told = house.ask("supervisor", "PUT /api/v1/registry/subjects/S-3", &asked).await;
    assert_eq!(told.told(), "422 invalid_value", "{told:?}");
    let mut fields: Vec<&str> =
        told.body["faults"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["contact.1.phone", "hobby", "name", "phones", "premises"]);
    for (path, body, expected) in [
        ("subjects/S-3", r#"{"version":null,"value":{"id":"S-4"}}"#, "422 invalid"),
        ("subjects/S-3", r#"{"version":null}"#, "422 invalid"),
        ("districts/330481", r#"{"version":null,"value":{}}"#, "404 no_such_table"),
    ] {
        let asked = format!("PUT /api/v1/registry/{path}");
        assert_eq!(house.ask("supervisor", &asked, body).await.told(), expected, "{body}");
    }
    let taken = json!({"version": null, "value": {"subject": "S-1", "protocol": "http", "identity": "ring-2"}});
    let told = house.ask("supervisor", "PUT /api/v1/registry/devices/D-9", &taken.to_string()).await;
    assert_eq!(told.body["faults"][0]["field"], "identity", "{told:?}");
    house.running.stop().await;
}

#[tokio::test]
async fn a_supervisor_of_one_district_changes_nothing_of_another() {
    let house = House::open().await;
    let away = json!({"version": null, "value": {"district": "330482", "class": "urban", "address": "4 Made Up Road",
        "lat": 30.6, "lon": 121.0}});
    let asked = |district: &str| {
        let mut away = away.clone();
        away["value"]["district"] = district.into();
        away.to_string()
    };
    let put = "PUT /api/v1/registry/premises/P-4";
    assert_eq!(house.ask("local", put, &asked("330482")).await.told(), "403 other_district");
    assert_eq!(house.ask("local", put, &asked("330481")).await.status, 200);
    let other = row(&house, "subjects/S-2").await;
    let steal =
        json!({"version": other["version"], "value": {"premises": "P-1", "name": "x", "phones": ["+8657387000002"]}});
    let told = house.ask("local", "PUT /api/v1/registry/subjects/S-2", &steal.to_string()).await;
    assert_eq!(told.told(), "403 other_district");
    assert_eq!(house.ask("local", "GET /api/v1/registry/subjects/S-2", "").await.told(), "403 other_district");
    let gone = format!("DELETE /api/v1/registry/subjects/S-2?version={}", other["version"]);
    assert_eq!(house.ask("local", &gone, "").await.told(), "403 other_district");
    house.running.stop().await;
}

#[tokio::test]
async fn a_row_ends_when_nothing_needs_it_and_may_come_back() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let end = async |name: &str| {
        let version = row(&house, name).await["version"].clone();
        house.ask("supervisor", &format!("DELETE /api/v1/registry/{name}?version={version}"), "").await.told()
    };
    assert_eq!(end("premises/P-1").await, "409 in_use");
    assert_eq!(end("responders/R-1").await, "409 in_use", "an account is theirs");
    assert_eq!(end("devices/D-1").await, "409 in_use", "an account is its own");
    assert_eq!(end("subjects/S-1").await, "409 in_use");
    let close = format!("POST /api/v1/incidents/{incident}/close");
    assert_eq!(house.ask("supervisor", &close, r#"{"disposition":"test"}"#).await.status, 200);
    assert_eq!(end("subjects/S-1").await, "409 in_use", "a device is hers");
    assert_eq!(end("devices/D-2").await, "200");
    assert_eq!(house.press("http:ring-2", "b").await.split('-').count(), 2, "it is unknown now");
    assert_eq!(row(&house, "devices/D-2").await["code"], "no_such_row");
    let again = json!({"version": null, "value": {"subject": "S-2", "protocol": "http", "identity": "ring-2"}});
    let put = house.ask("supervisor", "PUT /api/v1/registry/devices/D-2", &again.to_string()).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(
        house.ask("supervisor", "DELETE /api/v1/registry/devices/D-2?version=1", "").await.told(),
        "409 version_moved"
    );
    assert_eq!(house.audited("ended").await["id"], "D-2");
    house.running.stop().await;
}
