//! Connections to other people's servers, driven by whoever waits for them: no thread stands between a question and its
//! answer.

use redis::{Client as Redis, Connection};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

pub fn redis_on(port: u16) -> Connection {
    let client = Redis::open(("127.0.0.1", port)).expect("an address");
    client.get_connection().expect("a connection to Redis")
}

/// One to PostgreSQL.
pub struct Database {
    pub client: Client,
    runtime: Runtime,
}

impl Database {
    pub fn open(port: u16) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let address = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
        let connecting = tokio_postgres::connect(&address, NoTls);
        let (client, connection) = runtime.block_on(connecting).expect("a connection to PostgreSQL");
        runtime.spawn(connection);
        Self { client, runtime }
    }

    pub fn wait<F: Future>(&self, asked: F) -> F::Output {
        self.runtime.block_on(asked)
    }

    /// Statements without parameters.
    pub fn run(&self, statements: &str) {
        for one in statements.split(';') {
            self.wait(self.client.batch_execute(one)).unwrap_or_else(|error| panic!("{one}: {error:?}"));
        }
    }

    pub fn prepare(&self, statement: &str) -> Statement {
        self.wait(self.client.prepare(statement)).unwrap_or_else(|error| panic!("{statement}: {error:?}"))
    }

    pub fn execute(&self, statement: &Statement, values: &[&(dyn ToSql + Sync)]) -> u64 {
        self.wait(self.client.execute(statement, values)).expect("PostgreSQL does as it is told")
    }
}
