//! Whether all give the same answer: each is compared with a full scan, before anybody is timed.

use tidewatch::geo::{Spot, distance_m, eta_s};

use super::{Asked, Contender, Entrant, Field, K, Near};

/// A plane that touches the county, or a sphere of another radius, bends a way by up to three in a thousand; so whoever
/// reckons on one may name another who is hardly farther.
const BENT_PERMILLE: u64 = 3;

/// Two named different people, one of them farther.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} disagrees at question {question}: its {K} nearest are {found:?} (seconds or metres), expected {expected:?}"
)]
pub struct Disagreement {
    name: &'static str,
    question: usize,
    found: Vec<u64>,
    expected: Vec<u64>,
}

/// Puts the first questions to everybody; the ones that are left.
pub fn compare<'a>(
    field: &'a Field,
    questions: usize,
    entrants: &[Entrant],
    contenders: &mut [Contender],
) -> Result<&'a [Asked], Disagreement> {
    let (first, rest) = field.asked.split_at(questions);
    let mut spots = field.spots.clone();
    for (question, asked) in first.iter().enumerate() {
        spots[asked.key as usize].point = asked.moved_to;
        let truth = [Near::ByTime, Near::ByDistance].map(|near| scan(&spots, asked, near));
        for (entrant, contender) in entrants.iter().zip(contenders.iter_mut()) {
            let measured = |key: &u32| how_far(spots[*key as usize], asked, entrant.near);
            let found: Vec<u64> = contender(asked).iter().map(measured).collect();
            let expected = &truth[entrant.near as usize];
            if !agree(&found, expected) {
                return Err(Disagreement { name: entrant.name, question, found, expected: expected.clone() });
            }
        }
    }
    Ok(rest)
}

/// Seconds or metres.
fn how_far(spot: Spot, asked: &Asked, near: Near) -> u64 {
    match near {
        Near::ByTime => eta_s(spot.point, asked.place, spot.travel),
        Near::ByDistance => distance_m(spot.point, asked.place),
    }
}

fn scan(spots: &[Spot], asked: &Asked, near: Near) -> Vec<u64> {
    let mut all: Vec<u64> = spots.iter().map(|spot| how_far(*spot, asked, near)).collect();
    all.sort_unstable();
    all.truncate(K);
    all
}

fn agree(found: &[u64], expected: &[u64]) -> bool {
    let same = |(found, expected): (&u64, &u64)| found.abs_diff(*expected) <= 1 + expected * BENT_PERMILLE / 1000;
    found.len() == expected.len() && found.iter().zip(expected).all(same)
}
