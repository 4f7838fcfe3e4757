//! Threads of their own for everything that only shows: consoles and the frames for them. They give way to those that take
//! alarms and bring offers: in a burst with a thousand consoles looking on, showing it is nearly all of the work, and an
//! acknowledgement must not wait for it.

use std::time::Duration;

use rustix::process::nice;
use tokio::runtime::{Builder, Handle, Runtime};

use super::ServeError;

/// As much lower is their priority (nice): where there is work for both, these threads get a tenth of the processor.
const GIVES_WAY: i32 = 10;

pub struct Screens(Option<Runtime>);

impl Screens {
    pub fn start() -> Result<Self, ServeError> {
        let give_way = || {
            // On Linux it is the thread's own; where it is refused, everything is served alike.
            if let Err(error) = nice(GIVES_WAY) {
                tracing::warn!(%error, "Consoles are served with the priority of alarms: {error}");
            }
        };
        let runtime =
            Builder::new_multi_thread().thread_name("tw-screens").on_thread_start(give_way).enable_all().build();
        Ok(Self(Some(runtime.map_err(ServeError::Thread)?)))
    }

    pub fn handle(&self) -> Handle {
        self.0.as_ref().expect("it is there until it is dropped").handle().clone()
    }

    /// Ends the tasks, and waits for as long at most until they are gone. Not on a runtime.
    pub fn end(mut self, limit: Duration) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(limit);
        }
    }
}

impl Drop for Screens {
    /// Of a service that did not begin: nothing is waited for.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
