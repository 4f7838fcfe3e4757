//! One event, folded into the state. The branch is here; what it means for each thing is beside that thing.

use std::sync::Arc;

use crate::dispatch::Found;
use crate::dispatch::event::{Event, Lease, Opening, Stamped};
use crate::domain::*;

use super::aid::Lent;
use super::incident::{Claim, ClockState, Closure, Incident, Task};
use super::memory::Seen;
use super::{CLOSED_KEPT_S, State};

impl State {
    /// Panics where the event cannot follow: a record with a gap, or one that names what never was, is a bug or a
    /// damaged store, and going on would make it worse.
    pub fn apply(&mut self, stamped: &Stamped) {
        assert_eq!(stamped.seq, self.seq + 1, "event {} cannot follow {}", stamped.seq, self.seq);
        self.seq = stamped.seq;
        self.at = self.at.max(stamped.at);
        if let Some(request) = stamped.request {
            self.memory.keep_request(request, stamped);
        }
        let incident = stamped.event.incident();
        let wanted = incident.and_then(|it| self.wanted(it));
        self.apply_event(stamped);
        if let Some(incident) = incident {
            self.touch(incident, stamped);
            self.tell_others(incident, wanted.as_ref());
        }
        self.refile_changed();
        self.forget_closed(stamped.at);
    }

    fn apply_event(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        match &stamped.event {
            Event::SignalReceived(it) => {
                let seen = Seen { seq: stamped.seq, at, incident: it.incident };
                self.memory.keep_signal(it.fingerprint, seen);
            }
            Event::UnknownDevice { .. } | Event::NoteAdded { .. } => {}
            Event::IncidentOpened(it) => self.open(it, at),
            Event::AlarmAttached { .. } => self.attach(&stamped.event),
            Event::AlarmCancelled { .. } => {}
            Event::UrgencyRaised { incident, to, .. } => self.change(*incident, |it| it.urgency = *to),
            Event::IncidentClaimed { incident, owner, lease, .. } => self.refile(*incident, |it| {
                it.claim = Some(Claim { owner: owner.clone(), since: at, lease: *lease });
                it.answered_at = it.answered_at.or(Some(at));
            }),
            Event::ClaimLeaseChanged { incident, lease, .. } => self.change(*incident, |it| {
                it.claim.as_mut().expect("a lease changes on a claimed incident").lease = *lease;
            }),
            Event::IncidentReleased { incident, .. } => self.refile(*incident, |it| it.claim = None),
            Event::OfferMade(_)
            | Event::NobodyAvailable { .. }
            | Event::OfferShown { .. }
            | Event::OfferTried { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferDeclined { .. }
            | Event::OfferExpired { .. }
            | Event::OfferWithdrawn { .. }
            | Event::ArrivalPredicted { .. }
            | Event::ResponderEnRoute(_)
            | Event::ResponderAtDoor(_)
            | Event::ResponderInside(_)
            | Event::ResponderClear(_)
            | Event::DutyChanged { .. } => self.apply_offer(stamped),
            Event::SlaWarned { .. } | Event::SlaBreached { .. } | Event::SlaMet { .. } => {
                self.apply_clock(&stamped.event)
            }
            Event::IncidentEscalated { incident, index, patient_until, .. } => self.change(*incident, |it| {
                it.rung = it.rung.max(*index);
                it.patient_until = Some(*patient_until);
            }),
            Event::TaskDue { .. } | Event::TaskConfirmed { .. } => self.apply_task(stamped),
            Event::AidAsked { .. }
            | Event::AidReported { .. }
            | Event::AidWithdrawn { .. }
            | Event::AidLetterTaken { .. } => self.apply_aid(stamped),
            Event::AlarmDetached { .. }
            | Event::IncidentCorrected(_)
            | Event::IncidentMerged { .. }
            | Event::IncidentUnattended { .. }
            | Event::IncidentClosed { .. }
            | Event::IncidentReopened { .. } => self.apply_course(stamped),
            Event::CallRinging { .. }
            | Event::CallAnswered { .. }
            | Event::CallEnded { .. }
            | Event::CallAbandoned { .. }
            | Event::CallJoined { .. }
            | Event::CallReturned { .. } => self.apply_call(&stamped.event, at),
            Event::DeviceOffline { .. }
            | Event::DeviceRestored { .. }
            | Event::OutageDeclared { .. }
            | Event::OutageOver { .. } => self.apply_device(&stamped.event, at),
            Event::WindowsRenewed { .. } => self.renew(&stamped.event),
        }
        if let Event::CallAnswered { incident: Some(incident), .. } = &stamped.event {
            self.change(*incident, |it| it.answered_at = it.answered_at.or(Some(at)));
        }
    }

    fn apply_task(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        match &stamped.event {
            Event::TaskDue { incident, task, rung } => {
                self.counters.tasks = task.number;
                let due = Task { id: *task, rung: rung.clone(), due_at: at, confirmed: None };
                self.change(*incident, |it| it.tasks.push(due));
            }
            Event::TaskConfirmed { incident, task, .. } => self.change(*incident, |it| {
                let task = it.tasks.iter_mut().find(|it| it.id == *task).expect("a confirmed task was due");
                task.confirmed = Some((at, stamped.by.clone()));
            }),
            _ => {}
        }
    }

    /// Changes what is due on an incident, and nothing that it is found by: that is `refile`.
    pub(super) fn change(&mut self, id: IncidentId, change: impl FnOnce(&mut Incident)) {
        change(self.incidents.get_mut(&id.number).map_or_else(|| never_opened(id), Arc::make_mut));
        self.index.changed(id.number);
    }

    /// Changes an incident in whatever way, and files it under its new names.
    fn refile(&mut self, id: IncidentId, change: impl FnOnce(&mut Incident)) {
        let incident = self.incidents.get_mut(&id.number).map_or_else(|| never_opened(id), Arc::make_mut);
        self.index.leave(incident);
        change(incident);
        self.index.enter(incident);
        self.index.changed(id.number);
    }

    /// Once an event, however many of its consequences touched the same incident.
    fn refile_changed(&mut self) {
        while let Some(number) = self.index.next_changed() {
            let incident = self.incidents.get_mut(&number).expect("what was changed is kept");
            self.index.set_turn(Arc::make_mut(incident));
        }
    }

    fn open(&mut self, opening: &Opening, at: Timestamp) {
        self.counters.incidents = opening.incident.number;
        let mut incident = Incident::open(opening, at);
        if let Some(aid) = &opening.aid {
            self.index.aids.insert(aid.aid, opening.incident.number);
            incident.lent = Some(Lent::new(aid, Found::of(&incident), self.seq));
        }
        incident.timeline = std::mem::take(&mut self.heralds);
        self.index.enter(&incident);
        self.index.changed(opening.incident.number);
        let before = self.incidents.insert(opening.incident.number, Arc::new(incident));
        assert!(before.is_none(), "{} opened twice", opening.incident);
    }

    fn attach(&mut self, event: &Event) {
        let Event::AlarmAttached { incident, source, subject, presses, place, ask_at, .. } = event else { return };
        self.refile(*incident, |it| {
            it.presses = *presses;
            if let Some(source) = source.as_ref().filter(|source| !it.sources.contains(source)) {
                it.sources.push(source.clone());
            }
            if let Some(subject) = subject.as_ref().filter(|subject| !it.subjects.contains(subject)) {
                it.subjects.push(subject.clone());
            }
            it.place = place.clone().or(it.place.take());
            it.ask_at = ask_at.or(it.ask_at);
        });
    }

    fn apply_clock(&mut self, event: &Event) {
        let (Event::SlaWarned { incident, clock, .. }
        | Event::SlaBreached { incident, clock, .. }
        | Event::SlaMet { incident, clock, .. }) = event
        else {
            return;
        };
        self.change(*incident, |it| {
            let state = match clock {
                sla::SlaClock::Answer => &mut it.answer,
                sla::SlaClock::Door => &mut it.door,
            };
            *state = match (event, *state) {
                (Event::SlaWarned { .. }, _) => ClockState::Warned,
                (Event::SlaBreached { .. }, _) => ClockState::Breached,
                (Event::SlaMet { met_at, .. }, ClockState::Breached) => ClockState::BreachedThenMet(*met_at),
                (Event::SlaMet { met_at, .. }, _) => ClockState::Met(*met_at),
                (_, before) => before,
            };
        });
    }

    /// Correction, merging, closing and reopening.
    fn apply_course(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        match &stamped.event {
            Event::IncidentCorrected(to) => self.refile(to.incident, |it| {
                it.kind = to.kind.unwrap_or(it.kind);
                it.urgency = to.urgency.unwrap_or(it.urgency);
                if let Some(subject) = &to.subject {
                    it.subjects.retain(|other| other != subject);
                    it.subjects.insert(0, subject.clone());
                }
                it.premises = to.premises.clone().or(it.premises.take());
                it.place = to.place.clone().or(it.place.take());
                it.class = to.class.unwrap_or(it.class);
                it.door_due_at = to.door_due_at.unwrap_or(it.door_due_at);
                it.plan = to.plan.clone().unwrap_or_else(|| it.plan.clone());
                it.ask_at = to.ask_at.or(it.ask_at);
                if let (Some(lent), Some(heard)) = (&mut it.lent, to.heard) {
                    lent.heard = heard;
                }
            }),
            Event::AlarmDetached { incident, source, subject, .. } => self.refile(*incident, |it| {
                it.sources.retain(|other| other != source);
                it.subjects.retain(|other| Some(other) != subject.as_ref());
            }),
            Event::IncidentMerged { incident, into } => self.merge(*incident, *into, at),
            Event::IncidentUnattended { incident, .. } => self.change(*incident, |it| it.touched_at = at),
            Event::IncidentClosed { incident, disposition, .. } => self.refile(*incident, |it| {
                it.closure = Some(Closure { at, disposition: *disposition, into: None });
            }),
            Event::IncidentReopened { incident, round, answer_due_at, door_due_at, ask_at, .. } => {
                self.refile(*incident, |it| it.reopen(at, *round, *answer_due_at, *door_due_at, *ask_at));
            }
            _ => {}
        }
    }

    fn merge(&mut self, from: IncidentId, into: IncidentId, at: Timestamp) {
        self.refile(from, |it| {
            it.closure = Some(Closure { at, disposition: Disposition::Duplicate, into: Some(into) });
        });
        let (subjects, sources, presses, urgency) = {
            let it = &self.incidents[&from.number];
            (it.subjects.clone(), it.sources.clone(), it.presses, it.urgency)
        };
        let seq = self.seq;
        self.refile(into, |it| {
            it.presses += presses;
            it.urgency = it.urgency.min(urgency);
            it.subjects.extend(subjects.into_iter().filter(|one| !it.subjects.contains(one)).collect::<Vec<_>>());
            it.sources.extend(sources.into_iter().filter(|one| !it.sources.contains(one)).collect::<Vec<_>>());
            it.timeline.push(seq);
        });
    }

    /// Timeline, and when something was last done.
    fn touch(&mut self, incident: IncidentId, stamped: &Stamped) {
        if incident == self.next_incident() && matches!(stamped.event, Event::SignalReceived(_)) {
            self.heralds.push(stamped.seq);
            return;
        }
        self.change(incident, |it| {
            it.timeline.push(stamped.seq);
            if is_deed(stamped) {
                it.touched_at = stamped.at;
            }
            let untended_s = it.terms.claim_untended_s;
            if let (Some(claim), Some(by)) = (&mut it.claim, &stamped.by)
                && &claim.owner == by
                && matches!(claim.lease, Lease::Untended(_))
            {
                claim.lease = Lease::Untended(stamped.at.after_s(untended_s));
            }
        });
    }

    fn renew(&mut self, event: &Event) {
        let Event::WindowsRenewed { offers_until, deliver_by, claims_until, untended_until } = *event else { return };
        let now = self.at;
        let open: Vec<IncidentId> = self.open_incidents().map(|it| it.id).collect();
        for id in open {
            self.change(id, |it| {
                for offer in it.assignments.iter_mut().filter(|it| it.state == AssignmentState::Offered) {
                    offer.expires_at = offer.expires_at.max(offers_until);
                    offer.deliver_by = offer.deliver_by.max(deliver_by);
                }
                if let Some(claim) = &mut it.claim {
                    claim.lease = match claim.lease {
                        Lease::WhileConnected | Lease::Until(_) => Lease::Until(claims_until),
                        Lease::Untended(_) => Lease::Untended(untended_until),
                    };
                }
                it.touched_at = it.touched_at.max(now);
            });
        }
    }

    fn forget_closed(&mut self, now: Timestamp) {
        let before = now.before_s(CLOSED_KEPT_S);
        while let Some((at, number)) = self.index.closed.first().copied() {
            if at >= before {
                return;
            }
            self.index.closed.pop_first();
            let gone = self.incidents.remove(&number).expect("a closed incident is kept until it is forgotten");
            self.index.forget(&gone);
        }
    }
}

impl Incident {
    fn reopen(
        &mut self,
        at: Timestamp,
        round: u32,
        answer_due_at: Timestamp,
        door_due_at: Timestamp,
        ask_at: Option<Timestamp>,
    ) {
        self.closure = None;
        self.round = round;
        self.round_at = at;
        self.answer = ClockState::Running;
        self.answer_due_at = answer_due_at;
        self.answered_at = None;
        self.door = ClockState::Running;
        self.door_due_at = door_due_at;
        self.decided_at = None;
        self.ask_at = ask_at;
        self.together = None;
        self.starved = false;
        self.best_eta_s = None;
        self.rung = 0;
        self.patient_until = None;
    }
}

fn never_opened(id: IncidentId) -> ! {
    panic!("an event names {id}, which never opened")
}

/// Something was done, by a person or on the way to one; not merely noticed.
fn is_deed(stamped: &Stamped) -> bool {
    let going_on = matches!(
        stamped.event,
        Event::OfferMade(_)
            | Event::OfferAccepted { .. }
            | Event::OfferDeclined { .. }
            | Event::ResponderEnRoute(_)
            | Event::ResponderAtDoor(_)
            | Event::ResponderInside(_)
            | Event::ResponderClear(_)
    );
    stamped.by.is_some() || going_on
}
