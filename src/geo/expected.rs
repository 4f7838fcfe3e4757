//! Expected coverage: the homes at which somebody would be in time, each responder being busy with the same chance when
//! they are wanted (MEXCLP, Daskin 1983; whom to send and where to wait by it: DMEXCLP, Jagtenberg et al. 2015). Counted
//! in thousandths of a home. Knows neither incidents nor duty.

use super::cell_index::Spot;
use super::coverage::{Cell, Cells, Homes};
use super::sphere::{Place, chord2_of_m2};
use super::travel::{MODES, within_m};
use crate::domain::{Class, Point, Travel};

/// What one more who could be there in time adds to a home at which so many could be already, in thousandths of a home:
/// (1 - q) q^k with q = 0.3, the chance that somebody is busy when they are wanted. An assumption.
const ADDS: [u64; 7] = [700, 210, 63, 19, 6, 2, 1];

/// Cells to which somebody is proposed to go are looked for among so many, those that gain most by one more.
const TARGETS_MOST: usize = 64;

/// Responders who are proposed to move are looked for among so many, those who are missed least where they are.
const MOVERS_MOST: usize = 64;

/// A proposal has to gain one home at least, and so much of all of them: less is not worth a ride.
const GAINS_LEAST_PERMILLE: u64 = 2;

/// Homes by cell, with how far somebody may be to be there in time.
#[derive(Debug, Clone)]
pub struct Ground {
    tiles: Vec<Tile>,
}

#[derive(Debug, Clone, Copy)]
struct Tile {
    cell: Cell,
    middle: Place,
    homes: u64,
    /// The longest chord squared, by the way of travelling; `None` where the promise is shorter than setting off.
    reach2_m2: [Option<f64>; MODES],
}

/// Somebody would be missed less elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// Their number among those who were given.
    pub who: usize,
    pub cell: Cell,
    /// Thousandths of a home that are covered more.
    pub gain_milli_homes: u64,
}

impl Ground {
    pub fn new(cells: &Cells, promise_s: impl Fn(Class) -> u64) -> Self {
        Self { tiles: cells.iter().map(|(cell, homes)| Tile::new(cell, homes, &promise_s)).collect() }
    }

    /// The nearest `most` cells to a point.
    pub fn near(cells: &Cells, point: Point, most: usize, promise_s: impl Fn(Class) -> u64) -> Self {
        let from = Place::from(point);
        let far = |homes: &Homes| homes.middle.chord2_m2(&from);
        let mut near: Vec<(Cell, &Homes)> = cells.iter().collect();
        if near.len() > most {
            near.select_nth_unstable_by(most, |(a, one), (b, other)| far(one).total_cmp(&far(other)).then(a.cmp(b)));
            near.truncate(most);
        }
        Self { tiles: near.into_iter().map(|(cell, homes)| Tile::new(cell, homes, &promise_s)).collect() }
    }

    /// How much less is covered, in thousandths of a home, without each of the first `asked` of those who are free.
    pub fn losses(&self, free: &[Spot], asked: usize) -> Vec<u64> {
        let stands: Vec<(Place, Travel)> = free.iter().map(|it| (Place::from(it.point), it.travel)).collect();
        let mut losses = vec![0; asked.min(free.len())];
        for tile in &self.tiles {
            let depth = stands.iter().filter(|(at, travel)| tile.is_reached(at, *travel)).count();
            let Some(adds) = depth.checked_sub(1).and_then(|last| ADDS.get(last)) else { continue };
            for (loss, (at, travel)) in losses.iter_mut().zip(&stands) {
                *loss += if tile.is_reached(at, *travel) { tile.homes * adds } else { 0 };
            }
        }
        losses
    }

    /// Where some of those who are idle would be missed more, the greatest gain first: at each step the one move that gains
    /// most, `most` at the most, and nobody twice.
    pub fn proposals(&self, idle: &[Spot], most: usize) -> Vec<Proposal> {
        let mut standing = Standing::new(self, idle);
        let homes: u64 = self.tiles.iter().map(|it| it.homes).sum();
        // Thousandths of a home, of homes: the permille of one are the thousandths of the other.
        let least = (homes * GAINS_LEAST_PERMILLE).max(1000);
        std::iter::from_fn(|| {
            standing.best_move().filter(|it| it.gain_milli_homes >= least).inspect(|it| standing.go(it))
        })
        .take(most)
        .collect()
    }
}

impl Tile {
    fn new(cell: Cell, homes: &Homes, promise_s: &impl Fn(Class) -> u64) -> Self {
        let promise_s = promise_s(homes.class());
        let reach2_m2 = Travel::ALL.map(|travel| within_m(promise_s, travel).map(chord2_of_m2));
        Self { cell, middle: homes.middle, homes: u64::from(homes.count()), reach2_m2 }
    }

    #[inline]
    fn is_reached(&self, from: &Place, travel: Travel) -> bool {
        self.reach2_m2[travel as usize].is_some_and(|reach2_m2| self.middle.chord2_m2(from) <= reach2_m2)
    }
}

/// Who is idle where, while moves are looked for.
struct Standing<'a> {
    ground: &'a Ground,
    travel: Vec<Travel>,
    /// The tiles that each reaches from where they are, or were proposed to be.
    reached: Vec<Vec<bool>>,
    /// How many reach each tile.
    depth: Vec<usize>,
    moved: Vec<bool>,
}

impl<'a> Standing<'a> {
    fn new(ground: &'a Ground, idle: &[Spot]) -> Self {
        let travel = idle.iter().map(|it| it.travel).collect();
        let reached: Vec<Vec<bool>> = idle.iter().map(|it| from(ground, &Place::from(it.point), it.travel)).collect();
        let depth = (0..ground.tiles.len()).map(|tile| reached.iter().filter(|it| it[tile]).count()).collect();
        Self { ground, travel, reached, depth, moved: vec![false; idle.len()] }
    }

    fn best_move(&self) -> Option<Proposal> {
        let targets: Vec<(usize, [Vec<bool>; MODES])> =
            self.targets().map(|tile| (tile, self.reached_from_middle_of(tile))).collect();
        let mut best: Option<(i64, Proposal)> = None;
        for who in self.movers() {
            for (tile, reached) in &targets {
                let gain = self.gain(&self.reached[who], &reached[self.travel[who] as usize]);
                if gain > best.map_or(0, |(gain, _)| gain) {
                    let (cell, gain_milli_homes) = (self.ground.tiles[*tile].cell, gain.unsigned_abs());
                    best = Some((gain, Proposal { who, cell, gain_milli_homes }));
                }
            }
        }
        best.map(|(_, it)| it)
    }

    /// The tiles at which one more adds most.
    fn targets(&self) -> impl Iterator<Item = usize> + use<> {
        let adds = |tile: usize| self.ground.tiles[tile].homes * adds(self.depth[tile]);
        let mut tiles: Vec<(std::cmp::Reverse<u64>, usize)> =
            (0..self.depth.len()).map(|tile| (std::cmp::Reverse(adds(tile)), tile)).collect();
        tiles.sort_unstable();
        tiles.into_iter().take(TARGETS_MOST).map(|(_, tile)| tile)
    }

    /// Those who are missed least where they are, and were not moved.
    fn movers(&self) -> Vec<usize> {
        let nowhere = vec![false; self.depth.len()];
        let staying = (0..self.moved.len()).filter(|who| !self.moved[*who]);
        let mut movers: Vec<(i64, usize)> =
            staying.map(|who| (-self.gain(&self.reached[who], &nowhere), who)).collect();
        movers.sort_unstable();
        movers.truncate(MOVERS_MOST);
        movers.into_iter().map(|(_, who)| who).collect()
    }

    fn reached_from_middle_of(&self, tile: usize) -> [Vec<bool>; MODES] {
        let middle = self.ground.tiles[tile].middle;
        Travel::ALL.map(|travel| from(self.ground, &middle, travel))
    }

    /// Thousandths of a home that are covered more if somebody who reaches `before` reaches `after`.
    fn gain(&self, before: &[bool], after: &[bool]) -> i64 {
        let mut gain = 0;
        for (tile, (before, after)) in before.iter().zip(after).enumerate() {
            let homes = self.ground.tiles[tile].homes;
            gain += match (before, after) {
                (false, true) => (homes * adds(self.depth[tile])) as i64,
                (true, false) => -((homes * adds(self.depth[tile] - 1)) as i64),
                (true, true) | (false, false) => 0,
            };
        }
        gain
    }

    fn go(&mut self, it: &Proposal) {
        let tile = self.ground.tiles.iter().position(|tile| tile.cell == it.cell).expect("a proposal names a tile");
        let after = from(self.ground, &self.ground.tiles[tile].middle, self.travel[it.who]);
        let before = std::mem::replace(&mut self.reached[it.who], after);
        for (tile, depth) in self.depth.iter_mut().enumerate() {
            *depth = *depth + usize::from(self.reached[it.who][tile]) - usize::from(before[tile]);
        }
        self.moved[it.who] = true;
    }
}

fn adds(depth: usize) -> u64 {
    ADDS.get(depth).copied().unwrap_or(0)
}

fn from(ground: &Ground, place: &Place, travel: Travel) -> Vec<bool> {
    ground.tiles.iter().map(|tile| tile.is_reached(place, travel)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::eta_s;

    const PROMISE_S: u64 = 1_800;

    #[test]
    fn the_only_one_is_missed_most_and_of_two_each_a_little() {
        let ground = ground(&[(30.50, 4), (30.70, 2)]);
        let [north, south] = [on_foot(30.70), on_foot(30.50)];
        assert_eq!(ground.losses(&[north, south, south], 3), [2 * 700, 4 * 210, 4 * 210]);
        assert_eq!(ground.losses(&[north, south, south], 1), [2 * 700]);
        assert_eq!(ground.losses(&[], 3), [0_u64; 0]);
        assert_eq!(ground.losses(&[on_foot(10.0)], 1), [0]);
    }

    #[test]
    fn one_of_two_in_the_same_place_is_proposed_to_where_nobody_is() {
        let few = ground(&[(30.50, 4), (30.70, 2)]);
        assert_eq!(few.proposals(&[on_foot(30.50), on_foot(30.50)], 10), [], "half a home is not worth a ride");
        let (cell, ground) = (Cell::of(at(30.70)), ground(&[(30.50, 10), (30.70, 20)]));
        let proposed = ground.proposals(&[on_foot(30.50), on_foot(30.50)], 10);
        assert_eq!(proposed, [Proposal { who: 0, cell, gain_milli_homes: 20 * 700 - 10 * 210 }]);
        assert_eq!(ground.proposals(&[on_foot(30.70)], 10), [], "whoever is where they should be stays");
    }

    proptest! {
        #[test]
        fn a_loss_is_what_is_covered_less(
            homes in prop::collection::vec((0_u32..60, 1_u32..9), 1..20),
            free in prop::collection::vec((0_u32..60, prop::sample::select(&Travel::ALL)), 1..9),
        ) {
            let homes: Vec<(f64, u32)> = homes.iter().map(|(north, count)| (30.4 + f64::from(*north) / 100.0, *count)).collect();
            let spot = |(north, travel): &(u32, Travel)| Spot { point: at(30.4 + f64::from(*north) / 100.0), travel: *travel };
            let free: Vec<Spot> = free.iter().map(spot).collect();
            let ground = ground(&homes);
            let losses = ground.losses(&free, free.len());
            for (number, loss) in losses.iter().enumerate() {
                let mut others = free.clone();
                others.remove(number);
                prop_assert_eq!(covered(&homes, &free) - covered(&homes, &others), *loss);
            }
        }

        #[test]
        fn what_is_proposed_gains_what_it_says(
            homes in prop::collection::vec((0_u32..60, 1_u32..9), 1..20),
            free in prop::collection::vec(0_u32..60, 1..9),
        ) {
            let homes: Vec<(f64, u32)> = homes.iter().map(|(north, count)| (30.4 + f64::from(*north) / 100.0, *count)).collect();
            let mut idle: Vec<Spot> = free.iter().map(|north| on_foot(30.4 + f64::from(*north) / 100.0)).collect();
            let proposed = ground(&homes).proposals(&idle, 5);
            for it in proposed {
                let before = covered(&homes, &idle);
                idle[it.who].point = it.cell.middle();
                prop_assert_eq!(covered(&homes, &idle), before + it.gain_milli_homes);
            }
        }
    }

    /// What is covered, counted home by home.
    fn covered(homes: &[(f64, u32)], free: &[Spot]) -> u64 {
        let covers = |home: f64, it: &&Spot| eta_s(it.point, Cell::of(at(home)).middle(), it.travel) <= PROMISE_S;
        let of = |(home, count): &(f64, u32)| {
            u64::from(*count) * ADDS.iter().take(free.iter().filter(|it| covers(*home, it)).count()).sum::<u64>()
        };
        homes.iter().map(of).sum()
    }

    fn ground(homes: &[(f64, u32)]) -> Ground {
        let mut cells = Cells::default();
        for (north, count) in homes {
            (0..*count).for_each(|_| cells.add(at(*north), Class::Urban));
        }
        Ground::new(&cells, |_| PROMISE_S)
    }

    fn on_foot(north: f64) -> Spot {
        Spot { point: at(north), travel: Travel::Foot }
    }

    fn at(north: f64) -> Point {
        Point::from_degrees(north, 120.69).unwrap()
    }
}
