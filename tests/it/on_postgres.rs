//! The real binary with its record in a real PostgreSQL: the same promises as on a folder, and those of an owner.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::postgres::{address, database, database_on, servers, sql};
use crate::service::http::Client;
use crate::service::watch::{Watch, alarm, answered};
use crate::service::world::{DISTRICT, bracelet, watch_of, world};
use crate::service::{Folder, SOON, Service, told, until};

const SUBJECT: &str = "S-990101-0";

struct House {
    folder: Folder,
    url: String,
    gate: String,
    board: String,
}

impl House {
    fn new(url: String, homes: usize) -> Self {
        Self::of(Folder::new().beside(&url), url, homes)
    }

    /// Still in its folder.
    fn before_its_move(url: String, homes: usize) -> Self {
        Self::of(Folder::new(), url, homes)
    }

    /// Another folder for the same store.
    fn again(&self) -> Self {
        let (folder, url) = (Folder::new().beside(&self.url), self.url.clone());
        Self { folder, url, gate: self.gate.clone(), board: self.board.clone() }
    }

    fn of(folder: Folder, url: String, homes: usize) -> Self {
        folder.import(&world(DISTRICT, homes, 2));
        let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
        Self { folder, url, gate, board }
    }

    async fn serve(&self) -> Service {
        self.folder.serve_with("", &["--store", &self.url]).await
    }

    /// What `verify` says of the store, which must be well.
    fn verified(&self) -> String {
        let out = self.folder.command(&["verify", "--store", &self.url]);
        assert!(out.status.success(), "verify: {}", told(&out));
        String::from_utf8(out.stdout).unwrap()
    }
}

#[tokio::test]
async fn an_alarm_is_in_the_server_before_it_is_acknowledged_and_is_there_after_a_restart() {
    let house = House::new(database(), 2);
    let mut service = house.serve().await;
    let mut watch = Watch::connect(&service).await;
    let id = watch_of(DISTRICT, 0);
    watch.ask(alarm(&id, "201126,033851", "00010000"), &answered(&id)).await;
    assert_eq!(sql(&house.url, "SELECT count(*) > 1 FROM tidewatch.event"), ["t"]);
    assert_eq!(sql(&house.url, "SELECT count(*) > 0 FROM tidewatch.private"), ["t"]);
    let gateway = Client::new(&service, &house.gate);
    let location = json!({"lat": 30.51234, "lon": 120.61234, "accuracy_m": 8});
    let signal = json!({"device": bracelet(DISTRICT, 1), "id": "1", "kind": "sos", "location": location});
    let incident = gateway.signal(&signal).await.ok()["incident"].clone();
    let operator = Client::new(&service, &house.board);
    // The exact place is a private value: it is read back from the server.
    let shown = operator.incident(&incident).await;
    assert!(
        shown["signals"].to_string().contains("30.51234") || shown["place"].to_string().contains("30.51234"),
        "{shown}"
    );
    assert!(service.stop().success());
    house.verified();
    for name in ["journal.db", "private.db", "registry.db"] {
        assert!(!house.folder.path.join(name).exists(), "{name} was made beside a record that is elsewhere");
    }

    let service = house.serve().await;
    let operator = Client::new(&service, &house.board);
    assert_eq!(operator.open_incidents().await.len(), 2);
    assert_eq!(operator.incident(&incident).await["id"], incident);
}

#[tokio::test]
async fn readiness_says_whether_a_commit_is_on_two_machines() {
    let house = House::new(database(), 1);
    let service = house.serve().await;
    let store = |ready: Value| ready["store"]["synchronous_standby"].clone();
    assert_eq!(store(Client::stranger(&service).get("/readyz").await.ok()), "MISSING");
    assert!(service.log().contains("has no synchronous standby"), "{}", service.log());
    drop(service);
    let service = house.folder.serve_with("", &["--store", &house.url, "--single-store"]).await;
    assert_eq!(store(Client::stranger(&service).get("/readyz").await.ok()), "not wanted");
    let last = service.log().lines().rev().take_while(|line| !line.contains("The record is in")).count();
    assert!(last > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_standby_nothing_is_acknowledged_that_one_machine_alone_keeps() {
    let primary = servers::postgres().unwrap();
    let mut standby = servers::postgres_following(primary.port).unwrap();
    let (leading, following) = [primary.port, standby.port].map(|port| address(port, "postgres")).into();
    sql(&leading, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    sql(&leading, "SELECT pg_reload_conf()");
    let in_step = || (sql(&leading, "SELECT sync_state FROM pg_stat_replication") == ["sync"]).then_some(());
    until("a standby that is waited for", SOON, async || in_step()).await;
    let house = House::new(leading.clone(), 1);
    let mut service = house.serve().await;
    let stranger = Client::stranger(&service);
    let says = async |word: &str| {
        let ready = stranger.get("/readyz").await.body;
        (ready["store"]["synchronous_standby"] == word).then_some(())
    };
    until("readiness with a standby", SOON, async || says("yes").await).await;
    let gateway = Client::new(&service, &house.gate);
    gateway.press(&bracelet(DISTRICT, 0), "1").await;

    // Without it the commit waits, and whoever pressed is not told that all is well.
    standby.stop();
    let pressing = tokio::spawn(async move { gateway.press(&bracelet(DISTRICT, 0), "2").await });
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until("a commit that waits", SOON, async || (sql(&leading, waits) == ["t"]).then_some(())).await;
    assert!(!pressing.is_finished(), "acknowledged by one machine alone");
    standby.restart().unwrap();
    let second = pressing.await.unwrap()["seq"].as_u64().unwrap();

    // The first machine is gone with its disk: what was acknowledged is on the other.
    service.kill();
    drop(primary);
    sql(&following, "SELECT pg_promote()");
    let out = house.folder.command(&["verify", "--store", &following]);
    assert!(out.status.success(), "verify: {}", told(&out));
    let kept = format!("SELECT count(*) FROM tidewatch.event WHERE seq = {second}");
    assert_eq!(sql(&following, &kept), ["1"]);
    let after = House { url: following, ..house };
    let service = after.folder.serve_with("", &["--store", &after.url, "--single-store"]).await;
    Client::new(&service, &after.gate).press(&bracelet(DISTRICT, 0), "3").await;
}

#[tokio::test]
async fn a_person_is_erased_from_the_server_and_the_chain_still_verifies() {
    let house = House::before_its_move(database(), 1);
    let mut service = house.folder.serve().await;
    let gateway = Client::new(&service, &house.gate);
    let location = json!({"lat": 30.51234, "lon": 120.61234, "accuracy_m": 8});
    gateway
        .signal(&json!({"device": bracelet(DISTRICT, 0), "id": "1", "kind": "sos", "location": location}))
        .await
        .ok();
    assert!(service.stop().success());
    let dir = format!("sqlite:{}", house.folder.path.display());
    let moved = house.folder.command(&["copy", "--from", &dir, "--to", &house.url]);
    assert!(moved.status.success(), "{}", told(&moved));
    let _service = house.serve().await;
    let left_behind = || {
        let bytes = std::fs::read(house.folder.path.join("private.db")).unwrap();
        bytes.windows(8).any(|it| it == b"30.51234")
    };
    assert!(left_behind());
    let kept = "SELECT count(*) FROM tidewatch.private WHERE convert_from(value, 'UTF8') LIKE '%30.51234%'";
    assert_ne!(sql(&house.url, kept), ["0"]);
    // Without the store nothing would be found, and the person be called erased.
    let refused = house.folder.run("erase", &["--subject", SUBJECT]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("give that with --store"), "{}", told(&refused));
    let erased = house.folder.run("erase", &["--subject", SUBJECT, "--store", &house.url]);
    assert!(erased.status.success(), "{}", told(&erased));
    assert_eq!(sql(&house.url, kept), ["0"]);
    assert!(!left_behind(), "a copy from before the move would come back");
    // Beside a folder that never had anything there is nothing to fail on.
    let never = Folder::new();
    let never = never.path.to_str().unwrap();
    let again = house.folder.command(&["erase", "--store", &house.url, "--data", never, "--subject", SUBJECT]);
    assert!(again.status.success(), "{}", told(&again));
    house.verified();
}

#[tokio::test]
async fn a_record_moves_to_the_server_and_back_with_its_chain_and_is_begun_anew_in_neither() {
    let house = House::before_its_move(database(), 3);
    let mut service = house.folder.serve().await;
    Client::new(&service, &house.gate).press(&bracelet(DISTRICT, 0), "1").await;
    assert!(service.stop().success());
    let (code, why) = house.folder.refused(&["--store", &house.url]);
    assert_eq!(code, 2);
    assert!(why.contains("bring it there first with `tidewatch copy`"), "{why}");

    let (dir, before) = (format!("sqlite:{}", house.folder.path.display()), house.folder.verified());
    let copy = |from: &str, to: &str| {
        let out = house.folder.command(&["copy", "--from", from, "--to", to]);
        assert!(out.status.success(), "copy: {}", told(&out));
    };
    copy(&dir, &house.url);
    assert_eq!(house.verified(), before);
    let private = |table: &str| sql(&house.url, &format!("SELECT count(*) FROM tidewatch.{table}"));
    assert_ne!(private("private"), ["0"]);
    let (code, why) = house.folder.refused(&[]);
    assert_eq!(code, 2);
    assert!(why.contains("give that with --store"), "{why}");
    // Nobody would read what is changed in the folder now.
    for out in [house.folder.try_import(&world(DISTRICT, 4, 2)), house.folder.run("account list", &[])] {
        assert_eq!(out.status.code(), Some(2), "{}", told(&out));
        assert!(told(&out).contains("give that with --store"), "{}", told(&out));
    }
    let listed = house.folder.command_with(("TIDEWATCH_STORE_URL", &house.url), &["account", "list", "--store", "env"]);
    assert!(told(&listed).contains("gate\tgateway"), "{}", told(&listed));

    let mut service = house.serve().await;
    let gateway = Client::new(&service, &house.gate);
    assert_eq!(gateway.press(&bracelet(DISTRICT, 0), "1").await["incident"], format!("{DISTRICT}-1"));
    assert_eq!(gateway.press(&bracelet(DISTRICT, 1), "1").await["incident"], format!("{DISTRICT}-2"));
    assert!(service.stop().success());
    let after = house.verified();
    copy(&house.url, &dir);
    assert_eq!(house.folder.verified(), after);
    let service = house.folder.serve().await;
    let gateway = Client::new(&service, &house.gate);
    assert_eq!(gateway.press(&bracelet(DISTRICT, 2), "1").await["incident"], format!("{DISTRICT}-3"));
}

#[tokio::test]
async fn a_registry_that_was_left_in_the_folder_is_told_of() {
    let house = House::before_its_move(database(), 1);
    let (code, why) = house.folder.refused(&["--store", &house.url]);
    assert_eq!(code, 2);
    assert!(why.contains("the registry of") && why.contains("`tidewatch copy`"), "{why}");
}

#[tokio::test]
async fn an_owner_that_was_stopped_past_its_lease_ends_loudly_when_it_wakes() {
    let house = House::new(database(), 2);
    let other = house.again();
    let mut first = house.serve().await;
    Client::new(&first, &house.gate).press(&bracelet(DISTRICT, 0), "1").await;
    signal(&first, "STOP");
    // Waits for the lease of one who does not renew it.
    let next = other.serve().await;
    Client::new(&next, &other.gate).press(&bracelet(DISTRICT, 1), "1").await;
    signal(&first, "CONT");
    let code = first.ended().code();
    assert_eq!(code, Some(70), "{}", first.log());
    assert!(first.log().contains("the lease of district 990101 is another's"), "{}", first.log());
    assert_eq!(Client::new(&next, &other.board).open_incidents().await.len(), 2);
    house.verified();
}

#[tokio::test]
async fn a_stop_gives_the_districts_up_at_once() {
    let house = House::new(database(), 1);
    let other = house.again();
    let mut first = house.serve().await;
    let (code, why) = other.folder.refused(&["--store", &house.url]);
    assert_eq!(code, 2);
    assert!(why.contains("holds its lease"), "{why}");
    assert!(first.stop().success());
    let held = "SELECT count(*) FROM tidewatch.lease WHERE held_until > clock_timestamp()";
    assert_eq!(sql(&house.url, held), ["0"]);
    other.serve().await;
}

/// Pressed on and on while the server goes and comes back: whatever was acknowledged is in the record, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_server_is_restarted_under_load() {
    const RESTARTS: usize = 3;
    const BETWEEN: u64 = 40;
    let mut server = servers::postgres().unwrap();
    let house = House::new(database_on(server.port), 8);
    let service = house.serve().await;
    let (acknowledged, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let pressing: Vec<_> = (0..8)
        .map(|home| {
            let gateway = Client::new(&service, &house.gate);
            tokio::spawn(press_on(gateway, home, acknowledged.clone(), ended.clone()))
        })
        .collect();
    let reached = async |count: u64| {
        let enough = async || (acknowledged.load(Ordering::SeqCst) >= count).then_some(());
        until("acknowledgements", SOON, enough).await;
    };
    for _ in 0..RESTARTS {
        reached(acknowledged.load(Ordering::SeqCst) + BETWEEN).await;
        server.restart().unwrap();
    }
    reached(acknowledged.load(Ordering::SeqCst) + BETWEEN).await;
    ended.store(true, Ordering::SeqCst);

    let received =
        "SELECT seq FROM tidewatch.event WHERE convert_from(body, 'UTF8')::json ->> 'type' = 'signal_received'";
    let mut told = Vec::new();
    for pressed in pressing {
        told.extend(pressed.await.unwrap());
    }
    told.sort_unstable();
    let mut kept: Vec<u64> = sql(&house.url, received).iter().map(|it| it.parse().unwrap()).collect();
    kept.sort_unstable();
    assert_eq!(told, kept, "acknowledged and recorded signals differ");
    let ready = async || (Client::stranger(&service).get("/readyz").await.status == 200).then_some(());
    until("ready by itself", SOON, ready).await;
    house.verified();
}

/// One bracelet, press after press; each is said again until it is acknowledged. Gives the seqs that it was told.
async fn press_on(gateway: Client, home: usize, acknowledged: Arc<AtomicU64>, ended: Arc<AtomicBool>) -> Vec<u64> {
    let (mut told, mut again) = (Vec::new(), tokio::time::interval(Duration::from_millis(5)));
    while !ended.load(Ordering::SeqCst) {
        let signal = json!({"device": bracelet(DISTRICT, home), "id": told.len().to_string(), "kind": "sos"});
        loop {
            again.tick().await;
            let said = gateway.signal(&signal).await;
            if said.status == 200 {
                told.push(said.body["seq"].as_u64().unwrap());
                acknowledged.fetch_add(1, Ordering::SeqCst);
                break;
            }
        }
    }
    told
}

fn signal(service: &Service, name: &str) {
    let pid = service.pid().to_string();
    assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
}
