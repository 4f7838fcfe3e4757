//! The nearest five among 1k, 10k and 100k, one move for each search. Everybody moves the same people and is asked the
//! same, and is timed only after their first answers were compared with a full scan.

mod field;
mod ourselves;
pub mod planes;
mod referee;
mod stars;

use std::hint::black_box;
use std::time::Instant;

pub use field::{Asked, Field, somewhere};
pub use ourselves::known;
pub use referee::{Disagreement, compare};

use super::{Spread, TURNS, verdict};

/// How many are wanted.
pub const K: usize = 5;

/// Questions whose answers are compared before anybody is timed.
const COMPARED: usize = 200;

/// What a contender understands by near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// Sooner at the door: the question that a dispatcher has, since people walk, ride and drive.
    ByTime,
    /// An easier question, which may name somebody on foot before somebody on wheels.
    ByDistance,
}

/// Moves one and names the nearest to a place, in this order.
pub type Contender = Box<dyn FnMut(&Asked) -> Vec<u32>>;

/// Somebody who can be asked.
pub struct Entrant {
    pub name: &'static str,
    pub near: Near,
    /// Takes at least so many times as long as ours.
    pub target: Option<f64>,
    /// Questions in a turn among so many people.
    pub rounds: fn(usize) -> usize,
    /// Takes up everybody of a field.
    pub enter: Box<dyn FnMut(&Field) -> Contender>,
}

/// Asks ourselves, then the entrants, and prints what came of it.
pub fn run(quick: bool, mut entrants: Vec<Entrant>) -> Result<(), Disagreement> {
    println!("\n== the nearest five among moving responders, one move a search ==");
    let mut smallest = None;
    for count in [1_000, 10_000, 100_000] {
        let rounds = |entrant: &Entrant| if quick { 20 } else { (entrant.rounds)(count) };
        let longest = entrants.iter().map(rounds).max().unwrap_or(0);
        let field = Field::of(count, COMPARED + TURNS * longest);
        let mut contenders: Vec<Contender> = entrants.iter_mut().map(|it| (it.enter)(&field)).collect();
        let asked = compare(&field, COMPARED, &entrants, &mut contenders)?;
        let rounds: Vec<usize> = entrants.iter().map(rounds).collect();
        let times = timed(asked, &rounds, &mut contenders);
        let ours = print(count, &entrants, &times);
        let base = *smallest.get_or_insert(ours);
        if count == 100_000 {
            println!("100k costs {:.2} × 1k (target 2 ×) {}", ours / base, verdict(ours <= 2.0 * base));
        }
    }
    Ok(())
}

/// Microseconds of a move and a search, of each contender.
fn timed(asked: &[Asked], rounds: &[usize], contenders: &mut [Contender]) -> Vec<Spread> {
    let mut turns = vec![Vec::with_capacity(TURNS); contenders.len()];
    for turn in 0..TURNS {
        for ((took, contender), rounds) in turns.iter_mut().zip(contenders.iter_mut()).zip(rounds) {
            let began = Instant::now();
            for one in &asked[turn * rounds..(turn + 1) * rounds] {
                black_box(contender(one));
            }
            took.push(began.elapsed().as_secs_f64() * 1e6 / *rounds as f64);
        }
    }
    turns.into_iter().map(Spread::of).collect()
}

/// The first is ourselves; its median.
fn print(count: usize, entrants: &[Entrant], times: &[Spread]) -> f64 {
    let ours = times[0].median;
    println!("{count} responders");
    for (entrant, time) in entrants.iter().zip(times) {
        let ratio = time.median / ours;
        let judged = match entrant.target {
            Some(1.0) => format!("{ratio:.2} × (target no worse) {}", verdict(ratio >= 1.0)),
            Some(target) => format!("{ratio:.0} × (target {target:.0} ×) {}", verdict(ratio >= target)),
            None if ratio == 1.0 => String::new(),
            None => format!("{ratio:.1} ×"),
        };
        println!("  {}", format!("{:<34} {:<30} {judged}", entrant.name, format!("{time:.1} µs")).trim_end());
    }
    ours
}
