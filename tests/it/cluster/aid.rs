//! Help over a border: the neighbour's responder is asked by the neighbour, whatever dies meanwhile, and comes to our door.

use serde_json::{Value, json};

use super::BORDER;
use crate::postgres::database;
use crate::postgres::servers::{Sync, redis};
use crate::service::feed::{Heard, Socket};
use crate::service::http::Client;
use crate::service::world::{DISTRICT, OTHER, bracelet, responder_of, world};
use crate::service::{Folder, SOON, Service, told, until};

struct Border {
    folder: Folder,
    gate: String,
    board: String,
    phone: String,
}

impl Border {
    fn in_folder() -> Self {
        Self::of(Folder::new())
    }

    fn beside(store: &str) -> Self {
        Self::of(Folder::new().beside(store))
    }

    fn of(folder: Folder) -> Self {
        folder.import(&world(DISTRICT, 1, 1));
        folder.import(&world(OTHER, 1, 1));
        let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "supervisor", &[]));
        let phone = folder.account("phone", "responder", &["--responder", &responder_of(OTHER, 0)]);
        Self { folder, gate, board, phone }
    }

    /// The neighbour's phone: on duty, says yes, and is at the door when told to.
    async fn phone(&self, service: &Service) -> Socket {
        let mut phone = Socket::reach(service.http, "/api/v1/responder/live").await.expect("a link");
        phone.try_say(&json!({"hello": {"token": self.phone}}).to_string()).await.unwrap();
        phone.try_say(&json!({"duty": {"on": true}}).to_string()).await.unwrap();
        phone
    }

    /// What the incident says of its aid, once `is` holds.
    async fn aid(&self, board: &Client, incident: &Value, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        until(what, SOON * 2, async || {
            let said = board.get(&format!("/api/v1/incidents/{}", incident.as_str()?)).await;
            (said.status == 200 && is(&said.body["aids"][0])).then_some(said.body)
        })
        .await
    }
}

async fn heard(phone: &mut Socket, key: &str) -> Value {
    let hearing = async {
        loop {
            match phone.listen().await {
                Heard::Said(said) if said.get(key).is_some() => return said[key].clone(),
                Heard::Said(_) => {}
                _ => panic!("the phone lost its line before it heard of an {key}"),
            }
        }
    };
    tokio::time::timeout(SOON, hearing).await.unwrap_or_else(|_| panic!("no {key} within the bound"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process_the_neighbours_responder_comes_to_our_door() {
    let border = Border::in_folder();
    let service = border.folder.serve_with(BORDER, &[]).await;
    let mut phone = border.phone(&service).await;
    let (gate, board) = (Client::new(&service, &border.gate), Client::new(&service, &border.board));
    let location = json!({"lat": 30.51234, "lon": 120.61234, "accuracy_m": 8});
    let signal = json!({"device": bracelet(DISTRICT, 0), "id": "1", "kind": "sos", "location": location});
    let incident = gate.signal(&signal).await.ok()["incident"].clone();

    let offer = heard(&mut phone, "offer").await;
    assert!(offer["incident"].as_str().unwrap().starts_with(OTHER), "{offer}");
    phone.try_say(&json!({"accept": {"offer": offer["offer"]}}).to_string()).await.unwrap();
    let assignment = heard(&mut phone, "assignment").await;
    // Where it is: the exact place that the watch told our district.
    assert_eq!(assignment["place"]["lat"], 30.51234, "{assignment}");
    let shown = border.aid(&board, &incident, "somebody on the way", |it| it["state"] == "accepted").await;
    assert_eq!((&shown["stage"], &shown["aids"][0]["of"]), (&json!("assigned"), &json!(OTHER)), "{shown}");

    let theirs = &assignment["incident"];
    let status = json!({"status": {"incident": theirs, "state": "at_door", "key": "1"}});
    phone.try_say(&status.to_string()).await.unwrap();
    let shown = border.aid(&board, &incident, "somebody at the door", |it| it["state"] == "at_door").await;
    assert_eq!(shown["stage"], "at_door", "{shown}");
    let lent = board.incident(theirs).await;
    assert_eq!((&lent["aid_for"], &lent["opened_by"]), (&incident, &json!("aid")), "{lent}");

    let close = json!({"disposition": "helped", "force": true});
    board.post(&format!("/api/v1/incidents/{}/close", incident.as_str().unwrap()), &close).await.ok();
    let closed = async || (board.incident(theirs).await["state"] == "closed").then_some(());
    until("the neighbour's part closed", SOON, closed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_owners_a_letter_arrives_though_both_are_killed() {
    let (store, redis) = (database(), redis(Sync::Never).unwrap());
    let border = Border::beside(&store);
    let bus = format!("redis://127.0.0.1:{}", redis.port);
    let start = async |role: &str| {
        let arguments = ["--store", &store, "--bus", &bus, "--role", role, "--single-store"];
        border.folder.serve_with(BORDER, &arguments).await
    };
    let mut owners = vec![start("owner").await, start("owner").await];
    let gateway = start("gateway").await;
    let mut phone = border.phone(&gateway).await;
    let (gate, board) = (Client::new(&gateway, &border.gate), Client::new(&gateway, &border.board));
    let signal = json!({"device": bracelet(DISTRICT, 0), "id": "1", "kind": "sos"});
    let pressed = until("an acknowledgement", SOON, async || {
        let said = gate.signal(&signal).await;
        (said.status == 200).then_some(said.body)
    })
    .await;
    let incident = &pressed["incident"];
    // Whatever each had already told the other is on a record.
    owners.iter_mut().for_each(|it| it.kill());
    owners = vec![start("owner").await, start("owner").await];
    let mut offer = heard(&mut phone, "offer").await;
    let accepted = json!({"accept": {"offer": offer["offer"]}});
    phone.try_say(&accepted.to_string()).await.unwrap();
    border.aid(&board, incident, "somebody on the way", |it| it["state"] == "accepted").await;
    owners.iter_mut().for_each(|it| it.kill());
    owners = vec![start("owner").await, start("owner").await];
    offer = heard(&mut phone, "assignment").await;
    let status = json!({"status": {"incident": offer["incident"], "state": "at_door", "key": "1"}});
    phone.try_say(&status.to_string()).await.unwrap();
    border.aid(&board, incident, "somebody at the door", |it| it["state"] == "at_door").await;
    drop(owners);
    let out = border.folder.command(&["verify", "--store", &store]);
    assert!(out.status.success(), "verify: {}", told(&out));
}
