//! The workload: what happens to people in a few hours, drawn at the start from the seed. What it leads to is up to the
//! actors and the service.

use std::sync::Arc;

use super::mail::{Then, UNTIL_HEARD};
use super::phone::PhoneDo;
use super::run::{Simulation, Thing};
use crate::dispatch::command::{CallEvent, ReceiveSignals, RepeatRule, ReportCall, Signal};
use crate::dispatch::event::DeviceRef;
use crate::dispatch::facts::{Row, RowId};
use crate::dispatch::{Asked, Command};
use crate::domain::signal::PlaceGiven;
use crate::domain::*;
use crate::engine::{Hint, Input, Lane};

const KINDS: [SignalKind; 14] = [
    SignalKind::Sos,
    SignalKind::Sos,
    SignalKind::Fall,
    SignalKind::Smoke,
    SignalKind::Inactivity,
    SignalKind::Inactivity,
    SignalKind::Wandering,
    SignalKind::WaterLeak,
    SignalKind::Unreadable,
    SignalKind::Cancel,
    SignalKind::Restore,
    SignalKind::LowBattery,
    SignalKind::MainsFail,
    SignalKind::Test,
];

/// How often a phone with a link says where it is.
const LOCATE_MS: u64 = 120_000;
const HEARTBEATS_MS: u64 = 60_000;

impl Simulation {
    /// Everything that is known beforehand, for `span_ms` of virtual time.
    pub fn plan(&mut self, span_ms: u64) {
        let mut chance = self.chance.fork();
        for _ in 0..chance.between(5, 60) {
            // Some come in bursts: the same second, many homes.
            let at = if chance.pct(15) { span_ms / 3 } else { chance.below(span_ms) };
            self.later(at, Thing::Alarm);
        }
        for _ in 0..chance.below(8) {
            self.plan_call(chance.below(span_ms), &mut chance);
        }
        for operator in 0..self.world.operators.len() {
            self.later(chance.below(30_000), Thing::Operator(operator));
            for n in 0..chance.below(6) {
                self.later(chance.below(span_ms), Thing::Console(operator, n % 2 == 0));
            }
        }
        for phone in 0..self.phones.len() {
            self.plan_phone(phone, span_ms, &mut chance);
        }
        for _ in 0..self.faults.kills {
            self.later(chance.below(span_ms), Thing::Kill);
        }
        for _ in 0..self.faults.wall_steps {
            let step_ms = chance.below(2_400_000) as i64 - 1_200_000;
            self.later(chance.below(span_ms), Thing::StepWall(step_ms));
        }
        for _ in 0..self.faults.registry_changes {
            self.later(chance.below(span_ms), Thing::ChangeRegistry);
        }
    }

    fn plan_phone(&mut self, phone: usize, span_ms: u64, chance: &mut crate::chance::Chance) {
        if chance.pct(85) {
            self.later(chance.below(60_000), Thing::Phone(phone, PhoneDo::LinkUp));
            self.later(60_000 + chance.below(60_000), Thing::Phone(phone, PhoneDo::Duty(true)));
        }
        for _ in 0..chance.below(4) {
            let at = chance.below(span_ms);
            self.later(at, Thing::Phone(phone, PhoneDo::LinkDown));
            self.later(at + chance.between(500, 900_000), Thing::Phone(phone, PhoneDo::LinkUp));
        }
        if chance.pct(30) {
            let at = chance.below(span_ms);
            self.later(at, Thing::Phone(phone, PhoneDo::Duty(false)));
            self.later(at + chance.between(500, 1_800_000), Thing::Phone(phone, PhoneDo::Duty(true)));
        }
        let mut at = chance.below(LOCATE_MS);
        while chance.pct(90) && at < span_ms {
            self.later(at, Thing::Phone(phone, PhoneDo::Locate));
            at += LOCATE_MS;
        }
    }

    fn plan_call(&mut self, at: u64, chance: &mut crate::chance::Chance) {
        let call: CallId = super::world::id(&format!("pbx-{at}"));
        let subject = chance.pct(70).then(|| chance.pick(&self.world.subjects).clone());
        let own_phone = subject.is_some() && chance.pct(60);
        let from = chance.private();
        let operator = chance.pct(50).then(|| chance.pick(&self.world.operators).account.clone());
        let answered = chance.pct(60);
        let then = if answered { CallEvent::Answered { operator } } else { CallEvent::Abandoned };
        let mut said = vec![(at, CallEvent::Ringing), (at + 9_000, then)];
        if answered || chance.pct(30) {
            said.push((at + 60_000, CallEvent::Ended));
        }
        for (at, event) in said {
            let report = ReportCall { call: call.clone(), event, from, subject: subject.clone(), own_phone };
            self.later(at, Thing::Call(Box::new(report)));
        }
    }

    pub fn call(&mut self, report: ReportCall) {
        self.post(Lane::Alarms, Asked::plain(Command::ReportCall(report)), Then::Nothing, UNTIL_HEARD);
    }

    /// One device says something; it says so until it is told that it was heard.
    pub fn alarm(&mut self) {
        let unknown = self.chance.pct(8);
        let source = if unknown {
            DeviceRef::Unknown(Fingerprint(u128::from(self.chance.below(3))))
        } else {
            DeviceRef::Known(self.chance.pick(&self.world.devices).clone())
        };
        let fix = self.chance.pct(40).then(|| self.given_place());
        let last_known = (fix.is_none() && self.chance.pct(20)).then(|| self.given_place());
        let mut kinds = vec![*self.chance.pick(&KINDS)];
        if self.chance.pct(20) {
            kinds.push(*self.chance.pick(&KINDS));
            kinds.sort_unstable();
        }
        let signals: Vec<Signal> = kinds.into_iter().map(|kind| self.signal(kind, fix.is_some())).collect();
        let lane = if signals[0].kind.is_alarm() { Lane::Alarms } else { Lane::Technical };
        let message = ReceiveSignals { source, signals, fix, last_known, listener: "http".to_owned() };
        self.post(lane, Asked::plain(Command::ReceiveSignals(Box::new(message))), Then::Nothing, UNTIL_HEARD);
    }

    fn signal(&mut self, kind: SignalKind, given: bool) -> Signal {
        let late = self.chance.pct(10);
        Signal {
            kind,
            fingerprint: self.chance.fingerprint(),
            repeat: RepeatRule::Named,
            occurred_at: Some(self.wall()),
            time_refused: false,
            late,
            place: if given { PlaceGiven::Given } else { PlaceGiven::None },
            private: self.chance.private(),
        }
    }

    /// Most devices say that they are there; a few are silent for a long time.
    pub fn heartbeats(&mut self) {
        self.later(HEARTBEATS_MS, Thing::Heartbeats);
        for n in 0..self.world.devices.len() {
            let silent = (self.now_ms / 1_800_000 + n as u64).is_multiple_of(4);
            if !silent && self.service.process.is_some() {
                let device = self.world.devices[n].clone();
                self.bring(Input::Hint(Hint::DeviceHeard(device)));
            }
        }
    }

    /// The registry changes under the feet of everybody: what was decided stays decided.
    pub fn change_registry(&mut self) {
        let mut facts = (*self.service.facts).clone();
        facts.version += 1;
        let chance = &mut self.chance;
        match chance.below(4) {
            0 => {
                let premises = chance.pick(&self.world.homes).clone();
                facts.put(Row::Premises(self.world.home(&premises, chance)));
            }
            1 => facts.remove(&RowId::Responder(chance.pick(&self.world.responders).clone())),
            2 => {
                let responder = chance.pick(&self.world.responders).clone();
                facts.put(Row::Responder(self.world.responder(&responder, chance)));
            }
            _ => facts.remove(&RowId::Device(chance.pick(&self.world.devices).clone())),
        }
        self.service.facts = Arc::new(facts);
        let facts = self.service.facts.clone();
        self.bring(Input::FactsChanged(facts));
    }
}
