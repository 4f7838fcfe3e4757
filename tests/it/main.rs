//! What the rooms do together, through the library's public names.

mod api;
mod core_properties;
mod demo;
mod forgetful_vfs;
mod journal;
mod live;
