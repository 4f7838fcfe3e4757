//! Coverage: how soon the first of some people could be in the middle of each cell in which somebody lives, against
//! what was promised there. Pure; who may be sent at all is the caller's to say.

use std::collections::BTreeMap;
use std::fmt;

use h3o::{CellIndex as H3Cell, LatLng, Resolution};

use super::cell_index::CellIndex;
use super::nearest::nearest;
use crate::domain::{Class, Point};

/// Cells of about 0.7 km²: a few streets, which one responder reaches in about the same time.
pub const COVERAGE_RESOLUTION: u8 = 8;

/// A cell of that resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell(H3Cell);

/// Cells with the promise that holds in each.
pub type Cells = BTreeMap<Cell, Class>;

/// How a cell stands against its promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cover {
    Covered,
    /// Over two thirds of the promise.
    Tight,
    Uncovered,
}

/// A cell as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    pub cell: Cell,
    pub class: Class,
    pub promise_s: u64,
    /// Seconds until the first could be there; `None` where there is nobody.
    pub first_s: Option<u64>,
    pub cover: Cover,
}

impl Cell {
    pub fn of(point: Point) -> Self {
        let degrees = LatLng::new(point.lat(), point.lon()).expect("a point is finite degrees");
        Self(degrees.to_cell(Resolution::Eight))
    }

    pub fn middle(self) -> Point {
        let middle = LatLng::from(self.0);
        Point::from_degrees(middle.lat(), middle.lng()).expect("the middle of a cell is on earth")
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The cells of some homes. Where town and country share a cell, the promise of the town holds: it is owed to somebody.
pub fn cells_of(homes: impl Iterator<Item = (Point, Class)>) -> Cells {
    let mut cells = Cells::new();
    for (point, class) in homes {
        cells.entry(Cell::of(point)).and_modify(|it| *it = class.min(*it)).or_insert(class);
    }
    cells
}

/// Each cell in its order.
pub fn coverage<K: Ord + Clone>(cells: &Cells, free: &CellIndex<K>, promise_s: impl Fn(Class) -> u64) -> Vec<Covered> {
    let covered = |(cell, class): (&Cell, &Class)| {
        let first_s = nearest(free, cell.middle(), 1, None, |_| Some(())).first().map(|it| it.eta_s);
        let promise_s = promise_s(*class);
        Covered { cell: *cell, class: *class, promise_s, first_s, cover: judge(first_s, promise_s) }
    };
    cells.iter().map(covered).collect()
}

fn judge(first_s: Option<u64>, promise_s: u64) -> Cover {
    match first_s {
        Some(first_s) if first_s.saturating_mul(3) <= promise_s.saturating_mul(2) => Cover::Covered,
        Some(first_s) if first_s <= promise_s => Cover::Tight,
        Some(_) | None => Cover::Uncovered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Travel;
    use crate::geo::{Spot, eta_s};

    #[test]
    fn a_cell_is_judged_by_the_first_who_could_be_there() {
        let home = at(30.53, 120.68);
        let cells = cells_of([(home, Class::Rural), (home, Class::Urban), (at(30.0, 120.0), Class::Rural)].into_iter());
        let urban = Cell::of(home);
        assert_eq!((cells.len(), cells[&urban]), (2, Class::Urban));
        let (spot, way) = (at(30.55, 120.70), Travel::Foot);
        let first_s = eta_s(spot, urban.middle(), way);
        for (promise_s, expected) in [
            (first_s * 2, Cover::Covered),
            (first_s.div_ceil(2) * 3, Cover::Covered),
            (first_s + 1, Cover::Tight),
            (first_s, Cover::Tight),
            (first_s - 1, Cover::Uncovered),
        ] {
            let mut free = CellIndex::new();
            assert!(coverage(&cells, &free, |_| promise_s).iter().all(|it| it.cover == Cover::Uncovered));
            free.put(1, Spot { point: at(10.0, 100.0), travel: Travel::Car });
            free.put(2, Spot { point: spot, travel: way });
            let found = coverage(&cells, &free, |_| promise_s);
            let it = found.iter().find(|it| it.cell == urban).unwrap();
            assert_eq!((it.first_s, it.cover), (Some(first_s), expected), "promised {promise_s}");
        }
    }

    #[test]
    fn a_cell_is_where_its_middle_is() {
        let cell = Cell::of(at(30.53, 120.68));
        assert_eq!(Cell::of(cell.middle()), cell);
        assert_eq!(cell.to_string().len(), 15);
        assert!(cell.to_string().starts_with("88"));
    }

    fn at(lat: f64, lon: f64) -> Point {
        Point::from_degrees(lat, lon).unwrap()
    }
}
