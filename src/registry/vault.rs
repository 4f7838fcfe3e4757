//! The vault: private values under random names. An event carries the name and a salted commitment; the value and its
//! salt lie here until they are erased. Has a file of its own, because an alarm waits for it and must not wait for an
//! import.

use std::path::{Path, PathBuf};

use rand::Rng;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, ffi, params};

use super::error::RegistryError;
use super::{schema, store};
use crate::domain::digest::sha256;
use crate::domain::private::{Commitment, PrivateId, PrivateRow, PrivateValue};
use crate::domain::{PrivateRef, SubjectId, Timestamp};
use crate::journal::{Checkpointer, LogEnd, LogError, PostgresReader};

/// Bits of chance in a name: of the values of one second no two ever get the same.
const CHANCE_BITS: u32 = 88;

/// Why values were not kept. Keeping the same rows again does no harm, so a definite failure may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nothing was kept: no room, no lock, no right to write.
    #[error("private values were not kept: {0}")]
    Definite(rusqlite::Error),
    /// The disk can no longer be believed: the process must end, and the next start finds out what is there.
    #[error("the store of private values cannot be trusted: {0}")]
    Fatal(rusqlite::Error),
}

/// SHA-256 of salt and value.
pub fn commit_to(salt: &[u8; 16], value: &str) -> Commitment {
    Commitment(sha256(&[salt, value.as_bytes()]))
}

impl PrivateRow {
    /// A value under a new name, with a new salt. The name begins with the second of `at`, so that names rise and a
    /// commit writes at the end of the table alone; at a million values that is ten times as fast as chance alone.
    pub fn new(
        rng: &mut dyn Rng,
        at: Timestamp,
        subject: Option<SubjectId>,
        kind: &'static str,
        value: String,
    ) -> Self {
        let (mut chance, mut salt) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut chance);
        rng.fill_bytes(&mut salt);
        let second = u128::from(at.since_s(Timestamp::EPOCH)) << CHANCE_BITS;
        let id = PrivateId(second | (u128::from_be_bytes(chance) >> (u128::BITS - CHANCE_BITS)));
        Self { id, subject, kind: kind.into(), salt, value }
    }

    /// What an event carries in its place.
    pub fn reference(&self) -> PrivateRef {
        PrivateRef { id: self.id, commitment: commit_to(&self.salt, &self.value) }
    }
}

impl PrivateValue {
    /// Whether this is the value to which the event was committed.
    pub fn keeps(&self, commitment: &Commitment) -> bool {
        commit_to(&self.salt, &self.value) == *commitment
    }
}

/// Reading private values by their names, wherever they are kept.
pub trait PrivateReader: Send {
    /// The values that are still there, in the order of `ids`; what was erased is left out.
    fn read(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError>;
}

/// Erasing private values, wherever they are kept.
pub trait Forget {
    /// Deletes the values of a subject and those in `also`; tells how many there were. Call `scrub` afterwards.
    fn forget(&mut self, subject: &SubjectId, also: &[PrivateId]) -> Result<usize, RegistryError>;

    /// Leaves as little of what was deleted as the store can.
    fn scrub(&self) -> Result<(), RegistryError>;
}

impl PrivateReader for Vault {
    fn read(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError> {
        read(&self.conn, ids)
    }
}

impl Forget for Vault {
    fn forget(&mut self, subject: &SubjectId, also: &[PrivateId]) -> Result<usize, RegistryError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut deleted = tx.execute("DELETE FROM private WHERE subject = ?1", [subject.as_str()])?;
        for id in also {
            deleted += tx.prepare_cached("DELETE FROM private WHERE id = ?1")?.execute([id.0.to_be_bytes()])?;
        }
        tx.commit()?;
        Ok(deleted)
    }

    /// No byte of it is left in the files.
    fn scrub(&self) -> Result<(), RegistryError> {
        store::scrub(&self.conn)
    }
}

impl PrivateReader for VaultReader {
    fn read(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError> {
        read(&self.conn, ids)
    }
}

impl PrivateReader for PostgresReader {
    fn read(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError> {
        Ok(self.private_values(ids)?)
    }
}

impl Forget for PostgresReader {
    fn forget(&mut self, subject: &SubjectId, also: &[PrivateId]) -> Result<usize, RegistryError> {
        Ok(self.forget_private(subject, also)?)
    }

    fn scrub(&self) -> Result<(), RegistryError> {
        Ok(self.vacuum_private()?)
    }
}

/// The vault, open for writing. A data folder has one writer that serves, and now and then one that erases.
#[derive(Debug)]
pub struct Vault {
    conn: Connection,
    path: PathBuf,
    end: LogEnd,
}

impl Vault {
    /// Opens the vault of a data folder, and makes it where there is none.
    pub fn open(dir: &Path) -> Result<Self, RegistryError> {
        Self::start(store::open(dir, &schema::PRIVATE, |_| Ok(()))?, dir.join(super::PRIVATE_FILE))
    }

    /// On another of SQLite's file systems, for tests of what a disk may do.
    pub fn open_with(path: &Path, vfs: &str) -> Result<Self, RegistryError> {
        Self::start(store::open_with(path, vfs, &schema::PRIVATE)?, path.to_owned())
    }

    /// Copies the write-ahead log into the file, as the journal's does.
    pub fn housekeeper(&self) -> Result<Checkpointer, LogError> {
        Checkpointer::open(&self.path)
    }

    /// Keeps all of them, on the disk, or none. A row whose name is kept already stays as it is: it is a retry.
    pub fn keep(&mut self, rows: &[PrivateRow]) -> Result<(), VaultError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.make_room()?;
        self.insert(rows).map_err(classify)
    }

    /// Whether it can keep again, after it could not: a commit that changes nothing.
    pub fn probe(&mut self) -> Result<(), VaultError> {
        self.conn.pragma_update(None, "user_version", schema::PRIVATE.schema_version).map_err(classify)
    }

    /// See `VaultReader::read`.
    pub fn read(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError> {
        read(&self.conn, ids)
    }

    fn start(conn: Connection, path: PathBuf) -> Result<Self, RegistryError> {
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        Ok(Self { conn, path, end: LogEnd::default() })
    }

    /// A full disk does not stop the values here: the write-ahead log may well have room where the file has none.
    fn make_room(&mut self) -> Result<(), VaultError> {
        match self.end.reach(&self.conn).map_err(classify) {
            Err(VaultError::Definite(_)) | Ok(()) => Ok(()),
            Err(fatal @ VaultError::Fatal(_)) => Err(fatal),
        }
    }

    fn insert(&mut self, rows: &[PrivateRow]) -> Result<(), rusqlite::Error> {
        let sql = "INSERT INTO private (id, subject, kind, salt, value) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (id) DO NOTHING";
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = tx.prepare_cached(sql)?;
        for row in rows {
            let subject = row.subject.as_ref().map(SubjectId::as_str);
            let id = row.id.0.to_be_bytes();
            insert.execute(params![id, subject, &*row.kind, row.salt, row.value])?;
        }
        drop(insert);
        tx.commit()
    }
}

/// The vault, open for reading alone: never waits for the writer, and the writer never for it.
#[derive(Debug)]
pub struct VaultReader {
    conn: Connection,
}

impl VaultReader {
    /// Opens a vault that exists, for the process that serves it.
    pub fn open(dir: &Path) -> Result<Self, RegistryError> {
        Ok(Self { conn: store::open_to_read(dir, &schema::PRIVATE, OpenFlags::SQLITE_OPEN_READ_WRITE)? })
    }

    /// The values that are still there, in the order of `ids`; what was erased is left out.
    pub fn read(&self, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError> {
        read(&self.conn, ids)
    }
}

/// At most `limit` values with names above `after`, in the order of their names: for who moves a store.
pub fn private_page(vault: &Vault, after: Option<PrivateId>, limit: usize) -> Result<Vec<PrivateRow>, RegistryError> {
    const PAGE: &str =
        "SELECT subject, kind, salt, value, id FROM private WHERE ?1 IS NULL OR id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = vault.conn.prepare_cached(PAGE)?;
    let rows = statement.query_map(params![after.map(|it| it.0.to_be_bytes()), limit as i64], |row| {
        let (it, id): (PrivateValue, [u8; 16]) = (value(row)?, row.get(4)?);
        Ok(PrivateRow::kept(PrivateId(u128::from_be_bytes(id)), it))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(conn: &Connection, ids: &[PrivateId]) -> Result<Vec<(PrivateId, PrivateValue)>, RegistryError> {
    let tx = conn.unchecked_transaction()?;
    let mut statement = tx.prepare_cached("SELECT subject, kind, salt, value FROM private WHERE id = ?1")?;
    let mut values = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(value) = statement.query_row([id.0.to_be_bytes()], value).optional()? {
            values.push((*id, value));
        }
    }
    Ok(values)
}

fn value(row: &Row<'_>) -> rusqlite::Result<PrivateValue> {
    let subject = row.get::<_, Option<String>>(0)?.and_then(|id| id.parse().ok());
    Ok(PrivateValue { subject, kind: row.get(1)?, salt: row.get(2)?, value: row.get(3)? })
}

/// A transaction that failed was rolled back. After a failed fsync nobody knows what the disk has; a spoilt file or a
/// failed read tells as little.
fn classify(error: rusqlite::Error) -> VaultError {
    let code = error.sqlite_error().map_or(0, |it| it.extended_code);
    let no_memory = code == ffi::SQLITE_IOERR_NOMEM;
    match error.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure) if !no_memory => VaultError::Fatal(error),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => VaultError::Fatal(error),
        _ => VaultError::Definite(error),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn what_was_kept_reads_back_and_keeps_its_commitment() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(dir.path()).unwrap();
        let (one, other) = (row(1, "+8613900000001"), row(2, "gate 7"));
        vault.keep(&[one.clone(), other.clone()]).unwrap();
        let absent = row(3, "").id;
        let read = VaultReader::open(dir.path()).unwrap().read(&[other.id, absent, one.id]).unwrap();
        assert_eq!(read.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [other.id, one.id]);
        assert_eq!(read[1].1.value, "+8613900000001");
        assert!(read[1].1.keeps(&one.reference().commitment));
        assert!(!read[1].1.keeps(&other.reference().commitment));
    }

    #[test]
    fn a_retry_changes_nothing_and_adds_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(dir.path()).unwrap();
        vault.keep(&[row(1, "first")]).unwrap();
        vault.keep(&[PrivateRow { value: "other".into(), ..row(1, "first") }, row(2, "second")]).unwrap();
        let read = vault.read(&[row(1, "").id, row(2, "").id]).unwrap();
        assert_eq!(read.iter().map(|(_, it)| it.value.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    }

    #[test]
    fn the_commitment_is_sha_256_of_salt_and_value() {
        // printf '0123456789abcdefvalue' | sha256sum
        let expected = "b89ca3961c4207a5f6516e0f5077f64c7b1073fd29b22425fd2dfdecf42422c8";
        assert_eq!(commit_to(b"0123456789abcdef", "value").to_string(), expected);
    }

    #[test]
    fn a_full_disk_is_definite_and_keeps_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(dir.path()).unwrap();
        vault.conn.pragma_update(None, "max_page_count", 3).unwrap();
        let rows: Vec<_> = (0..100).map(|seed| row(seed, &"x".repeat(500))).collect();
        assert!(matches!(vault.keep(&rows), Err(VaultError::Definite(_))));
        assert_eq!(vault.read(&[rows[0].id]).unwrap(), []);
        vault.probe().expect("a page that is there is written in its place");
        vault.conn.pragma_update(None, "max_page_count", 1000).unwrap();
        vault.keep(&rows).unwrap();
        assert_eq!(vault.read(&[rows[99].id]).unwrap().len(), 1);
    }

    #[test]
    fn what_the_disk_did_decides_whether_to_go_on() {
        let failed = |code| classify(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC, ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            assert!(matches!(failed(code), VaultError::Fatal(_)), "{code} was definite");
        }
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_READONLY, ffi::SQLITE_IOERR_NOMEM] {
            assert!(matches!(failed(code), VaultError::Definite(_)), "{code} was fatal");
        }
    }

    #[test]
    fn names_rise_by_the_second_and_differ_within_it() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut at = |s| PrivateRow::new(&mut rng, Timestamp::EPOCH.after_s(s), None, "note", String::new()).id;
        let mut names: Vec<_> = [0, 1, 1, 255, 256, 4_000_000_000, 253_402_300_799].map(&mut at).into();
        assert!(names[1] != names[2]);
        names[1..3].sort();
        assert!(names.is_sorted());
        assert_eq!(names[6].0 >> CHANCE_BITS, 253_402_300_799);
    }

    #[test]
    fn a_private_value_is_not_in_its_debug_text() {
        assert!(!format!("{:?}", row(1, "+8613900000001")).contains("139"));
    }

    fn row(seed: u64, value: &str) -> PrivateRow {
        PrivateRow::new(&mut StdRng::seed_from_u64(seed), Timestamp::EPOCH, None, "phone", value.to_owned())
    }
}
