//! Who sends a web push, as RFC 8292 has it: a token that the push service checks against the key that the browser
//! subscribed with. Reads no clock.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use p256::SecretKey;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::json;

use super::encrypt::point;
use crate::domain::Timestamp;

/// How long a token holds: half of what is allowed, so that a clock may be wrong.
const HOLDS_S: u64 = 12 * 3600;

/// The sender's key. Made once for a data folder: browsers subscribe to it.
#[derive(Clone)]
pub struct Vapid {
    key: SecretKey,
    /// Whom a push service may write to: `mailto:` or `https:`.
    contact: String,
}

impl Vapid {
    pub fn new(key: SecretKey, contact: String) -> Self {
        Self { key, contact }
    }

    /// What a browser is given to subscribe with.
    pub fn public(&self) -> String {
        BASE64.encode(point(&self.key.public_key()))
    }

    /// The header `Authorization` for a push service at `origin`.
    pub fn authorization(&self, origin: &str, now: Timestamp) -> String {
        let expires_s = now.after_s(HOLDS_S).ms() / 1000;
        let claims = json!({"aud": origin, "exp": expires_s, "sub": self.contact});
        let head = BASE64.encode(json!({"typ": "JWT", "alg": "ES256"}).to_string());
        let signed = format!("{head}.{}", BASE64.encode(claims.to_string()));
        let signature: Signature = SigningKey::from(&self.key).sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", BASE64.encode(signature.to_bytes()), self.public())
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;

    use super::*;

    #[test]
    fn the_token_names_origin_end_and_contact_and_verifies_under_the_key_beside_it() {
        let key = SecretKey::from_slice(&[7; 32]).unwrap();
        let vapid = Vapid::new(key, "mailto:ops@example.org".to_owned());
        let now = Timestamp::from_ms(1_700_000_000_000);
        let header = vapid.authorization("https://push.example.org", now);
        let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        assert_eq!(BASE64.decode(head).unwrap(), br#"{"alg":"ES256","typ":"JWT"}"#);
        let claims: serde_json::Value = serde_json::from_slice(&BASE64.decode(claims).unwrap()).unwrap();
        let expected =
            json!({"aud": "https://push.example.org", "exp": 1_700_043_200, "sub": "mailto:ops@example.org"});
        assert_eq!(claims, expected);
        let key = VerifyingKey::from_sec1_bytes(&BASE64.decode(public).unwrap()).unwrap();
        let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
        let signed = token.rsplit_once('.').unwrap().0;
        key.verify(signed.as_bytes(), &signature).unwrap();
    }
}
