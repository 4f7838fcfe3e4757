//! Matched: everybody who waits is decided about together, so that the least is late, the urgent counting more, and then
//! the least is travelled. Whoever is under way and free soon is among those who could go: an incident that is matched
//! with one of them waits, and holds nobody from far away who is wanted elsewhere. One at a time, with somebody free in
//! time, is the special case, and is the nearest.

use std::collections::{BTreeMap, BTreeSet};

use crate::dispatch::event::{Candidate, Why};
use crate::dispatch::matching::{Row, least_cost};
use crate::dispatch::state::Incident;
use crate::domain::plan::PolicyName;
use crate::domain::{ResponderId, Urgency};

use super::soon::soon;
use super::{Choices, Choose, Chosen, Pick, Question};

/// Incidents that are decided about together at most: a burst goes in turns of so many.
pub const TOGETHER_MOST: usize = 256;

/// Of those who wait since nobody was free, so many are looked at: what has waited had its turn whenever somebody came.
const STARVED_MOST: usize = 64;

/// Incidents for each responder who is free: among so many somebody is found who is late least.
const ROWS_PER_FREE: usize = 8;

/// Things that are due at once and looked through for incidents that are to be asked for.
const DUE_MOST: usize = 1_024;

/// Candidates of each incident at first; who gets none has so many times more in the next try.
const NEAREST_FIRST: usize = 10;
const MORE: usize = 4;

/// Whoever gets nobody now is assumed to wait so much longer.
const WAITS_S: u64 = 1_800;

/// Times above this cost no more, so that costs stay whole numbers of 64 bits: a day and a half.
const TIME_MOST_S: u64 = (1 << 17) - 1;

/// A second of being late counts for all the ways of all rows together.
const LATE_S: u64 = TOGETHER_MOST as u64 * (TIME_MOST_S + 1);

/// A promise that is missed at all counts as so many seconds more: fewer are missed, and none is for the sake of a minute.
const MISSED_S: u64 = 1_800;

/// To wait for somebody who is under way has to save so much: jobs last longer, and others call.
const UNSURE_S: u64 = 120;

/// Being left out costs more than all else together, by urgency: nobody is while there is somebody, and where there is not
/// the more urgent are found somebody.
const LEFT_OUT: i64 = 1 << 55;

pub struct Matched;

impl Choose for Matched {
    fn together<'a>(&self, question: &Question<'a>, incident: &'a Incident) -> Vec<&'a Incident> {
        together(question, incident, PolicyName::Matched)
    }

    fn choose(&self, question: &Question<'_>, waiting: &[&Incident]) -> Choices {
        decide(question, waiting)
    }
}

/// That incident first, and whoever else waits under the policy of that name.
pub fn together<'a>(question: &Question<'a>, incident: &'a Incident, name: PolicyName) -> Vec<&'a Incident> {
    let (state, now) = (question.known.state, question.now);
    let free = question.known.hints.available().len().saturating_sub(question.taken.len());
    let most = (free * ROWS_PER_FREE).min(TOGETHER_MOST).saturating_sub(1);
    if most == 0 {
        return vec![incident];
    }
    let like = |it: &&Incident| {
        let waits = it.plan.policy() == name && it.room_to_ask() > 0;
        waits && it.id != incident.id && !question.decided.contains(&it.id)
    };
    let waiting = state.due_to_ask(now, DUE_MOST).filter(like).chain(state.starved().filter(like).take(STARVED_MOST));
    let others: BTreeMap<_, &Incident> = waiting.map(|it| ((it.urgency, it.opened_at, it.id), it)).collect();
    std::iter::once(incident).chain(others.into_values().take(most)).collect()
}

/// Whom to ask for each of `waiting`, and who of them waits.
pub fn decide(question: &Question<'_>, waiting: &[&Incident]) -> Choices {
    let matched = all(question, waiting);
    let mut taken: BTreeSet<ResponderId> = question.taken.clone();
    let now_asked = matched.iter().filter_map(Found::now);
    taken.extend(now_asked.map(|(it, _)| it.responder.clone()));
    let (mut chosen, mut waits) = (Vec::new(), Vec::new());
    for (incident, found) in waiting.iter().zip(matched) {
        let (candidate, ranked) = match found {
            Found::Now(candidate, ranked) => (candidate, ranked),
            Found::Soon(candidate) => {
                waits.push((incident.id, candidate));
                continue;
            }
            Found::Nobody => continue,
        };
        let mut one = Chosen { incident: incident.id, ranked, picks: vec![pick(candidate)], together: None };
        let more = super::first(&Question { taken: &taken, ..*question }, incident, incident.room_to_ask() - 1);
        one.picks.extend(more.into_iter().flat_map(|it| it.picks));
        taken.extend(one.picks.iter().map(|it| it.candidate.responder.clone()));
        for pick in &mut one.picks {
            let late_s = Some(question.late_s(incident, pick.candidate.eta_s));
            pick.why = Some(Why { incidents: Some(waiting.len() as u32), late_s, ..Why::default() });
        }
        chosen.push(one);
    }
    Choices { chosen, waits }
}

fn pick(candidate: Candidate) -> Pick {
    Pick { candidate, why: None }
}

/// Whom one incident gets.
enum Found {
    /// Somebody free, with those who were ranked.
    Now(Candidate, Vec<Candidate>),
    /// Somebody who is under way elsewhere, and would be there sooner than anybody who could be asked now.
    Soon(Candidate),
    Nobody,
}

impl Found {
    fn now(&self) -> Option<(&Candidate, &[Candidate])> {
        match self {
            Self::Now(candidate, ranked) => Some((candidate, ranked)),
            Self::Soon(_) | Self::Nobody => None,
        }
    }
}

/// Those whom one incident could get: the free, nearest first, and those under way who are free soon.
struct Could {
    free: Vec<Candidate>,
    soon: Vec<Candidate>,
}

impl Could {
    fn of(question: &Question<'_>, incident: &Incident, most: usize, alone: bool) -> Self {
        let free = question.search(incident).ranked(most);
        // Somebody free comes in time, and nobody else wants them.
        let is_enough = alone && free.first().is_some_and(|it| question.late_s(incident, it.eta_s) == 0);
        // Without anybody free there is nothing to decide.
        let looks = !is_enough && !free.is_empty();
        Self { free, soon: if looks { soon(question, incident) } else { Vec::new() } }
    }

    fn all(&self) -> impl Iterator<Item = &Candidate> {
        self.free.iter().chain(&self.soon)
    }
}

/// One responder for each of `waiting`, or none; with those who were ranked. Who gets none though there were more to
/// choose from is tried again with more.
fn all(question: &Question<'_>, waiting: &[&Incident]) -> Vec<Found> {
    let mut wanted = vec![NEAREST_FIRST; waiting.len()];
    let alone = waiting.len() == 1;
    let mut could: Vec<Could> = waiting.iter().map(|it| Could::of(question, it, NEAREST_FIRST, alone)).collect();
    loop {
        let found = matched(question, waiting, &could);
        let is_short = |row: &usize| found[*row].is_none() && could[*row].free.len() == wanted[*row];
        let short: Vec<usize> = (0..waiting.len()).filter(is_short).collect();
        if short.is_empty() {
            return found.into_iter().zip(could).map(|(it, could)| could.found(it)).collect();
        }
        for row in short {
            wanted[row] = wanted[row].saturating_mul(MORE);
            could[row].free = question.search(waiting[row]).ranked(wanted[row]);
        }
    }
}

impl Could {
    /// By number among all.
    fn found(mut self, at: Option<usize>) -> Found {
        match at {
            None => Found::Nobody,
            Some(at) if at < self.free.len() => Found::Now(self.free[at].clone(), self.free),
            Some(at) => Found::Soon(self.soon.swap_remove(at - self.free.len())),
        }
    }
}

/// For each row which of its candidates.
fn matched(question: &Question<'_>, waiting: &[&Incident], could: &[Could]) -> Vec<Option<usize>> {
    let columns = columns(question, could);
    let rows: Vec<Row> = waiting.iter().zip(could).map(|(it, of)| row(question, it, of, &columns)).collect();
    let at = |(row, column): (usize, Option<u32>)| rows[row].edges.iter().position(|(it, _)| Some(*it) == column);
    least_cost(&rows, columns.len()).into_iter().enumerate().map(at).collect()
}

/// A number for each who could go; of two who cost the same, the first has fewer jobs today, then the lower id.
fn columns<'a>(question: &Question<'_>, could: &'a [Could]) -> BTreeMap<&'a ResponderId, u32> {
    let jobs = |id: &ResponderId| question.known.state.responder(id).map_or(0, |it| it.jobs_on(question.now));
    let everybody: BTreeSet<&ResponderId> = could.iter().flat_map(Could::all).map(|it| &it.responder).collect();
    let in_order: BTreeSet<(u32, &ResponderId)> = everybody.into_iter().map(|id| (jobs(id), id)).collect();
    (0_u32..).zip(in_order).map(|(number, (_, id))| (id, number)).collect()
}

fn row(question: &Question<'_>, incident: &Incident, could: &Could, columns: &BTreeMap<&ResponderId, u32>) -> Row {
    let edge = |it: &Candidate, more_s: u64| (columns[&it.responder], cost(question, incident, it.eta_s + more_s));
    let free = could.free.iter().map(|it| edge(it, 0));
    let soon = could.soon.iter().map(|it| edge(it, UNSURE_S));
    let edges = free.chain(soon).collect();
    let waits_s = WAITS_S + could.free.first().map_or(0, |it| it.eta_s);
    let left_out = LEFT_OUT * weight(incident.urgency) as i64;
    Row { edges, without: left_out + cost(question, incident, waits_s) }
}

/// How late, weighed by how urgent; then how far.
fn cost(question: &Question<'_>, incident: &Incident, eta_s: u64) -> i64 {
    let late_s = match question.late_s(incident, eta_s).min(TIME_MOST_S) {
        0 => 0,
        late_s => (late_s + MISSED_S) * weight(incident.urgency),
    };
    i64::try_from(late_s * LATE_S + eta_s.min(TIME_MOST_S)).expect("bounded times make a cost of 47 bits")
}

/// One step more urgent counts twice: 16 for the most urgent, 1 for the least.
fn weight(urgency: Urgency) -> u64 {
    1 << (5 - u8::from(urgency)).min(4)
}
