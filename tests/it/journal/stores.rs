//! The stores that a journal may be in: whatever is asked of one is asked of all.

use tempfile::TempDir;
use tidewatch::journal::{EventLog, EventReader, MemoryDisk, PostgresReader, SqliteLog, SqliteReader};

use crate::postgres;

/// One store, empty at first; a log is a start of a process on it.
pub trait Store {
    fn log(&self) -> Box<dyn EventLog>;

    /// Beside the log.
    fn reader(&self) -> Box<dyn EventReader>;
}

pub fn every_store() -> Vec<Box<dyn Store>> {
    vec![Box::new(MemoryDisk::new("test")), Box::new(TempDir::new().unwrap()), Box::new(Database(postgres::database()))]
}

impl Store for MemoryDisk {
    fn log(&self) -> Box<dyn EventLog> {
        Box::new(MemoryDisk::log(self))
    }

    fn reader(&self) -> Box<dyn EventReader> {
        Box::new(MemoryDisk::log(self))
    }
}

impl Store for TempDir {
    fn log(&self) -> Box<dyn EventLog> {
        Box::new(SqliteLog::open(self.path()).unwrap())
    }

    fn reader(&self) -> Box<dyn EventReader> {
        Box::new(SqliteReader::open(self.path()).unwrap())
    }
}

struct Database(String);

impl Store for Database {
    fn log(&self) -> Box<dyn EventLog> {
        Box::new(postgres::log(&self.0))
    }

    fn reader(&self) -> Box<dyn EventReader> {
        Box::new(PostgresReader::open(&self.0.parse().unwrap()).unwrap())
    }
}
