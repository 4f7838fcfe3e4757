//! A network from two tables: nodes (`id,lon,lat`, optionally `access`) and directed arcs (`from,to` with `seconds`, or
//! with `metres` and `class`). Other columns are left alone.

use std::collections::BTreeMap;
use std::path::Path;

use super::Read;
use super::fault::{Faults, shown};
use super::table::{Row, Table};
use crate::domain::{Point, Travel};
use crate::geo::roads::speeds::{UNCLASSIFIED, WayClass, time_ms};
use crate::geo::roads::{Draft, Segment, Times, length_mm};

/// A day: whoever is longer on one piece of road does not arrive.
const SECONDS_MAX: f64 = 86_400.0;

/// Longer than any piece of road between two junctions; an arc of this length has its ends mixed up.
const METRES_MAX: f64 = 200_000.0;

struct Nodes {
    numbers: BTreeMap<String, u32>,
    points: Vec<Point>,
    /// Whether places beside it may join the network there, and people walk.
    access: Vec<bool>,
}

/// In the order of the files. All faults of both are told at once.
pub fn read_tables(nodes: &Path, arcs: &Path) -> Result<Read, Faults> {
    let (nodes, arcs) = (Table::open(nodes)?, Table::open(arcs)?);
    let mut faults = Faults::default();
    let nodes = Nodes::read(&nodes, &mut faults);
    let segments = read_arcs(&arcs, &nodes, &mut faults);
    if faults.is_empty() && segments.is_empty() {
        faults.add(arcs.fault(1, "no arcs".to_owned(), "a head line and a line an arc", "give the other table"));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let ways = segments.len();
    Ok(Read { draft: Draft { nodes: nodes.points, segments }, ways, cut_off: 0 })
}

impl Nodes {
    fn read(table: &Table, faults: &mut Faults) -> Self {
        let mut nodes = Self { numbers: BTreeMap::new(), points: Vec::new(), access: Vec::new() };
        if !["id", "lon", "lat"].iter().all(|it| table.has(it)) {
            faults.add(table.lacks("`id,lon,lat`, and `access` where a node is not for everybody"));
            return nodes;
        }
        for row in table.rows() {
            nodes.take(&row, table.has("access"), faults);
        }
        nodes
    }

    fn take(&mut self, row: &Row<'_>, told: bool, faults: &mut Faults) {
        let (lon, lat) = (row.number("lon", faults), row.number("lat", faults));
        let (Some(lon), Some(lat)) = (lon, lat) else { return };
        let point = match Point::from_degrees(lat, lon) {
            Ok(point) => point,
            Err(bad) => return faults.add(row.fault(bad.to_string(), "degrees of WGS-84")),
        };
        let id = row.text("id");
        if id.is_empty() {
            return faults.add(row.fault("no id".to_owned(), "an id that arcs can name"));
        }
        if self.numbers.insert(id.to_owned(), self.points.len() as u32).is_some() {
            return faults.add(row.fault(format!("the id {} again", shown(id)), "each id once"));
        }
        let access = match row.text("access") {
            "" | "1" => true,
            "0" => false,
            other => {
                return faults.add(row.fault(format!("the access {}", shown(other)), "0 or 1"));
            }
        };
        self.points.push(point);
        self.access.push(access || !told);
    }

    fn named(&self, row: &Row<'_>, column: &str, faults: &mut Faults) -> Option<u32> {
        let id = row.text(column);
        let found = self.numbers.get(id).copied();
        if found.is_none() {
            faults.add(row.fault(format!("{column} {}", shown(id)), "the id of a node"));
        }
        found
    }
}

fn read_arcs(table: &Table, nodes: &Nodes, faults: &mut Faults) -> Vec<Segment> {
    let timed = table.has("seconds");
    let known = timed || table.has("metres") && table.has("class");
    if !(table.has("from") && table.has("to") && known) {
        faults.add(table.lacks("`from,to,seconds` or `from,to,metres,class`"));
        return Vec::new();
    }
    // Without nodes every arc would be wrong, for one reason.
    if nodes.points.is_empty() {
        return Vec::new();
    }
    table.rows().filter_map(|row| read_arc(&row, nodes, timed, table.has("metres"), faults)).collect()
}

/// A car takes the seconds of the table; who is slower takes their own speed over the metres, or over the straight line
/// where there are none. One walks against the arc too, but not where there is no access at either end.
fn read_arc(row: &Row<'_>, nodes: &Nodes, timed: bool, measured: bool, faults: &mut Faults) -> Option<Segment> {
    let (a, b) = (nodes.named(row, "from", faults), nodes.named(row, "to", faults));
    let seconds = if timed { Some(within(row, "seconds", SECONDS_MAX, faults)?) } else { None };
    let metres = if measured { Some(within(row, "metres", METRES_MAX, faults)?) } else { None };
    let class = class_of(row, faults)?;
    let (a, b) = (a?, b?);
    let [from, to] = [a, b].map(|it| nodes.points[it as usize]);
    let straight_mm = length_mm(from, to);
    let length_mm = metres.map_or(straight_mm, |it| (it * 1_000.0).ceil() as u64).max(straight_mm);
    let joinable = nodes.access[a as usize] && nodes.access[b as usize] && class.joinable;
    let mut there: Times = Travel::ALL.map(|it| class.speed_mm_s(it).map(|speed| time_ms(length_mm, speed)));
    if let Some(seconds) = seconds {
        there[Travel::Car as usize] = Some(time_ms((seconds * 1_000.0).ceil() as u64, 1_000));
    }
    if !joinable {
        (there[Travel::Foot as usize], there[Travel::Ebike as usize]) = (None, None);
    }
    let mut back: Times = Times::default();
    back[Travel::Foot as usize] = there[Travel::Foot as usize];
    Some(Segment { a, b, there, back, joinable })
}

fn class_of(row: &Row<'_>, faults: &mut Faults) -> Option<&'static WayClass> {
    let name = row.text("class");
    let found = WayClass::named(if name.is_empty() { UNCLASSIFIED } else { name });
    if found.is_none() {
        let expected = "a class of OpenStreetMap's key `highway`, such as `residential`";
        faults.add(row.fault(format!("the class {}", shown(name)), expected));
    }
    found
}

fn within(row: &Row<'_>, column: &str, most: f64, faults: &mut Faults) -> Option<f64> {
    let number = row.number(column, faults)?;
    if !(0.0..=most).contains(&number) {
        faults.add(row.fault(format!("{number} as `{column}`"), &format!("0 to {most}")));
        return None;
    }
    Some(number)
}
