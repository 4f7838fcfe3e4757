//! A county of 30 km by 30 km, who stands where in it, and what everybody is asked: by chance from a seed.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tidewatch::domain::{Point, Travel};
use tidewatch::geo::Spot;

/// One move and one search.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Who has moved, and where they are now.
    pub key: u32,
    pub moved_to: Point,
    /// Where somebody is needed.
    pub place: Point,
}

pub struct Field {
    /// By key.
    pub spots: Vec<Spot>,
    /// In this order, of everybody.
    pub asked: Vec<Asked>,
}

impl Field {
    pub fn of(people: usize, questions: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(7);
        let spot = |number: usize| Spot { point: somewhere(&mut rng), travel: Travel::ALL[number % Travel::ALL.len()] };
        let spots: Vec<Spot> = (0..people).map(spot).collect();
        let mut rng = StdRng::seed_from_u64(11);
        let question = |_| Asked {
            key: rng.random_range(0..people) as u32,
            moved_to: somewhere(&mut rng),
            place: somewhere(&mut rng),
        };
        Self { asked: (0..questions).map(question).collect(), spots }
    }
}

pub fn somewhere(rng: &mut StdRng) -> Point {
    let (lat, lon) = (rng.random_range(30.35..30.62), rng.random_range(120.50..120.81));
    Point::from_degrees(lat, lon).expect("a place in the county")
}
