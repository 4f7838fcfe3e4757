//! Figures of the room: coverage by cell, and what became of today's promises and calls.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tidewatch::serve::Running;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::house::{House, config};
use crate::service::{SOON, until};

async fn kpis(house: &House) -> Value {
    house.ask("operator", "GET /api/v1/kpis", "").await.body
}

#[tokio::test]
async fn a_cell_is_covered_while_somebody_free_can_be_there_in_time() {
    let house = House::open().await;
    let asked = "GET /api/v1/coverage?district=330481";
    let before = house.ask("operator", asked, "").await.body;
    let cell = &before["cells"][0];
    assert_eq!((&before["resolution"], before["cells"].as_array().map(Vec::len)), (&8.into(), Some(1)), "{before}");
    assert_eq!((&cell["state"], &cell["first_s"], &cell["promise_s"]), (&"uncovered".into(), &().into(), &1800.into()));
    assert_eq!(kpis(&house).await["uncovered_cells"], 1);
    let url = format!("ws://{}/api/v1/responder/live", house.running.http);
    let (mut link, _) = connect_async(url).await.unwrap();
    link.send(Message::text(json!({"hello": {"token": house.secret("responder")}}).to_string())).await.unwrap();
    link.send(Message::text(r#"{"duty":{"on":true}}"#)).await.unwrap();
    while !link.next().await.unwrap().unwrap().to_text().unwrap().contains(r#""duty":true"#) {}
    let covered = until("the cell is covered", SOON, async || {
        let after = house.ask("ops", asked, "").await.body;
        let covered = after["cells"][0]["state"] == "covered";
        assert!(covered || after["at"] == before["at"], "what was computed is kept for some seconds");
        covered.then_some(after)
    })
    .await;
    assert!(covered["cells"][0]["first_s"].as_u64().is_some_and(|it| it < 1200), "{covered}");
    assert_eq!(kpis(&house).await["responders"], json!({"on_duty": 1, "free": 1}));
    assert_eq!(house.ask("operator", "GET /api/v1/coverage?district=330482", "").await.told(), "403 other_district");
    assert_eq!(house.ask("gateway", asked, "").await.told(), "403 forbidden");
    house.running.stop().await;
}

#[tokio::test]
async fn whoever_is_idle_is_proposed_to_wait_where_they_would_be_missed_more() {
    let house = House::open().await;
    let asked = "GET /api/v1/standby?district=330481";
    let url = format!("ws://{}/api/v1/responder/live", house.running.http);
    let (mut link, _) = connect_async(url).await.unwrap();
    link.send(Message::text(json!({"hello": {"token": house.secret("responder")}}).to_string())).await.unwrap();
    link.send(Message::text(r#"{"duty":{"on":true}}"#)).await.unwrap();
    while !link.next().await.unwrap().unwrap().to_text().unwrap().contains(r#""duty":true"#) {}
    let home = |n: u32| {
        format!(
            "[[premises]]\nid = \"P-5{n}\"\ndistrict = \"330481\"\nclass = \"urban\"\n\
             address = \"{n} Made Up Lane\"\nlat = 30.3\nlon = 120.68\n"
        )
    };
    let near = house.ask("operator", asked, "").await.body;
    assert_eq!((&near["proposals"], &near["resolution"]), (&json!([]), &8.into()), "{near}");
    let world: String = (0..10).map(home).collect();
    let put = house.ask("supervisor", "POST /api/v1/registry/import?dry_run=false", &world).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let found = until("a proposal", SOON, async || {
        let found = house.ask("ops", asked, "").await.body;
        found["proposals"].as_array().is_some_and(|it| !it.is_empty()).then_some(found)
    })
    .await;
    let it = &found["proposals"][0];
    // Ten homes have somebody who is there seven times in ten, and the one that has nobody now was as well off before.
    assert_eq!((&it["responder"], &it["gain_homes"]), (&"R-1".into(), &6.3.into()), "{found}");
    assert!((it["lat"].as_f64().unwrap() - 30.3).abs() < 0.01 && it["eta_s"].as_u64().unwrap() > 3_600, "{found}");
    assert_eq!(it["cell"].as_str().map(str::len), Some(15));
    assert_eq!(house.ask("operator", "GET /api/v1/standby?district=330482", "").await.told(), "403 other_district");
    assert_eq!(house.ask("responder", asked, "").await.told(), "403 forbidden");
    house.running.stop().await;
}

#[tokio::test]
async fn the_figures_of_today_outlast_a_restart() {
    let house = House::open().await;
    for (call, event) in
        [("c-1", "ringing"), ("c-1", "answered"), ("c-2", "ringing"), ("c-2", "abandoned"), ("c-3", "ringing")]
    {
        let body = format!(r#"{{"call":"{call}","event":"{event}","from":"+8610000000"}}"#);
        assert_eq!(house.ask("switchboard", "POST /api/v1/calls", &body).await.status, 200);
    }
    house.press("http:ring-1", "a").await;
    let before = kpis(&house).await;
    assert_eq!(before["open"], json!({"1": 0, "2": 1, "3": 0, "4": 0, "5": 0}), "{before}");
    assert_eq!((&before["unowned"], before["oldest_unanswered_s"].is_u64()), (&1.into(), true), "{before}");
    assert_eq!(before["calls"], json!({"n": 2, "answered_in_time": 1, "target_s": 15}));
    assert_eq!(before["door"]["urban"], json!({"n": 0, "met": 0}));
    for name in ["ops", "supervisor"] {
        assert_eq!(
            house.ask(name, "GET /api/v1/kpis?district=330481", "").await.body["calls"],
            before["calls"],
            "{name}"
        );
    }
    assert_eq!(house.ask("elsewhere", "GET /api/v1/kpis", "").await.body["calls"]["n"], 0);
    assert_eq!(house.ask("responder", "GET /api/v1/kpis", "").await.told(), "403 forbidden");
    let House { running, dir, .. } = house;
    running.stop().await;
    let again = Running::start(config(dir.path())).await.unwrap();
    let tally = again.api.history.tally("330481".parse().unwrap(), tidewatch::domain::Timestamp::EPOCH, 15);
    assert_eq!((tally.calls, tally.answered_in_time), (2, 1));
    again.stop().await;
}
