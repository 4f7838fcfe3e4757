//! The service's HTTP door, as any gateway or operator comes through it: a bearer secret and JSON.
//! Waits and tries again where there is no room or no line; hands every other refusal back.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

/// An answer that takes longer than this will not come; the service itself gives up sooner.
const ANSWER_MS: u64 = 15_000;

/// A restart of the service is over by then; more would only pile up.
const TRIES: u32 = 6;

/// How long to wait where the service does not say, in seconds.
const AGAIN_S: u64 = 2;

/// The longest wait that is taken from the service, in seconds.
const AGAIN_MAX_S: u64 = 30;

#[derive(Clone)]
pub struct Door {
    client: Client,
    base: String,
    secret: String,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error("the service answered {status} `{code}`, expected 200")]
    Refused { status: u16, code: String },
    #[error("no answer from the service after {TRIES} tries, expected one; is it still running?")]
    NoAnswer,
}

impl Door {
    pub fn new(http: SocketAddr, secret: &str) -> Self {
        crate::tls::begin();
        let client = Client::builder().no_proxy().timeout(Duration::from_millis(ANSWER_MS)).build();
        let client = client.expect("a client without TLS and proxy has nothing to fail on");
        Self { client, base: format!("http://{http}"), secret: secret.to_owned() }
    }

    /// Each try says the same, and the service takes it once.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, DoorError> {
        for _ in 0..TRIES {
            let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.secret).json(body);
            let wait_s = match request.send().await {
                Ok(response) if response.status() == StatusCode::SERVICE_UNAVAILABLE => retry_after_s(&response),
                Ok(response) => return read(response).await,
                Err(_) => AGAIN_S,
            };
            tokio::time::sleep(Duration::from_secs(wait_s)).await;
        }
        Err(DoorError::NoAnswer)
    }
}

async fn read(response: Response) -> Result<Value, DoorError> {
    let status = response.status();
    let body: Value = response.json().await.unwrap_or(Value::Null);
    if status.is_success() {
        return Ok(body);
    }
    let code = body["code"].as_str().unwrap_or("no code").to_owned();
    Err(DoorError::Refused { status: status.as_u16(), code })
}

fn retry_after_s(response: &Response) -> u64 {
    let said = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
    said.unwrap_or(AGAIN_S).clamp(1, AGAIN_MAX_S)
}
