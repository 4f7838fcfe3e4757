//! The words of the house, as types that cannot be wrong.
//! Nothing here reads a clock, draws a random number or does I/O; every other room may use these words.

pub mod account;
pub mod digest;
pub(crate) mod hex;
pub mod id;
pub mod incident;
pub mod offer;
pub mod place;
pub mod plan;
pub mod premises;
pub mod private;
pub mod responder;
pub mod signal;
pub mod sla;
pub mod subject;
pub mod time;

pub use account::Role;
pub use id::{
    AccountName, AidId, CallId, DeviceId, DistrictCode, Fingerprint, IncidentId, OfferId, OutageId, PremisesId,
    ResponderId, Seq, SubjectId, TaskId,
};
pub use incident::{Disposition, Stage, Urgency};
pub use offer::{AssignmentState, Channel, TryOutcome};
pub use place::{Class, Datum, Fix, PlaceSource, Point};
pub use private::PrivateRef;
pub use responder::{Responder, Tier, Travel, Way};
pub use signal::SignalKind;
pub use time::Timestamp;
