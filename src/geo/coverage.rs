//! Coverage: how soon the first of some people could be in the middle of each cell in which somebody lives, against
//! what was promised there. Pure; who may be sent at all is the caller's to say.

use std::collections::BTreeMap;
use std::fmt;

use h3o::{CellIndex as H3Cell, LatLng, Resolution};

use super::cell_index::CellIndex;
use super::nearest::nearest;
use super::sphere::Place;
use crate::domain::{Class, Point};

/// Cells of about 0.7 km²: a few streets, which one responder reaches in about the same time.
pub const COVERAGE_RESOLUTION: u8 = 8;

/// A cell of that resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell(H3Cell);

/// The cells of some homes, kept as homes come and go.
#[derive(Debug, Clone, Default)]
pub struct Cells(BTreeMap<Cell, Homes>);

/// The homes of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Homes {
    pub(super) middle: Place,
    urban: u32,
    rural: u32,
}

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

    /// Its corners in their order around it, for whoever draws it.
    pub fn corners(self) -> Vec<Point> {
        let corner = |it: &LatLng| Point::from_degrees(it.lat(), it.lng()).expect("a corner of a cell is on earth");
        self.0.boundary().iter().map(corner).collect()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Cells {
    pub fn add(&mut self, home: Point, class: Class) {
        let cell = Cell::of(home);
        let new = || Homes { middle: Place::from(cell.middle()), urban: 0, rural: 0 };
        *self.0.entry(cell).or_insert_with(new).of(class) += 1;
    }

    /// Takes out a home that was added.
    pub fn remove(&mut self, home: Point, class: Class) {
        let cell = Cell::of(home);
        let homes = self.0.get_mut(&cell).expect("a home is taken out of the cell to which it was added");
        *homes.of(class) -= 1;
        if homes.count() == 0 {
            self.0.remove(&cell);
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the cells.
    pub fn iter(&self) -> impl Iterator<Item = (Cell, &Homes)> {
        self.0.iter().map(|(cell, homes)| (*cell, homes))
    }
}

impl Homes {
    pub fn count(&self) -> u32 {
        self.urban + self.rural
    }

    /// Where town and country share a cell, the promise of the town holds: it is owed to somebody.
    pub fn class(&self) -> Class {
        if self.urban > 0 { Class::Urban } else { Class::Rural }
    }

    fn of(&mut self, class: Class) -> &mut u32 {
        match class {
            Class::Urban => &mut self.urban,
            Class::Rural => &mut self.rural,
        }
    }
}

/// Each cell in its order.
pub fn coverage<K: Ord + Clone>(cells: &Cells, free: &CellIndex<K>, promise_s: impl Fn(Class) -> u64) -> Vec<Covered> {
    let covered = |(cell, homes): (Cell, &Homes)| {
        let first_s = nearest(free, cell.middle(), 1, None, |_| Some(())).first().map(|it| it.eta_s);
        let class = homes.class();
        let promise_s = promise_s(class);
        Covered { cell, class, promise_s, first_s, cover: judge(first_s, promise_s) }
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
        let mut cells = Cells::default();
        let homes = [(home, Class::Rural), (home, Class::Urban), (at(30.0, 120.0), Class::Rural)];
        homes.into_iter().for_each(|(home, class)| cells.add(home, class));
        let urban = Cell::of(home);
        assert_eq!((cells.len(), cells.0[&urban].class(), cells.0[&urban].count()), (2, Class::Urban, 2));
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
    fn a_cell_is_gone_with_its_last_home() {
        let (home, mut cells) = (at(30.53, 120.68), Cells::default());
        cells.add(home, Class::Urban);
        cells.add(home, Class::Rural);
        cells.remove(home, Class::Urban);
        assert_eq!(cells.iter().next().map(|(_, it)| it.class()), Some(Class::Rural));
        cells.remove(home, Class::Rural);
        assert!(cells.is_empty());
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
