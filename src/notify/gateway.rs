//! The message gateway: one signed HTTP hook, behind which a provider of SMS and voice stands. docs/gateway.md is the
//! contract with whoever writes that side.

use std::time::Duration;

use reqwest::{Client, Url};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::config::GatewayConfig;
use crate::domain::{Channel, OfferId, Timestamp, TryOutcome, hex};

/// Between two tries: short, because an offer counts as undelivered after ten seconds.
const PAUSE: Duration = Duration::from_millis(500);

/// What the hook is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hook {
    /// The same for every try, so that the provider sends it once.
    pub id: String,
    pub channel: Channel,
    pub kind: &'static str,
    /// E.164.
    pub to: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// Not worth sending after that.
    pub expires_at: Timestamp,
}

/// What the provider tells later.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// As the hook was sent it.
    pub id: String,
    pub state: ReceiptState,
    /// What the responder answered, where the state is `answered`: `1` accepts, `2` declines.
    #[serde(default)]
    pub answer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    Delivered,
    Failed,
    Answered,
}

pub struct Gateway {
    url: Url,
    key: hmac::Key,
    client: Client,
    channels: Vec<Channel>,
    tries: u64,
}

impl Gateway {
    /// `None` where none is configured.
    pub fn new(config: &GatewayConfig) -> reqwest::Result<Option<Self>> {
        let Some(url) = config.url.clone() else { return Ok(None) };
        let timeout = Duration::from_secs(config.timeout_s);
        let client = Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none()).build()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, config.secret.as_bytes());
        Ok(Some(Self { url, key, client, channels: config.channels.clone(), tries: config.tries }))
    }

    pub fn carries(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }

    /// Hands it over; what became of it comes by receipt.
    pub async fn send(&self, hook: &Hook, now: Timestamp) -> TryOutcome {
        let body = serde_json::to_string(hook).expect("a hook is texts and numbers");
        let mut outcome = TryOutcome::NoAnswer;
        for attempt in 0..self.tries {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            outcome = self.attempt(&body, now).await;
            if outcome != TryOutcome::NoAnswer {
                break;
            }
        }
        outcome
    }

    async fn attempt(&self, body: &str, now: Timestamp) -> TryOutcome {
        let at_s = (now.ms() / 1000).to_string();
        let request = self
            .client
            .post(self.url.clone())
            .header("Content-Type", "application/json")
            .header("Tidewatch-Timestamp", &at_s)
            .header("Tidewatch-Signature", signature(&self.key, &at_s, body));
        match request.body(body.to_owned()).send().await.map(|it| it.status()) {
            Ok(status) if status.is_success() => TryOutcome::Sent,
            Ok(status) if status.is_client_error() && status.as_u16() != 429 => TryOutcome::Refused,
            Ok(_) | Err(_) => TryOutcome::NoAnswer,
        }
    }
}

/// HMAC-SHA-256 of the timestamp, a dot and the body, in hexadecimal digits.
fn signature(key: &hmac::Key, at_s: &str, body: &str) -> String {
    let mut context = hmac::Context::with_key(key);
    [at_s, ".", body].iter().for_each(|part| context.update(part.as_bytes()));
    let digest: [u8; 32] = context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes");
    hex::text(&digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_can_be_made_with_any_hmac() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"key");
        assert_eq!(
            signature(&key, "1700000000", "{}"),
            "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
        );
    }
}
