//! Logs and numbers: where they go and how they are written. What they say is said where it happens.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::Log;

pub const HTTP_REQUESTS: &str = "tidewatch_http_requests_total";
pub const HTTP_REQUEST_SECONDS: &str = "tidewatch_http_request_seconds";

/// By `district`: 1 where it can take an alarm, as this process sees it.
pub const DISTRICT_READY: &str = "tidewatch_district_ready";

/// How often the histograms are put in order, without which they grow without end, and readiness is looked at.
pub const UPKEEP_EVERY_S: u64 = 5;

/// From a tenth of a commit to a request that somebody has given up on.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Logs go to stderr, as text for people or JSON for machines. Where a process has them already, they stay.
pub fn log_to_stderr(log: &Log) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let subscriber = subscriber.with_ansi(std::io::stderr().is_terminal());
    let set = if log.json { subscriber.json().try_init() } else { subscriber.try_init() };
    // A second service in one process, as in tests, logs where the first does.
    drop(set);
}

/// The recorder of this process. `None` where it has one already.
pub fn record_metrics() -> Result<Option<PrometheusHandle>, BuildError> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    match builder.install_recorder() {
        Ok(handle) => Ok(Some(handle)),
        Err(BuildError::FailedToSetGlobalRecorder(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
