//! GPS watches of the Setracker family (makers 3G, SG, CS, ZJ): `[MM*ID*LLLL*CONTENT]` over TCP.
//! Bytes → `frame` → `decode` → `status` (the kinds of signal), and `reply` builds what the watch waits for.
//! Nothing but `serve` touches a socket, and nothing reads a clock.

mod body;
mod decode;
mod frame;
mod head;
mod message;
mod reply;
mod serve;
mod status;

pub use body::Body;
pub use decode::{WatchMessage, decode};
pub use frame::{Damage, Ended, FRAME_MAX_BYTES, Frame, Framed, Framer};
pub use reply::{build, reply_to};
pub use serve::{Limits, run};
pub use status::kinds;
