//! At the door, over the responder's own link: how to get in, proofs of arrival, and the outcome.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::house::{House, PATIENCE};

struct Carer(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Carer {
    /// On duty, with an offer of the given incident accepted.
    async fn with(house: &House, press: &str) -> (Self, String) {
        let (link, _) = connect_async(format!("ws://{}/api/v1/responder/live", house.running.http)).await.unwrap();
        let mut carer = Self(link);
        carer.say(json!({"hello": {"token": house.secret("responder")}})).await;
        let duty = carer.until("state").await["duty"].clone();
        if duty == false {
            carer.say(json!({"duty": {"on": true}})).await;
            while carer.until("state").await["duty"] == false {}
        }
        let incident = house.press("http:ring-1", press).await;
        let offer = carer.until("offer").await["offer"].clone();
        carer.say(json!({"accept": {"offer": offer}})).await;
        assert_eq!(carer.until("assignment").await["subject"]["access"], Value::Null);
        (carer, incident)
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message that says `word`, or a problem.
    async fn until(&mut self, word: &str) -> Value {
        loop {
            let text = timeout(PATIENCE, self.0.next()).await.unwrap().unwrap().unwrap();
            let Message::Text(text) = text else { continue };
            let mut message: Value = serde_json::from_str(&text).unwrap();
            assert!(message.get("problem").is_none(), "{message}");
            if let Some(body) = message.get_mut(word) {
                return body.take();
            }
        }
    }
}

/// What the timeline says of the arrival.
async fn proof(house: &House, incident: &str) -> Value {
    let shown = house.ask("operator", &format!("GET /api/v1/incidents/{incident}"), "").await.body;
    let arrival = shown["timeline"].as_array().unwrap().iter().find(|it| it["type"] == "responder_at_door").cloned();
    arrival.unwrap_or_else(|| panic!("{shown}"))["proof"].clone()
}

#[tokio::test]
async fn how_to_get_in_is_told_from_the_acceptance_until_the_end_and_each_time_audited() {
    let house = House::open().await;
    let early = house.press("http:ring-2", "z").await;
    let (mut carer, incident) = Carer::with(&house, "a").await;
    let access = format!("GET /api/v1/incidents/{incident}/access");
    let told = house.ask("responder", &access, "").await;
    assert_eq!(told.body["subjects"][0]["access"], "the key is with the guard", "{told:?}");
    assert_eq!(
        told.body["subjects"][0]["keyholders"],
        json!([{"name": "Son", "phone": "+8613900000001", "relation": "son"}])
    );
    let entry = house.audited("access_read").await;
    assert_eq!((&entry["actor"], &entry["id"]), (&"responder".into(), &"S-1".into()));
    assert_eq!(entry["detail"], format!("incident {incident}"));
    assert_eq!(house.ask("operator", &access, "").await.told(), "403 forbidden");
    assert_eq!(
        house.ask("responder", &format!("GET /api/v1/incidents/{early}/access"), "").await.told(),
        "403 other_district"
    );
    carer.say(json!({"status": {"incident": incident, "state": "clear", "key": "k-1"}})).await;
    carer.until("noted").await;
    assert_eq!(house.ask("responder", &access, "").await.told(), "403 not_assigned");
    house.running.stop().await;
}

#[tokio::test]
async fn a_scan_of_the_right_code_is_an_arrival_with_its_proof() {
    let house = House::open().await;
    let (mut carer, incident) = Carer::with(&house, "a").await;
    let scan = |code: &str, key: &str| json!({"scan": {"incident": incident, "code": code, "key": key}});
    carer.say(scan("ZJ330481-000009", "k-1")).await;
    assert_eq!(carer.until("refused").await, json!({"key": "k-1", "code": "wrong_elder_code"}));
    carer.say(json!({"scan": {"incident": "330481-99", "code": "ZJ330481-000001", "key": "k-2"}})).await;
    assert_eq!(carer.until("refused").await, json!({"key": "k-2", "code": "not_assigned"}));
    for _ in 0..2 {
        carer.say(scan("ZJ330481-000001", "k-3")).await;
        assert_eq!(carer.until("noted").await, json!({"key": "k-3"}));
    }
    assert_eq!(proof(&house, &incident).await, "elder_code");
    let shown = house.ask("operator", &format!("GET /api/v1/incidents/{incident}"), "").await.body;
    let arrivals = shown["timeline"].as_array().unwrap().iter().filter(|it| it["type"] == "responder_at_door");
    assert_eq!((arrivals.count(), shown.to_string().contains("ZJ330481")), (1, false));
    house.running.stop().await;
}

#[tokio::test]
async fn an_arrival_is_proved_by_position_or_marked_as_their_word() {
    let house = House::open().await;
    let (mut carer, first) = Carer::with(&house, "a").await;
    let at_door = |incident: &str, key: &str| json!({"status": {"incident": incident, "state": "at_door", "key": key, "proof": "position"}});
    carer.say(json!({"position": {"lat": 30.54, "lon": 120.68, "accuracy_m": 8}})).await;
    carer.say(at_door(&first, "k-1")).await;
    carer.until("noted").await;
    assert_eq!(proof(&house, &first).await, "manual", "1 km away, whatever the phone says");
    carer.say(json!({"status": {"incident": first, "state": "clear", "key": "k-2"}})).await;
    carer.until("noted").await;
    let close = format!("POST /api/v1/incidents/{first}/close");
    assert_eq!(house.ask("supervisor", &close, r#"{"disposition":"helped"}"#).await.status, 200);
    drop(carer);
    let (mut carer, second) = Carer::with(&house, "b").await;
    carer.say(json!({"position": {"lat": 30.5302, "lon": 120.68, "accuracy_m": 8}})).await;
    carer.say(at_door(&second, "k-3")).await;
    carer.until("noted").await;
    assert_eq!(proof(&house, &second).await, "position");
    house.running.stop().await;
}

#[tokio::test]
async fn the_outcome_is_a_note_of_the_responder_and_radio_is_said_to_be_radio() {
    let house = House::open().await;
    let (mut carer, incident) = Carer::with(&house, "a").await;
    let at_door = json!({"incident": incident, "state": "at_door"}).to_string();
    let said = house.ask("operator", "POST /api/v1/responders/R-1/status", &at_door).await;
    assert_eq!(said.status, 200, "{said:?}");
    assert_eq!(proof(&house, &incident).await, "radio");
    carer.say(json!({"status": {"incident": incident, "state": "clear", "key": "k-1"}})).await;
    carer.until("noted").await;
    for _ in 0..2 {
        carer
            .say(json!({"outcome": {"incident": incident, "text": "she sat on the floor, unhurt", "key": "k-2"}}))
            .await;
        assert_eq!(carer.until("noted").await, json!({"key": "k-2"}));
    }
    carer.say(json!({"outcome": {"incident": "330481-99", "text": "x", "key": "k-3"}})).await;
    assert_eq!(carer.until("refused").await["code"], "not_assigned");
    let shown = house.ask("operator", &format!("GET /api/v1/incidents/{incident}"), "").await.body;
    let notes: Vec<&Value> =
        shown["timeline"].as_array().unwrap().iter().filter(|it| it["type"] == "note_added").collect();
    assert_eq!(notes.len(), 1, "{shown}");
    assert_eq!((&notes[0]["note"], &notes[0]["by"]), (&"she sat on the floor, unhurt".into(), &"responder".into()));
    house.running.stop().await;
}
