//! The thread that keeps the stores in order, so that neither the journal's nor the vault's has to stop for it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tracing::warn;

use super::OnFatal;
use crate::journal::{AppendError, Housekeeper};

/// Tells the thread that something was written; it looks whether something is due.
#[derive(Clone)]
pub(super) struct Tidier(SyncSender<()>);

impl Tidier {
    /// Does not wait: where the thread has not looked since it was last told, it will see this too.
    pub fn written(&self) {
        let _told_already = self.0.try_send(());
    }
}

pub(super) fn queue() -> (Tidier, Receiver<()>) {
    let (tell, told) = sync_channel(1);
    (Tidier(tell), told)
}

/// Until everybody who writes has gone, or a store cannot be trusted.
pub(super) fn run(mut housekeepers: Vec<Box<dyn Housekeeper>>, told: &Receiver<()>, on_fatal: &OnFatal) {
    while told.recv().is_ok() {
        let tidied = housekeepers.iter_mut().try_for_each(|it| minor(it.tidy(), "tidying up"));
        if let Err(why) = tidied {
            on_fatal(&why);
            return;
        }
    }
}

/// What can be done without: a definite failure is told and passed over.
pub(super) fn minor(done: Result<(), AppendError>, doing: &str) -> Result<(), String> {
    match done {
        Ok(()) => Ok(()),
        Err(AppendError::Definite(why) | AppendError::Unknown(why)) => {
            warn!("Went on without {doing}: {why}");
            Ok(())
        }
        Err(why @ (AppendError::Fatal(_) | AppendError::Refused(_))) => Err(format!("{doing}: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::journal::LogError;

    /// Does what the script says, one answer a call, and then nothing.
    struct Scripted(VecDeque<Result<(), AppendError>>);

    impl Housekeeper for Scripted {
        fn tidy(&mut self) -> Result<(), AppendError> {
            self.0.pop_front().unwrap_or(Ok(()))
        }
    }

    #[test]
    fn a_full_disk_is_passed_over_and_one_that_cannot_be_trusted_ends_the_process() {
        let definite = || Err(AppendError::Definite(LogError::Scripted));
        let fatal = || Err(AppendError::Fatal(LogError::Crashed));
        assert_eq!(told([Ok(()), definite(), Ok(())], 3), None);
        let why = told([definite(), fatal()], 2).expect("a failed sync is not passed over");
        assert!(why.starts_with("tidying up: what was written is unknown"), "{why}");
    }

    /// What the process is ended with, where something is written `times` times.
    fn told(script: impl IntoIterator<Item = Result<(), AppendError>>, times: usize) -> Option<String> {
        let said = Arc::new(Mutex::new(None));
        let on_fatal: OnFatal = {
            let said = said.clone();
            Arc::new(move |why| *said.lock().unwrap() = Some(why.to_owned()))
        };
        let keepers: Vec<Box<dyn Housekeeper>> = vec![Box::new(Scripted(script.into_iter().collect()))];
        std::thread::scope(|scope| {
            let (tell, words) = sync_channel(0);
            let keeping = scope.spawn(|| run(keepers, &{ words }, &on_fatal));
            (0..times).for_each(|_| tell.send(()).unwrap());
            drop(tell);
            keeping.join().unwrap();
        });
        said.lock().unwrap().take()
    }
}
