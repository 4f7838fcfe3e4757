//! Tidewatch (潮安): emergency-response dispatch for old people who live at home.
//! ARCHITECTURE.md is the map; the direction of dependence between these rooms is held by `tests/tidy.rs`.

pub mod api;
pub mod bus;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod dispatch;
pub mod document;
pub mod domain;
pub mod engine;
pub mod geo;
pub mod history;
pub mod journal;
pub mod live;
pub mod notify;
pub mod pipeline;
pub mod registry;
pub mod roads;
pub mod scenario;
pub mod serve;
pub mod simulate;
pub mod sources;
pub mod telemetry;
pub mod tls;
