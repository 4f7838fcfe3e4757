//! What travels, as JSON that is sealed.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::metrics::REFUSED;
use super::seal::Sealer;
use crate::dispatch::{Asked, Stamped};
use crate::domain::private::PrivateRow;
use crate::domain::{AccountName, DeviceId, Fix, ResponderId, Seq, Timestamp};
use crate::engine::{AskError, Lane, Look, Reply, Seen};

/// Numbers what a gateway asks, from 1 on as long as it runs.
pub(super) type Number = u64;

/// What a gateway sends to the owner of a district.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Parcel {
    Ask {
        gateway: String,
        number: Number,
        lane: Lane,
        asked: Asked,
        private: Vec<PrivateRow>,
        /// District time after which it must not be decided any more: a person has been told that it was not.
        not_after: Option<Timestamp>,
    },
    Look {
        gateway: String,
        number: Number,
        look: Look,
    },
    Present(Present),
}

/// Who is connected to one gateway; the whole of it, each time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Present {
    pub gateway: String,
    /// Rises with every beat: one that stands still is of a gateway that is gone.
    pub beat: u64,
    pub links: BTreeMap<ResponderId, u32>,
    pub consoles: BTreeMap<AccountName, u32>,
}

/// What was asked, answered.
#[derive(Serialize, Deserialize)]
pub(super) struct Answered {
    pub number: Number,
    pub said: Said,
    /// The end of the committed fold that has what is answered.
    pub head: Seq,
    /// District time as it was answered.
    pub now: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    Reply(Result<Reply, AskError>),
    Seen(Result<Seen, AskError>),
}

/// Committed events, in their order and without a gap.
#[derive(Serialize, Deserialize)]
pub(super) struct Live {
    pub events: Vec<Stamped>,
    /// District time as it was told.
    pub now: Timestamp,
}

/// Where responders are.
#[derive(Serialize, Deserialize)]
pub(super) struct Moved(pub Vec<(ResponderId, Fix)>);

/// Devices that gave a sign of life, and the charge they told.
#[derive(Serialize, Deserialize)]
pub(super) struct Heard(pub Vec<(DeviceId, Sign)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sign {
    pub battery_pct: Option<u8>,
    pub battery_low: bool,
}

/// The field of an entry in which it lies.
pub(super) const FIELD: &str = "s";

pub(super) fn seal<T: Serialize>(sealer: &Sealer, place: &str, it: &T) -> Vec<u8> {
    sealer.seal(place, serde_json::to_vec(it).expect("what travels is words, numbers and lists of them"))
}

/// What cannot be opened or read is counted and passed over: it is of nobody of ours, or of another version, and whoever
/// sent it asks again.
pub(super) fn open<T: DeserializeOwned>(sealer: &Sealer, place: &str, sealed: &[u8]) -> Option<T> {
    let Some(text) = sealer.open(place, sealed) else {
        metrics::counter!(REFUSED, "reason" => "seal").increment(1);
        tracing::warn!(stream = place, "Something was passed over that no process of this registry has sealed");
        return None;
    };
    match serde_json::from_slice(&text) {
        Ok(it) => Some(it),
        Err(error) => {
            metrics::counter!(REFUSED, "reason" => "words").increment(1);
            let column = error.column();
            tracing::warn!(stream = place, column, "Something of ours cannot be read: is another version running?");
            None
        }
    }
}
