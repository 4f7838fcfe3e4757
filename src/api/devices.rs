//! Devices as the centre sees them: when they were last heard, and what they said of themselves.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::domain::premises::Device;
use crate::engine::Handle;

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceState {
    id: String,
    subject: String,
    protocol: String,
    identity: String,
    supervision_s: Option<u64>,
    /// Since this service began; null where nothing came yet.
    #[schema(value_type = Option<String>)]
    last_seen: Option<Timestamp>,
    /// As it was last said since this service began.
    battery_pct: Option<u8>,
    #[schema(value_type = Option<String>)]
    silent_since: Option<Timestamp>,
}

impl DeviceState {
    pub fn of(it: &Device, handle: &Handle) -> Self {
        let heard = handle.last_heard(&it.id);
        Self {
            id: it.id.to_string(),
            subject: it.subject.to_string(),
            protocol: it.name.protocol.clone(),
            identity: it.name.identity.clone(),
            supervision_s: it.supervision_s,
            last_seen: heard.map(|it| it.at),
            battery_pct: heard.and_then(|it| it.battery_pct),
            silent_since: handle.read(|state| state.silent_since(&it.id)),
        }
    }
}
