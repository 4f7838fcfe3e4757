//! Operators: they look at the committed fold, as a console does, and do something about one of its incidents, or
//! nothing. A request whose answer does not come is asked again with the same fingerprint.

use super::mail::{A_FEW_TRIES, Then};
use super::run::{Simulation, Thing};
use super::world::somewhere;
use crate::dispatch::command::{Correct, GivenPlace, OpenByHand};
use crate::dispatch::state::Incident;
use crate::dispatch::{Asked, By, Command};
use crate::domain::*;
use crate::engine::{Hint, Input, Lane};

/// Between two looks of one operator, in milliseconds.
const LOOKS_MS: (u64, u64) = (8_000, 90_000);

const ALARMS: [SignalKind; 4] = [SignalKind::Medical, SignalKind::Fall, SignalKind::Intruder, SignalKind::WaterLeak];

impl Simulation {
    pub fn operator_looks(&mut self, operator: usize) {
        if self.is_calm {
            return;
        }
        let pause = self.chance.between(LOOKS_MS.0, LOOKS_MS.1);
        self.later(pause, Thing::Operator(operator));
        let by = self.world.operators[operator].clone();
        if let Some(command) = self.choose() {
            self.order(by, command);
        }
    }

    pub fn order(&mut self, by: By, command: Command) {
        let request = Some(self.chance.fingerprint());
        self.post(Lane::People, Asked { command, by: Some(by), request }, Then::Nothing, A_FEW_TRIES);
    }

    /// A console is opened, or the last one of an operator is lost.
    pub fn console(&mut self, operator: usize, opens: bool) {
        let account = self.world.operators[operator].account.clone();
        if self.service.process.is_none() || self.consoles[operator] == opens {
            return;
        }
        self.consoles[operator] = opens;
        let hint = if opens { Hint::ConsoleOpened(account) } else { Hint::ConsoleClosed(account) };
        self.bring(Input::Hint(hint));
    }

    fn choose(&mut self) -> Option<Command> {
        let process = self.service.process.as_ref()?;
        let (open, closed): (Vec<&Incident>, Vec<&Incident>) = process.fold.incidents().partition(|it| it.is_open());
        let (open, closed) = (ids(&open), ids(&closed));
        let calls: Vec<CallId> =
            process.fold.calls().filter(|(_, it)| it.is_open()).map(|(id, _)| id.clone()).collect();
        let chance = &mut self.chance;
        if !calls.is_empty() && chance.pct(25) {
            let call = chance.pick(&calls).clone();
            return Some(if chance.pct(50) {
                Command::ReturnCall { call, note: None }
            } else {
                self.by_hand(Some(call))
            });
        }
        if chance.pct(3) {
            return Some(self.by_hand(None));
        }
        if !closed.is_empty() && chance.pct(4) {
            return Some(Command::Reopen { incident: *chance.pick(&closed), reason: None });
        }
        if open.is_empty() {
            return None;
        }
        let (one, other) = (*chance.pick(&open), *chance.pick(&open));
        let it = process.fold.incident(one)?.clone();
        self.about(&it, other)
    }

    fn about(&mut self, it: &Incident, other: IncidentId) -> Option<Command> {
        let incident = it.id;
        let chance = &mut self.chance;
        Some(match chance.below(100) {
            0..20 => Command::Claim { incident },
            20..26 => Command::Release { incident },
            26..32 => Command::AddNote { incident, note: chance.private() },
            32..44 => {
                let responder = chance.pct(50).then(|| chance.pick(&self.world.responders).clone());
                let parallel = chance.pct(30).then(|| chance.between(0, 6) as u8);
                Command::MakeOffer { incident, responder, parallel }
            }
            44..50 => {
                let offer = it.assignments.last()?.offer;
                Command::WithdrawOffer { incident, offer }
            }
            50..56 => {
                let names: Vec<&str> = it.ladder.iter().map(|rung| rung.name.as_str()).collect();
                let rung = chance.pct(30).then(|| (*chance.pick(&names)).to_owned());
                Command::Escalate { incident, rung }
            }
            56..66 => Command::ConfirmTask { incident, task: it.tasks.last()?.id, note: None },
            66..74 => Command::Correct { incident, to: Box::new(self.correction()) },
            74..78 => Command::Merge { incident, into: other },
            90..94 => Command::Detach { incident, source: it.sources.last()?.clone(), kind: None },
            78..80 => Command::ReleaseAll { account: chance.pick(&self.world.operators).account.clone() },
            80..90 => {
                let disposition = *chance.pick(&[Disposition::Helped, Disposition::FalseAlarm, Disposition::NoContact]);
                let force = chance.pct(10);
                Command::Close { incident, disposition, note: None, force }
            }
            _ => return None,
        })
    }

    fn correction(&mut self) -> Correct {
        let place = self.chance.pct(30).then(|| self.given_place());
        let chance = &mut self.chance;
        Correct {
            kind: chance.pct(40).then(|| *chance.pick(&ALARMS)),
            urgency: chance.pct(30).then(|| Urgency::try_from(chance.between(1, 5) as u8).expect("1 to 5")),
            subject: chance.pct(20).then(|| chance.pick(&self.world.subjects).clone()),
            premises: chance.pct(20).then(|| chance.pick(&self.world.homes).clone()),
            place,
        }
    }

    fn by_hand(&mut self, call: Option<CallId>) -> Command {
        let place = self.chance.pct(20).then(|| self.given_place());
        let chance = &mut self.chance;
        Command::OpenByHand(Box::new(OpenByHand {
            kind: *chance.pick(&ALARMS),
            call,
            subject: chance.pct(50).then(|| chance.pick(&self.world.subjects).clone()),
            premises: chance.pct(40).then(|| chance.pick(&self.world.homes).clone()),
            place,
            note: None,
        }))
    }

    /// An exact place, which the vault has too.
    pub fn given_place(&mut self) -> GivenPlace {
        let (point, private) = (somewhere(&mut self.chance), self.chance.private());
        self.service.vault.insert(private.id, point);
        GivenPlace { fix: Fix { point, accuracy_m: 20, at: self.wall() }, private }
    }
}

fn ids(incidents: &[&Incident]) -> Vec<IncidentId> {
    incidents.iter().map(|it| it.id).collect()
}
