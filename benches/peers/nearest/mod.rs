//! Others who are asked for the nearest: a k-d tree in this process, Redis, PostgreSQL.

mod geosearch;
mod kiddo;
mod knn;

use crate::contest::nearest::planes::{by_distance, by_time};
use crate::contest::nearest::{Contender, Entrant, Field, Near};

use kiddo::Kiddo;

/// Questions to a server in one turn: a tenth of a second or two.
const ROUNDS: usize = 2_000;

/// Those in this process, then Redis and PostgreSQL on their ports.
pub fn peers(redis: u16, postgres: u16) -> Vec<Entrant> {
    vec![
        entrant("kiddo", Near::ByTime, None, by_time::<Kiddo>),
        entrant("kiddo by distance alone, easier", Near::ByDistance, None, by_distance::<Kiddo>),
        among_servers("Redis GEOSEARCH", Near::ByTime, 20.0, move |field| geosearch::by_time(field, redis)),
        among_servers("Redis by distance alone, easier", Near::ByDistance, 20.0, move |field| {
            geosearch::by_distance(field, redis)
        }),
        among_servers("PostgreSQL KNN", Near::ByTime, 50.0, move |field| knn::by_time(field, postgres)),
        among_servers("PostgreSQL by distance, easier", Near::ByDistance, 50.0, move |field| {
            knn::by_distance(field, postgres)
        }),
    ]
}

fn entrant(name: &'static str, near: Near, target: Option<f64>, enter: fn(&Field) -> Contender) -> Entrant {
    Entrant { name, near, target, rounds: |_| 10_000, enter: Box::new(enter) }
}

fn among_servers(
    name: &'static str,
    near: Near,
    target: f64,
    enter: impl Fn(&Field) -> Contender + 'static,
) -> Entrant {
    Entrant { name, near, target: Some(target), rounds: |_| ROUNDS, enter: Box::new(enter) }
}
