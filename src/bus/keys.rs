//! The names in Redis. Those of a district carry its code in braces, so that a Redis Cluster keeps them on one node.

use crate::domain::DistrictCode;

pub(super) fn asked(district: DistrictCode) -> String {
    format!("tidewatch:{{{district}}}:asked")
}

/// A restored store has another generation: its numbers begin elsewhere, and so does its stream.
pub(super) fn live(district: DistrictCode, generation: &str) -> String {
    format!("tidewatch:{{{district}}}:live:{generation}")
}

pub(super) fn moved(district: DistrictCode) -> String {
    format!("tidewatch:{{{district}}}:moved")
}

/// Where each responder was last.
pub(super) fn places(district: DistrictCode) -> String {
    format!("tidewatch:{{{district}}}:places")
}

pub(super) fn heard(district: DistrictCode) -> String {
    format!("tidewatch:{{{district}}}:heard")
}

pub(super) fn present(district: DistrictCode) -> String {
    format!("tidewatch:{{{district}}}:present")
}

pub(super) fn answers(gateway: &str) -> String {
    format!("tidewatch:answers:{gateway}")
}
