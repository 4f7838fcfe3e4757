//! Group commit: one transaction a batch, all of it sent at once. It begins by comparing the rows of the lease; where
//! one is not as we left it nothing is written, and the district is another's.

use std::sync::{Arc, Weak};

use futures_util::future::{join, join5, try_join3};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Statement};

use super::super::record::chain;
use super::super::{AppendError, Entry, Hash, Heads, LogError};
use super::PostgresLog;
use super::lease::number;
use super::line::{Line, Trouble, whole};
use super::read::integer;
use super::schema::NOT_HELD;
use crate::domain::private::PrivateRow;
use crate::domain::{DistrictCode, SubjectId};

const HOLD: &str = "
    WITH held AS (
        UPDATE lease SET head_seq = it.seq, head_hash = it.hash
        FROM unnest($1, $2, $3, $4, $5) AS it (district, epoch, previous, seq, hash)
        WHERE lease.district = it.district AND lease.epoch = it.epoch AND lease.head_seq = it.previous
        RETURNING 1)
    SELECT hold((SELECT count(*) FROM held) = cardinality($1))";

const EVENTS: &str = "INSERT INTO event SELECT * FROM unnest($1, $2, $3, $4, $5)";

/// A name that is kept already stays as it is: it is a retry.
const PRIVATE: &str = "INSERT INTO private SELECT * FROM unnest($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";

/// Before the commit: one that waits for its standby must not be called off, for it is kept all the same, on one machine.
/// Our own limit ends the waiting. A message of its own: where the transaction has failed this fails too, and the commit
/// must come all the same, to end it.
const WITHOUT_LIMIT: &str = "SET LOCAL statement_timeout = 0";

pub(super) fn append(log: &mut PostgresLog, batch: &[Entry], private: &[PrivateRow]) -> Result<Heads, AppendError> {
    take_new(log, batch)?;
    let before: Heads = batch.iter().map(|it| (it.district, log.head(it.district))).collect();
    let (hashes, ends) = chain(&before, batch);
    let rows =
        Rows { holds: Holds::of(log, &ends), events: Events::of(log, batch, &hashes), private: Private::of(private) };
    let line = log.line.get_mut();
    let statements = match log.prepared.on(line) {
        Ok(statements) => statements,
        Err(trouble) => return Err(AppendError::Definite(trouble.fault("appending to", &line.url))),
    };
    let written = line.ask(move |client| async move { Ok(rows.write(client, statements).await) });
    match written.unwrap_or_else(Err) {
        Ok(()) => {
            for (district, head) in &ends {
                log.held.entry(*district).and_modify(|it| it.head = *head);
            }
            Ok(ends)
        }
        Err(Trouble::Said { code, .. }) if code == NOT_HELD => {
            let district = *ends.keys().next().expect("a batch has an entry");
            Err(AppendError::Refused(LogError::LeaseLost { district }))
        }
        Err(trouble @ (Trouble::Away(_) | Trouble::Said { .. })) => {
            Err(AppendError::Definite(trouble.fault("appending to", &line.url)))
        }
        Err(trouble @ Trouble::Lost(_)) => Err(AppendError::Unknown(trouble.fault("appending to", &line.url))),
    }
}

/// Private values without events, as when a store is moved.
pub(super) fn keep_private(line: &mut Line, rows: &[PrivateRow]) -> Result<(), AppendError> {
    let rows = Private::of(rows);
    let kept = line.ask(move |client| async move {
        let statement = client.prepare_typed(PRIVATE, &Private::TYPES).await?;
        rows.write(&client, &statement).await
    });
    kept.map_err(|it| AppendError::Definite(it.fault("keeping private values in", &line.url)))
}

/// A district that has come into the registry since the start.
fn take_new(log: &mut PostgresLog, batch: &[Entry]) -> Result<(), AppendError> {
    for entry in batch {
        if log.held.contains_key(&entry.district) {
            continue;
        }
        log.take(entry.district).map_err(|error| match error {
            error @ LogError::Held { .. } => AppendError::Refused(error),
            error if error.is_damage() => AppendError::Fatal(error),
            error => AppendError::Definite(error),
        })?;
    }
    Ok(())
}

/// The statements of an append, as the server of one connection has them. Planned once: anew for each batch it was 2 to
/// 5 ms of the 30 that one of 2,500 events takes.
#[derive(Clone)]
struct Statements {
    hold: Statement,
    events: Statement,
    private: Statement,
}

/// None before the first append of a connection.
#[derive(Default)]
pub(super) struct Prepared(Option<(Weak<Client>, Statements)>);

impl Prepared {
    /// Those of the connection that there is. Where this fails nothing was appended.
    fn on(&mut self, line: &mut Line) -> Result<Statements, Trouble> {
        let client = line.connected()?;
        if let Some((of, statements)) = &self.0
            && std::ptr::eq(of.as_ptr(), Arc::as_ptr(&client))
        {
            return Ok(statements.clone());
        }
        let statements = line.ask(|client| async move {
            let hold = client.prepare_typed(HOLD, &Holds::TYPES);
            let events = client.prepare_typed(EVENTS, &Events::TYPES);
            let private = client.prepare_typed(PRIVATE, &Private::TYPES);
            let (hold, events, private) = try_join3(hold, events, private).await?;
            Ok(Statements { hold, events, private })
        })?;
        self.0 = Some((Arc::downgrade(&client), statements.clone()));
        Ok(statements)
    }
}

struct Rows {
    holds: Holds,
    events: Events,
    private: Private,
}

impl Rows {
    /// The first thing that went wrong decides: after a statement that failed, the commit is a rollback.
    async fn write(self, client: Arc<Client>, statements: Statements) -> Result<(), Trouble> {
        let written = join5(
            client.batch_execute("BEGIN"),
            self.holds.write(&client, &statements.hold),
            self.events.write(&client, &statements.events),
            self.private.write(&client, &statements.private),
            join(client.batch_execute(WITHOUT_LIMIT), client.batch_execute("COMMIT")),
        );
        let (begun, held, events, private, (without_limit, committed)) = written.await;
        // Without a transaction each statement would have been one.
        begun.map_err(|error| Trouble::Lost(whole(&error)))?;
        held.and(events).and(private).and(without_limit).and(committed).map_err(|error| Trouble::of(&error))
    }
}

#[derive(Default)]
struct Holds {
    districts: Vec<i32>,
    epochs: Vec<i64>,
    previous: Vec<i64>,
    seqs: Vec<i64>,
    hashes: Vec<Vec<u8>>,
}

impl Holds {
    const TYPES: [Type; 5] =
        [Type::INT4_ARRAY, Type::INT8_ARRAY, Type::INT8_ARRAY, Type::INT8_ARRAY, Type::BYTEA_ARRAY];

    fn of(log: &PostgresLog, ends: &Heads) -> Self {
        let mut rows = Self::default();
        for (district, end) in ends {
            let held = log.held[district];
            rows.districts.push(number(*district));
            rows.epochs.push(held.epoch);
            rows.previous.push(integer(held.head.seq));
            rows.seqs.push(integer(end.seq));
            rows.hashes.push(end.hash.0.to_vec());
        }
        rows
    }

    async fn write(&self, client: &Client, hold: &Statement) -> Result<(), Error> {
        let columns: Columns<'_> = [&self.districts, &self.epochs, &self.previous, &self.seqs, &self.hashes];
        client.query(hold, &columns).await.map(drop)
    }
}

type Columns<'a> = [&'a (dyn ToSql + Sync); 5];

#[derive(Default)]
struct Events {
    districts: Vec<i32>,
    seqs: Vec<i64>,
    bodies: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
    epochs: Vec<i64>,
}

impl Events {
    const TYPES: [Type; 5] =
        [Type::INT4_ARRAY, Type::INT8_ARRAY, Type::BYTEA_ARRAY, Type::BYTEA_ARRAY, Type::INT8_ARRAY];

    fn of(log: &PostgresLog, batch: &[Entry], hashes: &[Hash]) -> Self {
        let epoch = |district: &DistrictCode| log.held[district].epoch;
        Self {
            districts: batch.iter().map(|it| number(it.district)).collect(),
            seqs: batch.iter().map(|it| integer(it.seq)).collect(),
            bodies: batch.iter().map(|it| it.body.clone().into_bytes()).collect(),
            hashes: hashes.iter().map(|it| it.0.to_vec()).collect(),
            epochs: batch.iter().map(|it| epoch(&it.district)).collect(),
        }
    }

    async fn write(&self, client: &Client, events: &Statement) -> Result<(), Error> {
        let columns: Columns<'_> = [&self.districts, &self.seqs, &self.bodies, &self.hashes, &self.epochs];
        client.execute(events, &columns).await.map(drop)
    }
}

struct Private {
    ids: Vec<Vec<u8>>,
    subjects: Vec<Option<String>>,
    kinds: Vec<String>,
    salts: Vec<Vec<u8>>,
    values: Vec<Vec<u8>>,
}

impl Private {
    const TYPES: [Type; 5] =
        [Type::BYTEA_ARRAY, Type::TEXT_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY, Type::BYTEA_ARRAY];

    fn of(rows: &[PrivateRow]) -> Self {
        let subject = |it: &PrivateRow| it.subject.as_ref().map(SubjectId::to_string);
        Self {
            ids: rows.iter().map(|it| it.id.0.to_be_bytes().to_vec()).collect(),
            subjects: rows.iter().map(subject).collect(),
            kinds: rows.iter().map(|it| it.kind.to_string()).collect(),
            salts: rows.iter().map(|it| it.salt.to_vec()).collect(),
            values: rows.iter().map(|it| it.value.clone().into_bytes()).collect(),
        }
    }

    async fn write(&self, client: &Client, private: &Statement) -> Result<(), Error> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let columns: Columns<'_> = [&self.ids, &self.subjects, &self.kinds, &self.salts, &self.values];
        client.execute(private, &columns).await.map(drop)
    }
}
