//! What every answer tells a browser: run nothing that is not ours, sit in nobody's frame, tell no one where we were.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::service::Api;

const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What a page of ours may load: from ourselves, and a base map from where the configuration says.
pub fn content_policy(map_origins: &[String]) -> HeaderValue {
    let maps: String = map_origins.iter().flat_map(|it| [" ", it]).collect();
    let policy = format!(
        "default-src 'self'; img-src 'self' data: blob:{maps}; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; \
         connect-src 'self'{maps}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    HeaderValue::from_str(&policy).expect("an origin is visible text")
}

pub async fn secure(State(policy): State<HeaderValue>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    if api {
        // Answers hold names and places; no cache between us and the console may keep them.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// Counts each answer by its route, never by its path: paths hold ids.
pub async fn count(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |it| it.as_str().to_owned());
    let method = request.method().to_string();
    let began_us = api.clock.monotonic_us();
    let response = next.run(request).await;
    let took_s = api.clock.monotonic_us().saturating_sub(began_us) as f64 / 1e6;
    let status = response.status().as_u16().to_string();
    metrics::histogram!(crate::telemetry::HTTP_REQUEST_SECONDS, "route" => route.clone()).record(took_s);
    metrics::counter!(crate::telemetry::HTTP_REQUESTS, "method" => method, "route" => route, "status" => status)
        .increment(1);
    response
}
