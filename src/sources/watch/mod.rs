//! GPS watches of the Setracker family (makers 3G, SG, CS, ZJ): `[MM*ID*LLLL*CONTENT]` over TCP.
//! Bytes → `frame` → `decode` → `status` (the kinds of signal), and `reply` builds what the watch waits for.
//! Nothing here reads a clock or a socket.

mod body;
mod decode;
mod frame;
mod head;
mod reply;
mod status;

pub use body::Body;
pub use decode::{WatchMessage, decode};
pub use frame::{Damage, Ended, FRAME_MAX_BYTES, Frame, Framed, Framer};
pub use reply::{build, reply_to};
pub use status::kinds;
