//! `copy`: record, private values and registry from a data folder into a PostgreSQL, or back, while neither is served.
//! The source stays as it is. The road network stays in the data folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use crate::domain::private::PrivateId;
use crate::engine::Shell;
use crate::journal::{
    CopyError, EventReader, Ownership, PostgresLog, SqliteLog, StoreUrl, copy_record, note_store, record_came_back,
    record_is_here,
};
use crate::registry::{Place, PrivateRow, REGISTRY_FILE, Registry, Vault, private_page};

/// Private values in one commit.
const AT_ONCE: usize = 1_000;

/// Renewed while it copies; the next owner waits at most so long for a copy that died.
const LEASE: Duration = Duration::from_secs(3);

#[derive(clap::Args)]
pub(crate) struct Copy {
    /// sqlite:DIR, postgres://… or env, for the address in TIDEWATCH_STORE_URL
    #[arg(long, value_name = "STORE")]
    from: String,
    /// The other of the two
    #[arg(long, value_name = "STORE")]
    to: String,
}

fn place(text: &str) -> Result<Place, Failure> {
    if let Some(dir) = text.strip_prefix("sqlite:").filter(|it| !it.is_empty()) {
        return Ok(Place::Folder(PathBuf::from(dir)));
    }
    let url = match text {
        "env" => super::store_url(text)?,
        _ => text.parse().map_err(|error| Failure::Unusable(format!("{error}, or sqlite:DIR")))?,
    };
    Ok(Place::Server(Box::new(url)))
}

impl Copy {
    pub fn run(self) -> Result<(), Failure> {
        match (place(&self.from)?, place(&self.to)?) {
            (Place::Folder(dir), Place::Server(url)) => bring_in(&dir, &url),
            (Place::Server(url), Place::Folder(dir)) => bring_back(&url, &dir),
            (Place::Folder(_), Place::Folder(_)) | (Place::Server(_), Place::Server(_)) => {
                let why = "found two stores of one kind, expected sqlite:DIR and postgres://…; for a copy of a folder \
                           there is `tidewatch backup`, for one of a PostgreSQL its own tools";
                Err(Failure::Unusable(why.to_owned()))
            }
        }
    }
}

fn bring_in(dir: &Path, url: &StoreUrl) -> Result<(), Failure> {
    record_is_here(dir).map_err(Failure::unusable)?;
    if !dir.join(crate::journal::JOURNAL_FILE).exists() {
        return Err(Failure::unusable(crate::journal::LogError::Missing { dir: dir.to_owned() }));
    }
    let from = SqliteLog::open(dir).map_err(Failure::unusable)?;
    let vault = Vault::open(dir).map_err(Failure::unusable)?;
    let mut to = owned(url)?;
    // A journal may have been copied without its registry.
    if dir.join(REGISTRY_FILE).exists() {
        let registry = Registry::open_existing(dir).map_err(Failure::unusable)?;
        move_registry(&registry, Registry::open(url).map_err(Failure::unusable)?, &url.to_string())?;
    }
    // Before the events: none may name a value that is not kept.
    each_page(|after| private_page(&vault, after, AT_ONCE), |rows| to.keep_private(rows))?;
    for district in from.heads().map_err(Failure::unusable)?.into_keys() {
        print(district, copy_record(&from, &mut to, district))?;
    }
    note_store(dir, &url.to_string()).map_err(Failure::unusable)
}

fn bring_back(url: &StoreUrl, dir: &Path) -> Result<(), Failure> {
    let from = owned(url)?;
    let mut to = SqliteLog::open(dir).map_err(Failure::unusable)?;
    let registry = Registry::open(url).map_err(Failure::unusable)?;
    move_registry(&registry, Registry::open(dir).map_err(Failure::unusable)?, &dir.display().to_string())?;
    let mut vault = Vault::open(dir).map_err(Failure::unusable)?;
    each_page(|after| from.private_page(after, AT_ONCE), |rows| vault.keep(rows))?;
    for district in from.heads().map_err(Failure::unusable)?.into_keys() {
        print(district, copy_record(&from, &mut to, district))?;
    }
    record_came_back(dir).map_err(Failure::unusable)
}

/// `name`: of the place of `to`.
fn move_registry(from: &Registry, mut to: Registry, name: &str) -> Result<(), Failure> {
    let version = to.take_over(from, name).map_err(Failure::unusable)?;
    println!("registry version {version}");
    Ok(())
}

/// Owned while it is copied, so that nobody serves it.
fn owned(url: &StoreUrl) -> Result<PostgresLog, Failure> {
    let owner = Ownership::name(&format!("copy, process {}", std::process::id()));
    let it = Ownership { url: url.clone(), lease: LEASE, owner };
    PostgresLog::open(it, &[], Arc::new(Shell::exit_at_once)).map_err(Failure::unusable)
}

fn each_page<R: std::fmt::Display, W: std::fmt::Display>(
    page: impl Fn(Option<PrivateId>) -> Result<Vec<PrivateRow>, R>,
    mut keep: impl FnMut(&[PrivateRow]) -> Result<(), W>,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let rows = page(after).map_err(Failure::unusable)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        keep(&rows).map_err(Failure::unusable)?;
    }
}

fn print(
    district: crate::domain::DistrictCode,
    copied: Result<crate::journal::Head, CopyError>,
) -> Result<(), Failure> {
    match copied {
        Ok(head) => println!("district={district} head={} hash={}", head.seq, head.hash),
        Err(CopyError::Source(fault)) => return Err(Failure::Check(fault.to_string())),
        Err(error) => return Err(Failure::unusable(error)),
    }
    Ok(())
}
