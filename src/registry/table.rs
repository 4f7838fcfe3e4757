//! The five tables of which facts are made, and how a row of them is named, written and read.

use rusqlite::types::{ToSql, ToSqlOutput};

use super::error::RegistryError;
use crate::dispatch::facts::{Row, RowId};

/// A table of the registry whose rows are facts. The order is the order of reference: a row names rows of earlier
/// tables only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    District,
    Premises,
    Subject,
    Device,
    Responder,
}

impl Table {
    pub const ALL: [Table; 5] = [Self::District, Self::Premises, Self::Subject, Self::Device, Self::Responder];

    /// Its name in the database and in a world file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Premises => "premises",
            Self::Subject => "subject",
            Self::Device => "device",
            Self::Responder => "responder",
        }
    }
}

impl ToSql for Table {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.as_str().to_sql()
    }
}

pub(super) fn encode(row: &Row) -> String {
    let body = match row {
        Row::District(it) => serde_json::to_string(it),
        Row::Premises(it) => serde_json::to_string(it),
        Row::Subject(it) => serde_json::to_string(it),
        Row::Device(it) => serde_json::to_string(it),
        Row::Responder(it) => serde_json::to_string(it),
    };
    body.expect("a row is strings, numbers and lists of them, which JSON can always say")
}

pub(super) fn decode(table: Table, id: &str, body: &str) -> Result<Row, RegistryError> {
    let row = match table {
        Table::District => serde_json::from_str(body).map(Row::District),
        Table::Premises => serde_json::from_str(body).map(Row::Premises),
        Table::Subject => serde_json::from_str(body).map(Row::Subject),
        Table::Device => serde_json::from_str(body).map(Row::Device),
        Table::Responder => serde_json::from_str(body).map(Row::Responder),
    };
    row.map_err(|error| damaged(table.as_str(), id, &error))
}

/// A row that cannot be read. Only where the reading stopped is told: the words of the parser could hold a value.
pub(super) fn damaged(table: &'static str, id: &str, error: &serde_json::Error) -> RegistryError {
    let why = format!("its JSON is wrong at column {}", error.column());
    RegistryError::Damaged { table, id: id.to_owned(), why }
}

pub(super) fn row_id(table: Table, id: &str) -> Result<RowId, RegistryError> {
    let named = match table {
        Table::District => id.parse().map(RowId::District),
        Table::Premises => id.parse().map(RowId::Premises),
        Table::Subject => id.parse().map(RowId::Subject),
        Table::Device => id.parse().map(RowId::Device),
        Table::Responder => id.parse().map(RowId::Responder),
    };
    named.map_err(|error| RegistryError::Damaged { table: table.as_str(), id: id.to_owned(), why: error.to_string() })
}
