//! The names of what sources count: in, out, and every drop with its reason. Never an identity.

/// Messages by protocol.
pub const SIGNALS_RECEIVED: &str = "tidewatch_source_messages_total";
/// Notes for the list of unknown devices that were dropped, by reason.
pub const UNKNOWN_DROPPED: &str = "tidewatch_source_unknown_dropped_total";
/// Connections of watches that were taken.
pub const WATCH_OPENED: &str = "tidewatch_watch_connections_opened_total";
/// Connections of watches that ended, or never began, by reason.
pub const WATCH_CLOSED: &str = "tidewatch_watch_connections_closed_total";
/// Frames by what they were.
pub const WATCH_FRAMES: &str = "tidewatch_watch_frames_total";
/// Bytes that nobody could read, by reason.
pub const WATCH_DAMAGED: &str = "tidewatch_watch_damaged_bytes_total";
/// Answers sent, by word.
pub const WATCH_ANSWERS: &str = "tidewatch_watch_answers_total";
/// Times that a frame had to wait, by reason.
pub const WATCH_WAITS: &str = "tidewatch_watch_waits_total";

/// One more of `name`; `what` is the protocol, the word or the reason.
pub fn count(name: &'static str, what: &str) {
    metrics::counter!(name, "what" => what.to_owned()).increment(1);
}

pub fn add(name: &'static str, what: &str, many: usize) {
    metrics::counter!(name, "what" => what.to_owned()).increment(many as u64);
}
