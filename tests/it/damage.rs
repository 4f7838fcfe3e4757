//! `verify` of folders whose files were spoilt: which of them is a check that fails, and what it says.

use std::fs;
use std::path::Path;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::service::http::Client;
use crate::service::world::{DISTRICT, bracelet, world};
use crate::service::{Folder, Service};

/// Enough for the journal to have pages in the middle.
const PRESSES: usize = 60;

const MEND: &str = "`tidewatch restore --from BACKUP --data NEWDIR`";

/// What `verify` says, and its exit code, of a folder that was served and closed well and then met with `harm`.
async fn check(harm: impl Fn(&Path), code: i32, expected: &[&str]) {
    let folder = served().await;
    harm(&folder.path);
    let out = folder.run("verify", &[]);
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(code), "{said}");
    for words in expected {
        assert!(said.contains(words), "expected `{words}` in:\n{said}");
    }
}

#[tokio::test]
async fn a_journal_cut_in_half_fails_the_check_and_says_so() {
    check(|dir| cut_in_half(&dir.join("journal.db")), 1, &["journal.db: found ", "its end was cut off", MEND]).await;
}

#[tokio::test]
async fn a_journal_with_a_spoilt_page_fails_the_check_and_names_the_first_record_that_is_lost() {
    let spoil = |dir: &Path| {
        let path = dir.join("journal.db");
        let mut bytes = fs::read(&path).unwrap();
        let last = last_leaf_of(&bytes, b"signal_received");
        bytes[last..last + 8].fill(0xff);
        fs::write(&path, bytes).unwrap();
    };
    check(spoil, 1, &[&format!("district={DISTRICT} seq=")]).await;
}

#[tokio::test]
async fn a_journal_that_is_no_longer_one_fails_the_check_in_a_folder_of_ours() {
    let letter = "a letter to somebody else\n".repeat(100);
    check(|dir| fs::write(dir.join("journal.db"), &letter).unwrap(), 1, &["journal.db", MEND]).await;
    check(|dir| fs::write(dir.join("journal.db"), "").unwrap(), 1, &["found 0 bytes, expected a record", MEND]).await;
}

#[tokio::test]
async fn a_registry_cut_in_half_fails_the_check() {
    check(|dir| cut_in_half(&dir.join("registry.db")), 1, &["registry.db", MEND]).await;
}

#[test]
fn a_folder_of_something_else_is_an_unusable_argument() {
    let folder = Folder::new();
    let verify = || folder.run("verify", &[]).status.code();
    assert_eq!(verify(), Some(2), "no folder");
    fs::create_dir(&folder.path).unwrap();
    assert_eq!(verify(), Some(2), "an empty one");
    fs::write(folder.path.join("journal.db"), "a letter to somebody else\n".repeat(100)).unwrap();
    assert_eq!(verify(), Some(2), "one with a file of that name");
}

/// A clean stop leaves each store in one file, nothing that a copy of the folder could forget: whatever hangs meanwhile.
#[tokio::test]
async fn a_service_that_was_stopped_leaves_no_write_ahead_log_whatever_hangs() {
    let (folder, mut service, gate) = serving().await;
    let mut hanging = TcpStream::connect(service.http).await.unwrap();
    let head = format!(
        "POST /api/v1/signals HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {gate}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n"
    );
    hanging.write_all(head.as_bytes()).await.unwrap();
    let mut said = [0; 12];
    hanging.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 100", "the rest of the request is waited for");
    assert!(service.stop().success());
    let mut names: Vec<String> =
        fs::read_dir(&folder.path).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["journal.db", "private.db", "registry.db", "snapshots.db", "tidewatch.lock"]);
}

/// A folder with a record, closed well.
async fn served() -> Folder {
    let (folder, mut service, _) = serving().await;
    assert!(service.stop().success());
    folder
}

/// A service whose every store was written and read, and the secret of its gateway.
async fn serving() -> (Folder, Service, String) {
    let folder = Folder::of(&world(DISTRICT, 1, 0));
    let (gate, board) = (folder.account("gate", "gateway", &[]), folder.account("board", "operator", &[]));
    let service = folder.serve().await;
    let (gateway, operator) = (Client::new(&service, &gate), Client::new(&service, &board));
    let mut incident = json!(null);
    for n in 0..PRESSES {
        incident = gateway.press(&bracelet(DISTRICT, 0), &n.to_string()).await["incident"].take();
    }
    assert_eq!(operator.incident(&incident).await["presses"], PRESSES);
    let stranger = json!({"device": "http:stranger", "id": "1", "kind": "low_battery"});
    gateway.signal(&stranger).await.ok();
    (folder, service, gate)
}

fn cut_in_half(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
}

/// Where the last page with these words in it begins.
fn last_leaf_of(bytes: &[u8], words: &[u8]) -> usize {
    let page_bytes = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let has = |page: &[u8]| page.windows(words.len()).any(|it| it == words);
    bytes.chunks(page_bytes).rposition(has).expect("a page of events") * page_bytes
}
