//! Facts: a read-only view of the registry at a version. The registry makes it; the core looks things up in it and
//! writes what it used into the event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::premises::{Device, DeviceName, District, Premises};
use crate::domain::subject::Subject;
use crate::domain::{Class, DeviceId, DistrictCode, Point, PremisesId, Responder, ResponderId, SubjectId};
use crate::geo::coverage::Cells;
use crate::geo::{PremisesIndex, Roads};

/// What the registry says now. Cheap to clone a row, so that a change costs one new index and no new rows.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Rises with every change of the registry; written into what was decided on it.
    pub version: u64,
    districts: BTreeMap<DistrictCode, Arc<District>>,
    premises: BTreeMap<PremisesId, Arc<Premises>>,
    subjects: BTreeMap<SubjectId, Arc<Subject>>,
    devices: BTreeMap<DeviceId, Arc<Device>>,
    responders: BTreeMap<ResponderId, Arc<Responder>>,
    device_by_name: BTreeMap<DeviceName, DeviceId>,
    residents: BTreeMap<PremisesId, BTreeSet<SubjectId>>,
    devices_of: BTreeMap<SubjectId, BTreeSet<DeviceId>>,
    subjects_by_phone: BTreeMap<String, BTreeSet<SubjectId>>,
    subjects_by_contact_phone: BTreeMap<String, BTreeSet<SubjectId>>,
    zones: PremisesIndex,
    /// The homes of each district, by cell.
    cells: BTreeMap<DistrictCode, Cells>,
    roads: Option<Arc<Roads>>,
}

/// One row of the registry, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    District(District),
    Premises(Premises),
    Subject(Subject),
    Device(Device),
    Responder(Responder),
}

/// The name of a row that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowId {
    District(DistrictCode),
    Premises(PremisesId),
    Subject(SubjectId),
    Device(DeviceId),
    Responder(ResponderId),
}

impl Facts {
    pub fn put(&mut self, row: Row) {
        match row {
            Row::District(it) => {
                self.districts.insert(it.code, Arc::new(it));
            }
            Row::Premises(it) => {
                self.remove_premises(&it.id);
                self.zones.put(it.id.clone(), it.point, it.class);
                self.cells.entry(it.district).or_default().add(it.point, it.class);
                self.premises.insert(it.id.clone(), Arc::new(it));
            }
            Row::Subject(it) => self.put_subject(it),
            Row::Device(it) => self.put_device(it),
            Row::Responder(it) => {
                self.responders.insert(it.id.clone(), Arc::new(it));
            }
        }
    }

    pub fn remove(&mut self, row: &RowId) {
        match row {
            RowId::District(code) => {
                self.districts.remove(code);
            }
            RowId::Premises(id) => self.remove_premises(id),
            RowId::Subject(id) => self.remove_subject(id),
            RowId::Device(id) => self.remove_device(id),
            RowId::Responder(id) => {
                self.responders.remove(id);
            }
        }
    }

    pub fn district(&self, code: DistrictCode) -> Option<&Arc<District>> {
        self.districts.get(&code)
    }

    pub fn districts(&self) -> impl Iterator<Item = &Arc<District>> {
        self.districts.values()
    }

    pub fn premises(&self, id: &PremisesId) -> Option<&Arc<Premises>> {
        self.premises.get(id)
    }

    pub fn all_premises(&self) -> impl Iterator<Item = &Arc<Premises>> {
        self.premises.values()
    }

    pub fn subject(&self, id: &SubjectId) -> Option<&Arc<Subject>> {
        self.subjects.get(id)
    }

    pub fn subjects(&self) -> impl Iterator<Item = &Arc<Subject>> {
        self.subjects.values()
    }

    pub fn device(&self, id: &DeviceId) -> Option<&Arc<Device>> {
        self.devices.get(id)
    }

    pub fn devices(&self) -> impl Iterator<Item = &Arc<Device>> {
        self.devices.values()
    }

    pub fn device_by_name(&self, name: &DeviceName) -> Option<&Arc<Device>> {
        self.devices.get(self.device_by_name.get(name)?)
    }

    pub fn devices_of(&self, subject: &SubjectId) -> impl Iterator<Item = &Arc<Device>> {
        self.devices_of.get(subject).into_iter().flatten().filter_map(|id| self.devices.get(id))
    }

    pub fn responder(&self, id: &ResponderId) -> Option<&Arc<Responder>> {
        self.responders.get(id)
    }

    pub fn responders(&self) -> impl Iterator<Item = &Arc<Responder>> {
        self.responders.values()
    }

    /// Who lives at `premises`, in the order of their ids.
    pub fn residents(&self, premises: &PremisesId) -> impl Iterator<Item = &Arc<Subject>> {
        self.residents.get(premises).into_iter().flatten().filter_map(|id| self.subjects.get(id))
    }

    /// The premises of a subject.
    pub fn home_of(&self, subject: &SubjectId) -> Option<&Arc<Premises>> {
        self.premises.get(&self.subjects.get(subject)?.premises)
    }

    /// The district in which a subject lives.
    pub fn district_of(&self, subject: &SubjectId) -> Option<DistrictCode> {
        Some(self.home_of(subject)?.district)
    }

    /// Whose own telephone this is, in the order of their ids.
    pub fn subjects_by_phone(&self, phone: &str) -> impl Iterator<Item = &Arc<Subject>> {
        self.subjects_by_phone.get(phone).into_iter().flatten().filter_map(|id| self.subjects.get(id))
    }

    /// The subjects who name this telephone as a contact's, in the order of their ids.
    pub fn subjects_by_contact_phone(&self, phone: &str) -> impl Iterator<Item = &Arc<Subject>> {
        self.subjects_by_contact_phone.get(phone).into_iter().flatten().filter_map(|id| self.subjects.get(id))
    }

    /// The class of the premises nearest to `point`. `None` where there are no premises at all.
    pub fn class_near(&self, point: Point) -> Option<Class> {
        self.zones.class_near(point)
    }

    /// The cells of a district's homes; `None` where it has none.
    pub fn cells(&self, district: DistrictCode) -> Option<&Cells> {
        self.cells.get(&district)
    }

    /// The road network; `None` where ways are straight lines.
    pub fn roads(&self) -> Option<&Roads> {
        self.roads.as_deref()
    }

    /// Not of the registry and of no version: what was used of it is in the events.
    pub fn set_roads(&mut self, roads: Option<Arc<Roads>>) {
        self.roads = roads;
    }

    fn remove_premises(&mut self, id: &PremisesId) {
        let Some(old) = self.premises.remove(id) else { return };
        self.zones.remove(id);
        if let Some(cells) = self.cells.get_mut(&old.district) {
            cells.remove(old.point, old.class);
            if cells.is_empty() {
                self.cells.remove(&old.district);
            }
        }
    }

    fn put_subject(&mut self, it: Subject) {
        self.remove_subject(&it.id);
        self.residents.entry(it.premises.clone()).or_default().insert(it.id.clone());
        for phone in &it.phones {
            self.subjects_by_phone.entry(phone.clone()).or_default().insert(it.id.clone());
        }
        for contact in &it.contacts {
            self.subjects_by_contact_phone.entry(contact.phone.clone()).or_default().insert(it.id.clone());
        }
        self.subjects.insert(it.id.clone(), Arc::new(it));
    }

    fn remove_subject(&mut self, id: &SubjectId) {
        let Some(old) = self.subjects.remove(id) else { return };
        drop_from(&mut self.residents, &old.premises, id);
        for phone in &old.phones {
            drop_from(&mut self.subjects_by_phone, phone, id);
        }
        for contact in &old.contacts {
            drop_from(&mut self.subjects_by_contact_phone, &contact.phone, id);
        }
    }

    fn put_device(&mut self, it: Device) {
        self.remove_device(&it.id);
        self.device_by_name.insert(it.name.clone(), it.id.clone());
        self.devices_of.entry(it.subject.clone()).or_default().insert(it.id.clone());
        self.devices.insert(it.id.clone(), Arc::new(it));
    }

    fn remove_device(&mut self, id: &DeviceId) {
        let Some(old) = self.devices.remove(id) else { return };
        if self.device_by_name.get(&old.name) == Some(id) {
            self.device_by_name.remove(&old.name);
        }
        drop_from(&mut self.devices_of, &old.subject, id);
    }
}

fn drop_from<K: Ord, V: Ord>(index: &mut BTreeMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(values) = index.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            index.remove(key);
        }
    }
}
