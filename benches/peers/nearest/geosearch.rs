//! Redis: whoever is eligible is in a set, move and searches are one round trip, and each search is told the smallest
//! radius that suffices. In life nobody knows it beforehand.

use redis::{Connection, Pipeline, pipe};
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::{CellIndex, Spot, nearest, within_m};

use crate::connections::redis_on;
use crate::contest::nearest::planes::Soonest;
use crate::contest::nearest::{Asked, Contender, Field, K};

/// Added while a set is filled: a few hundred kilobytes of commands at once.
const AT_ONCE: usize = 1_000;

/// The same question: a set for each way of travelling.
pub fn by_time(field: &Field, port: u16) -> Contender {
    let mut redis = redis_on(port);
    for travel in Travel::ALL {
        let so = (0..).zip(&field.spots).filter(|(_, spot)| spot.travel == travel);
        fill(&mut redis, set(travel), so.map(|(key, spot)| (key, spot.point)));
    }
    let travels: Vec<Travel> = field.spots.iter().map(|it| it.travel).collect();
    let mut last = last_s(field, |travel| travel).into_iter();
    Box::new(move |asked| {
        let last_s = last.next().expect("one for every question");
        let mut both = moved(set(travels[asked.key as usize]), asked);
        // Whoever sets off too late is not searched for.
        let ways = Travel::ALL.map(|travel| Some((travel, radius_m(last_s, travel)?)));
        ways.iter().flatten().for_each(|(travel, m)| search(&mut both, set(*travel), asked.place, *m));
        let found: Vec<Vec<(u32, f64)>> = both.query(&mut redis).expect("an answer of Redis");
        let mut soonest = Soonest::new();
        for ((travel, _), found) in ways.iter().flatten().zip(found) {
            found.into_iter().for_each(|(key, distance_m)| soonest.put(distance_m, key, *travel));
        }
        soonest.first()
    })
}

/// An easier question: one set, and distance alone.
pub fn by_distance(field: &Field, port: u16) -> Contender {
    const ALL: &str = "all";
    let mut redis = redis_on(port);
    fill(&mut redis, ALL, (0..).zip(field.spots.iter().map(|it| it.point)));
    // Where all walk, the soonest are the nearest.
    let mut last = last_s(field, |_| Travel::Foot).into_iter();
    Box::new(move |asked| {
        let last_s = last.next().expect("one for every question");
        let mut both = moved(ALL, asked);
        search(&mut both, ALL, asked.place, radius_m(last_s, Travel::Foot).expect("all walk"));
        let found: Vec<Vec<(u32, f64)>> = both.query(&mut redis).expect("an answer of Redis");
        found.into_iter().flatten().map(|(key, _)| key).collect()
    })
}

fn set(travel: Travel) -> &'static str {
    match travel {
        Travel::Foot => "foot",
        Travel::Ebike => "ebike",
        Travel::Car => "car",
    }
}

fn fill(redis: &mut Connection, set: &str, people: impl Iterator<Item = (u32, Point)>) {
    redis::cmd("DEL").arg(set).exec(redis).expect("an empty set");
    let people: Vec<(u32, Point)> = people.collect();
    for some in people.chunks(AT_ONCE) {
        let mut add = redis::cmd("GEOADD");
        add.arg(set);
        some.iter().for_each(|(key, point)| _ = add.arg(point.lon()).arg(point.lat()).arg(*key));
        add.exec(redis).expect("a filled set");
    }
}

fn moved(set: &str, asked: &Asked) -> Pipeline {
    let mut both = pipe();
    let (lon, lat) = (asked.moved_to.lon(), asked.moved_to.lat());
    both.cmd("GEOADD").arg(set).arg(lon).arg(lat).arg(asked.key).ignore();
    both
}

fn search(both: &mut Pipeline, set: &str, place: Point, radius_m: u64) {
    both.cmd("GEOSEARCH").arg(set).arg("FROMLONLAT").arg(place.lon()).arg(place.lat());
    both.arg("BYRADIUS").arg(radius_m).arg("m").arg("ASC").arg("COUNT").arg(K).arg("WITHDIST");
}

/// How soon the last of the nearest is there, for each question in turn, if everybody travels as `travels` says.
fn last_s(field: &Field, travels: impl Fn(Travel) -> Travel) -> Vec<u64> {
    let mut index = CellIndex::new();
    let stand = |key: u32, point| Spot { point, travel: travels(field.spots[key as usize].travel) };
    for (key, spot) in (0..).zip(&field.spots) {
        index.put(key, stand(key, spot.point));
    }
    let last = |asked: &Asked| {
        index.put(asked.key, stand(asked.key, asked.moved_to));
        nearest(&index, asked.place, K, None, |_| Some(())).last().map_or(0, |it| it.eta_s)
    };
    field.asked.iter().map(last).collect()
}

/// The smallest that suffices. Redis takes the earth for 0.03 % larger than we do, and keeps places to about half a metre.
fn radius_m(last_s: u64, travel: Travel) -> Option<u64> {
    const GREATER_SHARE: u64 = 2_000;
    const GRID_M: u64 = 1;
    within_m(last_s, travel).map(|m| m + m / GREATER_SHARE + GRID_M)
}
