//! Opening a journal's file: one way in for whoever writes, reads, or reads what nobody has open.
//! Says why where SQLite says only that it cannot.

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::super::LogError;
use super::super::folder::fault as file_fault;
use super::fault::At;
use super::schema;

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum For<'a> {
    /// The one writer, which makes the file where there is none.
    Writing,
    /// The same, on another of SQLite's file systems.
    WritingOn(&'a str),
    /// Whoever reads and must change nothing.
    Reading,
    /// A file that nobody has open and no crash left: no lock is asked for, and none is left behind.
    ReadingAtRest,
    /// A reader of the process that serves. It changes no event either, but whichever connection of that process is
    /// closed last finishes the write-ahead log, and one that may not write would have to leave it there.
    ReadingOwn,
    /// Who copies the write-ahead log of this process's writer into the file.
    Copying,
}

impl For<'_> {
    fn flags(self) -> OpenFlags {
        let common = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        common
            | match self {
                Self::Writing | Self::WritingOn(_) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
                Self::Reading | Self::ReadingAtRest => OpenFlags::SQLITE_OPEN_READ_ONLY,
                Self::ReadingOwn | Self::Copying => OpenFlags::SQLITE_OPEN_READ_WRITE,
            }
    }

    fn query(self) -> &'static str {
        match self {
            Self::ReadingAtRest => "?immutable=1",
            Self::Writing | Self::WritingOn(_) | Self::Reading | Self::ReadingOwn | Self::Copying => "",
        }
    }
}

/// A connection to the file at `path`. One that reads is set; one that writes is first to be looked at (`schema`).
pub(super) fn open(path: &Path, purpose: For<'_>) -> Result<Connection, LogError> {
    // The empty authority keeps a path that begins with two slashes from being read as one.
    let scheme = if path.is_absolute() { "file://" } else { "file:" };
    let name = format!("{scheme}{}{}", escaped(path), purpose.query());
    let opened = match purpose {
        For::WritingOn(vfs) => Connection::open_with_flags_and_vfs(name, purpose.flags(), vfs),
        For::Writing | For::Reading | For::ReadingAtRest | For::ReadingOwn | For::Copying => {
            Connection::open_with_flags(name, purpose.flags())
        }
    };
    let conn = opened.map_err(|error| why(path, error))?;
    match purpose {
        For::Writing | For::WritingOn(_) => {}
        For::Copying => schema::prepare_connection(&conn).map_err(At("opening", path).fault())?,
        For::Reading | For::ReadingAtRest | For::ReadingOwn => {
            schema::prepare_reader(&conn).map_err(At("opening", path).fault())?;
        }
    }
    Ok(conn)
}

/// Before SQLite makes of it what it can. Opens nothing: closing a file that SQLite has open drops its locks.
pub(super) fn look_at(path: &Path) -> Result<(), LogError> {
    match fs::metadata(path) {
        Ok(it) if it.is_file() => Ok(()),
        Ok(_) => Err(LogError::Foreign { path: path.to_owned(), found: "a folder".to_owned(), expected: "a file" }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(file_fault("looking at", path)(source)),
    }
}

/// A path as it must stand in a URI, whatever bytes it has.
fn escaped(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte);
    let escape = |byte: &u8| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    path.as_os_str().as_encoded_bytes().iter().map(escape).collect()
}

/// SQLite says only that it cannot open; the system says why.
fn why(path: &Path, error: rusqlite::Error) -> LogError {
    let dir = path.parent().unwrap_or(path);
    let told = fs::read_dir(dir).map(drop).and_then(|()| fs::File::open(path).map(drop));
    told.map_or_else(file_fault("opening", path), |()| At("opening", path).fault()(error))
}
