//! A connection on which the registry asks in its own words, beside the record and away from its commits.
//! In a transaction it stays the same connection or fails; outside of one it is made again when it was lost.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rusqlite::types::Value;
use tokio::sync::Mutex;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row, Statement};

use super::super::LogError;
use super::line::{ANSWER, Line, Trouble, within};
use super::schema;
use super::url::StoreUrl;

/// Around a question in a transaction: above the longest wait that the settings allow. Outside of one it is as on any
/// line: whoever looks whether somebody is signed in does not wait for a server that hangs.
const IN_TRANSACTION: Duration = Duration::from_secs(25);

/// How long one writer waits for another, in ms: an import of 100,000 homes holds the lock for some seconds.
pub const LOCK_TIMEOUT_MS: u64 = 15_000;

/// A large registry is read whole by one statement; and whoever was stopped in a change lets go of it.
const SETTINGS: &str = "SET lock_timeout = '15s'; SET statement_timeout = '20s';
                        SET idle_in_transaction_session_timeout = '20s'";

/// Questions on their way at once: enough that the way is never empty, and few enough to keep in memory.
const AT_ONCE: usize = 1_000;

/// SQLSTATE: the lock was not to be had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// What the registry asks for may be read, or is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// One state of it all, whatever others write meanwhile.
    Read,
    /// Nobody else changes versioned rows before the commit.
    Write,
}

/// Why a question was not answered.
#[derive(Debug)]
pub enum SessionError {
    /// Another writer kept the lock.
    Busy,
    Failed(LogError),
}

/// What came of one statement.
#[derive(Debug, Default)]
pub struct Answer {
    pub rows: Vec<Vec<Value>>,
    /// Rows that were written, or read.
    pub count: usize,
}

pub struct Session {
    line: Line,
    prepared: Arc<Prepared>,
    /// Set while a transaction is open.
    open: Option<Arc<Client>>,
}

#[derive(Default)]
struct Prepared {
    /// A new connection knows no statement of an old one.
    of: Option<Arc<Client>>,
    statements: Mutex<BTreeMap<String, Statement>>,
}

impl Session {
    /// Makes the tables where there are none.
    pub fn open(url: &StoreUrl) -> Result<Self, LogError> {
        let mut line = Line::start(url, SETTINGS)?;
        schema::upgrade(&mut line)?;
        Ok(Self::on(line))
    }

    /// A store of this very version.
    pub fn open_existing(url: &StoreUrl) -> Result<Self, LogError> {
        let mut line = Line::start(url, SETTINGS)?;
        schema::admit_as_is(&mut line)?;
        Ok(Self::on(line))
    }

    fn on(line: Line) -> Self {
        Self { line, prepared: Arc::default(), open: None }
    }

    /// One statement. Its parameters are `$1` and on.
    pub fn ask(&mut self, sql: &str, arguments: Vec<Value>) -> Result<Answer, SessionError> {
        let mut answers = self.ask_each(sql, vec![arguments])?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// The same statement with each of these arguments, in their order and without waiting between them.
    pub fn ask_each(&mut self, sql: &str, arguments: Vec<Vec<Value>>) -> Result<Vec<Answer>, SessionError> {
        if arguments.is_empty() {
            return Ok(Vec::new());
        }
        let client = self.client()?;
        let (prepared, sql) = (self.prepared.clone(), sql.to_owned());
        let asked = async move {
            let statement = prepared.statement(&client, &sql).await?;
            let mut answers = Vec::with_capacity(arguments.len());
            for some in arguments.chunks(AT_ONCE) {
                let asking = some.iter().map(|it| answer(&client, &statement, it));
                answers.extend(futures_util::future::try_join_all(asking).await?);
            }
            Ok(answers)
        };
        self.wait(self.open.is_some(), "asking", asked)
    }

    pub fn begin(&mut self, how: Begin) -> Result<(), SessionError> {
        let client = self.client()?;
        self.open = Some(client.clone());
        let sql = match how {
            Begin::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Begin::Write => "BEGIN; SELECT version FROM meta FOR UPDATE",
        };
        let begun = self.wait(true, "beginning a change of", async move { client.batch_execute(sql).await });
        if begun.is_err() {
            self.roll_back();
        }
        begun
    }

    /// An error tells that it is not known whether it was done, or that it was not.
    pub fn commit(&mut self) -> Result<(), SessionError> {
        let Some(client) = self.open.take() else { return Ok(()) };
        // One in which something failed is never committed: its error has ended it.
        self.wait(true, "committing to", async move { client.batch_execute("COMMIT").await })
    }

    /// Where it cannot be told, the connection goes, and the transaction with it; where that has gone, nothing is left to
    /// tell, and nobody waits once more.
    pub fn roll_back(&mut self) {
        let Some(client) = self.open.take().filter(|it| self.prepared.of_client(it)) else { return };
        if self.wait(true, "giving up a change of", async move { client.batch_execute("ROLLBACK").await }).is_err() {
            self.lose();
        }
    }

    /// With the statements, which hold the connection, too.
    fn lose(&mut self) {
        self.line.lose();
        self.prepared = Arc::default();
    }

    /// Outside of a transaction, and with no limit of the server's.
    pub fn vacuum(&mut self, sql: &'static str) -> Result<(), LogError> {
        super::private::vacuum_with(&mut self.line, sql)
    }

    /// In a transaction, that of which it is, whether it lives or not.
    fn client(&mut self) -> Result<Arc<Client>, SessionError> {
        if let Some(client) = &self.open {
            return Ok(client.clone());
        }
        let client = self.line.connected().map_err(|it| self.failed("reaching", it))?;
        if !self.prepared.of_client(&client) {
            self.prepared = Arc::new(Prepared { of: Some(client.clone()), ..Prepared::default() });
        }
        Ok(client)
    }

    fn wait<T: Send + 'static>(
        &mut self,
        in_transaction: bool,
        doing: &'static str,
        work: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'static,
    ) -> Result<T, SessionError> {
        let limit = if in_transaction { IN_TRANSACTION } else { ANSWER };
        let answered = self.line.bridge.wait(within(limit, work));
        if matches!(answered, Err(Trouble::Lost(_))) {
            self.lose();
        }
        answered.map_err(|it| self.failed(doing, it))
    }

    fn failed(&self, doing: &'static str, trouble: Trouble) -> SessionError {
        match trouble {
            Trouble::Said { code, .. } if code == LOCK_NOT_AVAILABLE => SessionError::Busy,
            other => SessionError::Failed(other.fault(doing, &self.line.url)),
        }
    }
}

impl Prepared {
    fn of_client(&self, client: &Arc<Client>) -> bool {
        self.of.as_ref().is_some_and(|it| Arc::ptr_eq(it, client))
    }

    async fn statement(&self, client: &Client, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        let mut statements = self.statements.lock().await;
        if let Some(it) = statements.get(sql) {
            return Ok(it.clone());
        }
        let it = client.prepare(sql).await?;
        statements.insert(sql.to_owned(), it.clone());
        Ok(it)
    }
}

async fn answer(client: &Client, statement: &Statement, arguments: &[Value]) -> Result<Answer, tokio_postgres::Error> {
    let arguments: Vec<Parameter<'_>> = arguments.iter().map(Parameter).collect();
    let arguments: Vec<&(dyn ToSql + Sync)> = arguments.iter().map(|it| it as _).collect();
    if statement.columns().is_empty() {
        let count = client.execute(statement, &arguments).await?;
        return Ok(Answer { rows: Vec::new(), count: usize::try_from(count).unwrap_or(usize::MAX) });
    }
    let rows = client.query(statement, &arguments).await?;
    let rows = rows.iter().map(columns).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer { count: rows.len(), rows })
}

fn columns(row: &Row) -> Result<Vec<Value>, tokio_postgres::Error> {
    (0..row.len()).map(|n| row.try_get::<_, Column>(n).map(|it| it.0)).collect()
}

/// A value on its way in: of SQLite's kinds, which are all that the registry has.
#[derive(Debug)]
struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Integer(n), &Type::INT4) => i32::try_from(*n)?.to_sql(ty, out),
            (Value::Integer(n), &Type::INT8) => n.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::JSON) => text.as_str().to_sql(&Type::TEXT, out),
            (Value::Blob(bytes), &Type::BYTEA) => bytes.as_slice().to_sql(ty, out),
            (Value::Integer(_) | Value::Real(_) | Value::Text(_) | Value::Blob(_), _) => {
                Err(format!("{} where {ty} is expected", self.0.data_type()).into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value on its way out.
struct Column(Value);

impl<'a> FromSql<'a> for Column {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let value = match *ty {
            Type::BOOL => Value::Integer(i64::from(bool::from_sql(ty, raw)?)),
            Type::INT4 => Value::Integer(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT8 => Value::Integer(i64::from_sql(ty, raw)?),
            Type::TEXT | Type::JSON => Value::Text(String::from_sql(&Type::TEXT, raw)?),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            _ => return Err(format!("a column of type {ty}, which the registry has none of").into()),
        };
        Ok(Self(value))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
