//! What the rooms do together: the library through its public names, and the binary from outside.

mod api;
mod bad_input;
mod cluster;
mod core_properties;
mod damage;
mod demo;
mod erase;
mod forgetful_vfs;
mod journal;
mod kill;
mod live;
mod live_socket;
mod notify;
mod on_postgres;
mod postgres;
mod registry;
mod service;
mod small_disk;
mod watch_socket;
