//! Faults of a document, and the lines on which they stand.

use std::fmt;

use toml::Spanned;

/// Letters of an unknown key or word that are repeated in a fault: enough to find it.
const SHOWN_CHARS: usize = 40;

/// Something that must be mended before a document can be taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub file: String,
    /// 1 is the first.
    pub line: usize,
    pub found: String,
    pub expected: String,
    pub mend: String,
    /// The key it is about, such as `contact.1.phone`; `None` where it is about no single one.
    pub field: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: found {}, expected {}; {}", self.file, self.line, self.found, self.expected, self.mend)
    }
}

/// Where the faults of one file gather.
#[derive(Debug)]
pub struct Sink {
    file: String,
    line_starts: Vec<usize>,
    faults: Vec<Fault>,
}

impl Sink {
    pub fn new(file: &str, text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self {
            file: file.to_owned(),
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
            faults: Vec::new(),
        }
    }

    /// The line on which the byte `at` stands.
    pub fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub fn add(
        &mut self,
        at: usize,
        field: Option<String>,
        found: String,
        expected: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let line = self.line(at);
        self.faults.push(Fault {
            file: self.file.clone(),
            line,
            found,
            expected: expected.into(),
            mend: mend.into(),
            field,
        });
    }

    pub fn count(&self) -> usize {
        self.faults.len()
    }

    pub fn syntax(&mut self, error: &toml::de::Error) {
        let at = error.span().map_or(0, |span| span.start);
        self.add(at, None, format!("no TOML ({})", error.message()), "TOML", "correct the line");
    }

    pub fn unknown_table(&mut self, key: &Spanned<impl AsRef<str>>, expected: &str) {
        let found = format!("unknown table `{}`", shown(key.get_ref().as_ref()));
        self.add(key.span().start, None, found, expected, "correct its name or remove it");
    }

    pub fn not_an_array(&mut self, table: &str, at: usize, kind: &str) {
        let found = format!("`{table}` as a single {kind}");
        self.add(at, None, found, format!("a list of tables [[{table}]]"), format!("write [[{table}]] above each"));
    }

    pub fn into_faults(mut self) -> Vec<Fault> {
        self.faults.sort();
        self.faults
    }
}

/// A word of the file as it may be repeated: short, on one line.
pub fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect()
}
