use std::process::Output;

use tidewatch::serve::Running;

use super::house::{House, config, run};

const MORE: &str = r#"
[[district]]
code = "330483"
name = "made up as well"
hotline = "967890"
[[premises]]
id = "P-3"
district = "330483"
class = "urban"
address = "3 Made Up Road"
lat = 30.4
lon = 120.5
[[subject]]
id = "S-3"
premises = "P-3"
name = "A Third"
phones = ["+8657387000003"]
[[device]]
id = "D-3"
subject = "S-3"
protocol = "http"
identity = "ring-3"
"#;

#[tokio::test]
async fn an_import_beside_a_running_service_takes_effect() {
    let house = House::open().await;
    let file = house.dir.path().join("more.toml");
    std::fs::write(&file, MORE).unwrap();
    let imported = house.tidewatch("import --data DIR DIR/more.toml").await;
    assert_eq!(
        text(&imported),
        (0, "registry version 12: added 4, changed 0, unchanged 0, erased before and skipped 0\n".to_owned())
    );
    let mut outcome = String::new();
    for n in 0.. {
        let body = format!(r#"{{"device":"http:ring-3","id":"{n}","kind":"heartbeat"}}"#);
        let told = house.ask("gateway", "POST /api/v1/signals", &body).await;
        outcome = told.body["outcome"].as_str().unwrap_or_default().to_owned();
        if outcome == "telemetry" {
            break;
        }
    }
    assert_eq!(outcome, "telemetry");
    assert!(house.press("http:ring-3", "press").await.starts_with("330483-"));
    let secret = house.tidewatch("account add --data DIR --name late --role operator --district 330483").await;
    let bearer = format!("Bearer {}", text(&secret).1.trim());
    let asked = [("authorization", bearer.as_str())];
    while house.ask_with("", "GET /api/v1/incidents", "", &asked).await.status == 401 {}
    let shown = house.ask_with("", "GET /api/v1/incidents", "", &asked).await;
    assert_eq!((shown.status, shown.body["incidents"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(house.tidewatch("account revoke --data DIR --name late").await.status.code(), Some(0));
    while house.ask_with("", "GET /api/v1/incidents", "", &asked).await.status == 200 {}
    house.running.stop().await;
}

#[tokio::test]
async fn verify_and_backup_work_beside_a_running_service() {
    let house = House::open().await;
    house.press("http:ring-1", "a").await;
    let verified = text(&house.tidewatch("verify --data DIR").await);
    let lines: Vec<&str> = verified.1.lines().collect();
    assert_eq!((verified.0, lines.len()), (0, 2), "{verified:?}");
    assert!(lines[0].starts_with("district=330481 head=") && lines[0].ends_with(" ok"), "{}", lines[0]);
    let genesis = "0".repeat(64);
    assert_eq!(lines[1], format!("district=330482 head=0 hash={genesis} ok"));
    let cut = house.tidewatch(&format!("verify --data DIR --expect-head 330481:999:{genesis}")).await;
    assert_eq!(cut.status.code(), Some(1));
    assert_eq!(house.tidewatch("backup --data DIR --to DIR/backup").await.status.code(), Some(0));
    assert_eq!(text(&house.tidewatch("verify --data DIR/backup").await), verified);
    assert_eq!(house.tidewatch("restore --from DIR/backup --data DIR/new").await.status.code(), Some(0));
    assert_eq!(text(&house.tidewatch("verify --data DIR/new").await), verified);
    house.running.stop().await;
}

#[tokio::test]
async fn erasing_a_person_keeps_the_chain() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let note = format!("POST /api/v1/incidents/{incident}/note");
    assert_eq!(house.ask("operator", &note, r#"{"text":"a text of hers"}"#).await.status, 200);
    let House { running, dir, .. } = house;
    running.stop().await;
    let data = dir.path().display().to_string();
    let arguments = |line: &str| line.split(' ').map(|it| it.replace("DIR", &data)).collect::<Vec<_>>();
    let before = text(&run(&arguments("verify --data DIR")));
    let erased = run(&arguments("erase --data DIR --subject S-1"));
    assert_eq!(erased.status.code(), Some(0), "{erased:?}");
    assert_eq!(text(&run(&arguments("verify --data DIR"))), before);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for word in ["a text of hers", "Somebody\"", "+8657387000001"] {
            assert!(!bytes.windows(word.len()).any(|it| it == word.as_bytes()), "{word} is still there");
        }
    }
}

#[tokio::test]
async fn a_folder_or_a_port_in_use_is_told() {
    let house = House::open().await;
    let second = house.tidewatch("serve --data DIR --http 127.0.0.1:0 --watch 127.0.0.1:0").await;
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("is in use by another process"), "{second:?}");
    let port = house.running.http;
    let other = house.tidewatch(&format!("serve --data DIR/other --http {port} --watch 127.0.0.1:0")).await;
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains(&format!("http cannot listen on {port}")), "{other:?}");
    house.running.stop().await;
}

#[tokio::test]
async fn a_service_that_was_stopped_goes_on_where_it_was() {
    let house = House::open().await;
    let incident = house.press("http:ring-1", "a").await;
    let House { running, dir, .. } = house;
    running.stop().await;
    let again = Running::start(config(dir.path())).await.unwrap();
    let handle = again.api.handles.get()[&"330481".parse().unwrap()].clone();
    assert!(handle.read(|state| state.incident(incident.parse().unwrap()).is_some_and(|it| it.is_open())));
    again.stop().await;
}

#[test]
fn unusable_settings_and_files_end_with_2() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("own.toml");
    std::fs::write(&file, "[offers]\nttl_s = 0\n").unwrap();
    let name = file.display().to_string();
    let shown = run(&["config".into(), "show".into(), "--config".into(), name.clone()]);
    let told =
        format!("{name}:2: found offers.ttl_s = 0, expected a whole number from 1 to 86400; correct the value\n");
    assert_eq!((shown.status.code(), String::from_utf8(shown.stderr).unwrap()), (Some(2), told));
    let missing = run(&["verify".into(), "--data".into(), dir.path().join("none").display().to_string()]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(run(&["serve".into(), "--port".into()]).status.code(), Some(2));
    assert_eq!(run(&["config".into(), "show".into()]).status.code(), Some(0));
}

fn text(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stdout.clone()).unwrap())
}
