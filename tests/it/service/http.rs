//! The interface over HTTP as one account.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{SOON, Service};

#[derive(Clone)]
pub struct Client {
    base: String,
    secret: Option<String>,
    inner: reqwest::Client,
}

/// An answer: its status, and its body as JSON (null where it is none).
#[derive(Debug, Clone)]
pub struct Said {
    pub status: StatusCode,
    pub body: Value,
    pub kind: String,
    pub retry_after: Option<String>,
}

impl Said {
    /// The body of a 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// A refusal as problem+json; its code.
    #[track_caller]
    pub fn refused(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.kind, "application/problem+json", "{}", self.body);
        self.body["code"].as_str().expect("a problem has a code")
    }
}

impl Client {
    pub fn new(service: &Service, secret: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..Self::stranger(service) }
    }

    /// Without a token.
    pub fn stranger(service: &Service) -> Self {
        tidewatch::tls::begin();
        let inner = reqwest::Client::builder().no_proxy().timeout(SOON).build().unwrap();
        Self { base: service.url(""), secret: None, inner }
    }

    pub async fn get(&self, path: &str) -> Said {
        self.send(Method::GET, path, &[], None).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Said {
        self.post_text(path, &body.to_string()).await
    }

    pub async fn post_text(&self, path: &str, body: &str) -> Said {
        self.send(Method::POST, path, &[], Some(body.to_owned())).await.unwrap()
    }

    /// With an Idempotency-Key; an error where no answer came.
    pub async fn try_post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Said, reqwest::Error> {
        let headers: Vec<(&str, &str)> = key.iter().map(|key| ("Idempotency-Key", *key)).collect();
        self.send(Method::POST, path, &headers, Some(body.to_string())).await
    }

    pub async fn signal(&self, signal: &Value) -> Said {
        self.post("/api/v1/signals", signal).await
    }

    /// An alarm of this device with this id.
    pub async fn press(&self, device: &str, id: &str) -> Value {
        self.signal(&json!({"device": device, "id": id, "kind": "sos"})).await.ok()
    }

    pub async fn incident(&self, id: &Value) -> Value {
        self.get(&format!("/api/v1/incidents/{}", id.as_str().expect("an incident's id"))).await.ok()
    }

    /// All open incidents, page by page.
    pub async fn open_incidents(&self) -> Vec<Value> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/api/v1/incidents?state=open&limit=200{cursor}")).await.ok();
            found.extend(page["incidents"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return found,
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Said, reqwest::Error> {
        let mut request = self.inner.request(method, format!("{}{path}", self.base));
        if let Some(secret) = &self.secret {
            request = request.bearer_auth(secret);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await?;
        let header = |name| response.headers().get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
        let (status, kind) = (response.status(), header("content-type").unwrap_or_default());
        let retry_after = header("retry-after");
        let text = response.text().await?;
        Ok(Said { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), kind, retry_after })
    }
}
