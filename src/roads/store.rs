//! The prepared network as a file of the data folder. It has its name only when it is whole and on the disk.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::geo::Roads;
use crate::geo::roads::BadRoads;

/// In the data folder, and in its backups.
pub const ROADS_FILE: &str = "roads.bin";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{doing} {}: {source}; expected a folder that this user may read and write, and room on the disk", path.display())]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "{}: {source}; bring the network in again with `tidewatch roads import`, or remove the file and go on in straight lines",
        path.display()
    )]
    Bad { path: PathBuf, source: BadRoads },
}

/// `None` where the folder has no network.
pub fn load(dir: &Path) -> Result<Option<Roads>, StoreError> {
    let path = dir.join(ROADS_FILE);
    let Some(bytes) = read(&path)? else { return Ok(None) };
    Roads::from_bytes(&bytes).map(Some).map_err(|source| StoreError::Bad { path, source })
}

/// Writes beside the old one, and takes its place. Gives the bytes that were written.
pub fn store(dir: &Path, roads: &Roads) -> Result<u64, StoreError> {
    write(dir, &roads.to_bytes())
}

/// Takes the network of one folder along into another. True if there was one; it is copied as it is, good or not.
pub fn copy(from: &Path, to: &Path) -> Result<bool, StoreError> {
    let Some(bytes) = read(&from.join(ROADS_FILE))? else { return Ok(false) };
    write(to, &bytes).map(|_| true)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { doing: "reading", path: path.to_owned(), source }),
    }
}

fn write(dir: &Path, bytes: &[u8]) -> Result<u64, StoreError> {
    let path = dir.join(ROADS_FILE);
    let beside = dir.join(format!("{ROADS_FILE}.unfinished-{}", std::process::id()));
    let written = fs::create_dir_all(dir).and_then(|()| replace(dir, &beside, &path, bytes));
    if written.is_err() {
        // Its name says that it is not whole, where even this fails.
        fs::remove_file(&beside).ok();
    }
    written.map_err(|source| StoreError::File { doing: "writing", path, source })?;
    Ok(bytes.len() as u64)
}

fn replace(dir: &Path, beside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    File::open(dir)?.sync_all()
}
