//! PostgreSQL: a batch is one statement, and the statement its commit.

use tokio_postgres::Statement;

use tidewatch::domain::SubjectId;
use tidewatch::registry::PrivateRow;

use crate::connections::Database;
use crate::contest::durable::{BareStore, HASH};
use crate::contest::world;

/// A database for a record of ours, beside all that are there: its address.
pub fn new_database(port: u16) -> String {
    let server = Database::open(port);
    let count = server.wait(server.client.query_one("SELECT count(*) FROM pg_database", &[])).expect("its databases");
    let name = format!("record_{}", count.get::<_, i64>(0));
    server.run(&format!("CREATE DATABASE {name}"));
    format!("postgres://postgres@127.0.0.1:{port}/{name}")
}

/// Events of an alarm that opens an incident, beside its one private value.
const EVENTS_A_VALUE: usize = 5;

pub struct BarePostgres {
    database: Database,
    insert: Statement,
    /// Private values go into the same commit, where the engine's do.
    private: Option<Statement>,
}

impl BarePostgres {
    /// Events alone: in files the engine keeps private values elsewhere.
    pub fn on(port: u16) -> Self {
        let database = Database::open(port);
        database.run("CREATE TABLE event(district int, seq bigint, body text, hash bytea, PRIMARY KEY(district, seq))");
        let insert = database.prepare(
            "INSERT INTO event SELECT 330481, seq, body, hash
             FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS it(seq, body, hash)",
        );
        Self { database, insert, private: None }
    }

    /// With the rows and the indexes that the engine has in its server.
    pub fn with_private(port: u16) -> Self {
        let it = Self::on(port);
        it.database.run(
            "CREATE TABLE private(id bytea PRIMARY KEY, subject text, kind text, salt bytea, value bytea);
             CREATE INDEX private_subject ON private(subject)",
        );
        let both = it.database.prepare(
            "WITH kept AS (INSERT INTO private
                 SELECT id, subject, 'signal', salt, value
                 FROM unnest($4::bytea[], $5::text[], $6::bytea[], $7::bytea[]) AS it(id, subject, salt, value))
             INSERT INTO event SELECT 330481, seq, body, hash
             FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS it(seq, body, hash)",
        );
        Self { private: Some(both), ..it }
    }
}

impl BareStore for BarePostgres {
    fn name(&self) -> &'static str {
        "bare PostgreSQL, group commit"
    }

    fn empty(&mut self) {
        self.database.run(if self.private.is_some() { "TRUNCATE event, private" } else { "TRUNCATE event" });
    }

    fn commit(&mut self, first: i64, bodies: &[&str]) {
        let seqs: Vec<i64> = (first..).take(bodies.len()).collect();
        let hashes = vec![&HASH[..]; bodies.len()];
        let rows = match &self.private {
            None => self.database.execute(&self.insert, &[&seqs, &bodies, &hashes]),
            Some(both) => {
                let values: Vec<PrivateRow> = (first as usize..)
                    .step_by(EVENTS_A_VALUE)
                    .map(world::value)
                    .take(bodies.len().div_ceil(EVENTS_A_VALUE))
                    .collect();
                let ids: Vec<[u8; 16]> = values.iter().map(|it| it.id.0.to_be_bytes()).collect();
                let ids: Vec<&[u8]> = ids.iter().map(<[u8; 16]>::as_slice).collect();
                let subjects: Vec<Option<&str>> =
                    values.iter().map(|it| it.subject.as_ref().map(SubjectId::as_str)).collect();
                let salts: Vec<&[u8]> = values.iter().map(|it| it.salt.as_slice()).collect();
                let texts: Vec<&[u8]> = values.iter().map(|it| it.value.as_bytes()).collect();
                self.database.execute(both, &[&seqs, &bodies, &hashes, &ids, &subjects, &salts, &texts])
            }
        };
        assert_eq!(rows, bodies.len() as u64, "all rows are in");
    }
}
