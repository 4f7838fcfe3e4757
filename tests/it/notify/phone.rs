//! A browser and a provider of SMS, as small servers of our own: they keep what they are sent, and read it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::service::{SOON, until};

/// What a request brought.
#[derive(Clone)]
pub struct Taken {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A server that keeps what is posted to it, and answers with what it was told to.
#[derive(Clone)]
pub struct Keeper {
    pub addr: SocketAddr,
    kept: Arc<Mutex<Vec<Taken>>>,
    answer: Arc<Mutex<StatusCode>>,
}

impl Keeper {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let keeper = Self { addr, kept: Arc::default(), answer: Arc::new(Mutex::new(StatusCode::CREATED)) };
        let router = Router::new().route("/{*any}", post(keep)).with_state(keeper.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        keeper
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub fn answer(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }

    /// The next of what was posted, in order.
    pub async fn next(&self) -> Taken {
        until("something is posted", SOON, async || {
            let mut kept = self.kept.lock().unwrap();
            (!kept.is_empty()).then(|| kept.remove(0))
        })
        .await
    }
}

async fn keep(State(keeper): State<Keeper>, headers: HeaderMap, body: Bytes) -> StatusCode {
    keeper.kept.lock().unwrap().push(Taken { headers, body: body.to_vec() });
    *keeper.answer.lock().unwrap()
}

/// A browser's end of a subscription: reads what was encrypted for it, by RFC 8291 from the other side.
pub struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    pub fn new() -> Self {
        Self { key: SecretKey::from_slice(&rand::random::<[u8; 32]>()).unwrap(), auth: rand::random() }
    }

    pub fn subscription(&self, endpoint: &str) -> Value {
        let point = self.key.public_key().to_encoded_point(false);
        let keys = json!({"p256dh": BASE64.encode(point.as_bytes()), "auth": BASE64.encode(self.auth)});
        json!({"endpoint": endpoint, "keys": keys})
    }

    pub fn read(&self, taken: &Taken) -> Value {
        assert_eq!(taken.headers["content-encoding"], "aes128gcm");
        let (salt, rest) = taken.body.split_at(16);
        let (length, rest) = (usize::from(rest[4]), &rest[5..]);
        let (theirs, sealed) = rest.split_at(length);
        let sender = PublicKey::from_sec1_bytes(theirs).unwrap();
        let shared = diffie_hellman(self.key.to_nonzero_scalar(), sender.as_affine());
        let ours = self.key.public_key().to_encoded_point(false);
        let secret = Salt::new(HKDF_SHA256, &self.auth).extract(shared.raw_secret_bytes());
        let keying: [u8; 32] = expand(&secret, &[b"WebPush: info\0", ours.as_bytes(), theirs]);
        let secret = Salt::new(HKDF_SHA256, salt).extract(&keying);
        let key: [u8; 16] = expand(&secret, &[b"Content-Encoding: aes128gcm\0"]);
        let nonce: [u8; 12] = expand(&secret, &[b"Content-Encoding: nonce\0"]);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut sealed = sealed.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).unwrap();
        let (last, text) = plain.split_last().unwrap();
        assert_eq!(*last, 2, "the last record of a message");
        serde_json::from_slice(text).unwrap()
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(secret: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    secret.expand(info, Length(N)).unwrap().fill(&mut out).unwrap();
    out
}
