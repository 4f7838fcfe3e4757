//! Why a run did not come to its end, or came to the wrong one.

use std::fmt::Display;
use std::process::ExitCode;

#[derive(Debug)]
pub enum Failure {
    /// An expectation was not held.
    Check(String),
    /// Unusable arguments, files or surroundings.
    Unusable(String),
}

impl Failure {
    pub fn unusable(error: impl Display) -> Self {
        Self::Unusable(error.to_string())
    }

    /// Tells it, and the exit code for it.
    pub fn told(self) -> ExitCode {
        let (why, code) = match self {
            Self::Check(why) => (why, 1),
            Self::Unusable(why) => (why, 2),
        };
        eprintln!("{why}");
        ExitCode::from(code)
    }
}
