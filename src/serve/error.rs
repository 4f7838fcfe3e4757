//! Why a service did not start: what was found, what was expected, and how to mend it.

use std::net::SocketAddr;

use crate::api::stores::StoreError;
use crate::engine::StartError;
use crate::journal::LogError;
use crate::registry::RegistryError;

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Journal(#[from] LogError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Stores(#[from] StoreError),
    #[error(transparent)]
    Engine(#[from] StartError),
    #[error(
        "{name} cannot listen on {addr}: {source}; expected an address of this machine and a free port, choose another with --{name}"
    )]
    Listen { name: &'static str, addr: SocketAddr, source: std::io::Error },
    #[error("the recorder of numbers cannot be built: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    #[error("no client for push services and gateway: {0}")]
    Carriers(#[from] reqwest::Error),
    #[error("a thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
    #[error("reading the record ended before its time")]
    Ended,
}
