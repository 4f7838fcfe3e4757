//! The names of what the engine counts, and nothing else. In and out of each stage, not depth; every drop has a reason.
//! Labels: `district`, `lane` (people, alarms, technical), `reason`.

/// Commands that were taken into a lane.
pub const RECEIVED: &str = "tidewatch_engine_commands_received_total";
/// Commands that found their lane full.
pub const REFUSED: &str = "tidewatch_engine_commands_refused_total";
/// Commands that were decided.
pub const DECIDED: &str = "tidewatch_engine_commands_decided_total";
/// Commands that were answered, by what: `done`, `repeat`, `rejected`.
pub const RELEASED: &str = "tidewatch_engine_commands_released_total";
/// Commands whose decision was not written: the source asks again.
pub const RETRIED: &str = "tidewatch_engine_commands_retried_total";
/// Events that are durable.
pub const COMMITTED: &str = "tidewatch_engine_events_committed_total";
/// Appends of which nothing was written.
pub const APPENDS_FAILED: &str = "tidewatch_engine_appends_failed_total";
/// Appends of which nobody knew at first whether they were written.
pub const APPENDS_UNKNOWN: &str = "tidewatch_engine_appends_unknown_total";
/// Positions taken from responders.
pub const HINTS: &str = "tidewatch_engine_hints_total";
/// Positions dropped, by `reason`: `newer` came before they were taken, `full`.
pub const SHED: &str = "tidewatch_engine_hints_shed_total";
/// From coming in to the answer, seconds.
pub const ANSWER_S: &str = "tidewatch_engine_answer_seconds";
/// Private values and events on the disk, seconds.
pub const COMMIT_S: &str = "tidewatch_journal_commit_seconds";
/// Events in one commit.
pub const BATCH: &str = "tidewatch_journal_commit_events";
