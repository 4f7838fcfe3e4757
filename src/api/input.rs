//! What comes in: bodies, parameters and headers, read once into types. JSON that cannot be read is 400; what can be
//! read and is wrong is 422 and names the field.

use axum::body::Body as RawBody;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::Problem;
use super::service::Api;
use std::sync::Arc;
use std::time::Duration;

/// The longest text that somebody may write as a note: a page.
pub const NOTE_MAX_CHARS: usize = 4000;

/// What is beyond the limit is read and dropped up to this: closing on unread bytes resets the connection, and who sent a
/// little too much would not hear why nothing was taken.
const DROPPED_MAX_BYTES: usize = 1024 * 1024;

/// A JSON body. No body at all is an empty object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Api>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Problem> {
        let value = read(request, api.config.http.body_bytes, api.config.http.request_s).await?;
        parse(value).map(Self)
    }
}

/// A body as it came, for those who take what they can of it.
pub struct Bytes(pub axum::body::Bytes);

impl FromRequest<Arc<Api>> for Bytes {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Problem> {
        read_bytes(request, api.config.http.body_bytes, api.config.http.request_s).await.map(Self)
    }
}

/// A world file. A county with its homes is some megabytes.
pub struct WorldText(pub String);

/// The largest world file that comes this way; a larger one is imported at the machine.
const WORLD_MAX_BYTES: usize = 8 * 1024 * 1024;

impl FromRequest<Arc<Api>> for WorldText {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Problem> {
        let bytes = read_bytes(request, WORLD_MAX_BYTES, api.config.http.request_s).await?;
        let text = String::from_utf8(bytes.into()).map_err(|error| {
            let detail = format!("the body is no UTF-8 at byte {}", error.utf8_error().valid_up_to());
            Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
        })?;
        Ok(Self(text))
    }
}

async fn read(request: Request, limit: usize, limit_s: u64) -> Result<Value, Problem> {
    let bytes = read_bytes(request, limit, limit_s).await?;
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let detail = format!("the body is no JSON at line {} column {}", error.line(), error.column());
        Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
    })
}

async fn read_bytes(request: Request, limit: usize, limit_s: u64) -> Result<axum::body::Bytes, Problem> {
    let too_large = || {
        let detail = format!("the body is larger than {limit} bytes, which is the most that is taken");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    };
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > (limit + DROPPED_MAX_BYTES) as u64) {
        return Err(too_large());
    }
    let reading = collect(request.into_body(), limit);
    match tokio::time::timeout(Duration::from_secs(limit_s), reading).await {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(too_large()),
        Err(_) => {
            let detail = format!("the body has not arrived within {limit_s} s");
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", detail))
        }
    }
}

/// `None`: larger than `limit`, or broken off.
async fn collect(body: RawBody, limit: usize) -> Option<axum::body::Bytes> {
    let (mut chunks, mut kept, mut seen) = (body.into_data_stream(), BytesMut::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        seen += chunk.len();
        if seen > limit + DROPPED_MAX_BYTES {
            return None;
        }
        if seen <= limit {
            kept.extend_from_slice(&chunk);
        }
    }
    (seen <= limit).then(|| kept.freeze())
}

pub fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    if !value.is_object() {
        return Err(Problem::invalid("", "the body is not an object, expected { … }"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let why = error.inner().to_string();
        let field = if path == "." || path.is_empty() { named_in(&why).unwrap_or_default() } else { path };
        Problem::invalid(&field, why)
    })
}

/// The field that the words of serde name: unknown field `x`, missing field `x`.
fn named_in(why: &str) -> Option<String> {
    why.split_once("field `")?.1.split_once('`').map(|(name, _)| name.to_owned())
}

/// The parameters of a query.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri).map(|Query(it)| Self(it)).map_err(|error| {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Problem::invalid(&named_in(&why).unwrap_or_default(), why)
        })
    }
}

/// The header `Idempotency-Key`, if there is one.
pub struct RequestKey(pub Option<String>);

/// The longest key: a UUID and some words.
const KEY_MAX_BYTES: usize = 200;

impl<S: Send + Sync> FromRequestParts<S> for RequestKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        if text.is_empty() || text.len() > KEY_MAX_BYTES {
            return Err(Problem::invalid("Idempotency-Key", "the key is not 1 to 200 visible characters"));
        }
        Ok(Self(Some(format!("{} {} {text}", parts.method, parts.uri.path()))))
    }
}

/// A note, not longer than one may be.
pub fn note(field: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.chars().count() > NOTE_MAX_CHARS => {
            Err(Problem::invalid(field, format!("the text is longer than {NOTE_MAX_CHARS} characters")))
        }
        Some(text) if text.trim().is_empty() => Err(Problem::invalid(field, "the text is empty")),
        text => Ok(text),
    }
}
