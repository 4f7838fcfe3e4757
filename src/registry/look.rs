//! A look at a registry that must not be changed: beside whoever serves it, left by a crash, or in a backup.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::error::RegistryError;
use super::{REGISTRY_FILE, schema, store};
use crate::domain::DistrictCode;

/// The districts of the registry in `dir`. Nothing there is written, not even the files that SQLite makes for readers:
/// where nobody has the registry open, a copy is read.
pub fn districts_of(dir: &Path) -> Result<Vec<DistrictCode>, RegistryError> {
    if companion(dir, "-shm").exists() && companion(dir, "-wal").exists() {
        // Whoever has it open has made these, or left them behind, and they are all that a reader would make.
        if let Ok(found) = read_only(dir).and_then(|conn| districts(&conn)) {
            return Ok(found);
        }
    }
    let copy = Copy::make(dir)?;
    districts(&read_only(&copy.dir)?)
}

fn read_only(dir: &Path) -> Result<Connection, RegistryError> {
    store::open_to_read(dir, &schema::REGISTRY, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn districts(conn: &Connection) -> Result<Vec<DistrictCode>, RegistryError> {
    let mut statement = conn.prepare("SELECT id FROM district WHERE to_version IS NULL ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

fn companion(dir: &Path, end: &str) -> PathBuf {
    dir.join(format!("{REGISTRY_FILE}{end}"))
}

/// The files in a folder of our own, readable by us alone, that goes when we go.
struct Copy {
    dir: PathBuf,
}

impl Copy {
    fn make(from: &Path) -> Result<Self, RegistryError> {
        let copy = Self { dir: std::env::temp_dir().join(format!("tidewatch-{:032x}", rand::random::<u128>())) };
        let fault = |source| RegistryError::Folder { path: copy.dir.clone(), source };
        DirBuilder::new().mode(0o700).create(&copy.dir).map_err(fault)?;
        fs::copy(from.join(REGISTRY_FILE), copy.dir.join(REGISTRY_FILE)).map_err(fault)?;
        let wal = companion(from, "-wal");
        if wal.exists() {
            fs::copy(&wal, companion(&copy.dir, "-wal")).map_err(fault)?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files, under our name, and readable by us alone.
        fs::remove_dir_all(&self.dir).ok();
    }
}
