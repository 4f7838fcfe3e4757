use super::house::{Answer, House};

async fn seen(house: &House, call: &str, event: &str, from: &str) -> Answer {
    let body = format!(
        r#"{{"call":"{call}","event":"{event}","from":"{from}","to":"967890","at":"2026-11-21T03:38:51.000Z"}}"#
    );
    house.ask("gateway", "POST /api/v1/calls", &body).await
}

#[tokio::test]
async fn a_call_of_a_subject_is_known_and_becomes_an_incident() {
    let house = House::open().await;
    let rang = seen(&house, "c-1", "ringing", "0086 573-87000001").await;
    assert_eq!(
        (rang.status, &rang.body["subject"], &rang.body["incident"]),
        (200, &"S-1".into(), &().into()),
        "{rang:?}"
    );
    assert_eq!(seen(&house, "c-1", "ringing", "+8657387000001").await.body, rang.body);
    let open = house.ask("operator", "GET /api/v1/calls?state=open", "").await.body;
    assert_eq!((&open["calls"][0]["call"], &open["calls"][0]["from"]), (&"c-1".into(), &"+8657387000001".into()));
    assert_eq!(house.ask("elsewhere", "GET /api/v1/calls", "").await.body["calls"].as_array().unwrap().len(), 0);
    assert_eq!(seen(&house, "c-1", "answered", "+8657387000001").await.status, 200);
    let asked = r#"{"kind":"medical"}"#;
    assert_eq!(house.ask("elsewhere", "POST /api/v1/calls/c-1/incident", asked).await.told(), "403 other_district");
    assert_eq!(house.ask("operator", "POST /api/v1/calls/c-9/incident", asked).await.told(), "404 no_such_call");
    let opened = house.ask("operator", "POST /api/v1/calls/c-1/incident", asked).await;
    assert_eq!(opened.status, 200, "{opened:?}");
    let incident = format!("GET /api/v1/incidents/{}", opened.body["incident"].as_str().unwrap());
    let incident = house.ask("operator", &incident, "").await.body;
    assert_eq!((&incident["subject"], &incident["call"]), (&"S-1".into(), &"c-1".into()));
    house.running.stop().await;
}

#[tokio::test]
async fn an_abandoned_call_is_an_alarm_or_waits_for_somebody_to_call_back() {
    let house = House::open().await;
    seen(&house, "c-1", "ringing", "+8657387000002").await;
    let abandoned = seen(&house, "c-1", "abandoned", "+8657387000002").await;
    assert!(abandoned.body["incident"].as_str().is_some_and(|it| it.starts_with("330482-")), "{abandoned:?}");
    seen(&house, "c-2", "ringing", "+8613900000001").await;
    let of_son = seen(&house, "c-2", "abandoned", "+8613900000001").await;
    assert_eq!((&of_son.body["subject"], &of_son.body["incident"]), (&"S-1".into(), &().into()), "{of_son:?}");
    let open = house.ask("operator", "GET /api/v1/calls", "").await.body;
    assert_eq!((&open["calls"][0]["call"], &open["calls"][0]["call_back"]), (&"c-2".into(), &true.into()));
    let back = "POST /api/v1/calls/c-2/called_back";
    assert_eq!(house.ask("operator", back, r#"{"note":"a wrong number"}"#).await.status, 200);
    assert_eq!(house.ask("operator", back, "{}").await.told(), "409 nothing_to_do");
    let open = house.ask("operator", "GET /api/v1/calls", "").await.body;
    assert_eq!(open["calls"].as_array().unwrap().len(), 0);
    house.running.stop().await;
}

#[tokio::test]
async fn a_number_that_nobody_knows_is_kept_and_shown_with_its_call() {
    let house = House::open().await;
    let report = async |call: &str, event: &str| {
        let body = format!(r#"{{"call":"{call}","event":"{event}","from":"+86 10 0000 0000"}}"#);
        house.ask("switchboard", "POST /api/v1/calls", &body).await
    };
    let shown = async |name: &str, state: &str| {
        let asked = format!("GET /api/v1/calls?state={state}");
        house.ask(name, &asked, "").await.body["calls"].take()
    };
    for call in ["c-1", "c-2"] {
        let rang = report(call, "ringing").await;
        assert_eq!((rang.status, &rang.body["subject"], &rang.body["incident"]), (200, &().into(), &().into()));
    }
    assert_eq!(report("c-1", "abandoned").await.status, 200);
    assert_eq!(report("c-2", "answered").await.status, 200);
    assert_eq!(report("c-2", "ended").await.status, 200);
    for (state, call, call_back) in [("open", "c-1", true), ("closed", "c-2", false)] {
        let calls = shown("operator", state).await;
        assert_eq!(calls.as_array().map(Vec::len), Some(1), "{calls}");
        let it = &calls[0];
        assert_eq!((&it["call"], &it["from"]), (&call.into(), &"+861000000000".into()), "{calls}");
        assert_eq!((&it["subject"], &it["call_back"]), (&().into(), &call_back.into()), "{calls}");
        assert_eq!(shown("supervisor", state).await, calls);
        assert_eq!(shown("elsewhere", state).await.as_array().map(Vec::len), Some(0));
    }
    assert_eq!(house.ask("ops", "GET /api/v1/calls", "").await.status, 403);
    house.running.stop().await;
}

#[tokio::test]
async fn a_call_that_no_district_follows_from_is_told() {
    let house = House::open().await;
    assert_eq!(seen(&house, "c-1", "ringing", "+8610000000").await.told(), "422 invalid");
    assert_eq!(seen(&house, "c-1", "rang", "+8610000000").await.body["field"], "event");
    house.running.stop().await;
}
