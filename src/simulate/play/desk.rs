//! The operators: so many people who each do one thing at a time, in the order in which it comes. They claim, call
//! back, answer the hotline, confirm what only a person can do, close what is done, and give up what nobody reached.

use super::letters::Then;
use super::{Player, Thing};
use crate::dispatch::command::{CallEvent, OpenByHand, ReportCall};
use crate::dispatch::{Asked, By, Command, Event, Rejection, Stamped};
use crate::domain::plan::PlanStart;
use crate::domain::{Disposition, IncidentId, SignalKind, TaskId};
use crate::engine::{Hint, Input, Lane, Reply};

/// A close that was refused is tried again after this.
const CLOSE_AGAIN_MS: u64 = 60_000;

#[derive(Debug)]
pub(super) enum DeskDo {
    Claim(IncidentId),
    /// Somebody has called back and knows whether anybody need come.
    CalledBack(IncidentId),
    Confirm(IncidentId, TaskId),
    Close(IncidentId),
    GiveUp(IncidentId),
    PicksUp {
        origin: usize,
        report: Box<ReportCall>,
        operator: usize,
        talks_ms: u64,
    },
    /// The talk is over.
    Talked {
        origin: usize,
        report: Box<ReportCall>,
        operator: usize,
    },
    HangsUp(Box<ReportCall>),
}

/// When each operator is free.
#[derive(Debug)]
pub(super) struct Desk {
    free_at_ms: Vec<u64>,
}

impl Desk {
    pub fn new(count: u64) -> Self {
        Self { free_at_ms: vec![0; usize::try_from(count).expect("a count fits")] }
    }

    /// When somebody could begin with something new.
    pub fn soonest(&self, now_ms: u64) -> u64 {
        self.free_at_ms.iter().copied().min().unwrap_or(now_ms).max(now_ms)
    }

    /// Whoever is free first takes so long for it: when it is done, and who.
    pub fn occupy(&mut self, now_ms: u64, takes_ms: u64) -> (u64, usize) {
        let (operator, free_at_ms) =
            self.free_at_ms.iter_mut().enumerate().min_by_key(|(_, at)| **at).expect("there is an operator");
        *free_at_ms = (*free_at_ms).max(now_ms) + takes_ms;
        (*free_at_ms, operator)
    }
}

impl Player<'_> {
    /// Every operator has a console open, as long as there is a service.
    pub(super) fn open_consoles(&mut self) {
        for nth in 0..self.scenario.operators.count {
            let by = operator(usize::try_from(nth).expect("a count fits"));
            self.bring(Input::Hint(Hint::ConsoleOpened(by.account)));
        }
    }

    pub(super) fn desk_hears(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::IncidentOpened(it) => self.opened(it.incident, it.plan.start),
            Event::TaskDue { incident, task, .. } => {
                let mut chance = self.deal.desk(self.origin(*incident), 3 + task.number);
                let takes_ms = self.scenario.operators.confirm.draw(&mut chance);
                self.when_free(takes_ms, DeskDo::Confirm(*incident, *task));
            }
            Event::ResponderClear(it) => {
                let mut chance = self.deal.desk(self.origin(it.incident), 2);
                let takes_ms = self.scenario.operators.close.draw(&mut chance);
                self.when_free(takes_ms, DeskDo::Close(it.incident));
            }
            _ => {}
        }
    }

    fn opened(&mut self, incident: IncidentId, start: PlanStart) {
        self.later(self.scenario.operators.give_up_ms, Thing::Desk(DeskDo::GiveUp(incident)));
        let origin = self.origin(incident);
        let needs_nobody = start == PlanStart::CallBack && self.deal.needs_nobody(origin);
        self.tally.judge(incident, needs_nobody);
        if self.deal.is_claimed(origin) {
            let takes_ms = self.scenario.operators.claim.draw(&mut self.deal.desk(origin, 1));
            self.when_free(takes_ms, DeskDo::Claim(incident));
        }
    }

    fn when_free(&mut self, takes_ms: u64, what: DeskDo) {
        let (done_ms, _) = self.desk.occupy(self.now_ms, takes_ms);
        self.agenda.put(done_ms, Thing::Desk(what));
    }

    pub(super) fn desk_does(&mut self, what: DeskDo) {
        match what {
            DeskDo::Claim(incident) => self.claim(incident),
            DeskDo::CalledBack(incident) => self.called_back(incident),
            DeskDo::Confirm(incident, task) => {
                self.order(incident, Command::ConfirmTask { incident, task, note: None }, Then::Nothing);
            }
            DeskDo::Close(incident) => self.close_done(incident),
            DeskDo::GiveUp(incident) => self.give_up(incident),
            DeskDo::PicksUp { origin, report, operator, talks_ms } => {
                let by = self::operator(operator).account;
                self.tally.calls.answered(self.now_ms - self.arrivals[origin].at_ms);
                self.report(ReportCall { event: CallEvent::Answered { operator: Some(by) }, ..(*report).clone() });
                self.later(talks_ms, Thing::Desk(DeskDo::Talked { origin, report, operator }));
            }
            DeskDo::Talked { origin, report, operator } => self.talked(origin, *report, operator),
            DeskDo::HangsUp(report) => {
                self.tally.calls.abandoned += 1;
                self.report(ReportCall { event: CallEvent::Abandoned, ..*report });
            }
        }
    }

    fn claim(&mut self, incident: IncidentId) {
        let Some(calls_back) = self.open(incident).map(|it| it.plan.start == PlanStart::CallBack) else { return };
        self.order(incident, Command::Claim { incident }, Then::Nothing);
        if calls_back {
            let takes_ms = self.scenario.operators.talk.draw(&mut self.deal.desk(self.origin(incident), 4));
            self.when_free(takes_ms, DeskDo::CalledBack(incident));
        }
    }

    fn called_back(&mut self, incident: IncidentId) {
        let Some(asked) = self.open(incident).map(|it| it.decided_at.is_some()) else { return };
        if self.deal.needs_nobody(self.origin(incident)) {
            self.close(incident, Disposition::NoHelpNeeded);
        } else if !asked {
            let command = Command::MakeOffer { incident, responder: None, parallel: None };
            self.order(incident, command, Then::Nothing);
        }
    }

    fn close_done(&mut self, incident: IncidentId) {
        let Some(it) = self.open(incident) else { return };
        let (under_way, reached) = (it.has_under_way(), it.was_reached());
        let given_up = self.tally.age_ms(incident, self.now_ms) >= self.scenario.operators.give_up_ms;
        match (under_way, reached, given_up) {
            (true, _, _) | (false, false, false) => {}
            (false, true, _) => self.close(incident, Disposition::Helped),
            (false, false, true) => self.close(incident, Disposition::HandedOver),
        }
    }

    /// Nobody of ours was there by now: it is in others' hands. Whoever is under way still goes.
    fn give_up(&mut self, incident: IncidentId) {
        if self.open(incident).is_some_and(|it| !it.has_under_way()) {
            self.close(incident, Disposition::HandedOver);
        }
    }

    /// Whoever is under way by then goes on, and looks.
    fn close(&mut self, incident: IncidentId, disposition: Disposition) {
        let command = Command::Close { incident, disposition, note: None, force: false };
        self.order(incident, command, Then::Closed(incident));
    }

    pub(super) fn closed(&mut self, incident: IncidentId, verdict: &Result<Reply, Rejection>) {
        if let Err(Rejection::ResponderUnderWay { .. }) = verdict {
            self.later(CLOSE_AGAIN_MS, Thing::Desk(DeskDo::Close(incident)));
        }
    }

    /// What was said becomes an incident, or nothing more.
    fn talked(&mut self, origin: usize, report: ReportCall, operator: usize) {
        if self.deal.is_emergency(origin) {
            let (call, subject) = (Some(report.call.clone()), report.subject.clone());
            let it = OpenByHand { kind: SignalKind::Medical, call, subject, premises: None, place: None, note: None };
            let (command, by) = (Command::OpenByHand(Box::new(it)), Some(self::operator(operator)));
            self.post(Lane::People, Asked { command, by, request: None }, Then::Nothing);
        }
        self.report(ReportCall { event: CallEvent::Ended, ..report });
    }

    /// One operator has all of an incident.
    fn order(&mut self, incident: IncidentId, command: Command, then: Then) {
        let count = self.scenario.operators.count;
        let by = operator(usize::try_from(incident.number % count).expect("a count fits"));
        self.post(Lane::People, Asked { command, by: Some(by), request: None }, then);
    }

    fn open(&self, incident: IncidentId) -> Option<&crate::dispatch::state::Incident> {
        self.service.fold()?.incident(incident).filter(|it| it.is_open())
    }

    /// The arrival behind an incident; one that nobody drew has a number that no arrival has.
    pub(super) fn origin(&self, incident: IncidentId) -> usize {
        self.tally.origin(incident).unwrap_or(usize::MAX)
    }
}

fn operator(nth: usize) -> By {
    let account = format!("operator-{nth}").parse().expect("a made-up name is well formed");
    By { account, supervisor: true }
}
