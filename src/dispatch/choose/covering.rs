//! Covering: arrival time, and what is left uncovered where they came from (in the manner of DMEXCLP). Never later than
//! promised for the sake of somebody who has not called yet.

use crate::dispatch::event::{Candidate, Why};
use crate::dispatch::locate::point_of;
use crate::dispatch::rank::RANKED_KEPT;
use crate::dispatch::state::Incident;
use crate::geo::{Ground, Spot, nearest};

use super::{Choices, Choose, Chosen, Pick, Question, matched};

/// Those among whom it is chosen: the next one arrives too late to be chosen for what they leave uncovered.
const CANDIDATES: usize = 8;

/// Responders who count as cover: the nearest so many, candidates included. With `CELLS_MOST` it bounds what one choice
/// costs: 8,192 chords, some tens of microseconds.
const FREE_MOST: usize = 64;

/// Cells in which cover is counted: the nearest so many, about as far as an electric bicycle comes in half an hour.
const CELLS_MOST: usize = 128;

/// What a home without cover is worth in seconds, for as long as a job takes: 0.05 alarms a day and home, an hour, and
/// each of them some ten minutes later. An assumption.
const HOME_S: u64 = 1;

pub struct Covering;

impl Choose for Covering {
    fn choose(&self, question: &Question<'_>, waiting: &[&Incident]) -> Choices {
        let mut choices = Choices::default();
        for it in waiting {
            match one(question, it) {
                Some(one) => choices.chosen.push(one),
                // Nobody free comes in time: then cover is no reason, and somebody under way may be sooner.
                None => {
                    let Choices { chosen, waits } = matched::decide(question, &[*it]);
                    choices.chosen.extend(chosen);
                    choices.waits.extend(waits);
                }
            }
        }
        choices
    }
}

/// `None` where nobody who could be asked comes in time.
fn one(question: &Question<'_>, incident: &Incident) -> Option<Chosen> {
    let wanted = incident.room_to_ask();
    let ranked = question.search(incident).ranked(wanted.max(CANDIDATES).max(RANKED_KEPT));
    ranked.first().filter(|it| question.late_s(incident, it.eta_s) == 0)?;
    let losses = losses(question, incident, &ranked);
    let mut scored: Vec<(u64, u64, usize)> = ranked
        .iter()
        .zip(&losses)
        .enumerate()
        .map(|(place, (it, loss))| (question.late_s(incident, it.eta_s), it.eta_s + loss * HOME_S / 1000, place))
        .collect();
    scored.sort_unstable();
    let pick = |(late_s, _, place): (u64, u64, usize)| {
        let (late_s, uncovers_milli_homes) = (Some(late_s), Some(losses[place]));
        Pick { candidate: ranked[place].clone(), why: Some(Why { late_s, uncovers_milli_homes, ..Why::default() }) }
    };
    let picks: Vec<Pick> = scored.into_iter().take(wanted).map(pick).collect();
    Some(Chosen { incident: incident.id, ranked, picks, together: None })
}

/// What each candidate leaves uncovered, in thousandths of a home.
fn losses(question: &Question<'_>, incident: &Incident, ranked: &[Candidate]) -> Vec<u64> {
    let known = question.known;
    let place = point_of(incident, known.facts, known.hints);
    let (Some(cells), Some(place)) = (known.facts.cells(known.state.district), place) else {
        return vec![0; ranked.len()];
    };
    let free = known.hints.available();
    let mut spots: Vec<Spot> = ranked.iter().filter_map(|it| free.get(&it.responder)).collect();
    let other = |id: &_| (!ranked.iter().any(|it| &it.responder == id) && !question.taken.contains(id)).then_some(());
    let others = nearest(free, place, FREE_MOST.saturating_sub(ranked.len()), None, other);
    spots.extend(others.iter().filter_map(|it| free.get(&it.key)));
    let ground = Ground::near(cells, place, CELLS_MOST, |class| known.policy.sla.door_s(class));
    ground.losses(&spots, ranked.len())
}
