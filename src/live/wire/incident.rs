//! One incident as the board, the snapshot and the queries show it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::place::PlaceShown;
use super::{EventShown, Eye};
use crate::dispatch::event::{Event, OpenedBy, SignalReceived, Stamped};
use crate::dispatch::state::{Aid, Assignment, Incident, Task};
use crate::domain::signal::{PlaceGiven, SignalOutcome};
use crate::domain::*;

/// INCIDENT without its signals and timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Incident)]
pub struct IncidentShown<'a> {
    #[schema(value_type = String)]
    id: IncidentId,
    #[schema(value_type = String)]
    district: DistrictCode,
    state: OpenOrClosed,
    stage: Stage,
    #[schema(value_type = String)]
    kind: SignalKind,
    /// 1 to 5; 1 is the most urgent.
    #[schema(value_type = u8)]
    urgency: Urgency,
    presses: u32,
    #[schema(value_type = Option<String>, required)]
    subject: Option<&'a SubjectId>,
    #[schema(value_type = Vec<String>)]
    subjects: &'a [SubjectId],
    #[schema(value_type = Option<String>, required)]
    premises: Option<&'a PremisesId>,
    #[schema(required)]
    place: Option<PlaceShown>,
    class: Class,
    #[schema(value_type = String)]
    opened_at: Timestamp,
    opened_by: OpenedBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    call: Option<&'a CallId>,
    /// 1 from opening, one more with each reopening.
    round: u32,
    #[schema(value_type = String)]
    door_due_at: Timestamp,
    #[schema(value_type = String)]
    answer_due_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    answered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, required)]
    owner: Option<&'a AccountName>,
    assignments: Vec<AssignmentShown<'a>>,
    /// The present step of the ladder.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    rung: Option<&'a str>,
    tasks: Vec<TaskShown<'a>>,
    /// What other districts were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    aids: Vec<AidShown<'a>>,
    /// For which district it was opened, as an incident of its own there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    aid_for: Option<IncidentId>,
    #[schema(required)]
    disposition: Option<Disposition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    closed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    merged_into: Option<IncidentId>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OpenOrClosed {
    Open,
    Closed,
}

/// An offer to one responder, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
struct AssignmentShown<'a> {
    #[schema(value_type = String)]
    responder: &'a ResponderId,
    #[schema(value_type = String)]
    offer: OfferId,
    state: AssignmentState,
    /// Of the last change.
    #[schema(value_type = String)]
    at: Timestamp,
    eta_s: u64,
    /// What `eta_s` was reckoned along.
    way: Way,
}

/// Help that another district was asked for, as far as it has told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Aid)]
struct AidShown<'a> {
    #[schema(value_type = String)]
    aid: AidId,
    /// Who was asked.
    #[schema(value_type = String)]
    of: DistrictCode,
    #[schema(value_type = String)]
    asked_at: Timestamp,
    /// Of that district; absent until it has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    incident: Option<IncidentId>,
    /// That district has found nobody so far.
    nobody: bool,
    /// Who comes from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    responder: Option<&'a ResponderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AssignmentState, required = false)]
    state: Option<AssignmentState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    arrival_at: Option<Timestamp>,
    /// Nobody is wanted from there any more, or that district has closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    over_at: Option<Timestamp>,
}

/// A rung that a person must do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
struct TaskShown<'a> {
    #[schema(value_type = String)]
    task: TaskId,
    rung: &'a str,
    #[schema(value_type = String)]
    due_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    confirmed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    by: Option<&'a AccountName>,
}

/// INCIDENT with everything that happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline<'a> {
    #[serde(flatten)]
    incident: IncidentShown<'a>,
    signals: Vec<SignalShown>,
    timeline: Vec<EventShown>,
}

/// What a device sent of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Signal)]
struct SignalShown {
    seq: Seq,
    /// `PROTOCOL:IDENTITY`; null where it was erased or may not be seen.
    #[schema(value_type = Option<String>, required)]
    device: Option<Value>,
    /// As the device numbered it.
    #[schema(value_type = Option<String>, required)]
    id: Option<Value>,
    #[schema(value_type = String)]
    kind: SignalKind,
    /// The device's own time.
    #[schema(value_type = Option<String>, required)]
    at: Option<Timestamp>,
    #[schema(value_type = String)]
    received_at: Timestamp,
    outcome: SignalOutcome,
    place: PlaceGiven,
    late: bool,
    /// The device's own time could not be believed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    time_refused: bool,
}

impl<'a> IncidentShown<'a> {
    pub fn of(it: &'a Incident, eye: &Eye<'_>) -> Self {
        let closure = it.closure.as_ref();
        Self {
            id: it.id,
            district: it.id.district,
            state: if it.is_open() { OpenOrClosed::Open } else { OpenOrClosed::Closed },
            stage: it.stage(),
            kind: it.kind,
            urgency: it.urgency,
            presses: it.presses,
            subject: it.subject(),
            subjects: &it.subjects,
            premises: it.premises.as_ref(),
            place: PlaceShown::of(it.place.as_ref(), it.premises.as_ref(), eye),
            class: it.class,
            opened_at: it.opened_at,
            opened_by: it.opened_by,
            call: it.call.as_ref(),
            round: it.round,
            door_due_at: it.door_due_at,
            answer_due_at: it.answer_due_at,
            answered_at: it.answered_at,
            owner: it.owner(),
            assignments: it.assignments.iter().map(AssignmentShown::of).collect(),
            rung: it.present_rung().map(|rung| rung.name.as_str()),
            tasks: it.tasks.iter().map(TaskShown::of).collect(),
            aids: it.aids.iter().map(AidShown::of).collect(),
            aid_for: it.lent.as_ref().map(|it| it.incident),
            disposition: closure.map(|it| it.disposition),
            closed_at: closure.map(|it| it.at),
            merged_into: closure.and_then(|it| it.into),
        }
    }
}

impl<'a> Timeline<'a> {
    /// `events` are those of its timeline, in order.
    pub fn of(incident: &'a Incident, events: &[Stamped], eye: &Eye<'_>) -> Self {
        Self {
            incident: IncidentShown::of(incident, eye),
            signals: events.iter().filter_map(|event| SignalShown::of(event, eye)).collect(),
            timeline: events.iter().map(|event| EventShown::of(event, eye)).collect(),
        }
    }
}

impl<'a> AssignmentShown<'a> {
    fn of(it: &'a Assignment) -> Self {
        Self { responder: &it.responder, offer: it.offer, state: it.state, at: it.at, eta_s: it.eta_s, way: it.way }
    }
}

impl<'a> AidShown<'a> {
    fn of(it: &'a Aid) -> Self {
        let (found, helper) = (it.found.as_ref(), it.helper());
        Self {
            aid: it.id,
            of: it.of,
            asked_at: it.asked_at,
            incident: found.map(|it| it.incident),
            nobody: found.is_some_and(|it| it.nobody),
            responder: helper.map(|it| &it.responder),
            state: helper.map(|it| it.state),
            arrival_at: helper.and_then(|it| it.arrival_at),
            over_at: it.over_at,
        }
    }
}

impl<'a> TaskShown<'a> {
    fn of(it: &'a Task) -> Self {
        let confirmed = it.confirmed.as_ref();
        let by = confirmed.and_then(|(_, by)| by.as_ref());
        Self { task: it.id, rung: &it.rung, due_at: it.due_at, confirmed_at: confirmed.map(|(at, _)| *at), by }
    }
}

impl SignalShown {
    fn of(event: &Stamped, eye: &Eye<'_>) -> Option<Self> {
        let it: &SignalReceived = match &event.event {
            Event::SignalReceived(it) => it,
            _ => return None,
        };
        let kept = eye.object(it.private.id);
        let device = kept.get("device").cloned().or_else(|| eye.device_name(&it.source).map(Value::String));
        Some(Self {
            seq: event.seq,
            device,
            id: kept.get("id").cloned(),
            kind: it.kind,
            at: it.occurred_at,
            received_at: event.at,
            outcome: it.outcome,
            place: it.place,
            late: it.late,
            time_refused: it.time_refused,
        })
    }
}
