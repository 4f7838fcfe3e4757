//! `import`: worlds into the registry, beside a running `serve` or before it.

use std::path::PathBuf;

use super::place::PlaceArguments;
use super::{Failure, now};
use crate::geo;
use crate::registry::{By, Registry, World};

#[derive(clap::Args)]
pub(crate) struct Import {
    #[command(flatten)]
    place: PlaceArguments,
    /// World files
    #[arg(required = true, value_name = "WORLD.toml")]
    worlds: Vec<PathBuf>,
}

impl Import {
    pub fn run(self) -> Result<(), Failure> {
        let worlds = self.worlds.iter().map(read).collect::<Result<Vec<World>, Failure>>()?;
        let mut registry = Registry::open(self.place.place()?).map_err(Failure::unusable)?;
        let report = registry.import(&worlds, By { actor: "import", at: now() }).map_err(Failure::unusable)?;
        println!("registry version {}: {}", report.version, report.summary());
        Ok(())
    }
}

fn read(path: &PathBuf) -> Result<World, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Unusable(format!("{name}: {error}; expected a world file that this user may read, check its name"))
    })?;
    Ok(World::read(&name, &text, &geo::gcj02_to_wgs84))
}
