//! Expectations: what a run must have come to, or the program that played it exits with 1.

use toml::de::DeValue;

use super::keys;
use crate::document::fields::number;
use crate::document::{Fields, Key};

/// Something that is measured and can be held against a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// The share of urban incidents at whose door somebody was in time.
    DoorUrbanMet,
    DoorRuralMet,
    /// The share of all incidents that needed somebody and were late.
    LateFraction,
    /// Late incidents, in multiples of those that are late under any policy.
    LateOverBound,
    /// Alarms acknowledged and in no incident.
    Lost,
    /// Alarms in two incidents, and responders asked or sent twice at once.
    Doubled,
    /// Incidents at whose door nobody was at all.
    Unassigned,
    /// From the intended moment to the acknowledgement.
    AckP99Ms,
    /// The longest of them.
    AckMaxMs,
    /// The acknowledgements' p99 beside the heartbeats over that before they began.
    AckP99Growth,
    /// From the intended moment to the first offer.
    OfferP99Ms,
    /// From the intended moment to a console's screen.
    ConsoleP99Ms,
    /// The share of calls answered within the promise.
    CallsAnswered,
    /// Minutes, on the average of the cells in which somebody lives, in which nobody free could have come in time.
    UncoveredMin,
}

/// A limit on a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    pub measure: Measure,
    pub limit: f64,
}

/// All limits of a scenario.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expect {
    pub limits: Vec<Limit>,
}

const COUNT_MAX: f64 = 1e9;

impl Measure {
    pub const ALL: [Self; 14] = [
        Self::DoorUrbanMet,
        Self::DoorRuralMet,
        Self::LateFraction,
        Self::LateOverBound,
        Self::Lost,
        Self::Doubled,
        Self::Unassigned,
        Self::AckP99Ms,
        Self::AckMaxMs,
        Self::AckP99Growth,
        Self::OfferP99Ms,
        Self::ConsoleP99Ms,
        Self::CallsAnswered,
        Self::UncoveredMin,
    ];

    /// As the scenario and the reports call it.
    pub fn as_str(self) -> &'static str {
        self.key().name
    }

    /// More of it is better: the limit is the least.
    pub fn is_least(self) -> bool {
        match self {
            Self::DoorUrbanMet | Self::DoorRuralMet | Self::CallsAnswered => true,
            Self::LateFraction | Self::LateOverBound | Self::Lost | Self::Doubled | Self::Unassigned => false,
            Self::AckP99Ms
            | Self::AckMaxMs
            | Self::AckP99Growth
            | Self::OfferP99Ms
            | Self::ConsoleP99Ms
            | Self::UncoveredMin => false,
        }
    }

    fn is_share(self) -> bool {
        matches!(self, Self::DoorUrbanMet | Self::DoorRuralMet | Self::LateFraction | Self::CallsAnswered)
    }

    fn key(self) -> &'static Key {
        match self {
            Self::DoorUrbanMet => &keys::DOOR_URBAN_MET,
            Self::DoorRuralMet => &keys::DOOR_RURAL_MET,
            Self::LateFraction => &keys::LATE_FRACTION,
            Self::LateOverBound => &keys::LATE_OVER_BOUND,
            Self::Lost => &keys::LOST,
            Self::Doubled => &keys::DOUBLED,
            Self::Unassigned => &keys::UNASSIGNED,
            Self::AckP99Ms => &keys::ACK_P99_MS,
            Self::AckMaxMs => &keys::ACK_MAX_MS,
            Self::AckP99Growth => &keys::ACK_P99_GROWTH,
            Self::OfferP99Ms => &keys::OFFER_P99_MS,
            Self::ConsoleP99Ms => &keys::CONSOLE_P99_MS,
            Self::CallsAnswered => &keys::CALLS_ANSWERED,
            Self::UncoveredMin => &keys::UNCOVERED_MIN,
        }
    }
}

impl Limit {
    pub fn holds(&self, found: f64) -> bool {
        if self.measure.is_least() { found >= self.limit } else { found <= self.limit }
    }
}

impl Expect {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let mut limits = Vec::new();
        for measure in Measure::ALL {
            let most = if measure.is_share() { 1.0 } else { COUNT_MAX };
            let limit = fields.may(measure.key(), |value: &DeValue<'_>| number(value, 0.0, most));
            limits.extend(limit.map(|limit| Limit { measure, limit }));
        }
        Self { limits }
    }
}
