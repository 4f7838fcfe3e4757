//! Who is asked, in what order: the eligible by arrival time, then fewer jobs today, then id. A total order.

use std::collections::BTreeSet;

use crate::domain::{Point, Responder, ResponderId, Timestamp};
use crate::geo::{self, CellIndex, Leg, nearest_by_road};

use super::decide::Known;
use super::event::{Candidate, PassedOver, WhyNot};
use super::locate::point_of;
use super::state::Incident;

/// As many candidates and passed-over as an event keeps: enough to see later why the nearest did not go.
pub const RANKED_KEPT: usize = 5;

/// A search for one incident.
pub struct Search<'a> {
    known: &'a Known<'a>,
    incident: &'a Incident,
    now: Timestamp,
    target: Option<Point>,
    /// Asked in this very decision, which the state does not know yet.
    taken: &'a BTreeSet<ResponderId>,
}

impl<'a> Search<'a> {
    pub fn new(known: &'a Known<'a>, incident: &'a Incident, taken: &'a BTreeSet<ResponderId>, now: Timestamp) -> Self {
        Self { known, incident, now, target: point_of(incident, known.facts, known.hints), taken }
    }

    /// The first `k` who can be asked, nearest in time first: over the road network where there is one.
    pub fn ranked(&self, k: usize) -> Vec<Candidate> {
        let Some(target) = self.target else { return Vec::new() };
        let (available, roads) = (self.known.hints.available(), self.known.facts.roads());
        let found = nearest_by_road(available, roads, target, k, None, |id| self.eligible(id).ok());
        found.into_iter().map(Candidate::from).collect()
    }

    /// The nearest of all with whether each can be asked, and why not: the first `k`, eligible or not.
    pub fn nearest_of_all(&self, k: usize) -> Vec<(Candidate, Result<(), WhyNot>)> {
        let Some(target) = self.target else { return Vec::new() };
        let (everybody, roads) = (self.known.hints.everybody(), self.known.facts.roads());
        let found = nearest_by_road(everybody, roads, target, k, None, |id| Some(self.jobs(id)));
        let judged = found.into_iter().map(|it| {
            let verdict = self.eligible(&it.key).map(|_| ());
            (Candidate::from(it), verdict)
        });
        judged.collect()
    }

    /// Those whom the filter gives a tie-break for, of all there are, nearest in time first: the first `k` within `limit_s`.
    pub fn nearest_who(&self, k: usize, limit_s: u64, filter: impl Fn(&ResponderId) -> Option<u32>) -> Vec<Candidate> {
        self.nearest_in(self.known.hints.everybody(), (k, limit_s), filter)
    }

    /// As `nearest_who`, of those who are under way: few are, where many are free.
    pub fn nearest_under_way(
        &self,
        k: usize,
        limit_s: u64,
        filter: impl Fn(&ResponderId) -> Option<u32>,
    ) -> Vec<Candidate> {
        self.nearest_in(self.known.hints.under_way(), (k, limit_s), filter)
    }

    fn nearest_in(
        &self,
        index: &CellIndex<ResponderId>,
        (k, limit_s): (usize, u64),
        filter: impl Fn(&ResponderId) -> Option<u32>,
    ) -> Vec<Candidate> {
        let Some(target) = self.target else { return Vec::new() };
        let found = nearest_by_road(index, self.known.facts.roads(), target, k, Some(limit_s), filter);
        found.into_iter().map(Candidate::from).collect()
    }

    /// Those among the nearest few who cannot be asked, and why.
    pub fn passed_over(&self) -> Vec<PassedOver> {
        let nearest = self.nearest_of_all(RANKED_KEPT).into_iter();
        nearest.filter_map(|(it, verdict)| Some(PassedOver { responder: it.responder, why: verdict.err()? })).collect()
    }

    /// The jobs of today of somebody who can be asked by the plan; or why they cannot.
    pub fn eligible(&self, id: &ResponderId) -> Result<u32, WhyNot> {
        self.suits(self.free(id)?)
    }

    /// Somebody who is under way elsewhere and could be asked by the plan if they were not.
    pub fn suits_under_way(&self, id: &ResponderId) -> Result<u32, WhyNot> {
        let responder = self.known.facts.responder(id).ok_or(WhyNot::NoSuchResponder)?;
        if self.taken.contains(id) {
            return Err(WhyNot::Busy);
        }
        if !self.known.hints.is_reachable(id) {
            return Err(WhyNot::Unreachable);
        }
        self.suits(responder)
    }

    fn suits(&self, responder: &Responder) -> Result<u32, WhyNot> {
        let id = &responder.id;
        if !self.incident.tiers().contains(&responder.tier) {
            return Err(WhyNot::Tier);
        }
        if !self.incident.plan.skills.iter().all(|skill| responder.skills.contains(skill)) {
            return Err(WhyNot::Skills);
        }
        if self.asked_lately(id) {
            return Err(WhyNot::AskedBefore);
        }
        Ok(self.jobs(id))
    }

    /// Somebody who is there to be asked at all; an operator may ask them whatever the plan says.
    pub fn free(&self, id: &ResponderId) -> Result<&'a Responder, WhyNot> {
        let responder = self.known.facts.responder(id).ok_or(WhyNot::NoSuchResponder)?;
        if responder.district != self.known.state.district {
            return Err(WhyNot::OtherDistrict);
        }
        let state = self.known.state.responder(id).filter(|it| it.duty).ok_or(WhyNot::OffDuty)?;
        if state.held.is_some() || self.taken.contains(id) {
            return Err(WhyNot::Busy);
        }
        if !self.known.hints.is_reachable(id) {
            return Err(WhyNot::Unreachable);
        }
        Ok(responder)
    }

    /// The way of one responder; `None` where the place is not known.
    pub fn way(&self, responder: &Responder) -> Option<Leg> {
        let from = self.known.hints.whereabouts(responder, self.now).0;
        Some(Leg::between(self.known.facts.roads(), from, self.target?, responder.travel))
    }

    fn jobs(&self, id: &ResponderId) -> u32 {
        self.known.state.responder(id).map_or(0, |it| it.jobs_on(self.now))
    }

    fn asked_lately(&self, id: &ResponderId) -> bool {
        let policy = self.known.policy;
        self.incident.last_asked(id).is_some_and(|(at, said_no)| {
            let pause_s = if said_no { policy.ask_declined_again_s } else { policy.ask_silent_again_s };
            self.now.since_s(at) < pause_s
        })
    }
}

impl From<geo::Candidate<ResponderId, u32>> for Candidate {
    fn from(it: geo::Candidate<ResponderId, u32>) -> Self {
        Self { responder: it.key, eta_s: it.eta_s, distance_m: it.distance_m, way: it.way }
    }
}

impl WhyNot {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OffDuty => "off duty",
            Self::Busy => "asked or under way elsewhere",
            Self::Unreachable => "no live link",
            Self::Skills => "lacks a skill the plan asks for",
            Self::Tier => "not of the tiers of the present rung",
            Self::AskedBefore => "asked for this incident a short while ago",
            Self::OtherDistrict => "of another district",
            Self::NoSuchResponder => "not in the registry",
        }
    }
}
