//! Statements of the registry, asked of a file or of a server: one text for both, parameters `?1` and on.
//! Values are SQLite's kinds. What is in one database alone is opened and tidied up elsewhere.

use std::cell::RefCell;
use std::ops::Deref;

use rusqlite::types::{FromSql, ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::error::RegistryError;
use super::store;
use crate::journal::{Answer, Begin, LOCK_TIMEOUT_MS, Session, SessionError};

/// Rows in one statement to a server: of the widest table some thousand parameters, of the 65,535 there may be.
const ROWS_A_STATEMENT: usize = 250;

/// A connection to the registry's tables.
pub(super) enum Sql {
    File(Connection),
    Server(Box<RefCell<Session>>),
}

/// A row, whole.
#[derive(Debug)]
pub(super) struct Row(Vec<Value>);

impl Row {
    pub fn get<T: FromSql>(&self, column: usize) -> Result<T, RegistryError> {
        let value = self.0.get(column).map_or(ValueRef::Null, ValueRef::from);
        T::column_result(value).map_err(|error| RegistryError::Sqlite(error.into()))
    }

    pub fn into_values(self) -> Vec<Value> {
        self.0
    }
}

/// An open transaction, undone where it is not committed.
pub(super) struct Tx<'a> {
    sql: &'a Sql,
    open: bool,
}

impl Sql {
    /// One state of it all, whatever others write meanwhile.
    pub fn read(&self) -> Result<Tx<'_>, RegistryError> {
        self.begin("BEGIN", Begin::Read)
    }

    /// Has the lock of versioned rows from its first statement, so that it never fails half-way for want of it.
    pub fn write(&self) -> Result<Tx<'_>, RegistryError> {
        self.begin("BEGIN IMMEDIATE", Begin::Write)
    }

    fn begin(&self, file: &str, server: Begin) -> Result<Tx<'_>, RegistryError> {
        match self {
            Self::File(conn) => conn.execute_batch(file)?,
            Self::Server(session) => session.borrow_mut().begin(server)?,
        }
        Ok(Tx { sql: self, open: true })
    }

    /// Tells how many rows were written.
    pub fn execute(&self, sql: &str, arguments: &[&dyn ToSql]) -> Result<usize, RegistryError> {
        match self {
            Self::File(conn) => Ok(conn.prepare_cached(sql)?.execute(arguments)?),
            Self::Server(session) => Ok(asked(session, sql, arguments)?.count),
        }
    }

    /// The same statement with each of these rows of arguments.
    pub fn execute_each(&self, sql: &str, rows: Vec<Vec<Value>>) -> Result<(), RegistryError> {
        match self {
            Self::File(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                for row in rows {
                    statement.execute(params_from_iter(row))?;
                }
            }
            Self::Server(session) => {
                session.borrow_mut().ask_each(&numbered(sql), rows)?;
            }
        }
        Ok(())
    }

    /// New rows of a table, each as wide as `columns`. To a server they go many in a statement, which is several times
    /// as fast.
    pub fn insert_each(&self, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Result<(), RegistryError> {
        let one = inserting(table, columns, 1);
        if matches!(self, Self::File(_)) {
            return self.execute_each(&one, rows);
        }
        let (mut many, mut rows) = (Vec::new(), rows.into_iter());
        while rows.len() >= ROWS_A_STATEMENT {
            many.push(rows.by_ref().take(ROWS_A_STATEMENT).flatten().collect());
        }
        self.execute_each(&inserting(table, columns, ROWS_A_STATEMENT), many)?;
        self.execute_each(&one, rows.collect())
    }

    pub fn rows(&self, sql: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Row>, RegistryError> {
        match self {
            Self::File(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                let columns = statement.column_count();
                let whole = |row: &rusqlite::Row<'_>| (0..columns).map(|n| row.get(n)).collect::<Result<_, _>>();
                Ok(statement.query_map(arguments, |row| whole(row).map(Row))?.collect::<Result<_, _>>()?)
            }
            Self::Server(session) => Ok(asked(session, sql, arguments)?.rows.into_iter().map(Row).collect()),
        }
    }

    /// The rows of the same statement with each of these rows of arguments, in their order.
    pub fn rows_each(&self, sql: &str, arguments: Vec<Vec<Value>>) -> Result<Vec<Row>, RegistryError> {
        match self {
            Self::File(_) => {
                let mut found = Vec::new();
                for row in arguments {
                    let row: Vec<&dyn ToSql> = row.iter().map(|it| it as &dyn ToSql).collect();
                    found.extend(self.rows(sql, &row)?);
                }
                Ok(found)
            }
            Self::Server(session) => {
                let answers = session.borrow_mut().ask_each(&numbered(sql), arguments)?;
                Ok(answers.into_iter().flat_map(|it| it.rows).map(Row).collect())
            }
        }
    }

    /// The first row, where there is one.
    pub fn row(&self, sql: &str, arguments: &[&dyn ToSql]) -> Result<Option<Row>, RegistryError> {
        Ok(self.rows(sql, arguments)?.into_iter().next())
    }
}

/// What a server is to write over where rows were deleted.
const SCRUB: &str = "VACUUM subject, device, premises, account, session, unknown_device";

impl Sql {
    /// Leaves as little of what was deleted as it can: in a file no byte.
    pub fn scrub(&self) -> Result<(), RegistryError> {
        match self {
            Self::File(conn) => store::scrub(conn),
            Self::Server(session) => Ok(session.borrow_mut().vacuum(SCRUB)?),
        }
    }
}

impl Tx<'_> {
    pub fn commit(mut self) -> Result<(), RegistryError> {
        match self.sql {
            Sql::File(conn) => conn.execute_batch("COMMIT")?,
            Sql::Server(session) => session.borrow_mut().commit()?,
        }
        self.open = false;
        Ok(())
    }
}

impl Deref for Tx<'_> {
    type Target = Sql;

    fn deref(&self) -> &Sql {
        self.sql
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        match self.sql {
            _ if !self.open => {}
            Sql::File(conn) => {
                // It fails where SQLite has undone it already, as after a full disk.
                conn.execute_batch("ROLLBACK").ok();
            }
            Sql::Server(session) => session.borrow_mut().roll_back(),
        }
    }
}

impl From<SessionError> for RegistryError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Busy => Self::Busy { waited_ms: LOCK_TIMEOUT_MS },
            SessionError::Failed(error) => Self::Record(error),
        }
    }
}

/// A value of its own, which outlives what it was made of.
pub(super) fn value(it: &dyn ToSql) -> Result<Value, RegistryError> {
    match it.to_sql()? {
        ToSqlOutput::Owned(it) => Ok(it),
        ToSqlOutput::Borrowed(it) => {
            Ok(it.try_into().map_err(|error: rusqlite::types::FromSqlError| RegistryError::Sqlite(error.into()))?)
        }
        _ => unreachable!("no type of ours has a value that is neither"),
    }
}

fn asked(session: &RefCell<Session>, sql: &str, arguments: &[&dyn ToSql]) -> Result<Answer, RegistryError> {
    let arguments = arguments.iter().map(|it| value(*it)).collect::<Result<_, _>>()?;
    Ok(session.borrow_mut().ask(&numbered(sql), arguments)?)
}

fn inserting(table: &str, columns: &[&str], rows: usize) -> String {
    let width = columns.len();
    let row = |nth: usize| (1..=width).map(|n| format!("?{}", nth * width + n)).collect::<Vec<_>>().join(", ");
    let rows: Vec<String> = (0..rows).map(|nth| format!("({})", row(nth))).collect();
    format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), rows.join(", "))
}

/// As PostgreSQL counts parameters. No statement has a question mark elsewhere.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}
