//! PostgreSQL: an index by place over whoever is eligible, move and search sent together. A move need not be on the disk,
//! so that its commit is not waited for.

use futures_util::future::join;
use tidewatch::domain::Travel;
use tokio_postgres::Statement;

use crate::connections::Database;
use crate::contest::nearest::planes::{Soonest, flat};
use crate::contest::nearest::{Asked, Contender, Field, K};

/// The same question: an index for each way of travelling.
pub fn by_time(field: &Field, port: u16) -> Contender {
    let ways = 0..Travel::ALL.len();
    let indexes: Vec<String> = ways.clone().map(|way| format!("WHERE eligible AND travel = {way}")).collect();
    let searches: Vec<String> = ways.map(|way| format!("({})", search(&format!("AND travel = {way}")))).collect();
    let mut table = Table::filled(field, port, "by_time", &indexes, &searches.join(" UNION ALL "));
    Box::new(move |asked| {
        let mut soonest = Soonest::new();
        for (key, travel, distance_m) in table.answer(asked) {
            soonest.put(distance_m, key as u32, Travel::ALL[travel as usize]);
        }
        soonest.first()
    })
}

/// An easier question: one index, and distance alone.
pub fn by_distance(field: &Field, port: u16) -> Contender {
    let mut table = Table::filled(field, port, "by_distance", &["WHERE eligible".to_owned()], &search(""));
    Box::new(move |asked| table.answer(asked).into_iter().map(|(key, _, _)| key as u32).collect())
}

fn search(which: &str) -> String {
    format!(
        "SELECT key, travel, place <-> point($1, $2) FROM TABLE_NAME WHERE eligible {which} \
         ORDER BY place <-> point($1, $2) LIMIT {K}"
    )
}

/// Everybody, in a table of its own, as metres on a plane.
struct Table {
    database: Database,
    shift: Statement,
    search: Statement,
}

impl Table {
    fn filled(field: &Field, port: u16, name: &str, indexes: &[String], search: &str) -> Self {
        let database = Database::open(port);
        database.run(&format!(
            "SET synchronous_commit = off; DROP TABLE IF EXISTS {name};
             CREATE TABLE {name}(key int PRIMARY KEY, travel int NOT NULL, eligible bool NOT NULL, place point NOT NULL)"
        ));
        let places: Vec<[f64; 2]> = field.spots.iter().map(|it| flat(it.point)).collect();
        let (north, east): (Vec<f64>, Vec<f64>) = places.iter().map(|it| (it[0], it[1])).unzip();
        let keys: Vec<i32> = (0..).take(places.len()).collect();
        let travels: Vec<i32> = field.spots.iter().map(|it| it.travel as i32).collect();
        let fill = format!(
            "INSERT INTO {name} SELECT key, travel, true, point(north, east)
             FROM unnest($1::int[], $2::int[], $3::float8[], $4::float8[]) AS it(key, travel, north, east)"
        );
        database.execute(&database.prepare(&fill), &[&keys, &travels, &north, &east]);
        for which in indexes {
            database.run(&format!("CREATE INDEX ON {name} USING gist(place) {which}"));
        }
        database.run(&format!("VACUUM ANALYZE {name}"));
        let shift = database.prepare(&format!("UPDATE {name} SET place = point($2, $3) WHERE key = $1"));
        let search = database.prepare(&search.replace("TABLE_NAME", name));
        Self { database, shift, search }
    }

    /// Key, way of travelling, metres.
    fn answer(&mut self, asked: &Asked) -> Vec<(i32, i32, f64)> {
        let ([north, east], [to_north, to_east]) = (flat(asked.moved_to), flat(asked.place));
        let key = asked.key as i32;
        let (client, shift, search) = (&self.database.client, &self.shift, &self.search);
        let moved: [&(dyn tokio_postgres::types::ToSql + std::marker::Sync); 3] = [&key, &north, &east];
        let place: [&(dyn tokio_postgres::types::ToSql + std::marker::Sync); 2] = [&to_north, &to_east];
        // Both are sent before either is answered.
        let both = join(client.execute(shift, &moved), client.query(search, &place));
        let (moved, found) = self.database.wait(both);
        assert_eq!(moved.expect("a move in PostgreSQL"), 1, "{key} is somewhere");
        let found = found.expect("an answer of PostgreSQL");
        found.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
    }
}
