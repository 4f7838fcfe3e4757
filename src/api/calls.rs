//! Calls to the hotline: what the telephone exchange saw, which incident a call is about, and who is to be called back.
//! A number is compared and forgotten; what is recorded is a reference to it.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acts::open::{ByHand, send_by_hand};
use super::acts::{CENTRE, Done, Opened};
use super::auth::Caller;
use super::input::{Body, Params, RequestKey, note};
use super::place::PlaceGiven;
use super::problem::Problem;
use super::service::Api;
use super::stores::Values;
use crate::dispatch::command::{CallEvent, ReportCall};
use crate::dispatch::state::{Call, CallState};
use crate::dispatch::{Asked, Command, Facts};
use crate::domain::*;
use crate::engine::{Handle, Lane};

/// The longest number that an exchange says: a SIP address.
const NUMBER_MAX_CHARS: usize = 256;

/// Calls shown at most: more than any hotline has lines.
const CALLS_MAX: usize = 1000;

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SeenEvent {
    Ringing,
    Answered,
    Ended,
    Abandoned,
}

impl SeenEvent {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Ended => "ended",
            Self::Abandoned => "abandoned",
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    #[schema(value_type = String)]
    call: CallId,
    event: SeenEvent,
    /// The caller's number, as the exchange has it.
    from: Option<String>,
    #[allow(dead_code, reason = "the hotline's own number is taken and not needed")]
    to: Option<String>,
    #[allow(dead_code, reason = "the district's own time is recorded")]
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
    /// Who answered.
    #[schema(value_type = Option<String>)]
    operator: Option<AccountName>,
}

#[derive(Serialize, ToSchema)]
pub struct Taken {
    #[schema(value_type = String)]
    call: CallId,
    #[schema(value_type = Option<String>)]
    subject: Option<SubjectId>,
    #[schema(value_type = Option<String>)]
    incident: Option<IncidentId>,
    seq: Option<Seq>,
}

/// The exchange saw something of a call.
#[utoipa::path(post, path = "/api/v1/calls", tag = "calls", request_body = Seen,
    responses((status = 200, body = Taken), (status = 403), (status = 409), (status = 422), (status = 503)))]
pub async fn seen(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(seen): Body<Seen>,
) -> Result<Reply<Taken>, Problem> {
    caller.need(&[Role::Gateway])?;
    let number = number(seen.from.as_deref().unwrap_or_default())?;
    let facts = api.facts.get();
    let (subject, own_phone) = recognise(&facts, &caller, &number);
    let handle = district_of(&api, &caller, &seen.call, subject.as_ref())?;
    let (from, row) = api.seal(subject.clone(), "phone", number);
    let event = match seen.event {
        SeenEvent::Ringing => CallEvent::Ringing,
        SeenEvent::Answered => CallEvent::Answered { operator: seen.operator },
        SeenEvent::Ended => CallEvent::Ended,
        SeenEvent::Abandoned => CallEvent::Abandoned,
    };
    let word = seen.event.as_str();
    let request = api.key.fingerprint(&[b"call", seen.call.as_str().as_bytes(), word.as_bytes()]);
    let command = Command::ReportCall(ReportCall { call: seen.call.clone(), event, from, subject, own_phone });
    let asked = Asked { command, by: None, request: Some(request) };
    let reply = handle.ask(Lane::Alarms, asked, vec![row]).await?;
    let known = handle.read(|state| state.call(&seen.call).cloned());
    let subject = reply.answer.subject.or_else(|| known.as_ref()?.subject.clone());
    let incident = reply.answer.incident.or_else(|| known.as_ref()?.incident);
    Ok(Reply(Taken { call: seen.call, subject, incident, seq: reply.answer.seq }))
}

/// A number as the registry writes it: without blanks and dashes, `00` as `+`.
fn number(said: &str) -> Result<String, Problem> {
    if said.chars().count() > NUMBER_MAX_CHARS {
        return Err(Problem::invalid("from", format!("the number is longer than {NUMBER_MAX_CHARS} characters")));
    }
    let plain: String = said.chars().filter(|it| !matches!(it, ' ' | '-' | '(' | ')' | '.')).collect();
    Ok(plain.strip_prefix("00").map(|rest| format!("+{rest}")).unwrap_or(plain))
}

/// Whose number it is: a subject's own before a contact's, one in reach before others.
fn recognise(facts: &Facts, caller: &Caller, number: &str) -> (Option<SubjectId>, bool) {
    let reached = |id: &SubjectId| facts.district_of(id).is_some_and(|it| caller.account.reaches(it));
    let own = facts.subjects_by_phone(number).map(|it| it.id.clone()).find(reached);
    if own.is_some() {
        return (own, true);
    }
    (facts.subjects_by_contact_phone(number).map(|it| it.id.clone()).find(reached), false)
}

/// Where the call is known already, else where its subject lives, else the district of what names none.
fn district_of(api: &Api, caller: &Caller, call: &CallId, subject: Option<&SubjectId>) -> Result<Handle, Problem> {
    if let Some(handle) = known_in(api, caller, call)? {
        return Ok(handle);
    }
    let of_subject = subject.and_then(|it| api.facts.get().district_of(it));
    let district = of_subject.or_else(|| api.home_district(caller)).ok_or_else(|| {
        Problem::invalid(
            "from",
            "no district follows from the number, expected `default_district` in the configuration",
        )
    })?;
    api.reach(caller, district)
}

/// The district in whose record the call is; a call id does not carry it.
fn known_in(api: &Api, caller: &Caller, call: &CallId) -> Result<Option<Handle>, Problem> {
    let handles = api.handles.get();
    let mut found = handles.values().filter(|it| it.read(|state| state.call(call).is_some()));
    let (mine, other): (Vec<_>, Vec<_>) = found.by_ref().partition(|it| caller.account.reaches(it.district()));
    match (mine.first(), other.first()) {
        (Some(handle), _) => Ok(Some((*handle).clone())),
        (None, Some(handle)) if caller.account.role != Role::Gateway => {
            Err(caller.reach(handle.district()).unwrap_err())
        }
        (None, _) => Ok(None),
    }
}

fn must_know(api: &Api, caller: &Caller, call: &str) -> Result<(CallId, Handle), Problem> {
    let unknown = || Problem::not_found("no_such_call", "there is no call of this id");
    let call: CallId = call.parse().map_err(|_| unknown())?;
    let handle = known_in(api, caller, &call)?.ok_or_else(unknown)?;
    Ok((call, handle))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    #[schema(value_type = String)]
    kind: SignalKind,
    #[schema(value_type = Option<String>)]
    subject: Option<SubjectId>,
    #[schema(value_type = Option<String>)]
    premises: Option<PremisesId>,
    location: Option<PlaceGiven>,
    note: Option<String>,
}

/// This call is an emergency.
#[utoipa::path(post, path = "/api/v1/calls/{call}/incident", tag = "calls", params(("call" = String, Path)),
    request_body = Emergency, responses((status = 200, body = Opened), (status = 404), (status = 409), (status = 422)))]
pub async fn incident(
    State(api): State<Arc<Api>>,
    Path(call): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(asked): Body<Emergency>,
) -> Result<Reply<Opened>, Problem> {
    caller.need(&CENTRE)?;
    let (call, handle) = must_know(&api, &caller, &call)?;
    let Emergency { kind, subject, premises, location, note } = asked;
    let hand = ByHand { kind, call: Some(call), subject, premises, place: location, note };
    send_by_hand(&api, caller, key, handle.district(), hand).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalledBack {
    note: Option<String>,
}

/// Somebody has called back.
#[utoipa::path(post, path = "/api/v1/calls/{call}/called_back", tag = "calls", params(("call" = String, Path)),
    request_body = CalledBack, responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub async fn called_back(
    State(api): State<Arc<Api>>,
    Path(call): Path<String>,
    caller: Caller,
    key: RequestKey,
    Body(CalledBack { note: text }): Body<CalledBack>,
) -> Result<Reply<Done>, Problem> {
    caller.need(&CENTRE)?;
    let (call, handle) = must_know(&api, &caller, &call)?;
    let subject = handle.read(|state| state.call(&call).and_then(|it| it.subject.clone()));
    let sealed = note("note", text)?.map(|text| api.seal(subject, "note", text));
    let (note, private) = match sealed {
        Some((reference, row)) => (Some(reference), vec![row]),
        None => (None, Vec::new()),
    };
    let command = Command::ReturnCall { call, note };
    let asked = Asked { command, by: Some(caller.by()), request: api.request(&caller, key.0) };
    let reply = handle.ask(Lane::People, asked, private).await?;
    Ok(Reply(Done { seq: reply.answer.seq }))
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhichCalls {
    #[default]
    Open,
    Closed,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CallsQuery {
    /// `open` (the default): ringing, talking, or to be called back; or `closed`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: WhichCalls,
    #[param(value_type = Option<String>)]
    district: Option<DistrictCode>,
}

/// The newest first.
#[derive(Serialize, ToSchema)]
pub struct Calls {
    calls: Vec<CallShown>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
struct CallShown {
    #[schema(value_type = String)]
    call: CallId,
    #[schema(value_type = String)]
    district: DistrictCode,
    state: CallState,
    /// The caller's number; null where it was erased.
    #[schema(required)]
    from: Option<String>,
    #[schema(value_type = Option<String>, required)]
    subject: Option<SubjectId>,
    /// The number is the subject's own, not a contact's.
    own_phone: bool,
    #[schema(value_type = Option<String>, required)]
    incident: Option<IncidentId>,
    #[schema(value_type = Option<String>, required)]
    operator: Option<AccountName>,
    #[schema(value_type = String)]
    rang_at: Timestamp,
    #[schema(value_type = Option<String>, required)]
    answered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, required)]
    ended_at: Option<Timestamp>,
    /// Somebody still has to call back.
    call_back: bool,
}

/// The calls on the board.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", params(CallsQuery),
    responses((status = 200, body = Calls), (status = 403)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<CallsQuery>,
) -> Result<Reply<Calls>, Problem> {
    caller.need(&CENTRE)?;
    let mut found: Vec<(DistrictCode, CallId, Call)> = Vec::new();
    for handle in api.reached(&caller, query.district)? {
        let district = handle.district();
        handle.read(|state| {
            let calls = state.calls().filter(|(_, it)| it.is_open() == (query.state == WhichCalls::Open));
            found.extend(calls.map(|(id, it)| (district, id.clone(), it.clone())));
        });
    }
    found.sort_by_key(|(_, _, it)| std::cmp::Reverse(it.rang_at));
    found.truncate(CALLS_MAX);
    let values = api.stores.values(found.iter().map(|(_, _, it)| it.from.id).collect()).await?;
    let calls = found.into_iter().map(|(district, id, it)| CallShown::of(district, id, it, &values)).collect();
    Ok(Reply(Calls { calls }))
}

impl CallShown {
    fn of(district: DistrictCode, call: CallId, it: Call, values: &Values) -> Self {
        Self {
            call,
            district,
            state: it.state,
            from: values.get(&it.from.id).cloned(),
            subject: it.subject,
            own_phone: it.own_phone,
            incident: it.incident,
            operator: it.operator,
            rang_at: it.rang_at,
            answered_at: it.answered_at,
            ended_at: it.ended_at,
            call_back: it.call_back,
        }
    }
}
