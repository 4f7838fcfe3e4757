//! Signals: anything a device sends. An alarm is a signal that asks for help.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id::{BadId, serde_as_text};
use super::incident::Urgency;

/// What happens to a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalClass {
    /// Asks for help.
    Alarm,
    /// Takes an alarm back; takes nothing away from the incident.
    TakesBack,
    /// Concerns the equipment.
    Technical,
    /// Kept in memory, the newest wins.
    Telemetry,
}

macro_rules! signal_kinds {
    ($($(#[$doc:meta])* $variant:ident = $text:literal is $class:ident),+ $(,)?) => {
        /// What a signal says. The order is the order of life: where one frame says several things, the first names
        /// the incident.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SignalKind {
            $($(#[$doc])* $variant),+
        }

        impl SignalKind {
            pub const ALL: &'static [SignalKind] = &[$(SignalKind::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(SignalKind::$variant => $text),+
                }
            }

            pub fn class(self) -> SignalClass {
                match self {
                    $(SignalKind::$variant => SignalClass::$class),+
                }
            }
        }
    };
}

signal_kinds! {
    Sos = "sos" is Alarm,
    Fall = "fall" is Alarm,
    Smoke = "smoke" is Alarm,
    Gas = "gas" is Alarm,
    CarbonMonoxide = "carbon_monoxide" is Alarm,
    WaterLeak = "water_leak" is Alarm,
    Inactivity = "inactivity" is Alarm,
    Wandering = "wandering" is Alarm,
    Vital = "vital" is Alarm,
    Medical = "medical" is Alarm,
    Intruder = "intruder" is Alarm,
    Duress = "duress" is Alarm,
    NoResponse = "no_response" is Alarm,
    /// Something came that asks to be looked at and cannot be read.
    Unreadable = "unreadable" is Alarm,
    Cancel = "cancel" is TakesBack,
    Restore = "restore" is TakesBack,
    LowBattery = "low_battery" is Technical,
    Offline = "offline" is Technical,
    MainsFail = "mains_fail" is Technical,
    Tamper = "tamper" is Technical,
    Fault = "fault" is Technical,
    Test = "test" is Technical,
    Heartbeat = "heartbeat" is Telemetry,
    Position = "position" is Telemetry,
}

impl SignalKind {
    pub fn is_alarm(self) -> bool {
        self.class() == SignalClass::Alarm
    }

    /// The urgency at which an incident of this kind opens: 2 where minutes decide over a life, else 3.
    pub fn opening_urgency(self) -> Urgency {
        match self {
            Self::Sos | Self::Fall | Self::Smoke | Self::Gas | Self::CarbonMonoxide | Self::Medical | Self::Duress => {
                Urgency::HIGH
            }
            _ => Urgency::MEDIUM,
        }
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignalKind {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| BadId {
            found: text.chars().take(40).collect(),
            expected: "a kind of signal such as sos, fall, low_battery or heartbeat",
        })
    }
}

serde_as_text!(SignalKind);

/// Whether a signal brought a place, and whether it could be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceGiven {
    Given,
    /// Impossible or wrongly typed: left off, and the alarm taken without it.
    Refused,
    None,
}

/// What became of a signal: the word in the answer to its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalOutcome {
    Opened,
    Attached,
    Cancelled,
    Technical,
    Telemetry,
    Duplicate,
    UnknownDevice,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back_what_they_print() {
        for kind in SignalKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("SOS".parse::<SignalKind>().is_err());
    }
}
