//! A small district for the tests of the engine, and the commands they give.

use std::sync::Arc;

use crate::dispatch::command::{ReceiveSignals, RepeatRule, Signal};
use crate::dispatch::event::{DeviceRef, Via};
use crate::dispatch::facts::Row;
use crate::dispatch::{Asked, By, Command, Facts};
use crate::domain::premises::{Device, District, Premises};
use crate::domain::private::{Commitment, PrivateId};
use crate::domain::signal::PlaceGiven;
use crate::domain::subject::Subject;
use crate::domain::*;
use crate::registry::PrivateRow;

pub fn district() -> DistrictCode {
    "330481".parse().unwrap()
}

/// `devices` homes with one subject and one supervised device each (D1, D2 …), and `responders` (R1, R2 …).
pub fn facts(devices: u32, responders: u32) -> Arc<Facts> {
    let mut facts = Facts::default();
    let name = || "a name".to_owned();
    facts.put(Row::District(District { code: district(), name: name(), hotline: "967890".to_owned() }));
    for n in 1..=devices {
        let point = Point::from_degrees(30.5 + f64::from(n) / 1e4, 120.6).unwrap();
        let premises: PremisesId = format!("P{n}").parse().unwrap();
        facts.put(Row::Premises(Premises {
            id: premises.clone(),
            district: district(),
            village: None,
            class: Class::Urban,
            address: name(),
            point,
        }));
        let subject: SubjectId = format!("S{n}").parse().unwrap();
        facts.put(Row::Subject(Subject::bare(subject.clone(), premises)));
        let (id, name) = (format!("D{n}").parse().unwrap(), format!("http:d{n}").parse().unwrap());
        facts.put(Row::Device(Device { id, subject, name, supervision_s: Some(600) }));
    }
    for n in 1..=responders {
        facts.put(Row::Responder(Responder {
            id: format!("R{n}").parse().unwrap(),
            district: district(),
            name: name(),
            phone: name(),
            tier: Tier::Staff,
            skills: Vec::new(),
            travel: Travel::Ebike,
            base: Point::from_degrees(30.5, 120.6 + f64::from(n) / 1e3).unwrap(),
        }));
    }
    Arc::new(facts)
}

pub fn sos(device: &str, key: u128) -> Asked {
    let source = device.parse().map(DeviceRef::Known).unwrap();
    let signal = Signal {
        kind: SignalKind::Sos,
        fingerprint: Fingerprint(key),
        repeat: RepeatRule::Named,
        occurred_at: None,
        time_refused: false,
        late: false,
        place: PlaceGiven::None,
        private: private(key).reference(),
    };
    let it = ReceiveSignals { source, signals: vec![signal], fix: None, last_known: None, listener: "http".to_owned() };
    Asked::plain(Command::ReceiveSignals(Box::new(it)))
}

/// What `sos` with the same key refers to.
pub fn private(key: u128) -> PrivateRow {
    PrivateRow { id: PrivateId(key), subject: None, kind: "signal".into(), salt: [0; 16], value: "{}".to_owned() }
}

pub fn by(account: &str, command: Command) -> Asked {
    let by = By { account: account.parse().unwrap(), supervisor: false };
    Asked { command, by: Some(by), request: None }
}

pub fn incident(number: u64) -> IncidentId {
    IncidentId { district: district(), number }
}

pub fn duty(responder: &str, on: bool) -> Asked {
    Asked::plain(Command::SetDuty { responder: responder.parse().unwrap(), on, via: Via::Link })
}

pub fn note(incident: IncidentId, key: u128) -> Command {
    let note = PrivateRef { id: PrivateId(key), commitment: Commitment([0; 32]) };
    Command::AddNote { incident, note }
}
