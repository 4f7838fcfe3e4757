//! `backup` and `restore`: journal first, then the registry and the private values; then the road network, which no
//! record refers to.

use std::path::PathBuf;

use super::Failure;
use crate::journal::{ChainFault, Heads, backup, restore, store_of};
use crate::registry::{PRIVATE_FILE, REGISTRY_FILE};
use crate::roads;

/// Copied after the journal, so that nothing it names is missing.
const OTHERS: [&str; 2] = [PRIVATE_FILE, REGISTRY_FILE];

#[derive(clap::Args)]
pub(crate) struct Backup {
    /// The data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The copy, a name that is free
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Restore {
    /// A backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The new data folder, a name that is free
    #[arg(long, value_name = "NEWDIR")]
    data: PathBuf,
}

impl Backup {
    pub fn run(self) -> Result<(), Failure> {
        if let Some(store) = store_of(&self.data) {
            let why = format!(
                "record and registry of {} are in {store}: expected them in the folder; back the server up with its own \
                 tools (docs/operating.md)",
                self.data.display()
            );
            return Err(Failure::Unusable(why));
        }
        let heads = backup(&self.data, &self.to, &OTHERS).map_err(Failure::unusable)?;
        roads::copy(&self.data, &self.to).map_err(Failure::unusable)?;
        print_heads(&heads);
        Ok(())
    }
}

impl Restore {
    pub fn run(self) -> Result<(), Failure> {
        match restore(&self.from, &self.data, &OTHERS) {
            Ok(heads) => {
                roads::copy(&self.from, &self.data).map_err(Failure::unusable)?;
                print_heads(&heads);
            }
            Err(ChainFault::Unreadable(error)) => return Err(Failure::unusable(error)),
            Err(fault) => return Err(Failure::Check(fault.to_string())),
        }
        Ok(())
    }
}

fn print_heads(heads: &Heads) {
    heads.iter().for_each(|(district, head)| println!("district={district} head={} hash={}", head.seq, head.hash));
}
