//! Problems: every refusal as RFC 9457, with a code that the outside may rely on.
//! A detail holds ids and what was expected; never a name, a number, an address or a text that somebody wrote.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::dispatch::Rejection;
use crate::domain::{AccountName, DistrictCode};
use crate::engine::AskError;

/// How long a caller should wait where nothing better is known.
const RETRY_AFTER_S: u64 = 2;

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: String,
    /// The field, parameter or header it is about.
    pub field: Option<String>,
    pub retry_after_s: Option<u64>,
    /// Who was refused, for the audit.
    pub actor: Option<AccountName>,
    pub district: Option<DistrictCode>,
    /// What else the body says.
    pub more: Option<Box<Map<String, Value>>>,
}

/// Left with a response that refused somebody, so that the audit hears of it.
#[derive(Debug, Clone)]
pub struct Refused {
    pub actor: Option<AccountName>,
    pub code: &'static str,
    pub district: Option<DistrictCode>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, code, detail, field: None, retry_after_s: None, actor: None, district: None, more: None }
    }

    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// Understood, but wrong.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
        Self { field: Some(field.to_owned()), ..problem }
    }

    pub fn unavailable(detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        Self { retry_after_s: Some(RETRY_AFTER_S), ..problem }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.more.get_or_insert_default().insert(key.to_owned(), value);
        self
    }

    #[must_use]
    pub fn by(mut self, actor: &AccountName) -> Self {
        self.actor = Some(actor.clone());
        self
    }

    #[must_use]
    pub fn within(mut self, district: DistrictCode) -> Self {
        self.district = Some(district);
        self
    }

    pub fn body(&self) -> Value {
        let title = self.status.canonical_reason().unwrap_or("Refused");
        let mut body = Map::new();
        body.insert("type".to_owned(), json!("about:blank"));
        body.insert("title".to_owned(), json!(title));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("code".to_owned(), json!(self.code));
        body.insert("detail".to_owned(), json!(self.detail));
        if let Some(field) = &self.field {
            body.insert("field".to_owned(), json!(field));
        }
        body.extend(self.more.as_deref().cloned().unwrap_or_default());
        Value::Object(body)
    }

    fn is_refusal(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.is_refusal() {
            response.extensions_mut().insert(Refused { actor: self.actor, code: self.code, district: self.district });
        }
        response
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(rejection) => rejection.into(),
            AskError::NoRoom { retry_after_s } => {
                let problem =
                    Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_room", "no room just now, ask again later");
                Self { retry_after_s: Some(retry_after_s), ..problem }
            }
            AskError::Unavailable { why } => Self::unavailable(format!("not taken ({why}), ask again")),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::new(status_of(&rejection), rejection.code(), rejection.to_string())
    }
}

/// 404 for what is not there, 422 for what makes no sense, 409 for what somebody else was quicker at.
fn status_of(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::NoSuchIncident(_)
        | Rejection::NoSuchOffer(_)
        | Rejection::NoSuchTask(_)
        | Rejection::NoSuchCall(_)
        | Rejection::NoSuchResponder(_)
        | Rejection::NoSuchSubject(_)
        | Rejection::NoSuchPremises(_)
        | Rejection::NotOfIncident { .. }
        | Rejection::NoSuchRung { .. } => StatusCode::NOT_FOUND,
        Rejection::NotAnAlarm { .. }
        | Rejection::NowhereToGo
        | Rejection::NothingToCorrect
        | Rejection::MergeIntoItself
        | Rejection::TooManyAtOnce { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Rejection::Repeat(_)
        | Rejection::IncidentClosed { .. }
        | Rejection::IncidentOpen { .. }
        | Rejection::Claimed { .. }
        | Rejection::NotOwner { .. }
        | Rejection::ResponderUnderWay { .. }
        | Rejection::SubjectHasIncident { .. }
        | Rejection::OfferExpired { .. }
        | Rejection::OfferWithdrawn { .. }
        | Rejection::OfferAnswered { .. }
        | Rejection::NotYourOffer { .. }
        | Rejection::NotEligible { .. }
        | Rejection::NobodyAvailable
        | Rejection::NotAssigned { .. }
        | Rejection::StatusOutOfOrder { .. }
        | Rejection::OnAssignment { .. }
        | Rejection::OnlyAlarm { .. }
        | Rejection::OfAnotherDistrict { .. }
        | Rejection::LadderExhausted
        | Rejection::CallOver { .. }
        | Rejection::NothingToDo => StatusCode::CONFLICT,
    }
}
