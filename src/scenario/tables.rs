//! Tables of comma-separated values: a head line with names, then a line a row. No quotes: what stands in them is
//! numbers and words. Faults are told with the file and the line.

use crate::document::{Sink, shown};

/// Faults that are told of one table: a file in another shape would have one a line.
const FAULTS_MAX: usize = 20;

#[derive(Debug)]
pub(super) struct Table<'a> {
    head: Vec<&'a str>,
    lines: Vec<Line<'a>>,
}

/// A row, and where it begins in the text.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub at: usize,
    cells: Vec<&'a str>,
}

/// A column by its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column(usize);

impl<'a> Table<'a> {
    /// `None`: it is no table at all, which is told. `sink` is that of the table's own file.
    pub fn read(file: &str, text: &'a str, most: usize, sink: &mut Sink) -> Option<Self> {
        let mut at = 0;
        let mut lines = text.split_inclusive('\n').map(|line| {
            let began = at;
            at += line.len();
            (began, line.trim_end())
        });
        let Some((_, head)) = lines.next().filter(|(_, it)| it.contains(',')) else {
            let found = format!("no head line in `{}`", shown(file));
            sink.add(0, None, found, "a table of comma-separated values", "begin it with the names of its columns");
            return None;
        };
        let head: Vec<&str> = head.split(',').map(str::trim).collect();
        let mut table = Self { head, lines: Vec::new() };
        for (at, line) in lines.filter(|(_, it)| !it.is_empty()) {
            table.line(at, line, most, sink)?;
        }
        Some(table)
    }

    fn line(&mut self, at: usize, line: &'a str, most: usize, sink: &mut Sink) -> Option<()> {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if self.lines.len() >= most || sink.count() >= FAULTS_MAX {
            if self.lines.len() >= most {
                let expected = format!("at most {most} rows");
                sink.add(at, None, "more rows".to_owned(), expected, "cut the table");
            }
            return None;
        }
        if cells.len() == self.head.len() {
            self.lines.push(Line { at, cells });
        } else {
            let expected = format!("{} fields, as in the head line", self.head.len());
            sink.add(at, None, format!("{} fields", cells.len()), expected, "correct the line");
        }
        Some(())
    }

    pub fn column(&self, name: &str) -> Option<Column> {
        self.head.iter().position(|it| *it == name).map(Column)
    }

    /// A column that must be there.
    pub fn needed(&self, name: &str, sink: &mut Sink) -> Option<Column> {
        let column = self.column(name);
        if column.is_none() {
            let found = format!("columns {} without `{name}`", shown(&self.head.join(",")));
            sink.add(0, Some(name.to_owned()), found, format!("a column `{name}`"), "add it to every line");
        }
        column
    }

    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        self.lines.iter().cloned()
    }

    pub fn text(&self, line: &Line<'a>, column: Column) -> &'a str {
        line.cells[column.0]
    }

    pub fn parsed<T>(
        &self,
        line: &Line<'a>,
        column: Column,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
        sink: &mut Sink,
    ) -> Option<T> {
        let text = self.text(line, column);
        let read = read(text);
        if read.is_none() && sink.count() < FAULTS_MAX {
            let name = self.head[column.0];
            let found = format!("`{}` as `{name}`", shown(text));
            sink.add(line.at, Some(name.to_owned()), found, expected, "correct it");
        }
        read
    }

    pub fn number(&self, line: &Line<'a>, column: Column, least: f64, most: f64, sink: &mut Sink) -> Option<f64> {
        let expected = format!("a number from {least} to {most}");
        let read = |text: &str| text.parse::<f64>().ok().filter(|it| (least..=most).contains(it));
        self.parsed(line, column, &expected, read, sink)
    }
}
