//! What the rooms do together, through the library's public names.

mod core_properties;
mod forgetful_vfs;
mod journal;
