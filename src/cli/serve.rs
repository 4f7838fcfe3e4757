//! `serve`: until SIGTERM or SIGINT.

use std::io::Write;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{ConfigArguments, Failure};
use crate::config::Config;
use crate::serve::{Ending, Running};
use crate::telemetry;

#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: ConfigArguments,
}

impl Serve {
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config.load()?;
        telemetry::log_to_stderr(&config.log);
        raise_descriptors();
        to_its_end(serve(config))?;
        tracing::info!("Stopped");
        Ok(())
    }
}

/// Runs a service until it has stopped, and ends what is left of it.
pub(super) fn to_its_end(service: impl Future<Output = Result<Ending, Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::unusable)?;
    match runtime.block_on(service) {
        Ok(ending) => {
            ending.finish(runtime);
            Ok(())
        }
        Err(failure) => {
            runtime.shutdown_background();
            Err(failure)
        }
    }
}

/// As many descriptors as this process may have. What shells and systemd give out at first is a thousand: less than the
/// watches of one town, each of which keeps a connection day and night.
fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(descriptors = limit.current, "The limit of open files stays as it is: {error}");
    }
}

async fn serve(config: Config) -> Result<Ending, Failure> {
    let mut stops = [SignalKind::terminate(), SignalKind::interrupt()].map(signal).into_iter();
    let (mut term, mut int) = (next(&mut stops)?, next(&mut stops)?);
    let running = Running::start(config).await.map_err(Failure::unusable)?;
    let mut out = std::io::stdout();
    // Whoever started us may not listen to us.
    writeln!(out, "{}", running.ready_line()).and_then(|()| out.flush()).ok();
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("Stopping: no more signals are taken");
    Ok(running.stop().await)
}

fn next(stops: &mut impl Iterator<Item = std::io::Result<Signal>>) -> Result<Signal, Failure> {
    stops.next().expect("two were asked for").map_err(Failure::unusable)
}
