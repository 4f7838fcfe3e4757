//! What offers, answers and reports do to an incident and to the responder they name.

use crate::dispatch::event::{Event, OfferMade, Reported, Stamped};
use crate::domain::*;

use super::State;
use super::acceptance::Heard;
use super::incident::{Assignment, Incident};
use super::responder::{day_of, hour_of};

impl State {
    pub(super) fn apply_offer(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        match &stamped.event {
            Event::OfferMade(it) => self.offer_made(it, stamped),
            Event::NobodyAvailable { incident, ask_again_at, .. } => self.change(*incident, |it| {
                it.starved = true;
                it.ask_at = Some(*ask_again_at);
                it.wait_on_rung(at);
            }),
            Event::OfferTried { .. } => {}
            Event::OfferShown { incident, offer, responder, .. } => {
                self.learn(*offer, Heard::Shown);
                self.change(*incident, |it| it.assignment_mut(*offer).shown = true);
                self.heard(responder, at);
            }
            Event::OfferAccepted { incident, offer, responder, arrival_at } => {
                self.learn(*offer, Heard::Yes);
                self.change(*incident, |it| it.accepted(*offer, *arrival_at, at));
                self.heard(responder, at);
                self.count_job(responder, at);
            }
            Event::OfferDeclined { incident, offer, responder, .. } => {
                self.learn(*offer, Heard::No);
                self.ended(*incident, *offer, AssignmentState::Declined, at);
                self.heard(responder, at);
                self.set_free(responder, *offer);
            }
            Event::OfferExpired { incident, offer, responder, .. } => {
                self.learn(*offer, Heard::Nothing);
                self.ended(*incident, *offer, AssignmentState::Expired, at);
                self.set_free(responder, *offer);
            }
            Event::OfferWithdrawn { incident, offer, responder, .. } => {
                self.ended(*incident, *offer, AssignmentState::Withdrawn, at);
                self.set_free(responder, *offer);
            }
            Event::ArrivalPredicted { incident, offer, arrival_at, .. } => {
                self.change(*incident, |it| it.assignment_mut(*offer).arrival_at = Some(*arrival_at));
            }
            Event::ResponderEnRoute(it) => self.reported(it, AssignmentState::EnRoute, at),
            Event::ResponderAtDoor(it) => self.reported(it, AssignmentState::AtDoor, at),
            Event::ResponderInside(it) => self.reported(it, AssignmentState::Inside, at),
            Event::ResponderClear(it) => {
                self.reported(it, AssignmentState::Clear, at);
                self.set_free(&it.responder, it.offer);
            }
            Event::DutyChanged { responder, on, .. } => {
                self.heard(responder, at);
                self.responders.entry(responder.clone()).or_default().duty = *on;
                self.capacity += u64::from(*on);
            }
            _ => {}
        }
    }

    fn offer_made(&mut self, made: &OfferMade, stamped: &Stamped) {
        let at = stamped.at;
        self.counters.offers = made.offer.number;
        let responder = self.responders.entry(made.responder.clone()).or_default();
        let leaves = responder.held.map(|(offer, _)| offer);
        assert_eq!(leaves, made.turns, "{} holds something else already", made.responder);
        let place = if made.turns.is_some() { &mut responder.turn } else { &mut responder.held };
        assert!(place.is_none(), "{} was asked to turn already", made.responder);
        *place = Some((made.offer, made.incident));
        self.index.offers.insert(made.offer.number, made.incident.number);
        self.change(made.incident, |it| {
            it.decided_at = it.decided_at.or(Some(at));
            it.starved = false;
            // Once somebody was asked, the next one follows by itself, whoever began it.
            it.ask_at = it.ask_at.or(Some(at));
            it.best_eta_s = Some(it.best_eta_s.map_or(made.eta_s, |best| best.min(made.eta_s)));
            if made.policy.is_some() {
                it.together = made.together;
            }
            it.wait_on_rung(at);
            it.assignments.push(Assignment {
                offer: made.offer,
                responder: made.responder.clone(),
                state: AssignmentState::Offered,
                at,
                round: it.round,
                made_seq: stamped.seq,
                made_at: at,
                expires_at: made.expires_at,
                deliver_by: made.deliver_by,
                shown: false,
                eta_s: made.eta_s,
                tier: made.tier,
                way: made.way,
                arrival_at: None,
                en_route_at: None,
                at_door_at: None,
                inside_at: None,
                clear_at: None,
            });
        });
    }

    fn ended(&mut self, incident: IncidentId, offer: OfferId, state: AssignmentState, at: Timestamp) {
        self.change(incident, |it| {
            let was_under_way = it.assignment_mut(offer).state.is_under_way();
            it.close_assignment(offer, state, at);
            it.ask_at = it.ask_at.map(|_| at);
            if was_under_way {
                it.wait_on_rung(at);
            }
        });
    }

    fn reported(&mut self, said: &Reported, state: AssignmentState, at: Timestamp) {
        // Their own time: what a phone kept while it was offline comes in order, each word after the one before.
        self.heard(&said.responder, said.occurred_at);
        self.change(said.incident, |it| it.reported(said, state, at));
    }

    fn heard(&mut self, responder: &ResponderId, at: Timestamp) {
        self.responders.entry(responder.clone()).or_default().last_contact = Some(at);
    }

    fn count_job(&mut self, responder: &ResponderId, at: Timestamp) {
        let it = self.responders.entry(responder.clone()).or_default();
        it.jobs = it.jobs_on(at) + 1;
        it.day = day_of(at);
    }

    /// What an answer, or none, tells about such people at such an hour.
    fn learn(&mut self, offer: OfferId, heard: Heard) {
        let about = self.offer(offer).and_then(|(_, it)| Some((it.tier?, hour_of(it.made_at))));
        if let Some((tier, hour)) = about {
            self.acceptance.note(tier, hour, heard);
        }
    }

    fn set_free(&mut self, responder: &ResponderId, offer: OfferId) {
        self.responders.entry(responder.clone()).or_default().let_go(offer);
        self.capacity += 1;
    }
}

impl Incident {
    fn assignment_mut(&mut self, offer: OfferId) -> &mut Assignment {
        let id = self.id;
        let found = self.assignments.iter_mut().find(|it| it.offer == offer);
        found.unwrap_or_else(|| panic!("an event names offer {offer}, which {id} never made"))
    }

    fn close_assignment(&mut self, offer: OfferId, state: AssignmentState, at: Timestamp) {
        let it = self.assignment_mut(offer);
        it.state = state;
        it.at = at;
    }

    fn accepted(&mut self, offer: OfferId, arrival_at: Timestamp, at: Timestamp) {
        let it = self.assignment_mut(offer);
        it.state = AssignmentState::Accepted;
        it.at = at;
        it.shown = true;
        it.arrival_at = Some(arrival_at);
        self.patient_until = None;
    }

    /// A late word fills its own time in and never turns the state back.
    fn reported(&mut self, said: &Reported, state: AssignmentState, at: Timestamp) {
        let was_reached = self.was_reached();
        let it = self.assignment_mut(said.offer);
        let step = |state: AssignmentState| match state {
            AssignmentState::EnRoute => 1,
            AssignmentState::AtDoor => 2,
            AssignmentState::Inside => 3,
            AssignmentState::Clear => 4,
            _ => 0,
        };
        if step(state) > step(it.state) {
            it.state = state;
            it.at = at;
        }
        let time = match state {
            AssignmentState::EnRoute => &mut it.en_route_at,
            // Who is inside was at the door, at that moment at the latest.
            AssignmentState::Inside => {
                it.at_door_at = it.at_door_at.or(Some(said.occurred_at));
                &mut it.inside_at
            }
            AssignmentState::Clear => &mut it.clear_at,
            _ => &mut it.at_door_at,
        };
        *time = time.or(Some(said.occurred_at));
        if state == AssignmentState::Clear && !was_reached {
            // They gave up on the way: somebody else has to go.
            self.ask_at = Some(at);
            self.wait_on_rung(at);
        }
    }

    /// The present rung's patience begins when it first asks, and anew when somebody under way is lost.
    pub(super) fn wait_on_rung(&mut self, at: Timestamp) {
        if self.patient_until.is_none() {
            self.patient_until = self.present_rung().map(|rung| at.after_s(rung.patience_s));
        }
    }
}
