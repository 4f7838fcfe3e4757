//! The interface: axum handlers over the districts' handles, accounts and roles, problems as problem+json.
//! Decides nothing about incidents: it finds out who asks, turns words into commands, and shows what is committed.

mod access;
mod acts;
pub mod audit;
pub mod auth;
mod calls;
mod channels;
pub mod coverage;
mod devices;
mod files;
mod headers;
mod incidents;
mod input;
mod kept;
mod kpis;
mod nearest;
mod offers;
mod place;
pub mod problem;
mod receipts;
mod registry;
pub mod renewal;
mod responders;
mod routes;
mod search;
pub mod service;
mod sessions;
mod signals;
mod sockets;
pub mod standby;
pub mod stores;
mod subjects;
pub mod throttle;
mod watchers;

pub use routes::{description, metrics_router, owner_router, router};
pub use service::{Api, Peer};
