//! Mutual aid between districts: what one tells the other. The asking district keeps the incident and its promise. The
//! other opens an incident of its own, and alone offers, times and assigns its responders. A letter says all there is
//! to say about one aid, numbered by its writer's record: an older one that comes late, or one that comes again, changes
//! nothing. Until the other has taken it the letter is outstanding, whatever crashes.

use serde::{Deserialize, Serialize};

use super::event::Place;
use super::state::Incident;
use crate::domain::*;

/// What one district has to tell another about an aid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub aid: AidId,
    pub to: DistrictCode,
    /// The writer's event since which this is so.
    pub seq: Seq,
    pub body: LetterBody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterBody {
    /// Of who asks: somebody is wanted there.
    Wanted(Box<Wanted>),
    /// Of who asks: nobody is wanted any more.
    Over,
    /// Of who was asked: what has come of it.
    Found(Found),
}

/// For what somebody is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Of the district that asks.
    pub incident: IncidentId,
    pub kind: SignalKind,
    pub urgency: Urgency,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SubjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premises: Option<PremisesId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    pub class: Class,
    /// What was promised there.
    pub door_due_at: Timestamp,
}

/// What has come of an aid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Of the district that was asked.
    pub incident: IncidentId,
    /// The last search found nobody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nobody: bool,
    /// Who is under way, or was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helper: Option<Helper>,
    /// That district has closed its incident.
    #[serde(default, skip_serializing_if = "is_false")]
    pub over: bool,
}

/// A responder of another district, as that district tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helper {
    pub responder: ResponderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    pub state: AssignmentState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_door_at: Option<Timestamp>,
}

impl Wanted {
    /// For what an incident asks, as it is now.
    pub fn of(it: &Incident) -> Self {
        Self {
            incident: it.id,
            kind: it.kind,
            urgency: it.urgency,
            subjects: it.subjects.clone(),
            premises: it.premises.clone(),
            place: it.place.clone(),
            class: it.class,
            door_due_at: it.door_due_at,
        }
    }
}

impl Found {
    /// What an incident that was opened for another district has come to.
    pub fn of(it: &Incident) -> Self {
        let went = it.assignments.iter().filter(|it| it.state.is_under_way() || it.at_door_at.is_some());
        // Who was at the door counts more than who is on the way, and the later of two equals is the one it is about.
        let helper = went.max_by_key(|it| (it.at_door_at.is_some(), it.state.is_under_way(), it.made_seq));
        let helper = helper.map(|it| Helper {
            responder: it.responder.clone(),
            tier: it.tier,
            state: it.state,
            arrival_at: it.arrival_at,
            at_door_at: it.at_door_at,
        });
        Self { incident: it.id, nobody: it.starved && helper.is_none(), helper, over: !it.is_open() }
    }

    pub fn is_under_way(&self) -> bool {
        !self.over && self.helper.as_ref().is_some_and(|it| it.state.is_under_way())
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}
