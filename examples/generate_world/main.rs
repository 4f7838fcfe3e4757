//! Prints the demo world of Haining as a world file. All people in it are invented.

mod world;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;

/// Prints an invented world of Haining: homes, people, devices and responders, the same for the same seed.
#[derive(Parser)]
struct Arguments {
    /// Towns and villages: town_code,town,village_code,village,kind_by_code
    #[arg(long)]
    towns: PathBuf,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let towns = std::fs::read_to_string(&arguments.towns)
        .with_context(|| format!("cannot read {}", arguments.towns.display()))?;
    let world = world::generate(&towns, arguments.seed)?;
    std::io::stdout().write_all(world.as_bytes()).context("cannot write the world to stdout")
}
