//! Who is asked: one small trait, one file a policy. A policy looks at who waits and at who is free, and says whom to ask
//! for which incident and why, in whole numbers. It makes no event, and names nobody twice.

mod acceptance_aware;
mod covering;
mod matched;
mod nearest;
mod soon;

use std::collections::BTreeSet;

use crate::domain::plan::PolicyName;
use crate::domain::{IncidentId, ResponderId, Timestamp};

use super::decide::Known;
use super::event::{Candidate, Why};
use super::rank::Search;
use super::state::Incident;

pub use nearest::first;

/// What a policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub known: &'a Known<'a>,
    /// Asked in this very decision, which the state does not know yet.
    pub taken: &'a BTreeSet<ResponderId>,
    /// Incidents about which this decision was made already.
    pub decided: &'a BTreeSet<IncidentId>,
    pub now: Timestamp,
}

/// Whom to ask for one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub incident: IncidentId,
    /// Those who could be asked, nearest in time first.
    pub ranked: Vec<Candidate>,
    /// In the order in which they are asked; never empty.
    pub picks: Vec<Pick>,
    /// How many are to be asked at once from now on, where that is not as the plan says.
    pub together: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub candidate: Candidate,
    pub why: Option<Why>,
}

/// What a policy says of those who wait; who is in neither gets nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    pub chosen: Vec<Chosen>,
    /// Who had better wait for somebody who is under way elsewhere, with how soon that one would be at the door.
    pub waits: Vec<(IncidentId, Candidate)>,
}

impl FromIterator<Chosen> for Choices {
    fn from_iter<T: IntoIterator<Item = Chosen>>(chosen: T) -> Self {
        Self { chosen: chosen.into_iter().collect(), waits: Vec::new() }
    }
}

/// A policy.
pub trait Choose {
    /// About whom it is decided when `incident` is to be asked for: that one first, and whoever waits like it.
    fn together<'a>(&self, _: &Question<'a>, incident: &'a Incident) -> Vec<&'a Incident> {
        vec![incident]
    }

    /// Whom to ask for each of `waiting`. Left out is for whom there is nobody.
    fn choose(&self, question: &Question<'_>, waiting: &[&Incident]) -> Choices;
}

/// The policy of that name.
pub fn by_name(name: PolicyName) -> &'static dyn Choose {
    match name {
        PolicyName::Nearest => &nearest::Nearest,
        PolicyName::Matched => &matched::Matched,
        PolicyName::Covering => &covering::Covering,
        PolicyName::AcceptanceAware => &acceptance_aware::AcceptanceAware,
    }
}

impl<'a> Question<'a> {
    fn search(&self, incident: &'a Incident) -> Search<'a> {
        Search::new(self.known, incident, self.taken, self.now)
    }

    /// Seconds by which somebody who is there in `eta_s` misses the promise at the door.
    fn late_s(&self, incident: &Incident, eta_s: u64) -> u64 {
        self.now.after_s(eta_s).since_s(incident.door_due_at)
    }
}
