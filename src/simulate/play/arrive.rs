//! What comes in: a drawn arrival becomes what a source or the telephone exchange asks of the service.

use super::desk::DeskDo;
use super::letters::Then;
use super::{PULSE_MS, Player, Thing};
use crate::chance::Chance;
use crate::dispatch::command::{CallEvent, GivenPlace, ReceiveSignals, RepeatRule, ReportCall, Signal};
use crate::dispatch::event::DeviceRef;
use crate::dispatch::{Asked, Command, Event, Rejection, Stamped};
use crate::domain::signal::PlaceGiven;
use crate::domain::{CallId, Fingerprint, Fix, Point, PrivateRef, SignalKind};
use crate::engine::{Lane, Reply};
use crate::scenario::Happening;

/// How exactly a receiver outdoors knows where it is.
const FIX_ACCURACY_M: u32 = 15;

/// Where a scenario says nothing of heartbeats, nobody is silent who is not made so.
const HEARD_EVERY_MS: u64 = 240_000;

/// By which door strangers come in: they are capped by it.
const LISTENER: &str = "http";

/// The stream of chance out of which private references are drawn.
const REFERENCES: u64 = 9;

impl Player<'_> {
    pub(super) fn arrives(&mut self, nth: usize) {
        if let Some(next) = self.arrivals.get(nth + 1) {
            self.agenda.put(next.at_ms, Thing::Arrival(nth + 1));
        }
        self.tally.expect(nth, self.now_ms, self.place_of(nth));
        match self.arrivals[nth].what.clone() {
            Happening::Signal { home, device, kind, fix, .. } => {
                let device = self.scenario.population.homes[home].devices[device].id.clone();
                self.signal(nth, DeviceRef::Known(device), kind, fix);
            }
            Happening::Stranger { number, kind, fix } => {
                let fingerprint = Chance::of(number, &[REFERENCES]).fingerprint();
                self.signal(nth, DeviceRef::Unknown(fingerprint), kind, Some(fix));
            }
            Happening::Call { home } => self.rings(nth, home),
            Happening::FallsSilent { home, device } => {
                self.silent.insert(self.scenario.population.homes[home].devices[device].id.clone());
            }
            Happening::ComesBack { home, device } => {
                let device = &self.scenario.population.homes[home].devices[device].id;
                self.silent.remove(device);
                self.hear(device);
            }
        }
    }

    /// Where help is needed: away from home as the device says, else at home.
    fn place_of(&self, nth: usize) -> Option<Point> {
        let home_of = |home: usize| self.scenario.population.homes[home].point;
        match &self.arrivals[nth].what {
            Happening::Signal { home, fix, .. } => Some(fix.unwrap_or_else(|| home_of(*home))),
            Happening::Stranger { fix, .. } => Some(*fix),
            Happening::Call { home } => Some(home_of(*home)),
            Happening::FallsSilent { .. } | Happening::ComesBack { .. } => None,
        }
    }

    fn signal(&mut self, nth: usize, source: DeviceRef, kind: SignalKind, fix: Option<Point>) {
        let (fingerprint, private) = self.references(nth);
        let at = self.time();
        self.said.insert(fingerprint, nth);
        let fix = fix.map(|point| {
            let private = Chance::of(self.deal_seed(), &[REFERENCES, nth as u64, 1]).private();
            self.service.vault.insert(private.id, point);
            GivenPlace { fix: Fix { point, accuracy_m: FIX_ACCURACY_M, at }, private }
        });
        let signal = Signal {
            kind,
            fingerprint,
            repeat: RepeatRule::Named,
            occurred_at: Some(at),
            time_refused: false,
            late: false,
            place: if fix.is_some() { PlaceGiven::Given } else { PlaceGiven::None },
            private,
        };
        if kind.is_alarm() {
            self.tally.alarms.sent += 1;
        }
        let lane = if kind.is_alarm() { Lane::Alarms } else { Lane::Technical };
        let message =
            ReceiveSignals { source, signals: vec![signal], fix, last_known: None, listener: LISTENER.to_owned() };
        let asked = Asked::plain(Command::ReceiveSignals(Box::new(message)));
        self.post(lane, asked, Then::Acknowledged(nth));
    }

    pub(super) fn acknowledged(&mut self, origin: usize, verdict: &Result<Reply, Rejection>) {
        let arrival = &self.arrivals[origin];
        let took_ms = self.now_ms - arrival.at_ms;
        let is_alarm = matches!(arrival.what, Happening::Signal { kind, .. } | Happening::Stranger { kind, .. } if kind.is_alarm());
        let incident = verdict.as_ref().ok().and_then(|reply| reply.answer.incident);
        if is_alarm && verdict.is_ok() {
            self.tally.acknowledged(took_ms, incident);
        }
    }

    fn rings(&mut self, nth: usize, home: usize) {
        let home = &self.scenario.population.homes[home];
        let report = ReportCall {
            call: call_of(nth),
            event: CallEvent::Ringing,
            from: self.references(nth).1,
            subject: Some(home.subject.clone()),
            own_phone: true,
        };
        self.report(report.clone());
        let operators = &self.scenario.operators;
        let mut chance = self.deal.desk(nth, 0);
        let patience_ms = operators.patience.draw(&mut chance);
        let (picks_up_ms, talks_ms) = (operators.pick_up.draw(&mut chance), operators.talk.draw(&mut chance));
        let answered_ms = self.desk.soonest(self.now_ms) + picks_up_ms;
        if answered_ms > self.now_ms + patience_ms {
            self.agenda.put(self.now_ms + patience_ms, Thing::Desk(DeskDo::HangsUp(Box::new(report))));
            return;
        }
        let operator = self.desk.occupy(self.now_ms, picks_up_ms + talks_ms).1;
        self.agenda.put(
            answered_ms,
            Thing::Desk(DeskDo::PicksUp { origin: nth, report: Box::new(report), operator, talks_ms }),
        );
    }

    pub(super) fn report(&mut self, report: ReportCall) {
        self.post(Lane::Alarms, Asked::plain(Command::ReportCall(report)), Then::Nothing);
    }

    /// The arrival that an event is about, where it tells.
    pub(super) fn origin_of(&self, stamped: &Stamped) -> Option<usize> {
        match &stamped.event {
            Event::SignalReceived(it) => self.said.get(&it.fingerprint).copied(),
            Event::IncidentOpened(it) => it.call.as_ref().and_then(origin_of_call),
            _ => None,
        }
    }

    /// One slot of the floor: devices that are heard in it.
    pub(super) fn pulse(&mut self, slot: u64) {
        let every_ms = self.scenario.heartbeats.map_or(HEARD_EVERY_MS, |it| it.every_ms);
        self.later(PULSE_MS, Thing::Pulse(slot + 1));
        let slots = every_ms.div_ceil(PULSE_MS);
        let Some(heard) = self.service.heard() else { return };
        let now = self.service.now(self.now_ms).expect("somebody hears");
        let mut nth = 0_u64;
        for home in &self.scenario.population.homes {
            for device in &home.devices {
                nth += 1;
                if nth % slots == slot % slots && !self.silent.contains(&device.id) {
                    heard.note(&device.id, now);
                }
            }
        }
    }

    fn hear(&self, device: &crate::domain::DeviceId) {
        if let (Some(heard), Some(now)) = (self.service.heard(), self.service.now(self.now_ms)) {
            heard.note(device, now);
        }
    }

    pub(super) fn references(&self, nth: usize) -> (Fingerprint, PrivateRef) {
        let mut chance = Chance::of(self.deal_seed(), &[REFERENCES, nth as u64]);
        (chance.fingerprint(), chance.private())
    }

    fn deal_seed(&self) -> u64 {
        self.deal.seed()
    }
}

fn call_of(origin: usize) -> CallId {
    format!("call-{origin}").parse().expect("a made-up id is well formed")
}

fn origin_of_call(call: &CallId) -> Option<usize> {
    call.as_str().strip_prefix("call-")?.parse().ok()
}
