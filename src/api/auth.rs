//! Who asks: a secret in the header, or the cookie of a session. A cookie that changes something brings the session's
//! own value too, and comes from our own page; a header needs neither, since no page of others can set it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};

use super::problem::Problem;
use super::service::Api;
use super::stores::{StoreError, Stores};
use crate::clock::Clock;
use crate::dispatch::By;
use crate::domain::{DistrictCode, Role};
use crate::live::Identify;
use crate::registry::{Account, Accounts, Session, Shared};

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "tidewatch_session";

/// What the token of a session begins with, so that no account's secret is looked for on the disk.
const SESSION_MARK: &str = "ts_";

/// Whose call this is.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: Arc<Account>,
    pub session: Option<Session>,
    /// The token of that session.
    pub token: Option<String>,
}

impl Caller {
    pub fn need(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.contains(&self.account.role) {
            return Ok(());
        }
        let wanted: Vec<&str> = roles.iter().map(|it| it.as_str()).collect();
        let detail = format!("role {} may not, expected {}", self.account.role, wanted.join(" or "));
        Err(Problem::forbidden("forbidden", detail).by(&self.account.name))
    }

    pub fn reach(&self, district: DistrictCode) -> Result<(), Problem> {
        if self.account.reaches(district) {
            return Ok(());
        }
        let detail = format!("district {district} is out of this account's reach");
        Err(Problem::forbidden("other_district", detail).by(&self.account.name).within(district))
    }

    pub fn by(&self) -> By {
        By { account: self.account.name.clone(), supervisor: self.account.role == Role::Supervisor }
    }
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        if let Some(secret) = bearer(&parts.headers)? {
            return by_secret(api, secret).await;
        }
        let Some(token) = cookie(&parts.headers) else {
            let detail = "no secret, expected `Authorization: Bearer SECRET` or the cookie of a session";
            return Err(Problem::unauthorized(detail));
        };
        let caller = by_token(api, token).await?;
        check_page(api, &parts.headers).map_err(|it| it.by(&caller.account.name))?;
        if changes_something(&parts.method) {
            check_csrf(&caller, &parts.headers)?;
        }
        Ok(caller)
    }
}

/// For websockets: nobody has to have said yet who they are, but who has must be right, and the page ours.
impl OptionalFromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Option<Self>, Problem> {
        check_page(api, &parts.headers)?;
        if bearer(&parts.headers)?.is_none() && cookie(&parts.headers).is_none() {
            return Ok(None);
        }
        <Self as FromRequestParts<Arc<Api>>>::from_request_parts(parts, api).await.map(Some)
    }
}

async fn by_secret(api: &Api, secret: &str) -> Result<Caller, Problem> {
    if secret.starts_with(SESSION_MARK) {
        return by_token(api, secret).await;
    }
    match api.accounts.get().by_secret(secret) {
        Some(account) => Ok(Caller { account: account.clone(), session: None, token: None }),
        None => Err(Problem::unauthorized("the secret is nobody's")),
    }
}

async fn by_token(api: &Api, token: &str) -> Result<Caller, Problem> {
    let found = session_of(&api.accounts, &api.stores, &api.clock, token).await?;
    let (account, session) = found.ok_or_else(|| Problem::unauthorized("the session has ended, sign in again"))?;
    Ok(Caller { account, session: Some(session), token: Some(token.to_owned()) })
}

async fn session_of(
    accounts: &Shared<Accounts>,
    stores: &Stores,
    clock: &Arc<dyn Clock>,
    token: &str,
) -> Result<Option<(Arc<Account>, Session)>, StoreError> {
    let (sought, now) = (token.to_owned(), clock.wall());
    let session = stores.registry(move |registry| registry.find_session(&sought, now)).await?;
    Ok(session.and_then(|it| Some((accounts.get().get(&it.account)?.clone(), it))))
}

/// Whose token the first message of a websocket brings: an account's secret, or a session's token.
pub fn identify(accounts: Shared<Accounts>, stores: Stores, clock: Arc<dyn Clock>) -> Identify {
    Arc::new(move |token| {
        let (accounts, stores, clock) = (accounts.clone(), stores.clone(), clock.clone());
        Box::pin(async move {
            if !token.starts_with(SESSION_MARK) {
                return accounts.get().by_secret(&token).cloned();
            }
            session_of(&accounts, &stores, &clock, &token).await.ok().flatten().map(|(account, _)| account)
        })
    })
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(secret.trim())),
        _ => Err(Problem::unauthorized("the header Authorization is not `Bearer SECRET`")),
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pairs = values.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| *name == SESSION_COOKIE).map(|(_, token)| token);
    found.next()
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn check_csrf(caller: &Caller, headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get("x-csrf-token").and_then(|it| it.to_str().ok());
    let expected = caller.session.as_ref().map(|it| it.csrf.as_str());
    if given.is_some() && given == expected {
        return Ok(());
    }
    let detail = "a cookie that changes something needs the header X-CSRF-Token with `csrf` of GET /api/v1/sessions/me";
    Err(Problem::forbidden("csrf", detail).by(&caller.account.name))
}

/// A browser says from which page a call comes; only ours may use the cookie.
pub fn check_page(api: &Api, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let ours = origin.parse::<Uri>().ok().and_then(|it| it.authority().map(|it| it.as_str().to_owned()));
    if (ours.is_some() && ours.as_deref() == host) || api.config.http.origins.iter().any(|it| it == origin) {
        return Ok(());
    }
    Err(Problem::forbidden("foreign_origin", "the call comes from a page of another origin"))
}
