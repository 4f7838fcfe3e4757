//! Effects that reach people: over the sockets of the responder's app, by web push to a phone that is locked, and
//! through a message gateway by SMS and voice. Every channel that the responder has confirmed is tried at once; what
//! each came to is told to the engine, whose timeline shows it. Decides nothing: who is asked, and when the next one
//! is, the core does.

mod gateway;
mod links;
mod message;
mod outbox;
mod push;
mod reach;

pub use gateway::{Gateway, Receipt, ReceiptState};
pub use links::{Link, Links, Push};
pub use outbox::{Carriers, Outbox};
pub use push::{BadSubscription, Browser, Pusher, Vapid};
pub use reach::Reach;
