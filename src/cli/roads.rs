//! `roads import`: a road network into the data folder, prepared so that a service only has to read it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Failure;
use crate::clock::{Clock, SystemClock};
use crate::domain::Travel;
use crate::geo::Roads;
use crate::geo::roads::Kept;
use crate::roads::{Faults, ROADS_FILE, Read, read_pbf, read_tables, store};

#[derive(Subcommand)]
pub(crate) enum RoadsCommand {
    /// Read a road network, prepare it, and keep it in the data folder; a running `serve` takes it at its next start
    Import(Import),
}

#[derive(Args)]
pub(crate) struct Import {
    /// The data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A map of OpenStreetMap
    #[arg(value_name = "FILE.osm.pbf", required_unless_present = "nodes", conflicts_with_all = ["nodes", "arcs"])]
    map: Option<PathBuf>,
    /// A table `id,lon,lat`, optionally `access`: 0 where nobody can join or walk; .gz is unpacked
    #[arg(long, value_name = "NODES.csv", requires = "arcs")]
    nodes: Option<PathBuf>,
    /// A table of directed arcs, `from,to,seconds` or `from,to,metres,class`; .gz is unpacked
    #[arg(long, value_name = "ARCS.csv", requires = "nodes")]
    arcs: Option<PathBuf>,
}

impl RoadsCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Import(it) => it.run(),
        }
    }
}

impl Import {
    fn run(self) -> Result<(), Failure> {
        let clock = SystemClock::new();
        let read = self.read().map_err(Failure::unusable)?;
        let Read { ways, cut_off, draft } = read;
        println!("read {} nodes and {} pieces of {ways} ways", draft.nodes.len(), draft.segments.len());
        if cut_off > 0 {
            println!("left off {cut_off} pieces whose nodes are not on the map");
        }
        let read_ms = clock.now_monotonic_ms();
        let (roads, kept) = Roads::prepare(draft);
        let prepared_ms = clock.now_monotonic_ms() - read_ms;
        report(&kept);
        if roads.segments() == 0 {
            return Err(Failure::Unusable(self.nothing_left()));
        }
        let bytes = store(&self.data, &roads).map_err(Failure::unusable)?;
        println!("prepared in {prepared_ms} ms; {bytes} bytes in {}", self.data.join(ROADS_FILE).display());
        println!("a running `serve` of this folder takes it at its next start");
        Ok(())
    }

    fn read(&self) -> Result<Read, Faults> {
        match (&self.map, &self.nodes, &self.arcs) {
            (Some(map), _, _) => read_pbf(map),
            (None, Some(nodes), Some(arcs)) => read_tables(nodes, arcs),
            (None, _, _) => unreachable!("clap asks for a map, or for both tables"),
        }
    }

    fn nothing_left(&self) -> String {
        let file = self.map.as_deref().or(self.arcs.as_deref()).unwrap_or(Path::new("")).display();
        format!(
            "{file}: found no two nodes that reach each other both ways, expected a network; check that arcs name the \
             same nodes in both directions"
        )
    }
}

/// The largest part of each mode in which everything reaches everything.
fn report(kept: &Kept) {
    println!("kept {} of {} nodes", kept.nodes.kept, kept.nodes.given);
    for (travel, share) in Travel::ALL.into_iter().zip(kept.segments) {
        let (left_off, name) = (share.given - share.kept, travel.as_str());
        println!(
            "{name}: kept {} of {} roads, left off {left_off} from which or to which one cannot come",
            share.kept, share.given
        );
    }
}
