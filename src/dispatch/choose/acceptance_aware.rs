//! Acceptance-aware: as many are asked at once as the first yes at the door is sooner for, by how often such people say
//! yes at such an hour. Whoever says it first goes, and the others are told. Few and willing: one; volunteers at night:
//! several. Who is the first of them, and who had better wait for somebody under way, is matched.

use crate::dispatch::event::{Candidate, Why};
use crate::dispatch::state::{Incident, hour_of};
use crate::domain::plan::PolicyName;

use super::{Choices, Choose, Chosen, Pick, Question, matched};

/// Those who are reckoned with: six to one are asked until the first yes at the worst.
const CANDIDATES: usize = 10;

/// Who says yes does so within this on average; of several the first is sooner.
const ANSWER_S: u64 = 12;

/// What one more who is disturbed must save, in seconds.
const DISTURBED_S: u64 = 3;

/// Rounds of asking everybody that are reckoned with.
const TRIED_AGAIN: usize = 4;

pub struct AcceptanceAware;

impl Choose for AcceptanceAware {
    fn together<'a>(&self, question: &Question<'a>, incident: &'a Incident) -> Vec<&'a Incident> {
        matched::together(question, incident, PolicyName::AcceptanceAware)
    }

    fn choose(&self, question: &Question<'_>, waiting: &[&Incident]) -> Choices {
        let Choices { mut chosen, waits } = matched::decide(question, waiting);
        let mut taken = question.taken.clone();
        taken.extend(chosen.iter().flat_map(|it| &it.picks).map(|it| it.candidate.responder.clone()));
        for one in &mut chosen {
            let incident = waiting.iter().find(|it| it.id == one.incident).expect("it was decided about");
            widen(&Question { taken: &taken, ..*question }, incident, one);
            taken.extend(one.picks.iter().map(|it| it.candidate.responder.clone()));
        }
        Choices { chosen, waits }
    }
}

/// Others are asked beside whoever was chosen, as many as the first yes at the door is sooner for.
fn widen(question: &Question<'_>, incident: &Incident, one: &mut Chosen) {
    let pending = incident.pending().count();
    let more = question.search(incident).ranked(CANDIDATES);
    let candidates: Vec<Candidate> = one.picks.iter().map(|it| it.candidate.clone()).chain(more).collect();
    let people: Vec<Person> = candidates.iter().map(|it| person(question, it)).collect();
    let most = most(question, incident, pending, one.picks.len());
    let plan = least_time(&people, most, question.known.policy.offer_ttl_s, question.known.policy.ask_again_s);
    // Those who were asked before and have not answered yet are some of them.
    let at_once = plan.at_once.saturating_sub(pending).max(one.picks.len()).min(candidates.len());
    let pick = |(candidate, person): (Candidate, &Person)| {
        let (accepts_permille, expected_s) = (Some(person.accepts_permille), Some(plan.expected_s));
        Pick { candidate, why: Some(Why { accepts_permille, expected_s, ..Why::default() }) }
    };
    one.picks = candidates.into_iter().zip(&people).take(at_once).map(pick).collect();
    one.together = u8::try_from(pending + one.picks.len()).ok();
}

/// How many more may be asked at once: as one command may, and no more than leaves one for each who waits.
fn most(question: &Question<'_>, incident: &Incident, pending: usize, chosen: usize) -> usize {
    let known = question.known;
    let allowed = usize::from(known.policy.parallel_max).saturating_sub(pending).max(1);
    // Those who are chosen for it are taken already.
    let free = (known.hints.available().len() + chosen).saturating_sub(question.taken.len());
    let others = known.state.starved().filter(|it| it.id != incident.id).take(free).count();
    allowed.min(free.saturating_sub(others)).max(1)
}

/// Somebody who could be asked.
#[derive(Debug, Clone, Copy)]
struct Person {
    eta_s: u64,
    accepts_permille: u64,
}

fn person(question: &Question<'_>, it: &Candidate) -> Person {
    let tier = question.known.facts.responder(&it.responder).expect("a candidate is in the registry").tier;
    let accepts_permille = question.known.state.acceptance().permille(tier, hour_of(question.now));
    Person { eta_s: it.eta_s, accepts_permille }
}

/// How many to ask at once, and the seconds until somebody is at the door that are expected then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    at_once: usize,
    expected_s: u64,
}

/// With nobody left everything is tried again after a while, and takes as long as it took: that many times over.
fn least_time(people: &[Person], most: usize, ttl_s: u64, ask_again_s: u64) -> Plan {
    let nobody = Plan { at_once: 0, expected_s: people.last().map_or(0, |it| it.eta_s) };
    (0..TRIED_AGAIN).fold(nobody, |before, _| planned(people, most, ttl_s, ask_again_s + before.expected_s))
}

/// From the last who would be asked to the first: what is best for the rest is known when it is needed.
fn planned(people: &[Person], most: usize, ttl_s: u64, nobody_s: u64) -> Plan {
    let mut rest = vec![nobody_s; people.len() + 1];
    let mut at_once = 0;
    for from in (0..people.len()).rev() {
        let room = most.min(people.len() - from);
        let tried = (1..=room).map(|count| (expected_s(&people[from..from + count], ttl_s, rest[from + count]), count));
        let weighed = tried.map(|(time_s, count)| (time_s + (count as u64 - 1) * DISTURBED_S, count, time_s));
        let (_, count, time_s) = weighed.min().expect("at least one is asked");
        (rest[from], at_once) = (time_s, count);
    }
    Plan { at_once, expected_s: rest[0] }
}

/// Seconds until somebody is at the door where these are asked at once, and `rest_s` is needed where none says yes.
fn expected_s(asked: &[Person], ttl_s: u64, rest_s: u64) -> u64 {
    let yes: u64 = asked.iter().map(|it| it.accepts_permille).sum();
    let none_permille = asked.iter().fold(1000, |none, it| none * (1000 - it.accepts_permille.min(1000)) / 1000);
    let travel: u64 = asked.iter().map(|it| it.accepts_permille * it.eta_s).sum();
    // Answers come at any time up to twice the average: the first of n is there after 2 / (n + 1) of it.
    let first_s = 2 * ANSWER_S * 1000 / (1000 + yes.max(1000));
    let some_s = first_s + travel.checked_div(yes).unwrap_or(0);
    ((1000 - none_permille) * some_s + none_permille * (ttl_s + rest_s)) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_surely_comes_is_asked_alone() {
        let plan = least_time(&people(&[(300, 1000), (400, 1000), (500, 1000)]), 5, 30, 60);
        assert_eq!(plan, Plan { at_once: 1, expected_s: 312 });
    }

    #[test]
    fn of_people_who_seldom_come_several_are_asked() {
        let seldom = people(&[(300, 200), (310, 200), (320, 200), (330, 200), (340, 200), (350, 200)]);
        assert_eq!(least_time(&seldom, 5, 30, 60).at_once, 3, "a fourth is disturbed for less than that saves");
        assert_eq!(least_time(&seldom, 2, 30, 60).at_once, 2, "no more than may be");
    }

    #[test]
    fn somebody_far_is_not_asked_beside_somebody_near() {
        let plan = least_time(&people(&[(300, 600), (2_000, 600)]), 5, 30, 60);
        assert_eq!(plan.at_once, 1, "who is far might say yes first");
    }

    #[test]
    fn the_time_expected_is_that_of_every_outcome() {
        // One of two says yes: 12 s and 100 s; else 30 s, and the rest.
        assert_eq!(expected_s(&people(&[(100, 500)]), 30, 1_000), (112 + 1_030) / 2);
        assert_eq!(least_time(&[], 5, 30, 60).at_once, 0);
    }

    fn people(of: &[(u64, u64)]) -> Vec<Person> {
        of.iter()
            .map(|(eta_s, accepts_permille)| Person { eta_s: *eta_s, accepts_permille: *accepts_permille })
            .collect()
    }
}
