//! Copying the write-ahead log into the file. Most of it is copied beside the writer, on a connection and a thread of
//! its own; the rest by the writer, between two transactions: while batches keep coming nobody else gets to the end of
//! the log, and only a log that was copied to its end begins anew.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::{AppendError, Housekeeper, LogError};
use super::fault::At;
use super::open::{For, open};

/// 4 MB of write-ahead log, as SQLite itself would have it. Copying them took 24 to 92 ms where a commit takes 0.2.
const COPY_PAGES: i64 = 1000;

/// What the writer may copy itself: half a megabyte.
const FEW_PAGES: i64 = 128;

/// Where the copying beside the writer does not keep up. Below the 4,062 pages of which the log's index fits one block
/// of shared memory: growing the index fails after the batch was synced, which would be fatal and not definite on a
/// full disk.
const LATEST_PAGES: i64 = 3000;

/// A pass leaves what was written meanwhile, so each is shorter than the one before, unless a reader holds it up.
const PASSES: usize = 4;

/// Copies beside the writer. Waits for nobody, and nobody for it.
#[derive(Debug)]
pub struct Checkpointer {
    conn: Connection,
    path: PathBuf,
}

impl Checkpointer {
    /// For a file that is open in this process for writing.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        Ok(Self { conn: open(path, For::Copying)?, path: path.to_owned() })
    }

    fn copy(&self) -> rusqlite::Result<()> {
        if state(&self.conn)?.waiting() < COPY_PAGES {
            return Ok(());
        }
        for _ in 0..PASSES {
            copy(&self.conn)?;
            if state(&self.conn)?.waiting() <= FEW_PAGES {
                break;
            }
        }
        Ok(())
    }
}

impl Housekeeper for Checkpointer {
    fn tidy(&mut self) -> Result<(), AppendError> {
        self.copy().map_err(|error| At("checkpointing", &self.path).append_fault(error))
    }
}

/// The writer's part. To be called before a transaction.
#[derive(Debug, Default)]
pub struct LogEnd {
    /// The pages of the log when it was last copied to its end; it begins anew as soon as no reader needs it.
    copied_at: i64,
}

impl LogEnd {
    /// Copies the rest where it is little, or where there is no more room for waiting.
    pub fn reach(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let log = state(conn)?;
        if log.pages < self.copied_at {
            self.copied_at = 0;
        }
        let grown = log.pages - self.copied_at;
        if grown >= LATEST_PAGES || (grown >= COPY_PAGES && log.waiting() <= FEW_PAGES) {
            copy(conn)?;
            self.copied_at = log.pages;
        }
        Ok(())
    }
}

/// Copies what no reader needs any more, without waiting for any.
pub fn copy(conn: &Connection) -> rusqlite::Result<()> {
    ask(conn, "PASSIVE").map(drop)
}

struct State {
    pages: i64,
    copied: i64,
}

impl State {
    fn waiting(&self) -> i64 {
        self.pages - self.copied
    }
}

fn state(conn: &Connection) -> rusqlite::Result<State> {
    ask(conn, "NOOP")
}

fn ask(conn: &Connection, kind: &str) -> rusqlite::Result<State> {
    let mut checkpoint = conn.prepare_cached(&format!("PRAGMA wal_checkpoint({kind})"))?;
    checkpoint.query_row([], |row| Ok(State { pages: row.get(1)?, copied: row.get(2)? }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::params;
    use tempfile::TempDir;

    use super::super::prepare_connection;
    use super::*;

    const PAGE_BYTES: usize = 4096;

    /// How long a log may become whose index is one block of shared memory.
    const INDEX_BLOCK_PAGES: i64 = 4062;

    fn writer(path: &Path) -> Connection {
        let conn = Connection::open(path).unwrap();
        prepare_connection(&conn).unwrap();
        conn.execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (body BLOB)").unwrap();
        conn
    }

    /// About `pages` pages more in the log.
    fn write(conn: &Connection, pages: usize) {
        conn.execute("INSERT INTO t VALUES (?1)", params![vec![7_u8; pages * PAGE_BYTES]]).unwrap();
    }

    /// Looks at what is written now, until it is dropped.
    fn reading(path: &Path) -> Connection {
        let conn = Connection::open(path).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap();
        conn
    }

    fn pages(conn: &Connection) -> i64 {
        state(conn).unwrap().pages
    }

    #[test]
    fn the_log_begins_anew_while_batches_keep_coming() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("t.db");
        let (conn, mut end) = (writer(&path), LogEnd::default());
        let mut beside = Checkpointer::open(&path).unwrap();
        for batch in 0..400 {
            end.reach(&conn).unwrap();
            write(&conn, 50);
            if batch % 7 == 0 {
                // What is written after its look it cannot copy, as where it copies while a batch comes in.
                let look = reading(&path);
                write(&conn, 5);
                beside.tidy().unwrap();
                drop(look);
            }
            assert!(pages(&conn) < INDEX_BLOCK_PAGES, "batch {batch}: {} pages in the log", pages(&conn));
        }
        let rows: i64 = conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 400 + 58);
    }

    #[test]
    fn where_nobody_copies_beside_it_the_writer_does_at_last() {
        let dir = TempDir::new().unwrap();
        let (conn, mut end) = (writer(&dir.path().join("t.db")), LogEnd::default());
        for batch in 0..200 {
            end.reach(&conn).unwrap();
            write(&conn, 50);
            assert!(pages(&conn) < INDEX_BLOCK_PAGES, "batch {batch}: {} pages in the log", pages(&conn));
        }
    }

    #[test]
    fn a_reader_who_needs_the_log_does_not_make_the_writer_copy_at_every_batch() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("t.db");
        let (conn, mut end) = (writer(&path), LogEnd::default());
        let mut beside = Checkpointer::open(&path).unwrap();
        write(&conn, 1100);
        let _look = reading(&path);
        beside.tidy().unwrap();
        write(&conn, 10);
        end.reach(&conn).unwrap();
        let copied_at = end.copied_at;
        assert!(copied_at > 1100, "the end was reached at {copied_at} pages");
        for _ in 0..20 {
            write(&conn, 10);
            end.reach(&conn).unwrap();
        }
        assert_eq!(end.copied_at, copied_at);
    }

    #[test]
    fn little_is_left_to_wait() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("t.db");
        let conn = writer(&path);
        let mut beside = Checkpointer::open(&path).unwrap();
        write(&conn, 900);
        beside.tidy().unwrap();
        assert!(state(&conn).unwrap().waiting() > 900, "what is little was copied");
        write(&conn, 200);
        beside.tidy().unwrap();
        assert_eq!(state(&conn).unwrap().waiting(), 0);
    }
}
