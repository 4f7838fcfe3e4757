//! An incident, its offers, claim, tasks and clocks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dispatch::event::{DeviceRef, Lease, OpenedBy, Opening, Place, Terms};
use crate::domain::plan::{Plan, Rung, RungAction};
use crate::domain::*;

use super::aid::{Aid, Lent};
use super::index::Turn;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub kind: SignalKind,
    pub urgency: Urgency,
    pub presses: u32,
    pub opened_by: OpenedBy,
    /// The first is the one it is about; the others live there too.
    pub subjects: Vec<SubjectId>,
    pub premises: Option<PremisesId>,
    pub place: Option<Place>,
    pub class: Class,
    pub sources: Vec<DeviceRef>,
    pub call: Option<CallId>,
    pub listener: Option<String>,
    pub plan: Plan,
    pub ladder: Arc<[Rung]>,
    pub terms: Terms,
    pub opened_at: Timestamp,
    /// 1 from opening, one more with each reopening. The clocks below are the present round's.
    pub round: u32,
    /// The present round's start: what both promises count from.
    pub round_at: Timestamp,
    pub answer: ClockState,
    pub answer_due_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub door: ClockState,
    pub door_due_at: Timestamp,
    /// The first offer of the round: the decision to send.
    pub decided_at: Option<Timestamp>,
    pub claim: Option<Claim>,
    pub assignments: Vec<Assignment>,
    /// When offers go on by themselves; `None` where somebody must ask.
    pub ask_at: Option<Timestamp>,
    /// How many its policy asks at once, where that is not as the plan says.
    pub together: Option<u8>,
    /// The last search found nobody; the next is at `ask_at`, or when somebody becomes free.
    pub starved: bool,
    /// The shortest arrival time that was ever found, in seconds.
    pub best_eta_s: Option<u64>,
    pub rung: u32,
    /// When the present rung is given up; `None` while nobody is being asked or somebody is under way.
    pub patient_until: Option<Timestamp>,
    pub tasks: Vec<Task>,
    /// What was asked of other districts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aids: Vec<Aid>,
    /// For which other district it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lent: Option<Lent>,
    /// When something was last done about it, by a person or on the way to one.
    pub touched_at: Timestamp,
    pub closure: Option<Closure>,
    /// The events of its timeline.
    pub timeline: Vec<Seq>,
    /// Where it stands in the index.
    #[serde(skip)]
    pub(super) turn: Turn,
}

/// An offer, and the assignment it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub offer: OfferId,
    pub responder: ResponderId,
    pub state: AssignmentState,
    /// District time of the last change.
    pub at: Timestamp,
    pub round: u32,
    pub made_seq: Seq,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub deliver_by: Timestamp,
    pub shown: bool,
    pub eta_s: u64,
    /// Of the responder, when they were asked.
    pub tier: Option<Tier>,
    /// What `eta_s` was reckoned along.
    #[serde(default)]
    pub way: Way,
    /// When they should be at the door, once they said yes.
    pub arrival_at: Option<Timestamp>,
    pub en_route_at: Option<Timestamp>,
    pub at_door_at: Option<Timestamp>,
    pub inside_at: Option<Timestamp>,
    pub clear_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub owner: AccountName,
    pub since: Timestamp,
    pub lease: Lease,
}

/// A thing that a person must do: nobody implies that it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub rung: String,
    pub due_at: Timestamp,
    pub confirmed: Option<(Timestamp, Option<AccountName>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockState {
    Running,
    Warned,
    Met(Timestamp),
    Breached,
    /// Breached on the record, and met by the responder's own time, which came late.
    BreachedThenMet(Timestamp),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    pub at: Timestamp,
    pub disposition: Disposition,
    pub into: Option<IncidentId>,
}

impl Incident {
    pub(super) fn open(it: &Opening, at: Timestamp) -> Self {
        Self {
            id: it.incident,
            kind: it.kind,
            urgency: it.urgency,
            presses: 1,
            opened_by: it.opened_by,
            subjects: it.subject.iter().chain(&it.others).cloned().collect(),
            premises: it.premises.clone(),
            place: it.place.clone(),
            class: it.class,
            sources: it.source.iter().cloned().collect(),
            call: it.call.clone(),
            listener: it.listener.clone(),
            plan: it.plan.clone(),
            ladder: it.ladder.clone(),
            terms: it.terms,
            opened_at: at,
            round: 1,
            round_at: at,
            answer: ClockState::Running,
            answer_due_at: it.answer_due_at,
            answered_at: None,
            door: ClockState::Running,
            door_due_at: it.door_due_at,
            decided_at: None,
            claim: None,
            assignments: Vec::new(),
            ask_at: it.ask_at,
            together: None,
            starved: false,
            best_eta_s: None,
            rung: 0,
            patient_until: None,
            tasks: Vec::new(),
            aids: Vec::new(),
            lent: None,
            touched_at: at,
            closure: None,
            timeline: Vec::new(),
            turn: Turn::default(),
        }
    }

    pub fn is_open(&self) -> bool {
        self.closure.is_none()
    }

    pub fn owner(&self) -> Option<&AccountName> {
        self.claim.as_ref().map(|claim| &claim.owner)
    }

    pub fn subject(&self) -> Option<&SubjectId> {
        self.subjects.first()
    }

    /// Offers that wait for an answer.
    pub fn pending(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|it| it.state == AssignmentState::Offered)
    }

    /// Responders who said yes and are not done.
    pub fn under_way(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|it| it.state.is_under_way())
    }

    /// Somebody of ours, or of a district that was asked for aid.
    pub fn has_under_way(&self) -> bool {
        self.under_way().next().is_some() || self.aids.iter().any(Aid::is_under_way)
    }

    pub fn who_is_under_way(&self) -> Option<&ResponderId> {
        let theirs = || self.aids.iter().filter(|it| it.is_under_way()).find_map(|it| Some(&it.helper()?.responder));
        self.under_way().next().map(|it| &it.responder).or_else(theirs)
    }

    /// When the first of them should be at the door.
    pub fn first_arrival(&self) -> Option<Timestamp> {
        let ours = self.under_way().filter_map(|it| it.arrival_at);
        let theirs = self.aids.iter().filter(|it| it.is_under_way()).filter_map(|it| it.helper()?.arrival_at);
        ours.chain(theirs).min()
    }

    /// Has a responder of this round been at the door?
    pub fn was_reached(&self) -> bool {
        let ours = self.assignments.iter().any(|it| it.round == self.round && it.at_door_at.is_some());
        let theirs = |it: &Aid| it.round == self.round && it.helper().is_some_and(|it| it.at_door_at.is_some());
        ours || self.aids.iter().any(theirs)
    }

    /// Districts that are asked, and not told that nobody is wanted any more.
    pub fn open_aids(&self) -> impl Iterator<Item = &Aid> {
        self.aids.iter().filter(|it| it.is_open())
    }

    /// Somebody still has to be found: nobody is under way, and nobody of this round was at the door.
    pub fn wants_somebody(&self) -> bool {
        self.is_open() && !self.has_under_way() && !self.was_reached()
    }

    /// How many more may be asked now.
    pub fn room_to_ask(&self) -> usize {
        let wanted = self.together.unwrap_or(0).max(self.plan.parallel);
        usize::from(wanted).saturating_sub(self.pending().count())
    }

    pub fn present_rung(&self) -> Option<&Rung> {
        self.ladder.get(self.rung as usize)
    }

    pub fn next_rung(&self) -> Option<(u32, &Rung)> {
        let next = self.rung + 1;
        self.ladder.get(next as usize).map(|rung| (next, rung))
    }

    /// The tiers that the rungs up to the present one ask. Without any asking rung: all.
    pub fn tiers(&self) -> Vec<Tier> {
        let upto = self.ladder.iter().take(self.rung as usize + 1);
        let mut tiers: Vec<Tier> = upto
            .filter_map(|rung| match &rung.action {
                RungAction::Ask(tiers) => Some(tiers.iter().copied()),
                RungAction::Aid | RungAction::Task => None,
            })
            .flatten()
            .collect();
        tiers.sort_unstable();
        tiers.dedup();
        if tiers.is_empty() { vec![Tier::Keyholder, Tier::Volunteer, Tier::Staff] } else { tiers }
    }

    /// When this responder's last answer, or silence, to an offer of this incident was; and whether they said no.
    pub fn last_asked(&self, responder: &ResponderId) -> Option<(Timestamp, bool)> {
        let theirs = self.assignments.iter().rev().find(|it| &it.responder == responder)?;
        match theirs.state {
            AssignmentState::Declined => Some((theirs.at, true)),
            AssignmentState::Expired | AssignmentState::Withdrawn | AssignmentState::Clear => Some((theirs.at, false)),
            _ => None,
        }
    }

    pub fn stage(&self) -> Stage {
        if !self.is_open() {
            return Stage::Closed;
        }
        let theirs = self.aids.iter().filter(|it| it.is_under_way()).filter_map(|it| Some(it.helper()?.state));
        let furthest = self.under_way().map(|it| it.state).chain(theirs).max_by_key(|state| match state {
            AssignmentState::Inside => 4,
            AssignmentState::AtDoor => 3,
            AssignmentState::EnRoute => 2,
            _ => 1,
        });
        match furthest {
            Some(AssignmentState::Inside) => Stage::Inside,
            Some(AssignmentState::AtDoor) => Stage::AtDoor,
            Some(AssignmentState::EnRoute) => Stage::EnRoute,
            Some(_) => Stage::Assigned,
            None if self.pending().next().is_some() => Stage::Offering,
            None if self.rung > 0 && !self.was_reached() => Stage::Escalated,
            None => Stage::Waiting,
        }
    }
}
