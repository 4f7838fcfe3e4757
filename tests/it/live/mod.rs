//! Consoles, responders and watches on real sockets.

mod house;

use std::time::Duration;

use serde_json::{Value, json};
use tidewatch::domain::signal::SignalOutcome;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use tidewatch::dispatch::Command;
use tidewatch::live::Limits;
use tokio::time::timeout;

use self::house::{House, PATIENCE};

/// In the place of half a minute, or a quarter of an hour.
const SHORT: Duration = Duration::from_millis(500);
const NEVER: Duration = Duration::from_secs(3600);

const SOS: &str = r#"{"device":"http:ring-1","id":"1","kind":"sos","battery_pct":41}"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_goes_from_a_watch_to_a_console_and_a_responder_and_back() {
    let house = House::open().await;
    let mut console = house.console("op", r#""districts":{"330481":0}"#).await;
    let mut seen = console.until("resumed").await["seq"].as_u64().map(|_| 0).unwrap();
    let mut carer = house.responder("carer").await;
    assert_eq!(carer.until("state").await, json!({"duty": false, "offers": [], "assignment": null}));
    carer.say(r#"{"duty":{"on":true}}"#).await;
    assert_eq!(carer.until("state").await["duty"], true);

    let mut watch = house.watch().await;
    let frame = b"[3G*8800000015*004B*AL,211126,033851,V,0.0,N,0.0,E,0,0,0,9,60,41,0,0,00010001,1,1,460,0,9360,4]";
    watch.write_all(frame).await.unwrap();
    let mut answer = [0; 23];
    watch.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, *b"[3G*8800000015*0002*AL]");

    let offer = carer.until("offer").await;
    assert_eq!((&offer["kind"], &offer["urgency"]), (&json!("sos"), &json!(2)));
    assert_eq!(offer["place"]["address"], "1 Made Up Road");
    assert!(offer["distance_m"].as_u64().unwrap() > 1000);
    assert_eq!(offer["way"], "line");
    assert_eq!((&offer["travel"], &offer["hotline"]), (&json!("ebike"), &json!("967890")));
    assert_eq!(offer["about"], json!([{"birth_year": null, "risks": []}]), "nobody's name before somebody says yes");
    let id = offer["offer"].as_str().unwrap();
    carer.say(&json!({"shown": {"offer": id}}).to_string()).await;
    carer.say(&json!({"accept": {"offer": id}}).to_string()).await;
    let assignment = carer.until("assignment").await;
    assert_eq!((&assignment["subject"]["name"], &assignment["subject"]["access"]), (&json!("Somebody"), &Value::Null));
    let incident = assignment["incident"].as_str().unwrap();
    let status = json!({"status": {"incident": incident, "state": "en_route", "key": "k1"}}).to_string();
    carer.say(&status).await;
    carer.say(&status).await;
    assert_eq!(carer.until("noted").await, json!({"key": "k1"}));
    assert_eq!(carer.until("noted").await, json!({"key": "k1"}));

    let events = console.events_until("responder_en_route", &mut seen).await;
    let signal = events.iter().find(|event| event["type"] == "signal_received").unwrap();
    assert_eq!(signal["device"], "watch:8800000015");
    assert_eq!(signal["battery_pct"], 41);
    for event in &events {
        for internal in ["v", "request", "fingerprint", "private", "source"] {
            assert_eq!(event.get(internal), None, "{event}");
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_see_private_values_sees_what_happened_all_the_same() {
    let house = House::open().await;
    house.signal(SOS).await;
    let mut console = house.console("ops", r#""districts":{"330481":0}"#).await;
    let mut seen = 0;
    let events = console.events_until("incident_opened", &mut seen).await;
    let text = Value::Array(events).to_string();
    for private in ["ring-1", "30.53", "120.68", "commitment"] {
        assert!(!text.contains(private), "{text}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_resumes_where_it_was_and_else_gets_a_snapshot() {
    let house = House::open().await;
    let taken = house.signal(SOS).await;
    assert_eq!(taken.outcome, SignalOutcome::Opened);
    assert_eq!(house.signal(SOS).await.outcome, SignalOutcome::Duplicate);

    let mut fresh = house.console("op", r#""districts":{"330481":null}"#).await;
    let snapshot = fresh.until("snapshot").await;
    assert_eq!(snapshot["incidents"][0]["id"], taken.incident.unwrap().to_string());
    assert_eq!(snapshot["incidents"][0]["place"]["source"], "premises");
    assert_eq!(snapshot["responders"][0]["state"], "off_duty");
    let (mut seen, generation) = (snapshot["seq"].as_u64().unwrap(), snapshot["generation"].as_str().unwrap());

    let before = seen;
    house.signal(&SOS.replace("\"1\"", "\"2\"")).await;
    fresh.events_until("alarm_attached", &mut seen).await;

    let hello = format!(r#""generation":"{generation}","districts":{{"330481":{before}}}"#);
    let mut back = house.console("op", &hello).await;
    assert!(back.until("resumed").await["seq"].as_u64().unwrap() > before);
    let mut again = before;
    back.events_until("alarm_attached", &mut again).await;

    for hello in [
        r#""districts":{"330481":99999}"#.to_owned(),
        r#""districts":{"330481":-1}"#.to_owned(),
        format!(r#""generation":"another","districts":{{"330481":{before}}}"#),
    ] {
        assert!(house.console("op", &hello).await.until("snapshot").await.is_object(), "{hello}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_by_the_code() {
    let house = House::open().await;
    let code = async |name: &str, hello: &str| house.console(name, hello).await.next().await;
    assert_eq!(code("nobody", "").await, Err(4401));
    assert_eq!(code("", r#""districts":{}"#).await, Err(4401));
    assert_eq!(code("gw", r#""districts":{"330481":null}"#).await, Err(4403));
    assert_eq!(code("op", r#""districts":{"330482":null}"#).await, Err(4403));
    assert_eq!(house.responder("op").await.next().await, Err(4403));
    assert_eq!(house.responder("nobody").await.next().await, Err(4401));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_a_problem_and_the_link_stays() {
    let house = House::open().await;
    let mut carer = house.responder("carer").await;
    carer.until("state").await;
    carer.say("dance").await;
    assert_eq!(carer.until("problem").await["code"], "not_understood");
    carer.say(r#"{"accept":{"offer":"330481-o99"}}"#).await;
    assert_eq!(carer.until("refused").await, json!({"offer": "330481-o99", "code": "no_such_offer"}));
    carer.say(r#"{"status":{"incident":"330481-9","state":"clear","key":"k"}}"#).await;
    let problem = carer.until("problem").await;
    assert_eq!((&problem["code"], &problem["key"]), (&json!("no_such_incident"), &json!("k")));
    house.shutdown.cancel();
    loop {
        if let Err(code) = carer.next().await {
            assert_eq!(code, 1001);
            break;
        }
    }
    house.close().await;
}

/// Its claim tells when: it is kept while the feed of its owner is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_reads_nothing_is_closed() {
    let limits = Limits { beat: SHORT / 6, unread: SHORT };
    let house = House::open_with(NEVER, limits).await;
    let mut reading = house.console("ops", r#""districts":{"330481":0}"#).await;
    let runs_out = tokio::spawn(async move {
        let mut seen = 0;
        loop {
            let events = reading.events_until("claim_lease_changed", &mut seen).await;
            if events.iter().any(|event| event["lease"].get("until").is_some()) {
                return;
            }
        }
    });
    let incident = house.signal(SOS).await.incident.unwrap();
    house.command("op", Command::Claim { incident }).await;
    let mut silent = house.console("op", r#""districts":{"330481":null}"#).await;
    silent.until("snapshot").await;
    // From here on it reads nothing, and the other one sees how its lease begins to run out.
    timeout(PATIENCE, runs_out).await.expect("it is never given up").unwrap();
    loop {
        if let Err(code) = silent.next().await {
            assert_eq!(code, 1008);
            break;
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_says_nothing_is_let_go() {
    let house = House::open_with(SHORT, Limits::default()).await;
    let (mut mute, mut spoke) = (house.watch().await, house.watch().await);
    let (keep_alive, mut answer) = (b"[3G*8800000015*0002*LK]", Vec::new());
    spoke.write_all(keep_alive).await.unwrap();
    for (watch, expected) in [(&mut mute, &b""[..]), (&mut spoke, keep_alive)] {
        answer.clear();
        timeout(PATIENCE, watch.read_to_end(&mut answer)).await.expect("it is never let go").unwrap();
        assert_eq!(answer, expected);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_beyond_the_limit_is_let_go_and_disturbs_nobody() {
    let house = House::open().await;
    let keep_alive = b"[3G*8800000015*0002*LK]";
    let mut answer = [0; 23];
    let (mut one, mut other) = (house.watch().await, house.watch().await);
    for watch in [&mut one, &mut other] {
        watch.write_all(keep_alive).await.unwrap();
        watch.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *keep_alive);
    }
    let mut third = house.watch().await;
    assert_eq!(third.read(&mut answer).await.unwrap_or(0), 0);
    one.write_all(b"rubbish [3G*88").await.unwrap();
    drop(one);
    other.write_all(keep_alive).await.unwrap();
    other.read_exact(&mut answer).await.unwrap();
    house.close().await;
}
