//! The vault's thread, one for all districts: keeps private values while the journal's thread writes the batch before
//! theirs, so that an event waits for one sync more and not for two.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::tidier::Tidier;
use crate::journal::AppendError;
use crate::registry::{PrivateReader, PrivateRow, Vault, VaultError};

/// Why a batch did not become durable.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    NotWritten(String),
    Unknown(String),
    Refused(String),
    Fatal(String),
}

impl Fault {
    pub fn of(error: AppendError) -> Self {
        let why = error.to_string();
        match error {
            AppendError::Definite(_) => Self::NotWritten(why),
            AppendError::Unknown(_) => Self::Unknown(why),
            AppendError::Refused(_) => Self::Refused(why),
            AppendError::Fatal(_) => Self::Fatal(why),
        }
    }
}

/// Where private values are kept.
pub enum Private {
    /// In a file of their own, before the events that name them.
    Beside(Vault),
    /// In the record's own store, in the commit of those events: the journal's thread has them with the batch. To be
    /// read from here.
    Within(Box<dyn PrivateReader>),
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

impl Private {
    fn keep(&mut self, rows: &[PrivateRow]) -> Result<(), Fault> {
        let kept = match self {
            Self::Beside(vault) if rows.is_empty() => vault.probe(),
            Self::Beside(vault) => vault.keep(rows),
            Self::Within(_) => Ok(()),
        };
        kept.map_err(|error| match error {
            VaultError::Definite(_) => Fault::NotWritten(error.to_string()),
            VaultError::Fatal(_) => Fault::Fatal(error.to_string()),
        })
    }
}

/// Until everybody who could send has gone. Everything that waits is kept in one commit.
pub(super) fn run(mut private: Private, keeps: Receiver<Keep>, tidier: &Tidier) {
    while let Ok(first) = keeps.recv() {
        let (mut rows, mut waiting) = (first.rows, vec![first.done]);
        for more in keeps.try_iter() {
            rows.extend(more.rows);
            waiting.push(more.done);
        }
        let kept = private.keep(&rows);
        // Whoever has thrown its speculation away does not wait any more.
        waiting.into_iter().for_each(|done| drop(done.send(kept.clone())));
        tidier.written();
    }
}
