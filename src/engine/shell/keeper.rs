//! The vault's thread, one for all districts: keeps private values while the journal's thread writes the batch before
//! theirs, so that an event waits for one sync more and not for two.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::tidier::Tidier;
use crate::registry::{PrivateRow, Vault, VaultError};

/// Why a batch did not become durable.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    NotWritten(String),
    Fatal(String),
}

/// Private values to be kept, and who waits for that.
pub(super) struct Keep {
    rows: Vec<PrivateRow>,
    done: Sender<Result<(), Fault>>,
}

/// Tells when they are kept.
pub(super) struct Receipt(Receiver<Result<(), Fault>>);

impl Keep {
    pub fn new(rows: Vec<PrivateRow>) -> (Self, Receipt) {
        let (done, told) = channel();
        (Self { rows, done }, Receipt(told))
    }

    /// Can anything be kept again?
    pub fn probe() -> (Self, Receipt) {
        Self::new(Vec::new())
    }
}

impl Receipt {
    /// Until they are kept, or were not.
    pub fn wait(self) -> Result<(), Fault> {
        let gone = |_| Err(Fault::Fatal("the thread that keeps private values has ended".to_owned()));
        self.0.recv().unwrap_or_else(gone)
    }
}

/// Until everybody who could send has gone. Everything that waits is kept in one commit.
pub(super) fn run(mut vault: Vault, keeps: Receiver<Keep>, tidier: &Tidier) {
    while let Ok(first) = keeps.recv() {
        let (mut rows, mut waiting) = (first.rows, vec![first.done]);
        for more in keeps.try_iter() {
            rows.extend(more.rows);
            waiting.push(more.done);
        }
        let kept = if rows.is_empty() { vault.probe() } else { vault.keep(&rows) };
        let kept = kept.map_err(|error| match error {
            VaultError::Definite(_) => Fault::NotWritten(error.to_string()),
            VaultError::Fatal(_) => Fault::Fatal(error.to_string()),
        });
        // Whoever has thrown its speculation away does not wait any more.
        waiting.into_iter().for_each(|done| drop(done.send(kept.clone())));
        tidier.written();
    }
}
