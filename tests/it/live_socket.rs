//! Live feeds of consoles and links of responders against the real service.

use std::time::Duration;

use serde_json::{Value, json};

use crate::service::feed::{Console, Heard, Socket, events};
use crate::service::http::Client;
use crate::service::world::{DISTRICT, OTHER, bracelet, responder_of, world};
use crate::service::{Folder, SOON, Service, until};

/// The longest silence that the contract allows a feed.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// More frames than the service keeps for a console (256) after the buffers between them are full.
const FRAMES_UNREAD: usize = 400;
/// A snapshot may be so many events older than the head: one frame's worth.
const STALE_MOST: u64 = 500;
/// Of twelve kilobytes each.
const NOTES_A_FRAME: usize = 4;

const LIVE: &str = "/api/v1/live";
const LINK: &str = "/api/v1/responder/live";

struct Stage {
    service: Service,
    folder: Folder,
    gateway: Client,
    operator: Client,
    secret: String,
}

impl Stage {
    async fn new(config: &str, homes: usize, responders: usize) -> Self {
        let folder = Folder::of(&[world(DISTRICT, homes, responders), world(OTHER, 1, 0)].concat());
        let (gate, secret) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
        let service = folder.serve_with(config, &[]).await;
        let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &secret));
        Self { folder, service, gateway, operator, secret }
    }

    async fn console(&self, districts: Value) -> Console {
        Console::open(&self.service, &self.secret, districts).await
    }

    /// Alarms of one home, so many.
    async fn press(&self, times: usize, from: usize) -> u64 {
        let mut seq = 0;
        for n in 0..times {
            seq = self.gateway.press(&bracelet(DISTRICT, 0), &format!("{}", from + n)).await["seq"].as_u64().unwrap();
        }
        seq
    }

    /// The nth responder with a link, on duty.
    async fn phone(&self, n: usize) -> (Socket, String) {
        let account = format!("phone-{n}");
        let secret = self.folder.account(&account, "responder", &["--responder", &responder_of(DISTRICT, n)]);
        let known = async || {
            let mut socket = Socket::open(&self.service, LINK, &[]).await.ok()?;
            socket.say(&json!({"hello": {"token": secret}})).await;
            match socket.hear().await {
                Heard::Said(_) => Some(socket),
                Heard::Closed(_) => None,
            }
        };
        let mut socket = until("the account is known", SOON, known).await;
        socket.say(&json!({"duty": {"on": true}})).await;
        while socket.find("state").await["duty"] != json!(true) {}
        (socket, secret)
    }
}

#[tokio::test]
async fn whoever_may_not_look_is_told_so() {
    let stage = Stage::new("", 1, 1).await;
    let of_one = stage.folder.account("one", "operator", &["--district", DISTRICT]);
    let gate = stage.folder.account("other-gate", "gateway", &[]);
    let service = &stage.service;
    until("the account is known", SOON, async || {
        let said = Client::new(service, &of_one).get("/api/v1/incidents").await;
        (said.status == 200).then_some(())
    })
    .await;
    for (token, district, code) in [
        (json!("nobody's"), DISTRICT, 4401),
        (Value::Null, DISTRICT, 4401),
        (json!(of_one), OTHER, 4403),
        (json!(gate), DISTRICT, 4403),
        (json!(stage.secret), "990199", 4403),
    ] {
        let mut socket = Socket::open(service, LIVE, &[]).await.unwrap();
        socket.say(&json!({"hello": {"districts": {district: null}, "token": token}})).await;
        assert_eq!(socket.closed().await, Some(code), "{token} {district}");
    }
    let bearer = |secret: &str| format!("Bearer {secret}");
    let refused = async |headers: &[(&'static str, &str)]| Socket::open(service, LIVE, headers).await.err();
    assert_eq!(refused(&[("authorization", &bearer("nobody's"))]).await.unwrap(), 401);
    assert_eq!(refused(&[("authorization", &bearer(&gate))]).await.unwrap(), 403);
    let foreign = [("origin", "https://elsewhere.example"), ("authorization", &*bearer(&of_one))];
    assert_eq!(refused(&foreign).await.unwrap(), 403);
    assert_eq!(refused(&foreign[..1]).await.unwrap(), 403);
    let own = format!("http://{}", service.http);
    let mut socket =
        Socket::open(service, LIVE, &[("origin", &own), ("authorization", &bearer(&of_one))]).await.unwrap();
    socket.say(&json!({"hello": {"districts": {DISTRICT: null}}})).await;
    assert_eq!(socket.find("snapshot").await["seq"], 0);
}

#[tokio::test]
async fn a_console_that_says_nothing_is_closed_after_a_while() {
    let stage = Stage::new("", 1, 1).await;
    let mut socket = Socket::open(&stage.service, LIVE, &[]).await.unwrap();
    assert_eq!(socket.closed().await, Some(4401));
    let mut socket = Socket::open(&stage.service, LINK, &[]).await.unwrap();
    socket.say(&json!({"hello": {}})).await;
    assert_eq!(socket.closed().await, Some(4401));
}

#[tokio::test]
async fn a_feed_resumes_without_a_gap_and_replays_from_the_beginning() {
    let stage = Stage::new("", 1, 0).await;
    let mut first = stage.console(json!({DISTRICT: null})).await;
    assert_eq!(first.find("snapshot").await["incidents"], json!([]));
    let seq = stage.press(5, 0).await;
    let seen = first.events_to(DISTRICT, seq).await;
    let half = seq / 2;
    drop(first);

    let seq = stage.press(5, 5).await;
    let mut resumed = stage.console(json!({DISTRICT: half})).await;
    assert!(resumed.find("resumed").await["seq"].as_u64().unwrap() >= seq);
    let later = resumed.events_to(DISTRICT, seq).await;
    assert_eq!(later[0]["seq"], half + 1);

    let mut replayed = stage.console(json!({DISTRICT: 0})).await;
    replayed.find("resumed").await;
    let all = replayed.events_to(DISTRICT, seq).await;
    assert_eq!(all[0]["seq"], 1);
    assert_eq!(all[..seen.len()], seen, "the past is told as it was told then");
    assert_eq!(all[half as usize..], later);
    let received: Vec<&str> =
        all.iter().filter(|it| it["type"] == "signal_received").map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(received, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

#[tokio::test]
async fn a_number_of_the_future_and_another_generation_begin_with_a_snapshot() {
    let stage = Stage::new("", 1, 1).await;
    let seq = stage.press(1, 0).await;
    for seen in [json!(seq + 1_000_000), json!(-1), json!("7")] {
        let mut console = stage.console(json!({DISTRICT: seen})).await;
        let snapshot = console.find("snapshot").await;
        assert!(snapshot["seq"].as_u64().unwrap() >= seq, "{seen}");
        assert_eq!(snapshot["incidents"].as_array().unwrap().len(), 1);
        assert_eq!(snapshot["responders"][0]["id"], responder_of(DISTRICT, 0));
    }
    let mut console = stage.console(json!({DISTRICT: 0})).await;
    let generation = console.find("resumed").await["generation"].clone();
    for (given, word) in [(generation, "resumed"), (json!("another"), "snapshot")] {
        let mut socket = Socket::open(&stage.service, LIVE, &[]).await.unwrap();
        let hello = json!({"districts": {DISTRICT: seq}, "token": stage.secret, "generation": given});
        socket.say(&json!({"hello": hello})).await;
        let Heard::Said(said) = socket.hear().await else { panic!("closed") };
        assert!(said.get(word).is_some(), "{given}: {said}");
    }
}

#[tokio::test]
async fn two_districts_are_numbered_apart() {
    let stage = Stage::new("", 1, 0).await;
    let mut console = stage.console(json!({DISTRICT: 0, OTHER: null})).await;
    let here = stage.press(3, 0).await;
    let there = stage.gateway.press(&bracelet(OTHER, 0), "1").await["seq"].as_u64().unwrap();
    while console.seen.get(DISTRICT) < Some(&here) || console.seen.get(OTHER) < Some(&there) {
        console.next().await;
    }
    let heads = console.find("heartbeat").await["heads"].clone();
    assert_eq!(
        (heads[DISTRICT].as_u64(), heads[OTHER].as_u64()),
        (console.seen.get(DISTRICT).copied(), console.seen.get(OTHER).copied())
    );
}

#[tokio::test]
async fn a_quiet_feed_says_every_ten_seconds_that_it_lives() {
    let stage = Stage::new("", 1, 0).await;
    let mut console = stage.console(json!({DISTRICT: null})).await;
    console.find("snapshot").await;
    for _ in 0..2 {
        let beat = tokio::time::timeout(HEARTBEAT, console.find("heartbeat")).await.expect("a heartbeat in time");
        assert_eq!(beat["heads"], json!({DISTRICT: 0}));
        assert!(beat["at"].as_str().unwrap().ends_with('Z'));
    }
}

#[tokio::test]
async fn a_console_that_does_not_read_is_brought_up_to_date_and_holds_nobody_up() {
    let stage = Stage::new("", 1, 0).await;
    let socket = Socket::narrow(&stage.service, LIVE).await;
    let mut idle = Console::on(socket, &stage.secret, json!({DISTRICT: null})).await;
    idle.find("snapshot").await;
    let mut reader = stage.console(json!({DISTRICT: null})).await;
    reader.find("snapshot").await;
    let incident = stage.gateway.press(&bracelet(DISTRICT, 0), "1").await["incident"].clone();
    let path = format!("/api/v1/incidents/{}/note", incident.as_str().unwrap());
    let (text, mut seq) = ("潮".repeat(4000), 0);
    for _ in 0..FRAMES_UNREAD {
        let note = json!({"text": text});
        let notes = (0..NOTES_A_FRAME).map(|_| stage.operator.post(&path, &note));
        for said in futures_util::future::join_all(notes).await {
            seq = said.ok()["seq"].as_u64().unwrap().max(seq);
        }
        reader.events_to(DISTRICT, seq).await;
    }
    loop {
        let said = idle.next().await;
        if said.get("resync").is_some() {
            assert_eq!(said["resync"]["reason"], "slow");
            break;
        }
        assert!(idle.seen[DISTRICT] < seq, "everything was kept for a console that did not read");
    }
    let seen = idle.seen[DISTRICT];
    let fresh = idle.find("snapshot").await["seq"].as_u64().unwrap();
    assert!(fresh > seen && fresh + STALE_MOST >= seq, "from {seen}, a snapshot at {fresh}, and the head is {seq}");
    let more = stage.press(1, 2).await;
    idle.events_to(DISTRICT, more).await;
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_its_own_link_only() {
    let stage = Stage::new("", 1, 1).await;
    let (mut phone, _) = stage.phone(0).await;
    let mut console = stage.console(json!({DISTRICT: null})).await;
    console.find("snapshot").await;
    let long = json!({"decline": {"offer": "x", "reason": "y".repeat(65 * 1024)}}).to_string();
    phone.try_say(&long).await.ok();
    let code = phone.closed().await;
    assert_eq!(code, Some(1009));
    console.socket.try_say(&long).await.ok();
    let code = console.socket.closed().await;
    assert_eq!(code, Some(1009));
    assert_eq!(stage.gateway.press(&bracelet(DISTRICT, 0), "1").await["outcome"], "opened");
}

#[tokio::test]
async fn an_offer_is_shown_accepted_and_worked_to_the_end() {
    let stage = Stage::new("", 1, 1).await;
    let (mut phone, _) = stage.phone(0).await;
    let mut console = stage.console(json!({DISTRICT: null})).await;
    console.find("snapshot").await;
    stage.press(1, 0).await;
    let offer = phone.find("offer").await;
    assert_eq!((&offer["kind"], &offer["urgency"]), (&json!("sos"), &json!(2)));
    assert_eq!(offer["place"]["address"], "潮头街0号");
    assert!(offer.get("subject").is_none(), "an offer does not say who");
    phone.say(&json!({"shown": {"offer": offer["offer"]}})).await;
    assert_eq!(console.event("offer_shown").await["offer"], offer["offer"]);
    phone.say(&json!({"accept": {"offer": offer["offer"]}})).await;
    let assignment = phone.find("assignment").await;
    assert_eq!((&assignment["offer"], &assignment["incident"]), (&offer["offer"], &offer["incident"]));
    assert_eq!(assignment["subject"]["name"], "试甲0");

    let status =
        |state: &str, key: &str| json!({"status": {"incident": offer["incident"], "state": state, "key": key}});
    for (state, event) in [
        ("en_route", "responder_en_route"),
        ("at_door", "responder_at_door"),
        ("inside", "responder_inside"),
        ("clear", "responder_clear"),
    ] {
        phone.say(&status(state, state)).await;
        assert_eq!(phone.find("noted").await["key"], state);
        phone.say(&status(state, state)).await;
        assert_eq!(phone.find("noted").await["key"], state);
        console.event(event).await;
    }
    let incident = stage.operator.incident(&offer["incident"]).await;
    let timeline = incident["timeline"].as_array().unwrap();
    for event in ["offer_accepted", "responder_en_route", "responder_at_door", "responder_inside", "responder_clear"] {
        assert_eq!(timeline.iter().filter(|it| it["type"] == event).count(), 1, "{event}");
    }
}

#[tokio::test]
async fn who_declines_is_left_in_peace_and_the_next_is_asked() {
    let stage = Stage::new("", 1, 2).await;
    let (mut near, _) = stage.phone(0).await;
    let (mut far, _) = stage.phone(1).await;
    stage.press(1, 0).await;
    let first = near.find("offer").await;
    near.say(&json!({"decline": {"offer": first["offer"], "reason": "带人去医院"}})).await;
    let second = far.find("offer").await;
    assert_eq!(second["incident"], first["incident"]);
    assert_ne!(second["offer"], first["offer"]);
    far.say(&json!({"accept": {"offer": first["offer"]}})).await;
    assert_eq!(far.find("refused").await["code"], "not_your_offer");
    far.say(&json!({"accept": {"offer": second["offer"]}})).await;
    assert_eq!(far.find("assignment").await["offer"], second["offer"]);
    near.say(&json!({"accept": {"offer": first["offer"]}})).await;
    assert_eq!(near.find("refused").await["offer"], first["offer"]);
}

#[tokio::test]
async fn all_sockets_of_a_responder_are_told_and_the_first_answer_counts() {
    let stage = Stage::new("", 1, 1).await;
    let (mut phone, secret) = stage.phone(0).await;
    let (mut tablet, state) = Socket::responder(&stage.service, &secret).await;
    assert_eq!(state, json!({"duty": true, "offers": [], "assignment": null}));
    stage.press(1, 0).await;
    let (one, other) = (phone.find("offer").await, tablet.find("offer").await);
    assert_eq!(one["offer"], other["offer"]);
    phone.say(&json!({"accept": {"offer": one["offer"]}})).await;
    assert_eq!(phone.find("assignment").await["offer"], one["offer"]);
    assert_eq!(tablet.find("assignment").await["offer"], one["offer"]);
    let (_, state) = Socket::responder(&stage.service, &secret).await;
    assert_eq!(state["assignment"]["offer"], one["offer"]);
}

#[tokio::test]
async fn what_is_not_understood_is_a_problem_and_the_link_stays() {
    let stage = Stage::new("", 1, 1).await;
    let (mut phone, _) = stage.phone(0).await;
    for text in [
        "",
        "潮",
        "[]",
        "{}",
        "{\"dance\":{}}",
        "{\"accept\":{}}",
        "{\"accept\":{\"offer\":\"x\"}}",
        "{\"position\":{\"lat\":91,\"lon\":0}}",
    ] {
        phone.say_text(text).await;
        assert!(phone.find("problem").await["code"].is_string(), "{text}");
    }
    phone.say(&json!({"accept": {"offer": format!("{DISTRICT}-o77")}})).await;
    let refused = phone.hear().await;
    let Heard::Said(refused) = refused else { panic!("{refused:?}") };
    assert!(refused.get("refused").is_some() || refused.get("problem").is_some(), "{refused}");
    stage.press(1, 0).await;
    phone.find("offer").await;
}

#[tokio::test]
async fn a_withdrawn_offer_is_told_and_an_expired_one_is_refused() {
    let stage = Stage::new("[offers]\nttl_s = 1\ndeliver_s = 1\n", 2, 1).await;
    let (mut phone, _) = stage.phone(0).await;
    let mut console = stage.console(json!({DISTRICT: null})).await;
    console.find("snapshot").await;
    stage.press(1, 0).await;
    let offer = phone.find("offer").await;
    phone.say(&json!({"shown": {"offer": offer["offer"]}})).await;
    assert_eq!(console.event("offer_expired").await["offer"], offer["offer"]);
    phone.say(&json!({"accept": {"offer": offer["offer"]}})).await;
    assert_eq!(phone.find("refused").await["code"], "offer_expired");

    let stage = Stage::new("", 2, 1).await;
    let (mut phone, _) = stage.phone(0).await;
    stage.press(1, 0).await;
    let offer = phone.find("offer").await;
    let close = format!("/api/v1/incidents/{}/close", offer["incident"].as_str().unwrap());
    stage.operator.post(&close, &json!({"disposition": "false_alarm", "force": true})).await.ok();
    assert_eq!(phone.find("withdrawn").await["offer"], offer["offer"]);
    phone.say(&json!({"accept": {"offer": offer["offer"]}})).await;
    assert_eq!(phone.find("refused").await["offer"], offer["offer"]);
}

#[tokio::test]
async fn positions_are_told_without_a_number_and_not_to_who_only_looks() {
    let stage = Stage::new("", 1, 1).await;
    let (mut phone, _) = stage.phone(0).await;
    let watcher = stage.folder.account("ops", "ops", &[]);
    until("the account is known", SOON, async || {
        (Client::new(&stage.service, &watcher).get("/metrics").await.status == 200).then_some(())
    })
    .await;
    let mut console = stage.console(json!({DISTRICT: null})).await;
    console.find("snapshot").await;
    let mut shut = Console::open(&stage.service, &watcher, json!({DISTRICT: null})).await;
    shut.find("snapshot").await;
    phone.say(&json!({"position": {"lat": 30.5121, "lon": 120.6121, "accuracy_m": 8}})).await;
    let positions = console.find("positions").await;
    assert_eq!(positions[0]["responder"], responder_of(DISTRICT, 0));
    assert_eq!((positions[0]["lat"].as_f64(), positions[0]["lon"].as_f64()), (Some(30.5121), Some(120.6121)));

    let location = json!({"lat": 30.7117, "lon": 120.7117, "accuracy_m": 9});
    let signal = json!({"device": bracelet(DISTRICT, 0), "id": "1", "kind": "sos", "location": location});
    let seq = stage.gateway.signal(&signal).await.ok()["seq"].as_u64().unwrap();
    loop {
        let said = shut.next().await;
        let text = said.to_string();
        assert!(["30.5121", "30.7117", "bracelet", "潮头街", "试甲"].iter().all(|it| !text.contains(it)), "{text}");
        if said.get("frame").is_some_and(|frame| events(frame).any(|it| it["seq"] == seq)) {
            break;
        }
    }
}
