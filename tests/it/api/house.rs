//! A whole service on free ports and a temporary folder, with two small districts and an account of each role.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::Value;
use tempfile::TempDir;
use tidewatch::config::{Config, Flags};
use tidewatch::domain::{Role, Timestamp};
use tidewatch::registry::{Account, By, Registry, World};
use tidewatch::serve::Running;

/// Far beyond anything but a hang.
pub const PATIENCE: Duration = Duration::from_secs(20);

const BY: By<'_> = By { actor: "test", at: Timestamp::EPOCH };

pub struct House {
    pub running: Running,
    pub dir: TempDir,
    secrets: BTreeMap<String, String>,
    client: Client,
}

/// An answer: status, and body where it is JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl House {
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut registry = Registry::open(dir.path()).unwrap();
        let world = World::read("world.toml", include_str!("world.toml"), &|point| point);
        registry.import(&[world], BY).unwrap();
        let secrets = accounts().into_iter().map(|it| {
            let secret = registry.add_account(&it, &mut rand::rng(), BY).unwrap();
            (it.name.to_string(), secret.expose().to_owned())
        });
        let secrets = secrets.collect();
        let running = Running::start(config(dir.path())).await.unwrap();
        Self { running, dir, secrets, client: Client::new() }
    }

    /// Stops the service, and begins it again on the same folder.
    pub async fn start_anew(self) -> Self {
        let Self { running, dir, secrets, client } = self;
        running.stop().await;
        let running = Running::start(config(dir.path())).await.unwrap();
        Self { running, dir, secrets, client }
    }

    pub fn secret(&self, name: &str) -> &str {
        &self.secrets[name]
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.http)
    }

    /// `call` is a method and a path; `name` an account, or nobody where it is empty.
    pub async fn ask(&self, name: &str, call: &str, body: &str) -> Answer {
        self.ask_with(name, call, body, &[]).await
    }

    pub async fn ask_with(&self, name: &str, call: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let (method, path) = call.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, self.url(path)).body(body.to_owned()).timeout(PATIENCE);
        if !name.is_empty() {
            request = request.bearer_auth(self.secret(name));
        }
        for (header, value) in headers {
            request = request.header(*header, *value);
        }
        answer(request.send().await.unwrap()).await
    }

    /// Opens an incident with a press of the given device, and gives its id.
    pub async fn press(&self, device: &str, id: &str) -> String {
        let body = format!(r#"{{"device":"{device}","id":"{id}","kind":"sos"}}"#);
        let answer = self.ask("gateway", "POST /api/v1/signals", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["incident"].as_str().unwrap().to_owned()
    }

    /// The newest entry of the audit that says `action`, as soon as there is one.
    pub async fn audited(&self, action: &str) -> Value {
        loop {
            let page = self.ask("ops", "GET /api/v1/audit", "").await;
            let found = page.body["entries"].as_array().unwrap().iter().find(|it| it["action"] == action).cloned();
            if let Some(entry) = found {
                return entry;
            }
        }
    }

    /// Runs the binary on this folder.
    pub async fn tidewatch(&self, arguments: &str) -> Output {
        let dir = self.dir.path().display().to_string();
        let arguments: Vec<String> = arguments.split(' ').map(|it| it.replace("DIR", &dir)).collect();
        tokio::task::spawn_blocking(move || run(&arguments)).await.unwrap()
    }
}

impl Answer {
    /// `STATUS CODE` of a problem, `STATUS` of anything else.
    pub fn told(&self) -> String {
        match self.body["code"].as_str() {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }
}

pub async fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

pub fn run(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidewatch")).args(arguments).output().unwrap()
}

pub fn config(dir: &Path) -> Config {
    let port = Some("127.0.0.1:0".to_owned());
    let flags = Flags {
        data: Some(dir.to_owned()),
        http: port.clone(),
        watch: port.clone(),
        metrics: port,
        ..Flags::default()
    };
    Config::load(None, [], &flags).unwrap()
}

fn accounts() -> Vec<Account> {
    let one = |name: &str, role, districts: &[&str]| Account {
        name: name.parse().unwrap(),
        role,
        districts: districts.iter().map(|it| it.parse().unwrap()).collect(),
        responder: (role == Role::Responder).then(|| "R-1".parse().unwrap()),
        device: (role == Role::Device).then(|| "http:ring-1".parse().unwrap()),
    };
    vec![
        one("operator", Role::Operator, &["330481"]),
        one("second", Role::Operator, &["330481"]),
        one("elsewhere", Role::Operator, &["330482"]),
        one("supervisor", Role::Supervisor, &[]),
        one("local", Role::Supervisor, &["330481"]),
        one("ops", Role::Ops, &[]),
        one("responder", Role::Responder, &["330481"]),
        one("gateway", Role::Gateway, &[]),
        one("switchboard", Role::Gateway, &["330481"]),
        one("ring", Role::Device, &["330481"]),
    ]
}
