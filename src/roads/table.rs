//! Tables of numbers and names with a head line: comma separated, without quotes, packed with gzip where the name ends
//! in `.gz`. Knows nothing of roads.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::fault::{Fault, Faults, shown};

pub(super) struct Table {
    file: String,
    text: String,
    head: Vec<String>,
}

/// One line of it.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    pub(super) line: usize,
    text: &'a str,
}

impl Table {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let text = read(path).map_err(|error| {
            Fault::of(path, error, "a table of text that this user may read", "check its name and what is in it")
        })?;
        let text = text.trim_start_matches('\u{feff}').to_owned();
        let head = text.lines().next().unwrap_or_default().split(',').map(|it| it.trim().to_owned()).collect();
        Ok(Self { file: path.display().to_string(), text, head })
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.column(column).is_some()
    }

    /// The lines below the head that are not empty.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let lines = (1..).zip(self.text.lines()).skip(1).filter(|(_, text)| !text.trim().is_empty());
        lines.map(|(line, text)| Row { table: self, line, text })
    }

    pub(super) fn fault(&self, line: usize, found: String, expected: &str, mend: &str) -> Fault {
        let (file, line) = (self.file.clone(), Some(line));
        Fault { file, line, found, expected: expected.to_owned(), mend: mend.to_owned() }
    }

    /// The head lacks something.
    pub(super) fn lacks(&self, expected: &str) -> Fault {
        let found = format!("the columns {}", shown(&self.head.join(",")));
        self.fault(1, found, expected, "name the columns on the first line")
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.head.iter().position(|it| it == name)
    }
}

impl<'a> Row<'a> {
    /// Empty where the table has no such column or the line ends before it.
    pub(super) fn text(&self, column: &str) -> &'a str {
        self.table.column(column).and_then(|at| self.text.split(',').nth(at)).unwrap_or_default().trim()
    }

    /// A finite number; else what is wrong goes to `faults`.
    pub(super) fn number(&self, column: &str, faults: &mut Faults) -> Option<f64> {
        let text = self.text(column);
        let number = text.parse().ok().filter(|it: &f64| it.is_finite());
        if number.is_none() {
            let expected = format!("a number as `{column}`");
            faults.add(self.fault(format!("{} on the line {}", shown(text), shown(self.text)), &expected));
        }
        number
    }

    pub(super) fn fault(&self, found: String, expected: &str) -> Fault {
        self.table.fault(self.line, found, expected, "mend or remove the line")
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let mut file = File::open(path)?;
    if path.extension().is_some_and(|it| it == "gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        file.read_to_string(&mut text)?;
    }
    Ok(text)
}
