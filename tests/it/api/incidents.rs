use super::house::House;

/// Lines of `who call body`; each is answered as the line below it says.
async fn check(house: &House, incident: &str, script: &str) {
    let mut lines = script.lines().map(str::trim).filter(|it| !it.is_empty());
    while let (Some(ask), Some(expected)) = (lines.next(), lines.next()) {
        let mut words = ask.splitn(3, ' ');
        let (who, act, body) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or("{}"));
        let answer = house.ask(who, &format!("POST /api/v1/incidents/{incident}/{act}"), body).await;
        let field = answer.body["field"].as_str().map(|it| format!(" {it}")).unwrap_or_default();
        assert_eq!(format!("> {}{field}", answer.told()), expected, "{ask}: {}", answer.body);
    }
}

#[tokio::test]
async fn one_incident_has_one_owner_and_an_end() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    check(
        &house,
        &incident,
        r#"
        operator claim
        > 200
        second claim
        > 409 claimed
        second close {"disposition":"helped"}
        > 409 not_owner
        second note {"text":"rang the son"}
        > 200
        second note {"text":""}
        > 422 invalid text
        operator note {"txt":"x"}
        > 422 invalid txt
        operator correct {}
        > 422 nothing_to_correct
        operator correct {"urgency":9}
        > 422 invalid urgency
        operator correct {"kind":"fall","urgency":1}
        > 200
        operator correct {"place":{"lat":30.5,"lon":500}}
        > 422 invalid place
        operator withdraw {"offer":"330481-o99"}
        > 404 no_such_offer
        operator offer {"responder":"R-1"}
        > 409 not_eligible
        operator offer {"responder":"R-9"}
        > 404 no_such_responder
        operator confirm {"task":"330481-t99"}
        > 404 no_such_task
        elsewhere claim
        > 403 other_district
        supervisor claim
        > 200
        operator release
        > 409 not_owner
        supervisor close {"disposition":"gone"}
        > 422 invalid disposition
        supervisor close {"disposition":"helped","note":"she is well"}
        > 200
        supervisor claim
        > 409 incident_closed
        supervisor reopen {}
        > 422 invalid reason
        supervisor reopen {"reason":"fell again"}
        > 200
        "#,
    )
    .await;
    house.running.stop().await;
}

#[tokio::test]
async fn alarms_that_do_not_belong_get_an_incident_of_their_own() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let other = house.press("http:ring-9", "b").await;
    let merge = format!(r#"{{"into":"{incident}"}}"#);
    let merged = house.ask("operator", &format!("POST /api/v1/incidents/{other}/merge"), &merge).await;
    assert_eq!(merged.status, 200, "{merged:?}");
    let detach = format!("POST /api/v1/incidents/{incident}/detach");
    let detached = house.ask("operator", &detach, r#"{"device":"http:ring-9","kind":"fall"}"#).await;
    let own = detached.body["incident"].as_str().unwrap().to_owned();
    assert!(own != incident && own != other, "{detached:?}");
    let shown = house.ask("operator", &format!("GET /api/v1/incidents/{own}"), "").await.body;
    assert_eq!((&shown["kind"], &shown["owner"]), (&"fall".into(), &"operator".into()), "{shown}");
    assert_eq!(house.press("http:ring-9", "c").await, own);
    check(
        &house,
        &incident,
        r#"
        operator detach {"device":"http:ring-9"}
        > 404 not_of_incident
        operator detach {"device":"http:ring-1"}
        > 409 only_alarm
        operator detach {"device":"http:ring-1","kind":"heartbeat"}
        > 422 not_an_alarm
        operator detach {"device":"ring"}
        > 422 invalid device
        "#,
    )
    .await;
    house.running.stop().await;
}

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let note = format!("POST /api/v1/incidents/{incident}/note");
    let key = [("idempotency-key", "k-1")];
    let first = house.ask_with("operator", &note, r#"{"text":"once"}"#, &key).await;
    let again = house.ask_with("operator", &note, r#"{"text":"once"}"#, &key).await;
    let other = house.ask_with("second", &note, r#"{"text":"twice"}"#, &key).await;
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert_ne!(first.body["seq"], other.body["seq"]);
    let shown = house.ask("operator", &format!("GET /api/v1/incidents/{incident}"), "").await.body;
    let notes = shown["timeline"].as_array().unwrap().iter().filter(|it| it["type"] == "note_added");
    assert_eq!(notes.map(|it| it["note"].as_str().unwrap()).collect::<Vec<_>>(), ["once", "twice"]);
    house.running.stop().await;
}

#[tokio::test]
async fn lists_go_page_by_page_and_closed_ones_are_found() {
    let house = House::open().await;
    let open = |n: usize| format!(r#"{{"kind":"medical","place":{{"lat":30.{n},"lon":120.6}},"district":"330481"}}"#);
    let mut ids = Vec::new();
    for n in 1..=5 {
        let opened = house.ask("supervisor", "POST /api/v1/incidents", &open(n)).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        ids.push(opened.body["incident"].as_str().unwrap().to_owned());
    }
    let first = house.ask("supervisor", "GET /api/v1/incidents?limit=3", "").await.body;
    assert_eq!(names(&first), [&ids[4], &ids[3], &ids[2]]);
    let next = format!("GET /api/v1/incidents?limit=3&cursor={}", first["next"].as_str().unwrap());
    let second = house.ask("supervisor", &next, "").await.body;
    assert_eq!((names(&second), second["next"].is_null()), (vec![ids[1].as_str(), ids[0].as_str()], true));
    assert_eq!(second["incidents"][0]["place"]["source"], "call");
    let close = format!("POST /api/v1/incidents/{}/close", ids[2]);
    assert_eq!(house.ask("supervisor", &close, r#"{"disposition":"test"}"#).await.status, 200);
    let closed = house.ask("supervisor", "GET /api/v1/incidents?state=closed", "").await.body;
    assert_eq!(names(&closed), [&ids[2]]);
    house.running.stop().await;
}

#[tokio::test]
async fn what_was_said_by_radio_counts() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let duty = house.ask("operator", "POST /api/v1/responders/R-1/duty", r#"{"on":true}"#).await;
    assert_eq!(duty.status, 200, "{duty:?}");
    let status = format!(r#"{{"incident":"{incident}","state":"at_door"}}"#);
    let said = house.ask("operator", "POST /api/v1/responders/R-1/status", &status).await;
    assert_eq!(said.told(), "409 not_assigned");
    assert_eq!(
        house.ask("operator", "POST /api/v1/responders/R-9/duty", r#"{"on":true}"#).await.told(),
        "404 no_such_responder"
    );
    let shown = house.ask("operator", "GET /api/v1/responders", "").await.body;
    assert_eq!((&shown["responders"][0]["duty"], &shown["responders"][0]["name"]), (&true.into(), &"Carer".into()));
    house.running.stop().await;
}

fn names(page: &serde_json::Value) -> Vec<&str> {
    page["incidents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}
