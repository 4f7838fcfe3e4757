//! PostgreSQL: a batch is one statement, and the statement its commit.

use tokio_postgres::Statement;

use crate::connections::Database;
use crate::contest::durable::{BareStore, HASH};

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
