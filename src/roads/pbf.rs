//! A network from a map of OpenStreetMap (`.osm.pbf`): every node of a way that can be used is a node of the network, so
//! that a place is joined to the road as it runs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use osmpbf::{Element, ElementReader};

use super::Read;
use super::fault::{Fault, Faults};
use super::tags::{Tags, Use, use_of};
use crate::domain::Point;
use crate::geo::roads::speeds::time_ms;
use crate::geo::roads::{Draft, Segment, length_mm};

struct Way {
    nodes: Vec<i64>,
    used: Use,
}

/// Twice through the file: what ways there are, then where their nodes are. Nodes are in the order of their ids, ways in
/// that of the file.
pub fn read_pbf(path: &Path) -> Result<Read, Faults> {
    let ways = ways(path).map_err(|error| refused(path, error))?;
    if ways.is_empty() {
        let found = "no way that anybody may use";
        return Err(Fault::of(path, found, "a map with roads (`highway=…`)", "give another extract").into());
    }
    let mut points: BTreeMap<i64, Option<Point>> = BTreeMap::new();
    points.extend(ways.iter().flat_map(|it| &it.nodes).map(|id| (*id, None)));
    locate(path, &mut points).map_err(|error| refused(path, error))?;
    let (draft, cut_off) = draft(&ways, &points);
    Ok(Read { draft, ways: ways.len(), cut_off })
}

fn refused(path: &Path, error: io::Error) -> Fault {
    let expected = "a whole map of OpenStreetMap in PBF that this user may read";
    Fault::of(path, error, expected, "check its name, or fetch it again")
}

fn reader(path: &Path) -> io::Result<ElementReader<BufReader<File>>> {
    Ok(ElementReader::new(BufReader::new(File::open(path)?)))
}

fn ways(path: &Path) -> io::Result<Vec<Way>> {
    let mut ways = Vec::new();
    reader(path)?.for_each(|element| {
        if let Element::Way(way) = element {
            let tags: Tags<'_> = way.tags().collect();
            ways.extend(use_of(&tags).map(|used| Way { nodes: way.refs().collect(), used }));
        }
    })?;
    Ok(ways)
}

fn locate(path: &Path, points: &mut BTreeMap<i64, Option<Point>>) -> io::Result<()> {
    let mut put = |id: i64, lat: f64, lon: f64| {
        if let Some(place) = points.get_mut(&id) {
            *place = Point::from_degrees(lat, lon).ok();
        }
    };
    reader(path)?.for_each(|element| match element {
        Element::Node(it) => put(it.id(), it.lat(), it.lon()),
        Element::DenseNode(it) => put(it.id(), it.lat(), it.lon()),
        Element::Way(_) | Element::Relation(_) => {}
    })?;
    Ok(())
}

fn draft(ways: &[Way], points: &BTreeMap<i64, Option<Point>>) -> (Draft, usize) {
    let mut draft = Draft::default();
    let mut numbers: BTreeMap<i64, u32> = BTreeMap::new();
    for (id, point) in points.iter().filter_map(|(id, point)| Some((*id, (*point)?))) {
        numbers.insert(id, draft.nodes.len() as u32);
        draft.nodes.push(point);
    }
    let mut cut_off = 0;
    for way in ways {
        for pair in way.nodes.windows(2) {
            match (numbers.get(&pair[0]), numbers.get(&pair[1])) {
                (Some(a), Some(b)) => draft.segments.push(segment(&draft.nodes, *a, *b, &way.used)),
                (None, _) | (_, None) => cut_off += 1,
            }
        }
    }
    (draft, cut_off)
}

fn segment(nodes: &[Point], a: u32, b: u32, used: &Use) -> Segment {
    let length_mm = length_mm(nodes[a as usize], nodes[b as usize]);
    let times = |speeds: [Option<u64>; 3]| speeds.map(|speed| speed.map(|speed| time_ms(length_mm, speed)));
    Segment { a, b, there: times(used.there), back: times(used.back), joinable: used.joinable }
}
