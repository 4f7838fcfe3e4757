use serde_json::{Value, json};

use super::house::House;
use crate::service::{SOON, until};

fn ids(page: &Value) -> Vec<&str> {
    page["devices"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

async fn says(house: &House, device: &str, kind: &str, battery: &str) {
    let body = format!(r#"{{"device":"{device}","id":"{kind}","kind":"{kind}"{battery}}}"#);
    assert_eq!(house.ask("gateway", "POST /api/v1/signals", &body).await.status, 200, "{body}");
}

#[tokio::test]
async fn devices_are_shown_with_what_was_heard_of_them() {
    let house = House::open().await;
    let all = house.ask("supervisor", "GET /api/v1/devices?limit=1", "").await.body;
    assert_eq!((ids(&all), &all["next"]), (vec!["D-1"], &"D-1".into()), "{all}");
    assert_eq!((&all["devices"][0]["last_seen"], &all["outages"]), (&Value::Null, &json!([])));
    let rest = house.ask("supervisor", "GET /api/v1/devices?cursor=D-1", "").await.body;
    assert_eq!((ids(&rest), &rest["next"]), (vec!["D-2"], &Value::Null));
    assert_eq!(ids(&house.ask("operator", "GET /api/v1/devices", "").await.body), ["D-1"]);
    let low = "GET /api/v1/devices?state=low_battery";
    says(&house, "http:ring-1", "heartbeat", r#","battery_pct":41"#).await;
    assert_eq!(ids(&house.ask("supervisor", low, "").await.body), [""; 0]);
    says(&house, "http:ring-2", "low_battery", "").await;
    says(&house, "http:ring-1", "heartbeat", r#","battery_pct":20"#).await;
    let found = house.ask("supervisor", low, "").await.body;
    assert_eq!((ids(&found), &found["devices"][0]["battery_pct"]), (vec!["D-1", "D-2"], &20.into()), "{found}");
    says(&house, "http:ring-1", "heartbeat", r#","battery_pct":90"#).await;
    assert_eq!(ids(&house.ask("supervisor", low, "").await.body), ["D-2"]);
    for (who, call, told) in [
        ("operator", "GET /api/v1/devices?district=330482", "403 other_district"),
        ("operator", "GET /api/v1/devices?state=lost", "422 invalid"),
        ("operator", "GET /api/v1/devices?limit=501", "422 invalid"),
        ("gateway", "GET /api/v1/devices", "403 forbidden"),
    ] {
        assert_eq!(house.ask(who, call, "").await.told(), told, "{call}");
    }
    house.running.stop().await;
}

#[tokio::test]
async fn a_device_that_nobody_knew_is_adopted_and_silent_after_its_time() {
    let house = House::open().await;
    says(&house, "http:new-1", "heartbeat", "").await;
    let adopt = r#"{"device":"http:new-1","id":"D-9","subject":"S-1","supervision_s":1}"#;
    let path = "POST /api/v1/devices/unknown/adopt";
    assert_eq!(house.ask("operator", path, adopt).await.told(), "403 forbidden");
    assert_eq!(house.ask("local", path, &adopt.replace("S-1", "S-2")).await.told(), "403 other_district");
    assert_eq!(house.ask("local", path, &adopt.replace("S-1", "S-9")).await.told(), "422 invalid_value");
    assert_eq!(house.ask("local", path, adopt).await.status, 200);
    assert_eq!(house.ask("local", path, adopt).await.told(), "409 version_moved");
    let unknown = house.ask("ops", "GET /api/v1/devices/unknown", "").await.body;
    assert_eq!(unknown["devices"], json!([]), "it is known now");
    assert!(house.press("http:new-1", "a").await.starts_with("330481-"));
    let shown = until("the device is silent", SOON, async || {
        let page = house.ask("operator", "GET /api/v1/devices?state=silent", "").await.body;
        (ids(&page) == ["D-9"]).then_some(page)
    })
    .await;
    assert!(shown["devices"][0]["silent_since"].is_string() && shown["devices"][0]["last_seen"].is_string(), "{shown}");
    house.running.stop().await;
}

#[tokio::test]
async fn a_world_is_imported_after_a_dry_run_or_not_at_all() {
    let house = House::open().await;
    let premises = |id: &str, district: &str| {
        format!(
            "[[premises]]\nid = \"{id}\"\ndistrict = \"{district}\"\nclass = \"urban\"\naddress = \"5 Made Up Road\"\n\
             lat = 30.5\nlon = 120.6\n"
        )
    };
    let (dry, wet) = ("POST /api/v1/registry/import?dry_run=true", "POST /api/v1/registry/import?dry_run=false");
    let world = premises("P-5", "330481");
    let expected = json!([{"table": "premises", "added": 1, "changed": 0, "unchanged": 0, "erased": 0}]);
    for _ in 0..2 {
        let told = house.ask("local", dry, &world).await.body;
        assert_eq!((&told["applied"], &told["tables"]), (&false.into(), &expected), "{told}");
    }
    let told = house.ask("local", wet, &world).await.body;
    assert_eq!((&told["applied"], &told["tables"]), (&true.into(), &expected), "{told}");
    assert_eq!(house.ask("operator", "GET /api/v1/registry/premises/P-5", "").await.status, 200);
    assert_eq!(house.ask("local", dry, &world).await.body["tables"][0]["unchanged"], 1);
    assert_eq!(house.audited("imported").await["actor"], "local");
    let wrong = premises("P-6", "330481").replace("30.5", "95").replace("urban", "town");
    let faults = house.ask("local", dry, &wrong).await;
    assert_eq!(faults.told(), "422 invalid_world");
    let lines: Vec<u64> =
        faults.body["faults"].as_array().unwrap().iter().map(|it| it["line"].as_u64().unwrap()).collect();
    assert_eq!((lines, faults.body["faults"][0]["mend"].is_string()), (vec![4, 6], true), "{faults:?}");
    let away = house.ask("local", dry, &premises("P-6", "330482")).await;
    assert_eq!(away.told(), "403 other_district");
    let stolen = house.ask("local", dry, &premises("P-2", "330481")).await;
    assert_eq!(stolen.told(), "403 other_district");
    let large = format!("# {}", "x".repeat(8 * 1024 * 1024));
    assert_eq!(house.ask("local", dry, &large).await.told(), "413 too_large");
    assert_eq!(house.ask("operator", dry, &world).await.told(), "403 forbidden");
    house.running.stop().await;
}
