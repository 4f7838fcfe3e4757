//! `[world]`: one of a world file, a seed with sizes, or tables.

use super::{At, Reader};
use crate::document::fields::{digits, text as line, word};
use crate::document::{Key, Sink};
use crate::domain::{Class, Tier, Travel};
use crate::geo::gcj02_to_wgs84;
use crate::registry::World;
use crate::scenario::population::{Sizes, Tabled, places_of};
use crate::scenario::trace::TraceRow;
use crate::scenario::{Population, RoadTables, keys};

/// As faults of a made-up world would name it; it has none.
const MADE: &str = "a made-up world";

impl Reader<'_> {
    pub(super) fn world<'t>(
        &mut self,
        at: At<'_, '_>,
        traces: impl Iterator<Item = &'t TraceRow>,
    ) -> Option<Population> {
        let (names_file, generate, tables) = self.table("[world]", at, |fields| {
            let names_file = fields.may(&keys::FILE, line).is_some();
            let (generate, tables) = (fields.table(&keys::GENERATE), fields.table(&keys::TABLES));
            let given = usize::from(names_file) + usize::from(generate.is_some()) + usize::from(tables.is_some());
            if given != 1 {
                fields.refuse(&keys::WORLD, &format!("{given} of file, [world.generate] and [world.tables]"));
                return None;
            }
            Some((names_file, generate, tables))
        })?;
        if names_file {
            return self.world_file(at);
        }
        if let Some(at) = generate {
            let sizes = self.table("[world.generate]", at, Sizes::read)?;
            return Some(Population::of_rows(MADE, sizes.generate()));
        }
        self.tabled(tables?, traces)
    }

    fn world_file(&mut self, at: At<'_, '_>) -> Option<Population> {
        let (name, text) = self.file(&keys::FILE, at)?;
        let world = World::read(&name, &text, &gcj02_to_wgs84);
        match world.by_itself() {
            Ok(facts) => Some(Population::of(world, facts)),
            Err(faults) => {
                self.others.extend(faults);
                None
            }
        }
    }

    fn tabled<'t>(&mut self, at: At<'_, '_>, traces: impl Iterator<Item = &'t TraceRow>) -> Option<Population> {
        let (tabled, has_homes) = self.table("[world.tables]", at, |fields| {
            let district = fields.may(&keys::DISTRICT, |value| digits(value, 6, 6));
            let class = fields.may(&keys::CLASS, word::<Class>).unwrap_or(Class::Urban);
            let tier = fields.may(&keys::TIER, word::<Tier>).unwrap_or(Tier::Staff);
            let travel = fields.may(&keys::TRAVEL, word::<Travel>).unwrap_or(Travel::Car);
            fields.need(&keys::RESPONDERS_FILE, line);
            let has_homes = fields.may(&keys::HOMES_FILE, line).is_some();
            let (nodes, arcs) = (fields.may(&keys::NODES_FILE, line), fields.may(&keys::ARCS_FILE, line));
            if nodes.is_some() != arcs.is_some() {
                fields.refuse(&keys::NODES_FILE, "one of `nodes` and `arcs` without the other");
            }
            let district = district.unwrap_or_else(|| "990001".to_owned()).parse().ok()?;
            Some((Tabled { district, class, tier, travel }, has_homes))
        })?;
        let homes = if has_homes { self.homes(&tabled, at)? } else { places_of(traces, tabled.class) };
        let (name, text) = self.file(&keys::RESPONDERS_FILE, at)?;
        let mut sink = Sink::new(&name, &text);
        let mut rows = tabled.rows(&homes);
        rows.extend(tabled.responders(&name, &text, &mut sink));
        self.others.extend(sink.into_faults());
        Some(Population::of_rows(&name, rows))
    }

    /// Where the tables name a road network; what is wrong with the names is told when the tables are read.
    pub(super) fn roads(&mut self, (table, _): At<'_, '_>) -> Option<RoadTables> {
        let tables = table.get(keys::TABLES.name)?.get_ref().as_table()?;
        let name = |key: &Key| Some(tables.get(key.name)?.get_ref().as_str()?.to_owned());
        Some(RoadTables { nodes: name(&keys::NODES_FILE)?, arcs: name(&keys::ARCS_FILE)? })
    }

    fn homes(&mut self, tabled: &Tabled, at: At<'_, '_>) -> Option<Vec<(crate::domain::Point, Class)>> {
        let (name, text) = self.file(&keys::HOMES_FILE, at)?;
        let mut sink = Sink::new(&name, &text);
        let homes = tabled.homes(&name, &text, &mut sink);
        self.others.extend(sink.into_faults());
        Some(homes)
    }
}
