//! What the rooms do together, through the library's public names.

mod forgetful_vfs;
mod journal;
mod live;
