//! Watches over TCP against the real service: what is answered, when, and that no connection disturbs another.

use std::path::PathBuf;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::service::http::Client;
use crate::service::watch::{Watch, alarm, answered, body, frame};
use crate::service::world::{DISTRICT, watch_of, world};
use crate::service::{Folder, SOON, Service, until};

const SOS: &str = "00010000";
const AT: &str = "201126,033851";
const LATER: &str = "201126,033907";

#[tokio::test]
async fn every_alarm_bit_is_a_signal_and_the_incident_is_there_when_the_watch_hears_so() {
    let (_folder, service, operator) = begin("").await;
    for (n, (status, kind, kinds)) in [
        (SOS, "sos", vec!["sos"]),
        ("00200000", "fall", vec!["fall"]),
        ("00010001", "sos", vec!["sos", "low_battery"]),
        ("00610001", "sos", vec!["sos", "fall", "vital", "low_battery"]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut watch = Watch::connect(&service).await;
        watch.ask(alarm(&id(n), AT, status), &answered(&id(n))).await;
        let incident = of_home(&operator, n).await;
        assert_eq!((incident["kind"].as_str(), incident["presses"].as_u64()), (Some(kind), Some(1)), "{status}");
        let found: Vec<&str> = signals(&incident).map(|it| it["kind"].as_str().unwrap()).collect();
        assert_eq!(found, kinds, "{status}");
        let device = format!("watch:{}", id(n));
        assert!(signals(&incident).all(|it| it["device"] == *device && it["at"] == "2026-11-20T03:38:51.000Z"));
    }
}

#[tokio::test]
async fn signs_of_life_are_answered_at_once_and_open_nothing() {
    let (_folder, service, operator) = begin("").await;
    let (mut watch, id) = (Watch::connect(&service).await, id(0));
    for (said, reply) in [
        ("LK,0,10,100", "LK"),
        ("LK", "LK"),
        ("INIT", "INIT,1"),
        ("TKQ", "TKQ"),
        ("TKQ2", "TKQ2"),
        ("JXTK,1", "JXTKR,1"),
    ] {
        watch.ask(frame(&id, said), &frame(&id, reply)).await;
    }
    watch.say(frame(&id, &format!("UD,{AT},{}", body("00000000")))).await;
    watch.ask(frame(&id, "LK"), &frame(&id, "LK")).await;
    let indexed = format!("[ZJ*{id}*0035*0002*LK]");
    watch.ask(&indexed, &indexed).await;
    assert_eq!(operator.open_incidents().await, Vec::<Value>::new());
}

#[tokio::test]
async fn frames_may_come_split_joined_slowly_and_between_rubbish() {
    let (_folder, service, operator) = begin("").await;
    let mut slow = Watch::connect(&service).await;
    for byte in alarm(&id(0), AT, SOS).bytes() {
        slow.say([byte]).await;
    }
    assert_eq!(slow.reply().await, answered(&id(0)));

    let mut joined = Watch::connect(&service).await;
    let two = [frame(&id(1), "LK"), alarm(&id(1), AT, SOS), frame(&id(1), "TKQ")].concat();
    joined.say(&two[..30]).await;
    joined.say(&two[30..]).await;
    for reply in ["LK", "AL", "TKQ"] {
        assert_eq!(joined.reply().await, frame(&id(1), reply));
    }

    let mut damaged = Watch::connect(&service).await;
    damaged.say(b"\x00\xff[[3G*12[garbage*]]GET / HTTP/1.1\r\n\r\n").await;
    damaged.say(alarm(&id(2), AT, SOS).replace("*00", "*7f")).await;
    damaged.say(b"\xe6\xbd\xae[3G*]").await;
    damaged.say(alarm(&id(2), LATER, SOS)).await;
    assert_eq!(damaged.reply().await, answered(&id(2)));
    assert_eq!(damaged.reply().await, answered(&id(2)));
    assert_eq!([presses(&operator, 0).await, presses(&operator, 1).await, presses(&operator, 2).await], [1, 1, 2]);
}

#[tokio::test]
async fn the_same_bytes_are_a_repeat_answered_again_and_a_new_press_is_more_urgent() {
    let (_folder, service, operator) = begin("").await;
    let (mut watch, reply) = (Watch::connect(&service).await, answered(&id(0)));
    watch.ask(alarm(&id(0), AT, SOS), &reply).await;
    watch.ask(alarm(&id(0), AT, SOS), &reply).await;
    let mut other = Watch::connect(&service).await;
    other.ask(alarm(&id(0), AT, SOS), &reply).await;
    let incident = of_home(&operator, 0).await;
    assert_eq!((incident["presses"].as_u64(), incident["urgency"].as_u64()), (Some(1), Some(2)));
    assert_eq!(signals(&incident).count(), 1);

    other.ask(alarm(&id(0), LATER, SOS), &reply).await;
    let pressed = of_home(&operator, 0).await;
    assert_eq!(pressed["id"], incident["id"]);
    assert_eq!((pressed["presses"].as_u64(), pressed["urgency"].as_u64()), (Some(2), Some(1)));

    let close = format!("/api/v1/incidents/{}/close", incident["id"].as_str().unwrap());
    operator.post(&close, &serde_json::json!({"disposition": "helped", "force": true})).await.ok();
    other.ask(alarm(&id(0), AT, SOS), &reply).await;
    let again = of_home(&operator, 0).await;
    assert_ne!(again["id"], incident["id"], "the same bytes after the close are a new call for help");
}

#[tokio::test]
async fn an_alarm_bit_that_stays_set_in_positions_is_one_press() {
    let (_folder, service, operator) = begin("").await;
    let (mut watch, id) = (Watch::connect(&service).await, id(0));
    let position = |at: &str, status: &str| frame(&id, &format!("UD,{at},{}", body(status)));
    watch.say(position("201126,033851", SOS)).await;
    watch.say(position("201126,033901", SOS)).await;
    watch.say(position("201126,033911", "00010001")).await;
    watch.ask(frame(&id, "LK"), &frame(&id, "LK")).await;
    assert_eq!(presses(&operator, 0).await, 1);
    watch.say(position("201126,033921", "00000000")).await;
    watch.say(position("201126,033931", SOS)).await;
    watch.ask(frame(&id, "LK"), &frame(&id, "LK")).await;
    assert_eq!(presses(&operator, 0).await, 2);
}

#[tokio::test]
async fn technical_bits_open_nothing_and_an_alarm_without_a_bit_is_unreadable() {
    let (_folder, service, operator) = begin("").await;
    let mut watch = Watch::connect(&service).await;
    watch.ask(alarm(&id(0), AT, "00120001"), &answered(&id(0))).await;
    assert_eq!(operator.open_incidents().await, Vec::<Value>::new());
    watch.ask(alarm(&id(1), AT, "00000000"), &answered(&id(1))).await;
    watch.ask(frame(&id(2), "AL"), &answered(&id(2))).await;
    assert_eq!(of_home(&operator, 1).await["kind"], "unreadable");
    assert_eq!(of_home(&operator, 2).await["kind"], "unreadable");
}

#[tokio::test]
async fn recorded_frames_of_real_watches_are_survived_and_answered() {
    let Some(recorded) = recorded() else { return };
    let (_folder, service, operator) = begin("").await;
    let mut answers = 0;
    for it in &recorded {
        let (mut watch, bytes) = (Watch::connect(&service).await, hex(it["frame_hex"].as_str().unwrap()));
        watch.say(&bytes).await;
        // The connection is as good as before: the frame took nothing with it.
        watch.say(frame(&id(0), "INIT")).await;
        let first = watch.reply().await;
        if first != frame(&id(0), "INIT,1") {
            answers += 1;
            let ack = it["derived"]["ack"].as_str().map_or(it["frame_text"].as_str(), Some);
            assert_eq!(Some(first.as_str()), ack, "{}: TKQ is answered by itself, the others as recorded", it["id"]);
            assert_eq!(watch.reply().await, frame(&id(0), "INIT,1"), "{}", it["id"]);
        } else {
            assert!(it["derived"]["ack"].is_null(), "{} waits for an answer", it["id"]);
        }
    }
    assert_eq!(answers, 4, "recorded frames that wait for an answer");
    let kinds: Vec<Value> = operator.open_incidents().await.iter().map(|it| it["kind"].clone()).collect();
    assert_eq!(kinds, ["unreadable"], "of the recorded alarms one has no bit, the other a technical one");
}

#[tokio::test]
async fn a_bad_connection_disturbs_no_other_and_keeps_no_more_than_a_frame() {
    let (_folder, service, operator) = begin("").await;
    let mut half = Watch::connect(&service).await;
    half.say(&alarm(&id(1), AT, SOS)[..40]).await;
    let mut endless = Watch::connect(&service).await;
    let flood = frame(&id(2), &format!("TK,{}", "x".repeat(40_000)));
    endless.say(flood.trim_end_matches(']')).await;
    endless.say("y".repeat(70_000)).await;
    let mut gone = Watch::connect(&service).await;
    gone.say(alarm(&id(3), AT, SOS)).await;
    drop(gone);
    let mut good = Watch::connect(&service).await;
    good.ask(alarm(&id(0), AT, SOS), &answered(&id(0))).await;
    endless.ask(alarm(&id(2), AT, SOS), &answered(&id(2))).await;
    assert_eq!([presses(&operator, 0).await, presses(&operator, 2).await], [1, 1]);
    until("the alarm of the watch that left", SOON, async || find(&operator, 3).await).await;
}

#[tokio::test]
async fn half_an_alarm_is_an_alarm_when_its_connection_ends() {
    let (_folder, service, operator) = begin("").await;
    let whole = alarm(&id(0), AT, SOS);
    // A status that may itself be half could hide a bit, so it is not believed.
    for (home, end, kind) in [(0, ",1,1,46", "sos"), (1, "", "unreadable")] {
        let mut half = Watch::connect(&service).await;
        half.say(whole.replace(&id(0), &id(home)).replace(']', end)).await;
        drop(half);
        let incident = until("the incident of half an alarm", SOON, async || find(&operator, home).await).await;
        assert_eq!(incident["kind"], kind);
    }
}

#[tokio::test]
async fn more_connections_than_allowed_are_closed_and_the_others_are_served() {
    let (_folder, service, operator) = begin("[watch]\nconnections = 3\n").await;
    let mut served = Vec::new();
    for n in 0..3 {
        let mut watch = Watch::connect(&service).await;
        watch.ask(frame(&id(n), "LK"), &frame(&id(n), "LK")).await;
        served.push(watch);
    }
    let mut refused = Watch::connect(&service).await;
    let read = timeout(SOON, refused.stream.read(&mut [0; 8])).await.expect("closed within the bound");
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    served[2].ask(alarm(&id(2), AT, SOS), &answered(&id(2))).await;
    served.remove(0);
    until("room for another watch", SOON, async || {
        let mut watch = Watch::connect(&service).await;
        tokio::io::AsyncWriteExt::write_all(&mut watch.stream, alarm(&id(3), AT, SOS).as_bytes()).await.ok()?;
        watch.try_reply().await.ok()?
    })
    .await;
    assert_eq!([presses(&operator, 2).await, presses(&operator, 3).await], [1, 1]);
}

#[tokio::test]
async fn noise_of_unknown_devices_is_capped_and_known_people_are_served() {
    let (_folder, service, operator) = begin("[unknown_devices]\ncap = 10\n").await;
    let mut noise = Watch::connect(&service).await;
    for n in 0..40 {
        let stranger = format!("66000{n:05}");
        noise.ask(alarm(&stranger, AT, SOS), &answered(&stranger)).await;
    }
    let mut watch = Watch::connect(&service).await;
    watch.ask(alarm(&id(0), AT, SOS), &answered(&id(0))).await;
    let open = operator.open_incidents().await;
    let strangers = open.iter().filter(|it| it["subject"].is_null()).count();
    assert_eq!((strangers, open.len()), (10, 11));
    let unknown = operator.get("/api/v1/devices/unknown").await;
    assert_eq!(unknown.status, 200, "{}", unknown.body);
}

async fn begin(config: &str) -> (Folder, Service, Client) {
    let folder = Folder::of(&world(DISTRICT, 4, 0));
    let secret = folder.account("board", "operator", &[]);
    let service = folder.serve_with(config, &[]).await;
    let operator = Client::new(&service, &secret);
    (folder, service, operator)
}

fn id(home: usize) -> String {
    watch_of(DISTRICT, home)
}

/// The open incident of a home, with its signals.
async fn find(operator: &Client, home: usize) -> Option<Value> {
    let subject = format!("S-{DISTRICT}-{home}");
    let open = operator.open_incidents().await;
    let found = open.iter().find(|it| it["subject"] == *subject)?;
    Some(operator.incident(&found["id"]).await)
}

async fn of_home(operator: &Client, home: usize) -> Value {
    find(operator, home).await.unwrap_or_else(|| panic!("no open incident of home {home}"))
}

async fn presses(operator: &Client, home: usize) -> u64 {
    of_home(operator, home).await["presses"].as_u64().unwrap()
}

fn signals(incident: &Value) -> impl Iterator<Item = &Value> {
    incident["signals"].as_array().unwrap().iter()
}

/// Frames of real watches, which are not the project's to publish.
fn recorded() -> Option<Vec<Value>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("SHARED_DIR").map_or_else(beside, PathBuf::from);
    let path = shared.join("vectors/watch.jsonl");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()),
        Err(error) => {
            eprintln!("NOT RUN: recorded frames on a socket need {}: {error}", path.display());
            None
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
