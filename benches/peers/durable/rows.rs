//! PostgreSQL: a batch is one statement, and the statement its commit.

use tokio_postgres::Statement;

use crate::connections::Database;
use crate::contest::durable::{BareStore, HASH};

/// A database for a record of ours, beside all that are there: its address.
pub fn new_database(port: u16) -> String {
    let server = Database::open(port);
    let count = server.wait(server.client.query_one("SELECT count(*) FROM pg_database", &[])).expect("its databases");
    let name = format!("record_{}", count.get::<_, i64>(0));
    server.run(&format!("CREATE DATABASE {name}"));
    format!("postgres://postgres@127.0.0.1:{port}/{name}")
}

pub struct BarePostgres {
    database: Database,
    insert: Statement,
}

impl BarePostgres {
    pub fn on(port: u16) -> Self {
        let database = Database::open(port);
        database.run("CREATE TABLE event(district int, seq bigint, body text, hash bytea, PRIMARY KEY(district, seq))");
        let insert = database.prepare(
            "INSERT INTO event SELECT 330481, seq, body, hash
             FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS it(seq, body, hash)",
        );
        Self { database, insert }
    }
}

impl BareStore for BarePostgres {
    fn name(&self) -> &'static str {
        "bare PostgreSQL, group commit"
    }

    fn empty(&mut self) {
        self.database.run("TRUNCATE event");
    }

    fn commit(&mut self, first: i64, bodies: &[&str]) {
        let seqs: Vec<i64> = (first..).take(bodies.len()).collect();
        let hashes = vec![&HASH[..]; bodies.len()];
        let rows = self.database.execute(&self.insert, &[&seqs, &bodies, &hashes]);
        assert_eq!(rows, bodies.len() as u64, "all rows are in");
    }
}
