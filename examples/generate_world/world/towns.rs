//! Towns and villages: real names, guessed places. A residents' committee is urban and lies near the centre of its
//! town; a village committee is rural and lies one to six kilometres out.

use super::chance::Chance;

/// Metres of one degree, at Haining's latitude.
const METRES_PER_DEGREE_LAT: i64 = 111_320;
const METRES_PER_DEGREE_LON: i64 = 95_900;

/// Of so many random places the one farthest from its neighbours is taken, so that villages keep apart.
const CANDIDATES: usize = 12;

/// Micro-degrees, WGS-84.
#[derive(Clone, Copy)]
pub struct Spot {
    pub lat_e6: i64,
    pub lon_e6: i64,
}

impl Spot {
    pub fn moved(self, (east_m, north_m): (i64, i64)) -> Self {
        Self {
            lat_e6: self.lat_e6 + north_m * 1_000_000 / METRES_PER_DEGREE_LAT,
            lon_e6: self.lon_e6 + east_m * 1_000_000 / METRES_PER_DEGREE_LON,
        }
    }

    pub fn lat(self) -> String {
        degrees(self.lat_e6)
    }

    pub fn lon(self) -> String {
        degrees(self.lon_e6)
    }
}

fn degrees(e6: i64) -> String {
    format!("{}.{:06}", e6 / 1_000_000, e6 % 1_000_000)
}

/// A town or street: its centre (approximate), and how far south a village may lie before it lies in the Qiantang.
struct Town {
    name: &'static str,
    centre: Spot,
    south_m: i64,
    /// Streets of the city are denser and wider than the one street of a town.
    is_street: bool,
}

const fn town(name: &'static str, lat_e6: i64, lon_e6: i64, south_m: i64, is_street: bool) -> Town {
    Town { name, centre: Spot { lat_e6, lon_e6 }, south_m, is_street }
}

const TOWNS: [Town; 12] = [
    town("硖石街道", 30_532_000, 120_695_000, 6_000, true),
    town("海洲街道", 30_527_000, 120_680_000, 6_000, true),
    town("海昌街道", 30_503_000, 120_705_000, 6_000, true),
    town("马桥街道", 30_492_000, 120_722_000, 6_000, true),
    town("许村镇", 30_424_000, 120_366_000, 3_000, false),
    town("长安镇", 30_457_000, 120_450_000, 4_000, false),
    town("周王庙镇", 30_462_000, 120_527_000, 3_500, false),
    town("盐官镇", 30_412_000, 120_552_000, 400, false),
    town("斜桥镇", 30_500_000, 120_590_000, 6_000, false),
    town("丁桥镇", 30_420_000, 120_640_000, 1_500, false),
    town("袁花镇", 30_421_000, 120_780_000, 3_500, false),
    town("黄湾镇", 30_372_000, 120_822_000, 1_000, false),
];

/// A village or community with the place we gave it.
pub struct Village {
    pub town: &'static str,
    /// The centre of the town.
    pub centre: Spot,
    pub code: String,
    /// Without the word for its committee: 东山社区, 荷叶村.
    pub name: String,
    pub urban: bool,
    pub spot: Spot,
}

#[derive(Debug, thiserror::Error)]
#[error("line {line} of the towns: {found}, expected {expected}")]
pub struct BadTowns {
    line: usize,
    found: String,
    expected: &'static str,
}

/// `town_code,town,village_code,village,kind_by_code` with a head line; kinds are residents, village, other.
pub fn read(csv: &str, chance: &mut Chance) -> Result<Vec<Village>, BadTowns> {
    let mut villages: Vec<Village> = Vec::new();
    for (at, line) in csv.lines().enumerate().skip(1) {
        let bad = |expected| BadTowns { line: at + 1, found: format!("`{line}`"), expected };
        let [_, town, code, village, kind] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(bad("five fields: town_code,town,village_code,village,kind_by_code"));
        };
        let town = TOWNS.iter().find(|it| it.name == town).ok_or_else(|| bad("a town whose centre is known"))?;
        let urban = kind != "village";
        let spot = place(town, urban, &villages, chance);
        let (town, centre) = (town.name, town.centre);
        villages.push(Village { town, centre, code: code.to_owned(), name: short(village), urban, spot });
    }
    if villages.is_empty() {
        return Err(BadTowns { line: 1, found: "no villages".into(), expected: "a head line and a line a village" });
    }
    Ok(villages)
}

fn short(name: &str) -> String {
    let name = ["居民委员会", "居委会"].iter().find_map(|tail| name.strip_suffix(tail)).unwrap_or(name);
    name.strip_suffix("委会").unwrap_or(name).to_owned()
}

fn place(town: &Town, urban: bool, others: &[Village], chance: &mut Chance) -> Spot {
    let (inner, outer) = match (urban, town.is_street) {
        (true, true) => (100, 1_600),
        (true, false) => (100, 1_000),
        (false, true) => (1_800, 4_500),
        (false, false) => (1_200, 5_800),
    };
    let candidates: Vec<Spot> =
        (0..CANDIDATES).map(|_| town.centre.moved(chance.in_ring(inner, outer, town.south_m))).collect();
    let apart = |spot: &Spot| others.iter().map(|other| apart_square(*spot, other.spot)).min().unwrap_or(0);
    *candidates.iter().max_by_key(|spot| apart(spot)).expect("there are candidates")
}

fn apart_square(a: Spot, b: Spot) -> i64 {
    let north = (a.lat_e6 - b.lat_e6) * METRES_PER_DEGREE_LAT / 1_000_000;
    let east = (a.lon_e6 - b.lon_e6) * METRES_PER_DEGREE_LON / 1_000_000;
    north * north + east * east
}
