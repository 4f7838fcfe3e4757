//! Where the registry is that a command asks: in a data folder, or in a PostgreSQL.

use std::path::PathBuf;

use super::Failure;
use crate::journal::record_is_here;
use crate::registry::Place;

#[derive(clap::Args)]
pub(super) struct PlaceArguments {
    /// The data folder
    #[arg(long, value_name = "DIR", required_unless_present = "store")]
    data: Option<PathBuf>,
    /// The PostgreSQL that keeps registry and record, where they are not in a data folder; `env`: TIDEWATCH_STORE_URL
    #[arg(long, value_name = "postgres://…", conflicts_with = "data")]
    store: Option<String>,
}

impl PlaceArguments {
    /// A folder whose registry has moved into a server is refused: nobody would read what is written there.
    pub fn place(&self) -> Result<Place, Failure> {
        match (&self.store, &self.data) {
            (Some(store), _) => Ok(Place::Server(Box::new(super::store_url(store)?))),
            (None, Some(dir)) => {
                record_is_here(dir).map_err(Failure::unusable)?;
                Ok(Place::Folder(dir.clone()))
            }
            (None, None) => unreachable!("one of the two is required"),
        }
    }
}
