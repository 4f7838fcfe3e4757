//! Maps of cells: where the promise was missed, and where nobody free could have come in time. No base map: cells,
//! places of responders, a scale.

use std::collections::BTreeMap;

use super::Drawn;
use super::svg::{Svg, step};
use crate::domain::Point;
use crate::geo::coverage::Cell;
use crate::simulate::play::Coverage;

const WIDTH: f64 = 560.0;
const MARGIN: f64 = 14.0;
const FOOT: f64 = 26.0;
const HEIGHT_MOST: f64 = 520.0;

const METRES_PER_DEGREE: f64 = 111_320.0;

/// Where `policy` was late: the share of a cell's incidents.
pub(super) fn misses(drawn: &Drawn<'_>, policy: usize) -> String {
    let mut cells: BTreeMap<Cell, (u64, u64)> = BTreeMap::new();
    for case in drawn.cases(policy) {
        let Some(place) = case.place else { continue };
        let (all, late) = cells.entry(Cell::of(place)).or_default();
        *all += 1;
        *late += u64::from(case.is_late());
    }
    let mut map = Map::of(drawn, "Cells by the share of their incidents that were late");
    for (cell, (all, late)) in &cells {
        let share = *late as f64 / *all as f64;
        let tip = format!("{cell}: {late} of {all} late");
        let (class, opacity) = if *late == 0 { ("safe", 0.4) } else { ("late", 0.35 + 0.65 * share) };
        map.cell(class, *cell, opacity, &tip);
    }
    map.done(drawn)
}

/// Where `policy` left people without anybody free who could have been there in time.
pub(super) fn cover(drawn: &Drawn<'_>, policy: usize) -> String {
    let mut sum: Option<Coverage> = None;
    for played in drawn.played(policy) {
        match &mut sum {
            None => sum = Some(played.run.coverage.clone()),
            Some(sum) => sum.add(&played.run.coverage),
        }
    }
    let mut map = Map::of(drawn, "Cells by the share of the time without cover");
    for (cell, it) in sum.iter().flat_map(|it| &it.cells) {
        let of = |count: u64| count as f64 / it.samples.max(1) as f64;
        let tip = format!(
            "{cell}: {:.0} % of the time without cover, {:.0} % tight",
            of(it.uncovered) * 100.0,
            of(it.tight) * 100.0
        );
        // Roots, so that what is seldom is seen too.
        map.cell("safe", *cell, 0.4, &tip);
        map.cell("tight", *cell, of(it.tight).sqrt() * 0.7, &tip);
        map.cell("late", *cell, of(it.uncovered).sqrt(), &tip);
    }
    map.done(drawn)
}

struct Map {
    svg: Svg,
    west: f64,
    north: f64,
    cosine: f64,
    /// Units of the picture in a degree of latitude.
    scale: f64,
    height: f64,
}

impl Map {
    fn of(drawn: &Drawn<'_>, label: &str) -> Self {
        let population = &drawn.scenario.population;
        let points = population.homes.iter().map(|it| it.point).chain(population.responders.iter().map(|it| it.base));
        let (mut south, mut north, mut west, mut east) = (90.0_f64, -90.0_f64, 180.0_f64, -180.0_f64);
        for corner in points.flat_map(|it| Cell::of(it).corners()) {
            (south, north) = (south.min(corner.lat()), north.max(corner.lat()));
            (west, east) = (west.min(corner.lon()), east.max(corner.lon()));
        }
        let cosine = ((south + north) / 2.0).to_radians().cos().max(0.1);
        let (wide, high) = (((east - west) * cosine).max(1e-6), (north - south).max(1e-6));
        let scale = ((WIDTH - 2.0 * MARGIN) / wide).min(HEIGHT_MOST / high);
        let height = high * scale + 2.0 * MARGIN + FOOT;
        // A world that is higher than wide stands in the middle.
        let west = west - ((WIDTH - 2.0 * MARGIN) / scale - wide) / cosine / 2.0;
        Self { svg: Svg::new(WIDTH, height, label), west, north, cosine, scale, height }
    }

    fn at(&self, point: Point) -> (f64, f64) {
        let x = MARGIN + (point.lon() - self.west) * self.cosine * self.scale;
        (x, MARGIN + (self.north - point.lat()) * self.scale)
    }

    fn cell(&mut self, class: &str, cell: Cell, opacity: f64, tip: &str) {
        let corners: Vec<(f64, f64)> = cell.corners().into_iter().map(|it| self.at(it)).collect();
        self.svg.shape(&format!("cell {class}"), &corners, opacity, tip);
    }

    fn done(mut self, drawn: &Drawn<'_>) -> String {
        for responder in &drawn.scenario.population.responders {
            let at = self.at(responder.base);
            self.svg.circle("base", at, 2.6);
        }
        let per_m = self.scale / METRES_PER_DEGREE;
        let metres = step((WIDTH / 4.0) / per_m, 1);
        let y = self.height - 10.0;
        self.svg.rect("bar", (MARGIN, y - 2.0), (metres * per_m, 3.0));
        self.svg.text(
            "",
            "start",
            (MARGIN + metres * per_m + 8.0, y + 3.0),
            &format!("{:.0} km; rings: where responders wait", metres / 1000.0),
        );
        self.svg.done()
    }
}
