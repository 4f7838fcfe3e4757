//! Hints on their way in: who is where, who can be reached, who looks at a console; and what follows from them.

use super::super::handle::Hint;
use super::Engine;
use crate::dispatch::state::{Assignment, Incident};
use crate::dispatch::{Command, locate};
use crate::domain::{AccountName, AssignmentState, Fix, IncidentId, Point, ResponderId, Timestamp};
use crate::geo::Leg;

/// An arrival is estimated at most this often per responder: phones say where they are every few seconds.
const ESTIMATE_EVERY_S: u64 = 30;

/// An estimate that moved by less is not worth a line in the record.
const ESTIMATE_MOVED_MS: u64 = 60_000;

impl Engine {
    pub(super) fn hint(&mut self, hint: Hint, now: Timestamp) {
        match hint {
            Hint::LinkOpened(responder) => {
                self.hints.link_opened(&responder);
                self.refresh(&responder, now);
                self.arrivals += 1;
            }
            Hint::LinkClosed(responder) => {
                self.hints.link_closed(&responder);
                self.refresh(&responder, now);
            }
            Hint::ReachedOtherwise(responder, reached) => {
                self.hints.set_reached_otherwise(&responder, reached);
                self.refresh(&responder, now);
                self.arrivals += u64::from(reached);
            }
            Hint::ConsoleOpened(account) => self.console_opened(account, now),
            Hint::ConsoleClosed(account) => self.console_closed(account, now),
            Hint::Located { responder, fix } => self.located(&responder, fix, now),
            Hint::DeviceHeard(device) => self.heard.note(&device, now),
            Hint::BatteryLow(device) => self.heard.note_battery_low(&device, now),
            Hint::BatteryTold(device, battery_pct) => self.heard.note_battery(&device, battery_pct, now),
        }
    }

    fn refresh(&mut self, responder: &ResponderId, now: Timestamp) {
        self.hints.refresh(responder, &self.state, &self.facts, now);
    }

    fn console_opened(&mut self, account: AccountName, now: Timestamp) {
        if self.hints.console_opened(&account) && self.state.claims_of(&account).next().is_some() {
            self.by_itself(Command::ConsoleConnected { account }, now);
        }
    }

    fn console_closed(&mut self, account: AccountName, now: Timestamp) {
        if self.hints.console_closed(&account) && self.state.claims_of(&account).next().is_some() {
            self.by_itself(Command::ConsoleLost { account }, now);
        }
    }

    fn located(&mut self, responder: &ResponderId, fix: Fix, now: Timestamp) {
        if !self.hints.locate(responder, fix) {
            return;
        }
        self.refresh(responder, now);
        let Some((incident, leg)) = self.estimate(responder, fix.point, now) else { return };
        let Leg { eta_s, way, .. } = leg;
        let command = Command::PredictArrival { incident, responder: responder.clone(), eta_s, way };
        self.by_itself(command, now);
    }

    /// A newer time of arrival of a responder under way, where it differs enough to be told.
    fn estimate(&mut self, responder: &ResponderId, from: Point, now: Timestamp) -> Option<(IncidentId, Leg)> {
        let Some((incident, theirs)) = self.under_way(responder) else {
            self.estimated.remove(responder);
            return None;
        };
        if self.estimated.get(responder).is_some_and(|at| now < at.after_s(ESTIMATE_EVERY_S)) {
            return None;
        }
        let to = locate::point_of(incident, &self.facts, &self.hints)?;
        let leg = Leg::between(self.facts.roads(), from, to, self.facts.responder(responder)?.travel);
        let (before, after, due) = (theirs.arrival_at?, now.after_s(leg.eta_s), incident.door_due_at);
        let moved_ms = before.since_ms(after).max(after.since_ms(before));
        let told = moved_ms > ESTIMATE_MOVED_MS || (before > due) != (after > due);
        let incident = incident.id;
        self.estimated.insert(responder.clone(), now);
        told.then_some((incident, leg))
    }

    fn under_way(&self, responder: &ResponderId) -> Option<(&Incident, &Assignment)> {
        let (offer, _) = self.state.responder(responder)?.held?;
        let on_the_way = |it: &Assignment| matches!(it.state, AssignmentState::Accepted | AssignmentState::EnRoute);
        self.state.offer(offer).filter(|(_, it)| on_the_way(it))
    }
}
