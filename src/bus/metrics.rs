//! The names of what is counted of the bus.

/// By `reason`: what gateways asked, asked again, had answered, gave up.
pub(super) const ASKED: &str = "tidewatch_bus_asked_total";

/// By `reason`: what came that could not be opened or read.
pub(super) const REFUSED: &str = "tidewatch_bus_refused_total";

/// Events that came from the record, because the bus did not bring them.
pub(super) const FILLED: &str = "tidewatch_bus_filled_events_total";

/// By `reason`: words of responders and devices, and committed events, that found no way.
pub(super) const SHED: &str = "tidewatch_bus_shed_total";

/// 1 while Redis answers, 0 while it does not.
pub(super) const CONNECTED: &str = "tidewatch_bus_connected";
