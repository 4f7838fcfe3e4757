//! `erase`: finds the private values of a person in the journal, which names them only, and has the registry delete
//! them. The chain still verifies: it holds commitments, not values.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::{Failure, now};
use crate::dispatch::Stamped;
use crate::dispatch::event::{DeviceRef, Event};
use crate::domain::private::PrivateId;
use crate::domain::{CallId, DeviceId, IncidentId, SubjectId};
use crate::journal::{EventReader, JOURNAL_FILE, LogError, PostgresReader, SqliteReader, record_is_here};
use crate::registry::{By, Forget, PRIVATE_FILE, Registry, RegistryError, Vault};

#[derive(clap::Args)]
pub(crate) struct Erase {
    /// The data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The PostgreSQL that keeps the record, where it is not in the data folder
    #[arg(long, value_name = "postgres://…")]
    store: Option<String>,
    /// The person
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
}

impl Erase {
    pub fn run(self) -> Result<(), Failure> {
        let mut registry = Registry::open_existing(&self.data).map_err(Failure::unusable)?;
        let facts = registry.load().map_err(Failure::unusable)?;
        let devices = facts.devices_of(&self.subject).map(|it| it.id.clone()).collect();
        let traces =
            Traces { subject: self.subject.clone(), devices, incidents: BTreeSet::new(), calls: BTreeSet::new() };
        let (private, mut kept) = self.private(traces)?;
        let by = By { actor: "erase", at: now() };
        let erased = registry.erase(&mut *kept, &self.subject, &private, by).map_err(Failure::unusable)?;
        println!(
            "registry version {}: erased subject {} with {} devices, {} accounts, {} premises and {} private values",
            erased.version,
            self.subject,
            erased.devices.len(),
            erased.accounts.len(),
            erased.premises.len(),
            erased.private_values
        );
        Ok(())
    }
}

impl Erase {
    /// The names of the person's values, and where they are kept.
    fn private(&self, traces: Traces) -> Result<(Vec<PrivateId>, Box<dyn Forget>), Failure> {
        if let Some(store) = &self.store {
            let reader = PostgresReader::open(&super::store_url(store)?).map_err(Failure::unusable)?;
            let names = traces.follow(&reader).map_err(Failure::unusable)?;
            let mut kept: Vec<Box<dyn Forget>> = vec![Box::new(reader)];
            // From before the record was moved; it would come back with it.
            if self.data.join(PRIVATE_FILE).exists() {
                kept.push(Box::new(Vault::open(&self.data).map_err(Failure::unusable)?));
            }
            return Ok((names, Box::new(Everywhere(kept))));
        }
        record_is_here(&self.data).map_err(Failure::unusable)?;
        let names = match self.data.join(JOURNAL_FILE).exists() {
            true => SqliteReader::open(&self.data).and_then(|it| traces.follow(&it)).map_err(Failure::unusable)?,
            false => Vec::new(),
        };
        Ok((names, Box::new(Vault::open(&self.data).map_err(Failure::unusable)?)))
    }
}

/// All stores in which a person's values are.
struct Everywhere(Vec<Box<dyn Forget>>);

impl Forget for Everywhere {
    fn forget(&mut self, subject: &SubjectId, also: &[PrivateId]) -> Result<usize, RegistryError> {
        self.0.iter_mut().map(|it| it.forget(subject, also)).sum()
    }

    fn scrub(&self) -> Result<(), RegistryError> {
        self.0.iter().try_for_each(|it| it.scrub())
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
