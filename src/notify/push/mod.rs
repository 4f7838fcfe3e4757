//! Web push (RFC 8030): a message that wakes a phone in a pocket. The push service sees a length and an urgency, never
//! what is said.

mod encrypt;
mod vapid;

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use p256::{PublicKey, SecretKey};
use rand::RngExt;
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;

use self::encrypt::{Receiver, encrypt};
pub use self::vapid::Vapid;
use crate::domain::{Timestamp, TryOutcome};

/// A push service that has not answered by then is asked once more, and there is time for that before an offer counts
/// as undelivered.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
const TRIES: usize = 2;

/// A subscription as a browser gives it: far below this.
const SUBSCRIPTION_MAX_BYTES: usize = 2048;

/// A browser that asked to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    endpoint: Url,
    receiver: Receiver,
}

/// Why a subscription is not kept. For whoever writes the app.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: found {found}, expected {expected}")]
pub struct BadSubscription {
    pub field: &'static str,
    pub found: String,
    pub expected: &'static str,
}

#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Browser {
    /// From the JSON of a `PushSubscription`. Its endpoint must belong to one of `services`, or a responder could have
    /// us call whatever lies inside our network.
    pub fn read(text: &str, services: &[String]) -> Result<Self, BadSubscription> {
        let bad = |field, found: &str, expected| BadSubscription { field, found: found.to_owned(), expected };
        if text.len() > SUBSCRIPTION_MAX_BYTES {
            return Err(bad("subscription", "more than 2 KiB", "what PushSubscription.toJSON() gives"));
        }
        let it: Subscription = serde_json::from_str(text)
            .map_err(|error| bad("subscription", &error.to_string(), "what PushSubscription.toJSON() gives"))?;
        let endpoint = Url::parse(&it.endpoint).ok().filter(|url| services.iter().any(|service| serves(service, url)));
        let endpoint =
            endpoint.ok_or_else(|| bad("endpoint", &host(&it.endpoint), "an https address of push.services"))?;
        let key = BASE64.decode(it.keys.p256dh.trim_end_matches('=')).ok();
        let key = key.and_then(|bytes| PublicKey::from_sec1_bytes(&bytes).ok());
        let key = key.ok_or_else(|| bad("keys.p256dh", "something else", "a point of P-256 in base64url"))?;
        let auth = BASE64.decode(it.keys.auth.trim_end_matches('=')).ok().and_then(|bytes| bytes.try_into().ok());
        let auth = auth.ok_or_else(|| bad("keys.auth", "something else", "16 bytes in base64url"))?;
        Ok(Self { endpoint, receiver: Receiver { key, auth } })
    }
}

/// A service is a host, with all below it, over TLS; or a whole origin, for one inside our own network.
fn serves(service: &str, url: &Url) -> bool {
    if service.contains("://") {
        return url.origin().ascii_serialization() == service;
    }
    let below = |host: &str| host.strip_suffix(service).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(below)
}

/// Of an endpoint only the host is told: the rest is a key to somebody's phone.
fn host(endpoint: &str) -> String {
    Url::parse(endpoint).ok().and_then(|it| it.host_str().map(str::to_owned)).unwrap_or_else(|| "no address".to_owned())
}

/// Sends pushes.
pub struct Pusher {
    vapid: Vapid,
    client: Client,
}

impl Pusher {
    pub fn new(vapid: Vapid) -> reqwest::Result<Self> {
        let client = Client::builder().timeout(ANSWER_WITHIN).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { vapid, client })
    }

    pub fn public_key(&self) -> String {
        self.vapid.public()
    }

    /// Tells a browser. Of several messages with one `topic` that wait for a phone, it gets the last alone.
    pub async fn send(&self, to: &Browser, topic: &str, text: &str, holds_s: u64, now: Timestamp) -> TryOutcome {
        let mut outcome = TryOutcome::NoAnswer;
        for _ in 0..TRIES {
            outcome = self.attempt(to, topic, text, holds_s, now).await;
            if outcome != TryOutcome::NoAnswer {
                break;
            }
        }
        outcome
    }

    async fn attempt(&self, to: &Browser, topic: &str, text: &str, holds_s: u64, now: Timestamp) -> TryOutcome {
        let body = encrypt(&to.receiver, &drawn(), rand::rng().random(), text.as_bytes());
        let request = self.client.post(to.endpoint.clone());
        let request = request
            .header("Authorization", self.vapid.authorization(&to.endpoint.origin().ascii_serialization(), now))
            .header("TTL", holds_s.to_string())
            .header("Urgency", "high")
            .header("Topic", topic)
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream");
        match request.body(body).send().await.map(|it| it.status()) {
            Ok(status) if status.is_success() => TryOutcome::Sent,
            Ok(StatusCode::NOT_FOUND | StatusCode::GONE) => TryOutcome::Gone,
            Ok(status) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => TryOutcome::Refused,
            Ok(_) | Err(_) => TryOutcome::NoAnswer,
        }
    }
}

/// A key for one message.
fn drawn() -> SecretKey {
    loop {
        let bytes: [u8; 32] = rand::rng().random();
        // All but one in 2^32 are keys.
        if let Ok(key) = SecretKey::from_slice(&bytes) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = r#""keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}"#;

    fn check(endpoint: &str, expect: Result<(), &str>) {
        let services = ["push.example.org".to_owned(), "http://127.0.0.1:9".to_owned()];
        let found = Browser::read(&format!(r#"{{"endpoint":"{endpoint}",{KEYS}}}"#), &services);
        assert_eq!(found.map(drop).map_err(|it| it.found), expect.map_err(str::to_owned), "{endpoint}");
    }

    #[test]
    fn only_push_services_are_called() {
        check("https://push.example.org/wpush/v2/abc", Ok(()));
        check("https://eu.push.example.org/abc", Ok(()));
        check("http://127.0.0.1:9/abc", Ok(()));
        check("http://push.example.org/abc", Err("push.example.org"));
        check("https://push.example.org:8443/abc", Err("push.example.org"));
        check("https://badpush.example.org/abc", Err("badpush.example.org"));
        check("http://127.0.0.1:10/abc", Err("127.0.0.1"));
        check("https://push.example.org@10.0.0.1/abc", Err("10.0.0.1"));
        check("nonsense", Err("no address"));
    }

    #[test]
    fn what_is_no_subscription_says_which_field() {
        let services = ["push.example.org".to_owned()];
        let field = |text: &str| Browser::read(text, &services).unwrap_err().field;
        assert_eq!(field("{}"), "subscription");
        assert_eq!(field(&"x".repeat(3000)), "subscription");
        let of = |keys: &str| format!(r#"{{"endpoint":"https://push.example.org/a","keys":{keys}}}"#);
        assert_eq!(field(&of(r#"{"p256dh":"AAAA","auth":"BTBZMqHH6r4Tts7J_aSIgg"}"#)), "keys.p256dh");
        let short = KEYS.replace("BTBZMqHH6r4Tts7J_aSIgg", "BTBZ");
        assert_eq!(field(&of(short.strip_prefix(r#""keys":"#).unwrap())), "keys.auth");
    }
}
