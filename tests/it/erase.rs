//! A person is erased: nothing of them is left in any file of the folder, and the chain still verifies.

use std::path::Path;

use serde_json::{Value, json};

use crate::service::http::Client;
use crate::service::world::{DISTRICT, bracelet, world};
use crate::service::{Folder, SOON, Service, told, until};

/// Whatever says who or where the first person of the world is.
const TRACES: [&str; 9] = [
    "试甲0",
    "869909901010000",
    "潮头街0号",
    "bracelet-990101-0",
    "9901010000",
    "30.51234",
    "120.61234",
    "摔在厨房",
    "press-of-the-first",
];

const SUBJECT: &str = "S-990101-0";

#[tokio::test]
async fn nothing_of_an_erased_person_is_left_while_the_service_runs_and_after_it_stopped() {
    let folder = Folder::of(&world(DISTRICT, 2, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let mut service = folder.serve().await;
    let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &board));
    let incident = live(&gateway, &operator).await;
    let before = TRACES.iter().filter(|it| !found(&folder.path, it).is_empty()).count();
    assert!(before >= 7, "only {before} of the traces are there before: the search finds nothing");

    erase(&folder);
    until("the service has heard of it", SOON, async || {
        let shown = operator.incident(&incident).await.to_string();
        TRACES.iter().all(|it| !shown.contains(it)).then_some(())
    })
    .await;
    nothing_left(&folder, "while it runs");
    folder.verified();

    // Whoever is left is served, and the record goes on.
    gateway.press(&bracelet(DISTRICT, 1), "1").await;
    assert!(service.stop().success());
    nothing_left(&folder, "after the stop");
    erase_again(&folder);
    nothing_left(&folder, "after the second time");
    folder.verified();
    let service = folder.serve().await;
    assert_eq!(Client::new(&service, &board).open_incidents().await.len(), 2);
}

#[tokio::test]
async fn a_person_is_erased_from_a_folder_that_is_not_served() {
    let folder = Folder::of(&world(DISTRICT, 2, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let mut service = folder.serve().await;
    live(&Client::new(&service, &gate), &Client::new(&service, &board)).await;
    service.kill();
    erase(&folder);
    nothing_left(&folder, "after a crash");
    folder.verified();
    let mut service: Service = folder.serve().await;
    assert!(service.stop().success());
    nothing_left(&folder, "after a start and a stop");
}

/// An alarm with an exact place, a note and a call; the incident.
async fn live(gateway: &Client, operator: &Client) -> Value {
    let location = json!({"lat": 30.51234, "lon": 120.61234, "accuracy_m": 8});
    let signal =
        json!({"device": bracelet(DISTRICT, 0), "id": "press-of-the-first", "kind": "sos", "location": location});
    let incident = gateway.signal(&signal).await.ok()["incident"].clone();
    let note = json!({"text": "试甲0摔在厨房，电话打不通"});
    operator.post(&format!("/api/v1/incidents/{}/note", incident.as_str().unwrap()), &note).await.ok();
    for event in ["ringing", "abandoned"] {
        let call = json!({"call": "pbx-1", "event": event, "from": "+869909901010000", "to": "967890"});
        gateway.post("/api/v1/calls", &call).await.ok();
    }
    incident
}

fn erase(folder: &Folder) {
    let out = folder.run("erase", &["--subject", SUBJECT]);
    assert!(out.status.success(), "{}", told(&out));
    assert!(TRACES.iter().all(|it| !told(&out).contains(it)), "{}", told(&out));
}

/// Erasing somebody who is not there is told, and harms nothing.
fn erase_again(folder: &Folder) {
    let out = folder.run("erase", &["--subject", SUBJECT]);
    assert!(matches!(out.status.code(), Some(0 | 2)), "{}", told(&out));
}

fn nothing_left(folder: &Folder, when: &str) {
    for trace in TRACES {
        assert_eq!(found(&folder.path, trace), Vec::<String>::new(), "{trace:?} {when}");
    }
}

/// The files below a folder that hold these bytes.
fn found(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(self::found(&path, text));
        } else if std::fs::read(&path).unwrap().windows(text.len()).any(|it| it == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}
