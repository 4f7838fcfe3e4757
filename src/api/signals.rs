//! Signals over HTTP: answered after the commit, like every source.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::input::Bytes;
use super::place::PlaceGiven;
use super::problem::Problem;
use super::service::Api;
use crate::domain::signal::SignalOutcome;
use crate::domain::{IncidentId, Role, Seq};
use crate::pipeline::{Reach, Refusal};
use crate::sources::IntakeError;
use crate::sources::http::{HttpSender, decode};

/// What the cap of unknown devices counts these under.
const LISTENER: &str = "http";

/// One signal of one device. What cannot be read beside device, id and kind is left off an alarm.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes a body that is read field by field")]
pub struct SignalGiven {
    /// `PROTOCOL:IDENTITY`.
    device: String,
    /// The device's own id of this signal; required for alarms.
    id: Option<String>,
    kind: String,
    occurred_at: Option<String>,
    location: Option<PlaceGiven>,
    battery_pct: Option<u8>,
}

#[derive(Serialize, ToSchema)]
pub struct SignalTaken {
    /// `opened`, `attached`, `cancelled`, `technical`, `telemetry`, `duplicate` or `unknown_device`.
    #[schema(value_type = String)]
    outcome: SignalOutcome,
    #[schema(value_type = Option<String>)]
    incident: Option<IncidentId>,
    /// null for telemetry, which is not journalled.
    seq: Option<Seq>,
}

/// A device says something.
#[utoipa::path(post, path = "/api/v1/signals", tag = "signals", request_body = SignalGiven,
    responses((status = 200, body = SignalTaken), (status = 400), (status = 403), (status = 413), (status = 422), (status = 503)))]
pub async fn take(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Bytes(body): Bytes,
) -> Result<Reply<SignalTaken>, Problem> {
    caller.need(&[Role::Gateway, Role::Device])?;
    let reach = Reach { districts: caller.account.districts.clone(), default_district: api.home_district(&caller) };
    let message = decode(&body, &HttpSender { listener: LISTENER.to_owned(), reach })?;
    if caller.account.role == Role::Device && caller.account.device.as_ref() != Some(&message.device) {
        let detail = "this account is another device's, expected signals of its own";
        return Err(Problem::forbidden("other_device", detail).by(&caller.account.name));
    }
    if api.is_stopping() {
        return Err(Problem::unavailable("the service is stopping, try again"));
    }
    let taken = api.intake.take(message).await.map_err(|error| problem(error, &caller))?;
    Ok(Reply(SignalTaken { outcome: taken.outcome, incident: taken.incident, seq: taken.seq }))
}

fn problem(error: IntakeError, caller: &Caller) -> Problem {
    match error {
        IntakeError::Refused(refusal) => Problem::from(refusal).by(&caller.account.name),
        IntakeError::NoRoom { retry_after_s } => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_room", "no room just now, try again later");
            Problem { retry_after_s: Some(retry_after_s), ..problem }
        }
        IntakeError::Unavailable { why } => Problem::unavailable(format!("not taken ({why}), try again")),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        Self::new(status, refusal.code, refusal.detail)
    }
}
