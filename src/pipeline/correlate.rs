//! Correlation, as far as the registry goes: which device, whose, in which district. An alarm always finds a district
//! while there is one that its sender reaches.

use super::{RawMessage, Reach, Refusal, Tools};
use crate::dispatch::Facts;
use crate::dispatch::event::DeviceRef;
use crate::domain::premises::DeviceName;
use crate::domain::{DistrictCode, Fingerprint, SubjectId};

/// Who sent a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub source: DeviceRef,
    pub subject: Option<SubjectId>,
    pub district: DistrictCode,
}

pub fn correlate(raw: &RawMessage, tools: &Tools<'_>) -> Result<Sender, Refusal> {
    let facts = tools.facts;
    let known = facts.device_by_name(&raw.device);
    if let Some((device, district)) = known.and_then(|it| Some((it, facts.district_of(&it.subject)?))) {
        if !raw.reach.reaches(district) {
            return Err(other_district());
        }
        let source = source_of(facts, &raw.device, tools.digest);
        return Ok(Sender { source, subject: Some(device.subject.clone()), district });
    }
    let source = source_of(facts, &raw.device, tools.digest);
    Ok(Sender { source, subject: None, district: raw.reach.district(facts).ok_or_else(no_district)? })
}

/// How events name a device: by the registry's id, or else by a digest of what it calls itself.
pub fn source_of(facts: &Facts, name: &DeviceName, digest: &dyn Fn(&[&[u8]]) -> Fingerprint) -> DeviceRef {
    match facts.device_by_name(name) {
        Some(device) => DeviceRef::Known(device.id.clone()),
        None => DeviceRef::Unknown(digest(&[b"device", name.to_string().as_bytes()])),
    }
}

impl Reach {
    fn reaches(&self, district: DistrictCode) -> bool {
        self.districts.is_empty() || self.districts.contains(&district)
    }

    /// Where a device that nobody knows is taken to be: the account's only district, the listener's default, the only
    /// one there is. Failing all these, the first within reach: somebody must see it.
    fn district(&self, facts: &Facts) -> Option<DistrictCode> {
        let exists = |code: &DistrictCode| facts.district(*code).is_some() && self.reaches(*code);
        let mine = self.districts.first().filter(|_| self.districts.len() == 1);
        let default = self.default_district;
        let first = || facts.districts().map(|it| it.code).find(exists);
        mine.copied().filter(exists).or(default.filter(exists)).or_else(first)
    }
}

fn other_district() -> Refusal {
    let detail = "the device belongs to a district out of this account's reach".to_owned();
    Refusal { status: 403, code: "other_district", detail }
}

fn no_district() -> Refusal {
    let detail = "there is no district in the registry within reach, expected one; import a world".to_owned();
    Refusal { status: 503, code: "no_district", detail }
}
