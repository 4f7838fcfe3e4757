//! Signing in and out. The secret travels once; from then on a token that ends.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Caller, SESSION_COOKIE, check_page};
use super::input::Body;
use super::problem::Problem;
use super::service::{Api, Peer};
use crate::dispatch::{Asked, Command};
use crate::domain::{AccountName, DistrictCode, Role, Timestamp};
use crate::engine::Lane;
use crate::registry::Account;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[schema(value_type = String)]
    name: AccountName,
    secret: String,
}

#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    token: String,
    #[schema(value_type = String)]
    role: Role,
    /// The districts it reaches.
    #[schema(value_type = Vec<String>)]
    districts: Vec<DistrictCode>,
    #[schema(value_type = String)]
    expires_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub struct Me {
    #[schema(value_type = String)]
    name: AccountName,
    #[schema(value_type = String)]
    role: Role,
    #[schema(value_type = Vec<String>)]
    districts: Vec<DistrictCode>,
    #[schema(value_type = Option<String>)]
    responder: Option<crate::domain::ResponderId>,
    /// What `X-CSRF-Token` must say in calls that change something by cookie; null with an account's own secret.
    csrf: Option<String>,
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
}

/// Sign in with name and secret.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", request_body = SignIn, security(()),
    responses((status = 200, body = SignedIn, description = "and the cookie tidewatch_session"), (status = 401), (status = 403)))]
pub async fn sign_in(
    State(api): State<Arc<Api>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    Body(asked): Body<SignIn>,
) -> Result<Response, Problem> {
    check_page(&api, &headers)?;
    let account = api.accounts.get().sign_in(&asked.name, &asked.secret).cloned();
    let Some(account) = account else { return Err(refuse(&api, &asked.name, peer).await) };
    api.throttle().succeeded(asked.name.as_str());
    let now = api.clock.wall();
    let (name, until) = (asked.name.clone(), now.after_s(api.config.sessions.ttl_s));
    let opened = api.stores.change(move |it| it.open_session(&name, now, until, &mut rand::rng())).await?;
    let Some((token, session)) = opened else { return Err(refuse(&api, &asked.name, peer).await) };
    let body = SignedIn {
        token: token.expose().to_owned(),
        role: account.role,
        districts: districts(&api, &account),
        expires_at: session.expires_at,
    };
    let cookie = cookie(&api, token.expose(), api.config.sessions.ttl_s);
    Ok(([(header::SET_COOKIE, cookie)], Reply(body)).into_response())
}

async fn refuse(api: &Api, name: &AccountName, Peer(peer): Peer) -> Problem {
    let known = api.accounts.get().get(name).is_some();
    let now_ms = api.clock.now_monotonic_ms();
    let wait = api.throttle().failed(name.as_str(), peer.ip(), now_ms, api.config.sessions);
    tokio::time::sleep(wait).await;
    let problem = Problem::unauthorized("name and secret do not belong to an account");
    if known { problem.by(name) } else { problem }
}

/// Who am I?
#[utoipa::path(get, path = "/api/v1/sessions/me", tag = "sessions", responses((status = 200, body = Me), (status = 401)))]
pub async fn me(State(api): State<Arc<Api>>, caller: Caller) -> Reply<Me> {
    Reply(Me {
        name: caller.account.name.clone(),
        role: caller.account.role,
        districts: districts(&api, &caller.account),
        responder: caller.account.responder.clone(),
        csrf: caller.session.as_ref().map(|it| it.csrf.clone()),
        expires_at: caller.session.as_ref().map(|it| it.expires_at),
    })
}

/// Sign out: the session ends, and the account's claims go back.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "sessions", responses((status = 204), (status = 401)))]
pub async fn sign_out(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, Problem> {
    if let Some(token) = caller.token.clone() {
        api.stores.change(move |registry| registry.end_session(&token)).await?;
    }
    if matches!(caller.account.role, Role::Operator | Role::Supervisor) {
        for handle in api.reached(&caller, None)? {
            let command = Command::ReleaseAll { account: caller.account.name.clone() };
            let asked = Asked { command, by: Some(caller.by()), request: None };
            // It holds nothing there: that is no reason to stay signed in.
            drop(handle.ask(Lane::People, asked, Vec::new()).await);
        }
    }
    let cookie = cookie(&api, "", 0);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn districts(api: &Api, account: &Account) -> Vec<DistrictCode> {
    let facts = api.facts.get();
    facts.districts().map(|it| it.code).filter(|code| account.reaches(*code)).collect()
}

fn cookie(api: &Api, token: &str, max_age_s: u64) -> HeaderValue {
    let secure = if api.config.http.secure_cookie { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}");
    HeaderValue::from_str(&text).expect("a token is letters and digits")
}
