//! Tests of the registry over real files. Scripts above, helpers below and in this file.

mod accounts;
mod changes;
mod erase;
mod import;
mod store;
mod unknown;

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::sql::Sql;
use super::{By, ImportError, ImportReport, Registry, World};
use crate::domain::Timestamp;

const RIGHT: &str = include_str!("../world/tests/right.toml");

pub(super) const BY: By<'_> = By { actor: "test", at: Timestamp::EPOCH };

pub(super) fn fresh() -> (TempDir, Registry) {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::open(dir.path()).unwrap();
    (dir, registry)
}

/// What a file has besides what a registry tells.
fn conn(registry: &Registry) -> &Connection {
    match &registry.sql {
        Sql::File(conn) => conn,
        Sql::Server(_) => panic!("these tests are of files"),
    }
}

/// A fresh registry that holds the world of the contract.
fn settled() -> (TempDir, Registry) {
    let (dir, mut registry) = fresh();
    take(&mut registry, &[RIGHT]).unwrap();
    (dir, registry)
}

/// Imports texts as the files `1.toml`, `2.toml`, ….
fn take(registry: &mut Registry, texts: &[&str]) -> Result<ImportReport, ImportError> {
    let read = |(index, text): (usize, &&str)| World::read(&format!("{}.toml", index + 1), text, &|point| point);
    let worlds: Vec<_> = texts.iter().enumerate().map(read).collect();
    registry.import(&worlds, BY)
}

/// The files of a folder in which these bytes stand.
fn files_with(dir: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
    found
}
