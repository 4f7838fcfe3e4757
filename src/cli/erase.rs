//! `erase`: finds the private values of a person in the journal, which names them only, and has the registry delete
//! them. The chain still verifies: it holds commitments, not values.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::{Failure, now};
use crate::dispatch::Stamped;
use crate::dispatch::event::{DeviceRef, Event};
use crate::domain::private::PrivateId;
use crate::domain::{CallId, DeviceId, IncidentId, SubjectId};
use crate::journal::{EventReader, JOURNAL_FILE, LogError, PostgresReader, SqliteReader, record_is_here};
use crate::registry::{By, EraseError, Erased, Forget, PRIVATE_FILE, Place, Registry, RegistryError, Vault};

#[derive(clap::Args)]
pub(crate) struct Erase {
    /// The data folder, or one from which registry and record have moved into the store
    #[arg(long, value_name = "DIR", required_unless_present = "store")]
    data: Option<PathBuf>,
    /// The PostgreSQL that keeps registry and record, where they are not in a data folder
    #[arg(long, value_name = "postgres://…")]
    store: Option<String>,
    /// The person
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
}

impl Erase {
    pub fn run(self) -> Result<(), Failure> {
        let Some(store) = &self.store else {
            let dir = self.data.as_deref().unwrap_or(Path::new(""));
            record_is_here(dir).map_err(Failure::unusable)?;
            let erased = self.erase_from(&Place::from(dir)).map_err(Failure::unusable)?;
            self.tell(&erased, "");
            return Ok(());
        };
        let place = Place::from(&super::store_url(store)?);
        let erased = self.erase_from(&place).map_err(Failure::unusable)?;
        self.tell(&erased, "");
        // What was left behind would come back with it.
        let Some(dir) = &self.data else { return Ok(()) };
        match self.erase_from(&Place::from(dir.as_path())) {
            Ok(erased) => self.tell(&erased, &format!("{}: ", dir.display())),
            Err(Fault::Erase(EraseError::Unknown { .. })) => {}
            // Or nothing was left: most folders beside a store never had a registry.
            Err(Fault::Registry(RegistryError::Missing { .. })) if !dir.join(PRIVATE_FILE).exists() => {}
            Err(other) => return Err(Failure::unusable(other)),
        }
        Ok(())
    }

    fn erase_from(&self, place: &Place) -> Result<Erased, Fault> {
        let mut registry = Registry::open_existing(place.clone())?;
        let facts = registry.load()?;
        let devices = facts.devices_of(&self.subject).map(|it| it.id.clone()).collect();
        let traces =
            Traces { subject: self.subject.clone(), devices, incidents: BTreeSet::new(), calls: BTreeSet::new() };
        let (private, mut kept) = private(place, traces)?;
        let by = By { actor: "erase", at: now() };
        Ok(registry.erase(&mut *kept, &self.subject, &private, by)?)
    }

    fn tell(&self, erased: &Erased, of: &str) {
        println!(
            "{of}registry version {}: erased subject {} with {} devices, {} accounts, {} premises and {} private values",
            erased.version,
            self.subject,
            erased.devices.len(),
            erased.accounts.len(),
            erased.premises.len(),
            erased.private_values
        );
    }
}

/// Why nothing was erased from a place, or not all.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Record(#[from] LogError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Erase(#[from] EraseError),
}

/// The names of the person's values, and where they are kept.
fn private(place: &Place, traces: Traces) -> Result<(Vec<PrivateId>, Box<dyn Forget>), Fault> {
    match place {
        Place::Server(url) => {
            let reader = PostgresReader::open(url)?;
            let names = traces.follow(&reader)?;
            Ok((names, Box::new(reader)))
        }
        Place::Folder(dir) => {
            let names = match dir.join(JOURNAL_FILE).exists() {
                true => SqliteReader::open(dir).and_then(|it| traces.follow(&it))?,
                false => Vec::new(),
            };
            Ok((names, Box::new(Vault::open(dir)?)))
        }
    }
}

/// Where a person appears in the record.
struct Traces {
    subject: SubjectId,
    devices: BTreeSet<DeviceId>,
    incidents: BTreeSet<IncidentId>,
    calls: BTreeSet<CallId>,
}

impl Traces {
    /// The names of all private values of every incident and call in which the person appears. Read twice: a person may
    /// be found in an incident long after its first note.
    fn follow(mut self, reader: &dyn EventReader) -> Result<Vec<PrivateId>, LogError> {
        let mut found = BTreeSet::new();
        each_event(reader, &mut |event| self.learn(event))?;
        each_event(reader, &mut |event| {
            if self.concerns(event) {
                found.extend(event.private_refs().into_iter().map(|it| it.id));
            }
        })?;
        Ok(found.into_iter().collect())
    }

    fn learn(&mut self, event: &Event) {
        if self.names(event) {
            self.incidents.extend(event.incident());
            self.calls.extend(call_of(event).cloned());
        }
    }

    fn concerns(&self, event: &Event) -> bool {
        let of_call = call_of(event).is_some_and(|call| self.calls.contains(call));
        self.names(event) || of_call || event.incident().is_some_and(|it| self.incidents.contains(&it))
    }

    /// The event itself speaks of the person or of a device of theirs.
    fn names(&self, event: &Event) -> bool {
        let (subject, source): (Option<&SubjectId>, Option<&DeviceRef>) = match event {
            Event::SignalReceived(it) => (it.subject.as_ref(), Some(&it.source)),
            Event::IncidentOpened(it) => (it.subject.as_ref(), it.source.as_ref()),
            Event::IncidentCorrected(it) => (it.subject.as_ref(), None),
            Event::AlarmAttached { subject, source, .. } => (subject.as_ref(), source.as_ref()),
            Event::AlarmCancelled { source, .. } | Event::UnknownDevice { source, .. } => (None, Some(source)),
            Event::CallRinging { subject, .. } | Event::CallJoined { subject, .. } => (subject.as_ref(), None),
            Event::DeviceOffline { subject, source, .. } | Event::DeviceRestored { subject, source } => {
                (subject.as_ref(), Some(source))
            }
            _ => (None, None),
        };
        subject == Some(&self.subject) || source.is_some_and(|it| self.is_theirs(it))
    }

    fn is_theirs(&self, source: &DeviceRef) -> bool {
        match source {
            DeviceRef::Known(device) => self.devices.contains(device),
            DeviceRef::Unknown(_) => false,
        }
    }
}

fn call_of(event: &Event) -> Option<&CallId> {
    match event {
        Event::IncidentOpened(it) => it.call.as_ref(),
        Event::CallRinging { call, .. }
        | Event::CallAnswered { call, .. }
        | Event::CallEnded { call }
        | Event::CallAbandoned { call, .. }
        | Event::CallJoined { call, .. }
        | Event::CallReturned { call, .. } => Some(call),
        _ => None,
    }
}

/// Every event of every district. One that cannot be read is `verify`'s to tell.
fn each_event(reader: &dyn EventReader, see: &mut dyn FnMut(&Event)) -> Result<(), LogError> {
    for district in reader.heads()?.into_keys() {
        reader.read(district, 0, &mut |record| {
            if let Ok(it) = serde_json::from_str::<Stamped>(&record.body) {
                see(&it.event);
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(())
}
