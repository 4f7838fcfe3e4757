//! What goes wrong outside, against the real service: bodies that are none, slow senders, a full disk, folders and
//! files that are not what they should be. People are still served, and whoever did it hears what to mend.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::service::feed::{Console, Socket};
use crate::service::http::Client;
use crate::service::watch::{Watch, alarm, answered};
use crate::service::world::{DISTRICT, bracelet, responder_of, watch_of, world};
use crate::service::{Folder, SOON, Service, told, until};
use crate::small_disk::SmallDisk;

const SIGNALS: &str = "/api/v1/signals";
const AT: &str = "201126,033851";
const SOS: &str = "00010000";

#[tokio::test]
async fn a_body_that_is_no_signal_is_refused_with_a_reason() {
    let (_folder, service, gateway, _) = begin(1).await;
    let device = bracelet(DISTRICT, 0);
    for (body, status) in [
        ("{\"device\":".to_owned(), 400),
        (String::new(), 400),
        (format!("{{\"device\":\"{device}\",\"id\":\"1\",\"kind\":\"sos\",\"battery_pct\":NaN}}"), 400),
        ("[]".to_owned(), 422),
        ("\"sos\"".to_owned(), 422),
        (json!({"device": device, "kind": "sos"}).to_string(), 422),
        (json!({"device": device, "id": "1", "kind": "dance"}).to_string(), 422),
        (json!({"device": device, "id": "1", "kind": 7}).to_string(), 422),
        (json!({"device": 7, "id": "1", "kind": "sos"}).to_string(), 422),
        (json!({"device": "bracelet", "id": "1", "kind": "sos"}).to_string(), 422),
        (json!({"device": device, "kind": "low_battery", "battery_pct": 101}).to_string(), 422),
        (json!({"device": device, "kind": "low_battery", "batery": 3}).to_string(), 422),
        (json!({"device": device, "kind": "position", "location": {"lat": 91, "lon": 0}}).to_string(), 422),
        (json!({"device": device, "kind": "fault", "occurred_at": "1970-01-01T00:00:00Z"}).to_string(), 422),
    ] {
        let said = gateway.post_text(SIGNALS, &body).await;
        assert!(!said.refused(status).is_empty(), "{body}");
    }
    let stranger = Client::stranger(&service);
    stranger.post_text(SIGNALS, "{}").await.refused(401);
}

#[tokio::test]
async fn an_alarm_is_taken_whatever_it_carries() {
    let (_folder, _service, gateway, operator) = begin(1).await;
    let alarm = |id: &str, more: Value| {
        let mut signal = json!({"device": bracelet(DISTRICT, 0), "id": id, "kind": "sos"});
        signal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        signal
    };
    let cases = [
        ("lat", json!({"location": {"lat": 91, "lon": 120.6}}), "refused", false),
        ("text", json!({"location": "NaN"}), "refused", false),
        ("nan", json!({"location": {"lat": "NaN", "lon": "NaN"}}), "refused", false),
        ("huge", json!({"location": {"lat": 1e300, "lon": -1e300}}), "refused", false),
        ("datum", json!({"location": {"lat": 30.5, "lon": 120.6, "datum": "mars"}}), "refused", false),
        ("zero", json!({"location": {"lat": 0, "lon": 0}}), "none", false),
        ("1970", json!({"occurred_at": "1970-01-01T00:00:00Z"}), "none", true),
        ("2099", json!({"occurred_at": "2099-12-31T23:59:59Z"}), "none", true),
        ("words", json!({"occurred_at": "yesterday"}), "none", true),
        ("types", json!({"occurred_at": [], "battery_pct": "full", "location": 7}), "refused", true),
        ("more", json!({"note": {"a": [1, 2]}, "battery_pct": -5}), "none", false),
    ];
    let mut incident = Value::Null;
    for (id, more, _, _) in &cases {
        let taken = gateway.signal(&alarm(id, more.clone())).await.ok();
        assert!(["opened", "attached"].contains(&taken["outcome"].as_str().unwrap()), "{id}: {taken}");
        incident = taken["incident"].clone();
    }
    let shown = operator.incident(&incident).await;
    for ((id, _, place, time_refused), it) in cases.iter().zip(shown["signals"].as_array().unwrap()) {
        assert_eq!((it["id"].as_str(), it["place"].as_str()), (Some(*id), Some(*place)), "{it}");
        assert_eq!(it["time_refused"] == true, *time_refused, "{it}");
    }
    assert_eq!(shown["presses"], cases.len());
    let number = alarm("x", json!({})).to_string().replace("\"x\"", "12345678901234567890");
    gateway.post_text(SIGNALS, &number).await.ok();
    let huge = alarm("y", json!({})).to_string().replace("}", ",\"battery_pct\":1e999}");
    let said = gateway.post_text(SIGNALS, &huge).await;
    assert_eq!(said.status, 200, "a number that is too large is left off like any other: {}", said.body);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_a_slow_one_disturbs_nobody() {
    let (_folder, service, gateway, operator) = begin(2).await;
    let padded = |bytes: usize| {
        let signal = json!({"device": bracelet(DISTRICT, 0), "id": "1", "kind": "sos"}).to_string();
        format!("{}{signal}", " ".repeat(bytes - signal.len()))
    };
    gateway.post_text(SIGNALS, &padded(64 * 1024 + 1)).await.refused(413);
    assert_eq!(operator.open_incidents().await.len(), 0);
    gateway.post_text(SIGNALS, &padded(64 * 1024)).await.ok();
    let open = operator.open_incidents().await;
    let note = format!("/api/v1/incidents/{}/note", open[0]["id"].as_str().unwrap());
    operator.post_text(&note, &json!({"text": "x".repeat(65 * 1024)}).to_string()).await.refused(413);
    operator.post_text(&note, "{").await.refused(400);
    operator.post_text(&note, "{\"text\":7}").await.refused(422);
    operator.post_text(&note, "{\"text\":\"a\",\"texts\":1}").await.refused(422);

    let mut slow = TcpStream::connect(service.http).await.unwrap();
    let head = format!("POST {SIGNALS} HTTP/1.1\r\nhost: {}\r\ncontent-length: 60\r\n\r\n", service.http);
    for byte in head.bytes().chain(*b"{\"dev") {
        slow.write_all(&[byte]).await.unwrap();
    }
    let mut none = TcpStream::connect(service.http).await.unwrap();
    none.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await.unwrap();
    gateway.press(&bracelet(DISTRICT, 1), "1").await;
    assert_eq!(operator.open_incidents().await.len(), 2);
}

#[tokio::test]
async fn a_sender_that_never_ends_its_request_is_let_go() {
    let folder = Folder::of(&world(DISTRICT, 1, 0));
    let gate = folder.account("gate", "gateway", &[]);
    let service = folder.serve_with("[limits]\nrequest_s = 1\n", &[]).await;
    let body =
        format!("POST {SIGNALS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {gate}\r\ncontent-length: 60\r\n\r\n{{");
    for (what, begun) in [("a body", body.as_str()), ("a head", "POST /api/v1/signals HTTP/1.1\r\nhost: x\r\nx-")] {
        let mut slow = TcpStream::connect(service.http).await.unwrap();
        slow.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = timeout(SOON, slow.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "{what} that does not come holds its connection for ever");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn a_thousand_idle_connections_are_in_nobodys_way() {
    let folder = Folder::of(&world(DISTRICT, 2, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let service = folder.serve_within(&["sh", "-c", "ulimit -S -n 1024; exec \"$0\" \"$@\""]).await;
    let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &board));
    let mut idle = Vec::new();
    for n in 0..1000 {
        let to = if n % 2 == 0 { service.watch } else { service.http };
        idle.push(TcpStream::connect(to).await.unwrap());
    }
    let mut watch = Watch::connect(&service).await;
    watch.ask(alarm(&watch_of(DISTRICT, 0), AT, SOS), &answered(&watch_of(DISTRICT, 0))).await;
    gateway.press(&bracelet(DISTRICT, 1), "1").await;
    assert_eq!(operator.open_incidents().await.len(), 2);
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_and_afterwards_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount(6, "a service on a full disk") else { return };
    let folder = Folder::at(&disk.path().join("data"));
    folder.import(&world(DISTRICT, 40, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let mut service = folder.serve().await;
    let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &board));
    let mut taken = vec![gateway.press(&bracelet(DISTRICT, 0), "before").await];
    assert_eq!(operator.get("/readyz").await.status, 200);

    let filler = disk.fill();
    let mut refused = 0;
    for n in 0..2000 {
        let signal = json!({"device": bracelet(DISTRICT, n % 40), "id": format!("full-{n}"), "kind": "sos"});
        let said = gateway.signal(&signal).await;
        match said.status.as_u16() {
            200 => taken.push(said.body),
            503 => {
                assert!(said.retry_after.is_some(), "{}", said.body);
                refused += 1;
            }
            status => panic!("{status} {}", said.body),
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "the disk is full");
    let ready = operator.get("/readyz").await;
    assert_eq!(ready.status, 503, "{}", ready.body);
    assert!(!ready.body["detail"].as_str().unwrap_or_default().is_empty(), "{}", ready.body);
    assert_eq!(operator.get("/healthz").await.status, 200);
    let mut watch = Watch::connect(&service).await;
    watch.say(alarm(&watch_of(DISTRICT, 1), AT, SOS)).await;

    std::fs::remove_file(filler).unwrap();
    assert_eq!(watch.reply().await, answered(&watch_of(DISTRICT, 1)), "the watch was kept waiting, and then answered");
    until("ready again", SOON, async || (operator.get("/readyz").await.status == 200).then_some(())).await;
    taken.push(gateway.press(&bracelet(DISTRICT, 2), "after").await);
    assert!(service.is_running());
    let mut console = Console::open(&service, &board, json!({DISTRICT: 0})).await;
    let head = console.find("resumed").await["seq"].as_u64().unwrap();
    let events = console.events_to(DISTRICT, head).await;
    for it in &taken {
        let event = &events[it["seq"].as_u64().unwrap() as usize - 1];
        assert_eq!((&event["type"], &event["incident"]), (&json!("signal_received"), &it["incident"]));
    }
    assert!(service.stop().success());
    folder.verified();
}

#[tokio::test]
async fn with_room_on_the_disk_again_the_service_is_ready_though_nobody_writes() {
    let Some(disk) = SmallDisk::mount(6, "readiness after a full disk") else { return };
    let folder = Folder::at(&disk.path().join("data"));
    folder.import(&world(DISTRICT, 40, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let service = folder.serve().await;
    let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &board));
    let filler = disk.fill();
    let refused = async |n: usize| {
        let signal = json!({"device": bracelet(DISTRICT, n % 40), "id": format!("full-{n}"), "kind": "sos"});
        gateway.signal(&signal).await.status.as_u16() == 503
    };
    for n in 0.. {
        assert!(n < 2000, "the disk is full");
        if refused(n).await {
            break;
        }
    }
    assert_eq!(operator.get("/readyz").await.status, 503);
    std::fs::remove_file(filler).unwrap();
    until("ready again", SOON, async || (operator.get("/readyz").await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn a_folder_that_is_not_ours_is_refused() {
    let folder = Folder::new();
    std::fs::write(&folder.path, "a file").unwrap();
    let (code, why) = folder.refused(&[]);
    assert_eq!(code, 2, "{why}");
    assert!(why.contains("data"), "{why}");

    for name in ["journal.db", "registry.db"] {
        let folder = Folder::new();
        std::fs::create_dir(&folder.path).unwrap();
        std::fs::write(folder.path.join(name), "this is no database, and never was one\n".repeat(100)).unwrap();
        let (code, why) = folder.refused(&[]);
        assert_eq!(code, 2, "{name}: {why}");
        assert!(why.contains(name), "{name}: {why}");
        let out = folder.run("verify", &[]);
        assert_ne!(out.status.code(), Some(0), "{name}: {}", told(&out));
    }
}

#[tokio::test]
async fn a_record_that_was_cut_off_or_changed_is_found() {
    let (folder, mut service, gateway, _) = begin(3).await;
    for n in 0..3 {
        gateway.press(&bracelet(DISTRICT, n), "1").await;
    }
    assert!(service.stop().success());
    let (head, journal) = (folder.head(DISTRICT), folder.path.join("journal.db"));
    // All of it in the one file, and nothing beside it.
    rusqlite::Connection::open(&journal).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let whole = std::fs::read(&journal).unwrap();
    let out = folder.run("verify", &["--expect-head", &head]);
    assert!(out.status.success(), "{}", told(&out));

    let edit = |sql: &str| {
        std::fs::write(&journal, &whole).unwrap();
        rusqlite::Connection::open(&journal).unwrap().execute_batch(sql).unwrap();
    };
    edit("UPDATE event SET body = replace(body, '\"sos\"', '\"fall\"') WHERE seq = 1");
    let said = unwell(&folder, &[]);
    assert!(said.contains('1') && said.contains(DISTRICT), "{said}");
    edit("DELETE FROM event WHERE seq = 4");
    let said = unwell(&folder, &[]);
    assert!(said.contains('4') && said.contains(DISTRICT), "{said}");

    std::fs::write(&journal, &whole[..whole.len() / 2]).unwrap();
    let out = folder.run("verify", &[]);
    assert!(matches!(out.status.code(), Some(1 | 2)) && !out.stderr.is_empty(), "{}", told(&out));

    edit("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event);");
    let said = unwell(&folder, &["--expect-head", &head]);
    assert!(said.contains(DISTRICT), "{said}");
}

#[tokio::test]
async fn a_port_or_a_folder_in_use_is_refused_with_the_reason() {
    let (folder, service, gateway, _) = begin(1).await;
    let (code, why) = folder.refused(&[]);
    assert_eq!(code, 2, "{why}");
    assert!(why.contains("another") || why.contains("in use"), "{why}");

    let other = Folder::of(&world(DISTRICT, 1, 0));
    for name in ["http", "watch"] {
        let addr = if name == "http" { service.http } else { service.watch };
        let (code, why) = other.refused(&[&format!("--{name}"), &addr.to_string()]);
        assert_eq!(code, 2, "{why}");
        assert!(why.contains(&addr.to_string()) && why.contains(name), "{why}");
    }
    gateway.press(&bracelet(DISTRICT, 0), "1").await;
}

#[tokio::test]
async fn a_world_with_a_fault_is_refused_with_file_and_line_and_nothing_of_it_is_applied() {
    let (folder, _service, gateway, _) = begin(1).await;
    let good = world("990103", 1, 0);
    for (fault, line) in [
        (good.replace("premises = \"P-990103-0\"", "premises = \"P-nowhere\""), "P-nowhere"),
        (good.replace("lat = 30.5000", "lat = 95.0"), "lat = 95.0"),
        (good.replace("name = \"试甲0\"", "nome = \"试甲0\""), "nome = "),
    ] {
        let number = fault.lines().position(|it| it.contains(line)).unwrap() + 1;
        let out = folder.try_import(&fault);
        let said = told(&out);
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("world.toml:{number}")), "line {number}: {said}");
        assert!(!said.contains("试甲0"), "{said}");
    }
    let said = gateway.signal(&json!({"device": bracelet("990103", 0), "id": "1", "kind": "sos"})).await.ok();
    assert_eq!(said["outcome"], "unknown_device");
    assert!(!folder.verified().contains("990103"));
}

#[tokio::test]
async fn an_import_beside_the_service_takes_effect_in_two_seconds() {
    let (folder, service, gateway, operator) = begin(1).await;
    folder.import(&world(DISTRICT, 2, 1));
    let two_seconds = std::time::Duration::from_secs(2);
    until("the responder", two_seconds, async || {
        let said = operator.get("/api/v1/responders").await.ok();
        (said["responders"][0]["id"] == responder_of(DISTRICT, 0)).then_some(())
    })
    .await;
    assert_eq!(gateway.press(&bracelet(DISTRICT, 1), "1").await["outcome"], "opened");

    folder.import(&world("990103", 1, 0));
    let mut presses = 0;
    until("the district", two_seconds, async || {
        presses += 1;
        let signal = json!({"device": bracelet("990103", 0), "id": presses, "kind": "sos"});
        let said = gateway.signal(&signal).await;
        (said.status == 200 && said.body["outcome"] != "unknown_device").then_some(())
    })
    .await;
    let board = folder.account("late", "operator", &["--district", "990103"]);
    let late = Client::new(&service, &board);
    until("the account", two_seconds, async || (late.get("/api/v1/incidents").await.status == 200).then_some(())).await;
    let open = late.open_incidents().await;
    assert_eq!(open.len(), 1, "{:?}", operator.open_incidents().await);
    assert!(folder.run("account revoke", &["--name", "late"]).status.success());
    until("the end of the account", two_seconds, async || {
        (late.get("/api/v1/incidents").await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn sigterm_ends_the_service_in_ten_seconds_whoever_is_connected() {
    let (folder, mut service, gateway, _) = begin(1).await;
    folder.import(&world(DISTRICT, 1, 1));
    let board = folder.account("feed", "operator", &[]);
    let phone = folder.account("phone", "responder", &["--responder", &responder_of(DISTRICT, 0)]);
    let mut console = until("the account", SOON, async || {
        let bearer = format!("Bearer {board}");
        Socket::open(&service, "/api/v1/live", &[("authorization", &bearer)]).await.ok()
    })
    .await;
    console.say(&json!({"hello": {"districts": {DISTRICT: null}}})).await;
    console.find("snapshot").await;
    let (mut link, _) = Socket::responder(&service, &phone).await;
    let mut watch = Watch::connect(&service).await;
    watch.say(&alarm(&watch_of(DISTRICT, 0), AT, SOS)[..30]).await;
    let mut slow = TcpStream::connect(service.http).await.unwrap();
    slow.write_all(b"POST /api/v1/signals HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{").await.unwrap();
    gateway.press(&bracelet(DISTRICT, 0), "1").await;
    let stopped = tokio::task::spawn_blocking(move || service.stop());
    assert_eq!(console.closed().await, Some(1001));
    assert_eq!(link.closed().await, Some(1001));
    assert_eq!(watch.try_reply().await.unwrap_or_default(), None);
    assert_eq!(stopped.await.unwrap().code(), Some(0));
    folder.verified();
}

async fn begin(homes: usize) -> (Folder, Service, Client, Client) {
    let folder = Folder::of(&world(DISTRICT, homes, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let service = folder.serve().await;
    let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &board));
    (folder, service, gateway, operator)
}

/// What `verify` says of a folder that is not well.
fn unwell(folder: &Folder, arguments: &[&str]) -> String {
    let out = folder.run("verify", arguments);
    assert_eq!(out.status.code(), Some(1), "{}", told(&out));
    String::from_utf8(out.stderr).unwrap()
}
