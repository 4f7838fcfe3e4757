//! SQLite with our pragmas and a table like ours, and nothing else.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use tidewatch::journal::prepare_connection;

use super::{BareStore, HASH};

/// In a new file each time it is emptied.
pub struct BareSqlite {
    folder: PathBuf,
    files: u32,
    open: Option<Connection>,
}

impl BareSqlite {
    pub fn within(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), files: 0, open: None }
    }
}

impl BareStore for BareSqlite {
    fn name(&self) -> &'static str {
        "floor: bare SQLite, group commit"
    }

    fn empty(&mut self) {
        self.files += 1;
        let conn = Connection::open(self.folder.join(format!("bare-{}.db", self.files))).expect("a database");
        prepare_connection(&conn).expect("the same pragmas");
        conn.execute_batch("CREATE TABLE event(district INTEGER, seq INTEGER, body TEXT, hash BLOB, PRIMARY KEY(district, seq)) STRICT, WITHOUT ROWID")
            .expect("a table");
        self.open = Some(conn);
    }

    fn commit(&mut self, first: i64, bodies: &[&str]) {
        let conn = self.open.as_mut().expect("it is emptied before it is given anything");
        let tx = conn.transaction().expect("a transaction");
        {
            let mut insert = tx.prepare_cached("INSERT INTO event VALUES (330481, ?1, ?2, ?3)").expect("a statement");
            for (seq, body) in (first..).zip(bodies) {
                insert.execute(params![seq, body, HASH]).expect("a row");
            }
        }
        tx.commit().expect("a commit");
    }
}
