use serde_json::Value;

use super::house::House;

/// Who is found by each word, as `id by` with spaces between.
async fn check(house: &House, name: &str, lines: &[(&str, &str)]) {
    for (text, expected) in lines {
        let found = house.ask(name, &format!("GET /api/v1/search?q={text}"), "").await;
        let people = found.body["subjects"].as_array().unwrap_or_else(|| panic!("{found:?}"));
        let shown = |it: &Value| format!("{} {}", it["id"].as_str().unwrap(), it["matched"].as_str().unwrap());
        assert_eq!(people.iter().map(shown).collect::<Vec<_>>().join(" "), *expected, "{text}");
    }
}

#[tokio::test]
async fn people_are_found_by_those_who_reach_them_and_by_their_new_name_at_once() {
    let house = House::open().await;
    let by = [
        ("some", "S-1 name"),
        ("somebody", "S-1 name"),
        ("0001", "S-1 phone"),
        ("made+up", "S-1 address"),
        ("s-1", "S-1 id"),
    ];
    check(&house, "operator", &by).await;
    check(&house, "supervisor", &[("somebody", "S-1 name S-2 name")]).await;
    let mut subject = house.ask("supervisor", "GET /api/v1/registry/subjects/S-1", "").await.body;
    subject["value"]["name"] = "沈阿婆".into();
    let put = house.ask("supervisor", "PUT /api/v1/registry/subjects/S-1", &subject.to_string()).await;
    assert_eq!(put.status, 200, "{put:?}");
    check(
        &house,
        "operator",
        &[("sap", "S-1 pinyin"), ("shenapo", "S-1 pinyin"), ("%E9%98%BF%E5%A9%86", "S-1 name"), ("some", "")],
    )
    .await;
    for (asked, told) in [("q=", "422 invalid"), ("q=a&limit=51", "422 invalid"), ("limit=5", "422 invalid")] {
        assert_eq!(house.ask("operator", &format!("GET /api/v1/search?{asked}"), "").await.told(), told, "{asked}");
    }
    assert_eq!(house.ask("ops", "GET /api/v1/search?q=a", "").await.told(), "403 forbidden");
    house.running.stop().await;
}

#[tokio::test]
async fn an_incident_is_found_by_its_number_and_by_its_person() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let other = house.press("http:ring-2", "b").await;
    let number = incident.split_once('-').unwrap().1.to_owned();
    for (name, text, expected) in [
        ("operator", incident.as_str(), vec![&incident]),
        ("operator", &number, vec![&incident]),
        ("operator", "somebody", vec![&incident]),
        ("operator", &other, vec![]),
        ("supervisor", "somebody", vec![&incident, &other]),
    ] {
        let found = house.ask(name, &format!("GET /api/v1/search?q={text}"), "").await.body;
        let ids: Vec<&str> =
            found["incidents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{name} {text}");
    }
    let found = house.ask("operator", "GET /api/v1/search?q=carer", "").await.body;
    assert_eq!((&found["responders"][0]["id"], &found["responders"][0]["tier"]), (&"R-1".into(), &"staff".into()));
    house.running.stop().await;
}
