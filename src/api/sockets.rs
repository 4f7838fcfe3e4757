//! The upgrades to websockets: who asks is found out here as far as headers say it; what goes over them is `live`'s.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::auth::Caller;
use super::problem::Problem;
use super::service::Api;
use crate::domain::Role;
use crate::live;

/// The feed of a console (websocket). The first message is a hello with the districts and what was seen last.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", responses((status = 101), (status = 401), (status = 403)))]
pub async fn feed(
    State(api): State<Arc<Api>>,
    caller: Option<Caller>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if let Some(caller) = &caller {
        caller.need(&[Role::Operator, Role::Supervisor, Role::Ops])?;
    }
    Ok(live::live_feed(upgraded(upgrade)?, api.live.clone(), caller.map(|it| it.account)))
}

/// The link of a responder (websocket).
#[utoipa::path(get, path = "/api/v1/responder/live", tag = "live", responses((status = 101), (status = 401), (status = 403)))]
pub async fn link(
    State(api): State<Arc<Api>>,
    caller: Option<Caller>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if let Some(caller) = &caller {
        caller.need(&[Role::Responder])?;
    }
    Ok(live::responder_live(upgraded(upgrade)?, api.live.clone(), caller.map(|it| it.account)))
}

fn upgraded(upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>) -> Result<WebSocketUpgrade, Problem> {
    upgrade.map_err(|error| Problem::new(StatusCode::UPGRADE_REQUIRED, "no_websocket", error.to_string()))
}
