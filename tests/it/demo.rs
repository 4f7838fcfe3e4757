//! An evening over a running service, by its public sockets alone: somebody asks for help, somebody comes.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tidewatch::config::{Config, Flags};
use tidewatch::demo::{Evening, Pace, Stage, quiet_evening, run};
use tidewatch::serve::Running;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// An evening has this many events in far more than the time in which somebody must have come.
const EVENTS_MAX: usize = 20_000;

/// A test that hears nothing at all must end too; nothing is measured by it.
const GIVE_UP: Duration = Duration::from_secs(120);

/// The evening runs so many times as fast as the clock.
const HURRY: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_asks_for_help_and_somebody_comes() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = std::sync::Arc::new(quiet_evening());
    let stage = Stage::set(dir.path(), &scenario.population).unwrap();
    let any = Some("127.0.0.1:0".to_owned());
    let flags = Flags { data: Some(dir.path().to_owned()), http: any.clone(), watch: any, ..Flags::default() };
    let running = Running::start(Config::load(None, [], &flags).unwrap()).await.unwrap();
    let (http, watch) = (running.http, running.watch.expect("a service without a bus takes watches"));
    let (url, hello) = (format!("ws://{http}/api/v1/live"), hello(&stage));
    let (keys, cast, pace, silent) = (stage.keys, stage.cast, Pace::new(HURRY), Default::default());
    let evening = Evening { http, watch, keys, cast, scenario, seed: 7, pace, silent };
    let over = CancellationToken::new();
    let playing = tokio::spawn(run(evening, over.clone()));

    let steps = tokio::time::timeout(GIVE_UP, follow(&url, hello)).await.unwrap();
    assert_eq!(steps, ["incident_opened", "offer_made", "offer_accepted", "responder_en_route", "responder_at_door"]);

    over.cancel();
    playing.await.unwrap();
    running.stop().await;
}

/// The first incident at whose door somebody is, and how it came to that.
async fn follow(url: &str, hello: Value) -> Vec<&'static str> {
    const STEPS: [&str; 5] =
        ["incident_opened", "offer_made", "offer_accepted", "responder_en_route", "responder_at_door"];
    let (mut socket, _) = connect_async(url).await.unwrap();
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let (mut seen, mut told) = (BTreeMap::<String, Vec<&str>>::new(), 0);
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message.unwrap() else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        for event in message.pointer("/frame/events").and_then(Value::as_array).into_iter().flatten() {
            told += 1;
            assert!(told <= EVENTS_MAX, "nobody came within {EVENTS_MAX} events");
            let (Some(incident), Some(step)) =
                (event["incident"].as_str(), STEPS.into_iter().find(|it| event["type"] == *it))
            else {
                continue;
            };
            let steps = seen.entry(incident.to_owned()).or_default();
            if !steps.contains(&step) {
                steps.push(step);
            }
            if step == "responder_at_door" {
                return steps.clone();
            }
        }
    }
    panic!("the live feed ended before anybody came");
}

/// As somebody of the operations who looks on, from the beginning.
fn hello(stage: &Stage) -> Value {
    let districts: BTreeMap<String, u64> = stage.cast.districts.iter().map(|code| (code.to_string(), 0)).collect();
    json!({"hello": {"districts": districts, "token": stage.ops.1}})
}
