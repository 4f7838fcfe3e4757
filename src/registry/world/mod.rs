//! World files: the registry as people write it, in TOML. Every fault is found in one reading and told with file,
//! line, what was found, what was expected and how to mend it. A fault never repeats a name, a number or an address.

mod check;
mod keys;
mod one;
mod rows;
#[cfg(test)]
mod tests;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) use check::check;

use super::known::Known;
use super::table::Table;
use crate::dispatch::Facts;
use crate::dispatch::facts::Row;
pub use crate::document::Fault;
use crate::document::Sink;
use crate::domain::Point;

/// The tables of a world file.
const TABLES: &str = "one of district, premises, subject, device, responder";

/// A world file that was read, with its faults. `Registry::import` refuses a world that has any.
#[derive(Debug, Clone)]
pub struct World {
    /// The file, as faults name it.
    pub file: String,
    pub(super) entries: Vec<Entry>,
    faults: Vec<Fault>,
}

/// A row of a world file. One that has a fault keeps its id, so that what names it is not called dangling.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub table: Table,
    pub id: String,
    pub line: usize,
    /// The row that it names.
    pub parent: Option<Parent>,
    /// `None`: it has a fault.
    pub row: Option<Row>,
}

/// The naming of another row.
#[derive(Debug, Clone)]
pub(super) struct Parent {
    pub table: Table,
    pub id: String,
    pub line: usize,
}

impl World {
    /// Reads a world file. `to_wgs84` turns a point of datum gcj02 into one of WGS-84.
    pub fn read(file: &str, text: &str, to_wgs84: &dyn Fn(Point) -> Point) -> Self {
        let mut sink = Sink::new(file, text);
        let (root, errors) = DeTable::parse_recoverable(text);
        let entries = if errors.is_empty() { read_tables(&root, &mut sink, to_wgs84) } else { Vec::new() };
        for error in errors {
            sink.syntax(&error);
        }
        Self { file: file.to_owned(), entries, faults: sink.into_faults() }
    }

    /// What is wrong with the file for itself; ids are compared with other files and the registry at the import.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl World {
    /// A world that was made and not written, row by row; every row is what it must be.
    pub fn of_rows(file: &str, rows: Vec<Row>) -> Self {
        let entries = rows.into_iter().map(rows::made).collect();
        Self { file: file.to_owned(), entries, faults: Vec::new() }
    }

    /// Everything it says, where it names nothing but what it says itself.
    ///
    /// # Errors
    /// All its faults, and every id that names nothing in it.
    pub fn by_itself(&self) -> Result<Facts, Vec<Fault>> {
        let faults = check(std::slice::from_ref(self), &Known::default());
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut facts = Facts::default();
        facts.version = 1;
        self.entries.iter().filter_map(|it| it.row.clone()).for_each(|row| facts.put(row));
        Ok(facts)
    }
}

/// Reads a world file, or tells all that is wrong with it for itself.
pub fn parse(file: &str, text: &str, to_wgs84: &dyn Fn(Point) -> Point) -> Result<World, Vec<Fault>> {
    let mut world = World::read(file, text, to_wgs84);
    if world.faults.is_empty() { Ok(world) } else { Err(std::mem::take(&mut world.faults)) }
}

fn read_tables(root: &Spanned<DeTable<'_>>, sink: &mut Sink, to_wgs84: &dyn Fn(Point) -> Point) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (key, value) in root.get_ref() {
        let found = Table::ALL.into_iter().find(|table| table.as_str() == key.get_ref());
        let Some(table) = found else {
            sink.unknown_table(key, TABLES);
            continue;
        };
        match value.get_ref() {
            DeValue::Array(items) => {
                for item in items {
                    entries.extend(read_item(table, item, sink, to_wgs84));
                }
            }
            other => sink.not_an_array(table.as_str(), key.span().start, other.type_str()),
        }
    }
    entries
}

fn read_item(
    table: Table,
    item: &Spanned<DeValue<'_>>,
    sink: &mut Sink,
    to_wgs84: &dyn Fn(Point) -> Point,
) -> Option<Entry> {
    match item.get_ref() {
        DeValue::Table(fields) => rows::read(table, fields, item.span().start, sink, to_wgs84),
        other => {
            sink.not_an_array(table.as_str(), item.span().start, other.type_str());
            None
        }
    }
}
