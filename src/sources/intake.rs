//! The one door behind all sources: runs the pipeline, keeps what is private apart, asks the district, and answers only
//! after the commit. Signs of life stay in memory here: the newest wins, and a late one moves nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::metrics::{SIGNALS_RECEIVED, UNKNOWN_DROPPED, count};
use super::recent::Recent;
use super::unknown::UnknownList;
use crate::dispatch::command::{GivenPlace, ReceiveSignals, Signal};
use crate::dispatch::event::DeviceRef;
use crate::dispatch::{Asked, Command, Facts};
use crate::domain::signal::{PlaceGiven, SignalOutcome};
use crate::domain::{DistrictCode, Fix, IncidentId, Seq, SignalKind, SubjectId, Timestamp};
use crate::engine::{AskError, Handle, Hint, Lane};
use crate::pipeline::{self, Piped, RawMessage, Ready, Refusal, Tools};
use crate::registry::{FingerprintKey, PrivateRow};

/// Devices whose last place is remembered: every home of a large city, at about 100 bytes each.
const PLACES_MAX: usize = 500_000;

/// Devices nobody knows whose last place is remembered: noise must not push anybody out.
const UNKNOWN_PLACES_MAX: usize = 20_000;

/// Something that is renewed beside us, as it is now.
pub type Source<T> = Arc<dyn Fn() -> Arc<T> + Send + Sync>;

/// The districts of this process.
pub type Handles = BTreeMap<DistrictCode, Handle>;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub outcome: SignalOutcome,
    pub incident: Option<IncidentId>,
    /// `None` where nothing was written: telemetry.
    pub seq: Option<Seq>,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("no room just now, expected again in {retry_after_s} s")]
    NoRoom { retry_after_s: u64 },
    #[error("not taken: {why}")]
    Unavailable { why: String },
}

pub struct Intake {
    handles: Source<Handles>,
    facts: Source<Facts>,
    key: FingerprintKey,
    places: Mutex<Places>,
    unknown: UnknownList,
    /// Devices nobody knows, and the day for which the record was told of them.
    introduced: Mutex<Recent<DeviceRef, i64>>,
}

impl Intake {
    pub fn new(handles: Source<Handles>, facts: Source<Facts>, key: FingerprintKey, unknown: UnknownList) -> Self {
        let introduced = Mutex::new(Recent::new(UNKNOWN_PLACES_MAX));
        Self { handles, facts, key, places: Mutex::default(), unknown, introduced }
    }

    /// Returns after the commit. A message that was not taken may be brought again: nothing of it was kept, or it will
    /// be known as a repeat.
    pub async fn take(&self, raw: RawMessage) -> Result<Taken, IntakeError> {
        count(SIGNALS_RECEIVED, raw.device.protocol.as_str());
        let facts = (self.facts)();
        let (handle, piped) = self.pipe(&raw, &facts)?;
        self.note_heard(&handle, &raw, &piped);
        if piped.is_telemetry() {
            self.learn(&piped);
            return match piped.sender.source {
                DeviceRef::Known(_) => Ok(telemetry(SignalOutcome::Telemetry)),
                DeviceRef::Unknown(_) => self.introduce(&handle, &raw, &piped).await,
            };
        }
        let (command, private) = self.compose(&handle, &raw, &piped);
        let lane = if piped.is_technical() { Lane::Technical } else { Lane::Alarms };
        let reply = handle.ask(lane, Asked::plain(command), private).await.map_err(IntakeError::from)?;
        self.learn(&piped);
        let answer = reply.answer;
        let outcome = answer.outcome.unwrap_or(SignalOutcome::Technical);
        Ok(Taken { outcome, incident: answer.incident, seq: answer.seq })
    }

    fn pipe(&self, raw: &RawMessage, facts: &Facts) -> Result<(Handle, Piped), IntakeError> {
        let handles = (self.handles)();
        let digest = |parts: &[&[u8]]| self.key.fingerprint(parts);
        let tools = Tools { facts, digest: &digest, nonce: rand::random() };
        // All districts run with the same clock: any of them tells when the message came in.
        let now = handles.values().next().ok_or_else(nobody_there)?.now();
        let piped = pipeline::run(raw, &tools, now).map_err(refused)?;
        let handle = handles.get(&piped.sender.district).cloned().ok_or_else(nobody_there)?;
        Ok((handle, piped))
    }

    /// Any word of a device is a sign of life, whatever becomes of the message.
    fn note_heard(&self, handle: &Handle, raw: &RawMessage, piped: &Piped) {
        match &piped.sender.source {
            DeviceRef::Known(device) => {
                match raw.battery_pct {
                    Some(battery_pct) => handle.hint(Hint::BatteryTold(device.clone(), battery_pct)),
                    None => handle.hint(Hint::DeviceHeard(device.clone())),
                }
                if piped.signals.iter().any(|it| it.kind == SignalKind::LowBattery) {
                    handle.hint(Hint::BatteryLow(device.clone()));
                }
            }
            DeviceRef::Unknown(_) => {
                let kind = piped.signals.first().map_or(SignalKind::Heartbeat, |it| it.kind);
                if !self.unknown.note(&raw.device, kind, handle.now()) {
                    count(UNKNOWN_DROPPED, "queue_full");
                }
            }
        }
    }

    /// A device that nobody knows gives a sign of life: told once a day, and not again for each of its heartbeats.
    async fn introduce(&self, handle: &Handle, raw: &RawMessage, piped: &Piped) -> Result<Taken, IntakeError> {
        let day = handle.now().ms().div_euclid(86_400_000);
        let told =
            self.introduced.lock().unwrap_or_else(PoisonError::into_inner).get(&piped.sender.source) == Some(&day);
        if !told {
            let (command, private) = self.compose(handle, raw, piped);
            let name = format!("{}", raw.device);
            let request = self.key.fingerprint(&[b"unknown device", name.as_bytes(), &day.to_be_bytes()]);
            let asked = Asked { command, by: None, request: Some(request) };
            handle.ask(Lane::Technical, asked, private).await.map_err(IntakeError::from)?;
            self.introduced.lock().unwrap_or_else(PoisonError::into_inner).put(piped.sender.source.clone(), day);
        }
        Ok(telemetry(SignalOutcome::UnknownDevice))
    }

    fn learn(&self, piped: &Piped) {
        if let Some(fix) = piped.fix {
            self.places.lock().unwrap_or_else(PoisonError::into_inner).put(&piped.sender.source, fix);
        }
    }

    /// The command, and the private values to which it refers.
    fn compose(&self, handle: &Handle, raw: &RawMessage, piped: &Piped) -> (Command, Vec<PrivateRow>) {
        let mut vault = Rows { at: handle.now(), subject: piped.sender.subject.clone(), rows: Vec::new() };
        let signals = piped.signals.iter().map(|it| vault.signal(raw, it, piped.fix)).collect();
        let asks_for_help = !piped.is_technical();
        let fix = piped.fix.filter(|_| asks_for_help).map(|fix| vault.place(fix));
        let last_known = if asks_for_help && fix.is_none() { self.last_known(&piped.sender.source) } else { None };
        let last_known = last_known.map(|fix| vault.place(fix));
        let source = piped.sender.source.clone();
        let listener = raw.listener.clone();
        let command = ReceiveSignals { source, signals, fix, last_known, listener };
        (Command::ReceiveSignals(Box::new(command)), vault.rows)
    }

    fn last_known(&self, source: &DeviceRef) -> Option<Fix> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).get(source)
    }
}

impl From<AskError> for IntakeError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NoRoom { retry_after_s } => Self::NoRoom { retry_after_s },
            AskError::Unavailable { why } => Self::Unavailable { why },
            AskError::Refused(why) => Self::Refused(Refusal::wrong(why.code(), why.to_string())),
        }
    }
}

/// What is wrong on our side is no refusal: the source tries again.
fn refused(refusal: Refusal) -> IntakeError {
    let ours = refusal.status == 503;
    if ours { IntakeError::Unavailable { why: refusal.detail } } else { IntakeError::Refused(refusal) }
}

fn nobody_there() -> IntakeError {
    let why = "no district of the registry is served here, expected one; import a world and start again".to_owned();
    IntakeError::Unavailable { why }
}

fn telemetry(outcome: SignalOutcome) -> Taken {
    Taken { outcome, incident: None, seq: None }
}

/// Where devices were last seen.
struct Places {
    known: Recent<DeviceRef, Fix>,
    unknown: Recent<DeviceRef, Fix>,
}

impl Default for Places {
    fn default() -> Self {
        Self { known: Recent::new(PLACES_MAX), unknown: Recent::new(UNKNOWN_PLACES_MAX) }
    }
}

impl Places {
    fn get(&self, source: &DeviceRef) -> Option<Fix> {
        match source {
            DeviceRef::Known(_) => self.known.get(source).copied(),
            DeviceRef::Unknown(_) => self.unknown.get(source).copied(),
        }
    }

    /// What is older than what is known moves nothing.
    fn put(&mut self, source: &DeviceRef, fix: Fix) {
        let table = match source {
            DeviceRef::Known(_) => &mut self.known,
            DeviceRef::Unknown(_) => &mut self.unknown,
        };
        if table.get(source).is_none_or(|old| old.at <= fix.at) {
            table.put(source.clone(), fix);
        }
    }
}

/// The private values of one message.
struct Rows {
    at: Timestamp,
    subject: Option<SubjectId>,
    rows: Vec<PrivateRow>,
}

impl Rows {
    fn keep(&mut self, kind: &'static str, value: &Value) -> crate::domain::PrivateRef {
        let row = PrivateRow::new(&mut rand::rng(), self.at, self.subject.clone(), kind, value.to_string());
        let reference = row.reference();
        self.rows.push(row);
        reference
    }

    fn place(&mut self, fix: Fix) -> GivenPlace {
        let point = fix.point;
        let value = json!({"lat": point.lat(), "lon": point.lon(), "accuracy_m": fix.accuracy_m});
        GivenPlace { fix, private: self.keep("place", &value) }
    }

    fn signal(&mut self, raw: &RawMessage, it: &Ready, fix: Option<Fix>) -> Signal {
        let mut value = json!({"device": raw.device});
        if let Some(id) = &it.id {
            value["id"] = json!(id);
        }
        if let Some(fix) = fix.filter(|_| it.place == PlaceGiven::Given) {
            value["lat"] = json!(fix.point.lat());
            value["lon"] = json!(fix.point.lon());
            value["accuracy_m"] = json!(fix.accuracy_m);
        }
        if let Some(battery_pct) = raw.battery_pct {
            value["battery_pct"] = json!(battery_pct);
        }
        Signal {
            kind: it.kind,
            fingerprint: it.fingerprint,
            repeat: it.repeat,
            occurred_at: it.occurred_at,
            time_refused: it.time_refused,
            late: it.late,
            place: it.place,
            private: self.keep("signal", &value),
        }
    }
}
