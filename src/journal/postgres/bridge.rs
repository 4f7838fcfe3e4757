//! From threads that wait to connections that do not: one thread with a runtime of its own, which ends with the last
//! store that uses it. Whoever asks waits for the answer, as with a file.

use std::future::Future;
use std::io;
use std::sync::mpsc::channel;
use std::thread::Builder;

use tokio::runtime::{Builder as Runtime, Handle};
use tokio::sync::oneshot;

pub(super) struct Bridge {
    handle: Handle,
    /// Its end is the thread's.
    _alive: oneshot::Sender<()>,
}

impl Bridge {
    pub fn start() -> io::Result<Self> {
        let runtime = Runtime::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        Builder::new().name("tw-postgres".to_owned()).spawn(move || runtime.block_on(async { ended.await.ok() }))?;
        Ok(Self { handle, _alive: alive })
    }

    /// Runs `work` over there and waits for what it gives.
    pub fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (tell, told) = channel();
        self.handle.spawn(async move { tell.send(work.await).ok() });
        told.recv().expect("the runtime lives as long as the bridge, and no work of ours panics")
    }

    /// Runs `work` over there until it ends or is told to.
    pub fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
        self.handle.spawn(work)
    }
}
