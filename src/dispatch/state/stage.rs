//! What is due on an incident, and when. Absolute times come from events; nothing here is configured.

use crate::dispatch::event::Lease;
use crate::domain::plan::PlanStart;
use crate::domain::{OfferId, Timestamp};

use super::incident::{ClockState, Incident};

/// Something that happens by itself. The order decides between things due in the same millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// An offer was not answered, or not delivered, in time.
    OfferEnds(OfferId),
    /// The next responder is asked.
    Ask,
    /// A claim lapses.
    ClaimLapses,
    /// The answer promise is missed.
    AnswerBreach,
    /// The door promise will be missed unless more is done.
    DoorWarning,
    /// The present rung is given up.
    RungEnds,
    /// The door promise is missed.
    DoorBreach,
    /// Claimed, and nothing done.
    Unattended,
}

/// Where no arrival time is known yet, this much travel is assumed when the promise is watched, in seconds.
const ASSUMED_ETA_S: u64 = 600;

impl Incident {
    pub fn first_due(&self) -> Option<(Timestamp, Due)> {
        if !self.is_open() {
            return None;
        }
        self.dues().into_iter().flatten().min()
    }

    fn dues(&self) -> [Option<(Timestamp, Due)>; 8] {
        [
            self.offer_ends(),
            self.ask_due().map(|at| (at, Due::Ask)),
            self.claim_lapses().map(|at| (at, Due::ClaimLapses)),
            (self.answer == ClockState::Running).then_some((self.answer_due_at, Due::AnswerBreach)),
            self.door_warning().map(|at| (at, Due::DoorWarning)),
            self.rung_ends().map(|at| (at, Due::RungEnds)),
            matches!(self.door, ClockState::Running | ClockState::Warned)
                .then_some((self.door_due_at, Due::DoorBreach)),
            self.unattended_at().map(|at| (at, Due::Unattended)),
        ]
    }

    fn offer_ends(&self) -> Option<(Timestamp, Due)> {
        let ends = self.pending().map(|it| {
            let at = if it.shown { it.expires_at } else { it.expires_at.min(it.deliver_by) };
            (at, Due::OfferEnds(it.offer))
        });
        ends.min()
    }

    fn ask_due(&self) -> Option<Timestamp> {
        // Somebody who has taken a call-back up decides when to send; giving the claim back lets the plan go on.
        let taken_up = self.plan.start == PlanStart::CallBack && self.decided_at.is_none() && self.claim.is_some();
        if self.wants_somebody() && self.room_to_ask() > 0 && !taken_up { self.ask_at } else { None }
    }

    fn claim_lapses(&self) -> Option<Timestamp> {
        match self.claim.as_ref()?.lease {
            Lease::WhileConnected => None,
            Lease::Until(at) | Lease::Untended(at) => Some(at),
        }
    }

    fn rung_ends(&self) -> Option<Timestamp> {
        if self.wants_somebody() && self.next_rung().is_some() { self.patient_until } else { None }
    }

    fn unattended_at(&self) -> Option<Timestamp> {
        let idle = self.claim.is_some() && !self.has_under_way() && self.pending().next().is_none();
        idle.then(|| self.touched_at.after_s(self.terms.unattended_s))
    }

    /// The last moment at which one more step can still keep the promise: before it while somebody is missing, by
    /// the best arrival time found; at once where the arrival of whoever is under way is predicted too late.
    fn door_warning(&self) -> Option<Timestamp> {
        if self.door != ClockState::Running {
            return None;
        }
        let last_call = self.door_due_at.before_s(self.terms.last_call_s);
        match self.first_arrival() {
            Some(arrival_at) if arrival_at > self.door_due_at => Some(self.round_at),
            Some(_) => Some(last_call.max(self.round_at)),
            None => Some(last_call.before_s(self.best_eta_s.unwrap_or(ASSUMED_ETA_S)).max(self.round_at)),
        }
    }
}
