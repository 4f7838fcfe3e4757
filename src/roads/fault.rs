//! What is wrong with a file of roads, and where. All of it is told at once, up to a number nobody reads beyond.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// Faults that are told; more of them have one cause, mostly.
const TOLD_MAX: usize = 20;

/// Letters of a field that are repeated in a fault: enough to find it.
const SHOWN_CHARS: usize = 40;

/// Something that must be mended before the file can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// 1 is the first; `None` where the file has no lines.
    pub line: Option<usize>,
    pub found: String,
    pub expected: String,
    pub mend: String,
}

/// At least one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    told: Vec<Fault>,
    more: usize,
}

impl Fault {
    /// Of a whole file.
    pub(super) fn of(file: &Path, found: impl Display, expected: &str, mend: &str) -> Self {
        let (file, found) = (file.display().to_string(), found.to_string());
        Self { file, line: None, found, expected: expected.to_owned(), mend: mend.to_owned() }
    }
}

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        if self.told.len() < TOLD_MAX {
            self.told.push(fault);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self { told: vec![fault], more: 0 }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { file, line, found, expected, mend } = self;
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        write!(f, "{file}{line}: found {found}, expected {expected}; {mend}")
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.told.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

/// A field as it is repeated in a fault.
pub(super) fn shown(field: &str) -> String {
    let short: String = field.chars().take(SHOWN_CHARS).collect();
    let rest = if short.len() < field.len() { "…" } else { "" };
    format!("`{short}{rest}`")
}
