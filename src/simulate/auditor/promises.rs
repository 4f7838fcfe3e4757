//! Promises: what must happen by when, whoever forgets it. Asked and nobody asks the next; a promise that is missed
//! before the next rung was taken; an offer that never ends; somebody whom nobody looks after.

use super::books::{Books, Door, Incident, Lease, OfferState};
use super::line::Line;
use super::{Expected, hold};

/// What is due is done within this of district time, while the service lives and its disk takes what it writes.
const LATE_MOST_MS: i64 = 1_000;

/// District time in which the service was down, or its disk refused.
#[derive(Debug, Default)]
pub struct Troubles {
    /// In order, and apart.
    windows: Vec<(i64, i64)>,
}

impl Troubles {
    /// A start can set district time back to before what had come and was not recorded: of that, nothing was lived.
    pub fn add(&mut self, from: i64, to: i64) {
        let from = from.min(to);
        while self.windows.pop_if(|(begin, _)| *begin >= from).is_some() {}
        if let Some((_, end)) = self.windows.last_mut() {
            *end = (*end).min(from);
        }
        if to > from {
            self.windows.push((from, to));
        }
    }

    /// Milliseconds from `due` to `at` in which it could have been done.
    fn lateness(&self, due: i64, at: i64) -> i64 {
        let lost: i64 = self
            .windows
            .iter()
            .rev()
            .take_while(|(_, to)| *to > due)
            .map(|(from, to)| (at.min(*to) - due.max(*from)).max(0))
            .sum();
        at - due - lost
    }

    pub fn touch(&self, from: i64, to: i64) -> bool {
        self.windows.iter().rev().take_while(|(_, end)| *end >= from).any(|(begin, _)| *begin <= to)
    }

    fn is_late(&self, due: i64, at: i64) -> bool {
        at - due > LATE_MOST_MS && self.lateness(due, at) > LATE_MOST_MS
    }
}

/// What should have happened before `at` and has not.
pub fn overdue(books: &Books, troubles: &Troubles, at: i64) -> Result<(), String> {
    for (id, it) in books.all_open() {
        let due = [
            ("an offer ends", first_end(books, it)),
            ("the next is asked", ask_due(books, it)),
            ("the next rung is taken", rung_due(books, it)),
            ("the promise at the door is judged", judged_by(it)),
            ("the claim lapses", lapses_at(it)),
        ];
        for (what, due) in due {
            let late = due.filter(|due| troubles.is_late(*due, at));
            hold(late.is_none(), || format!("incident {id}: {what} at {late:?}, and it is {at}"))?;
        }
    }
    Ok(())
}

/// A correction may find that the promise was missed already.
fn judged_by(it: &Incident) -> Option<i64> {
    let due_at = it.round.door_due_at.max(it.round.corrected_at.unwrap_or(i64::MIN));
    Some(due_at).filter(|_| it.round.door == Door::Running)
}

fn lapses_at(it: &Incident) -> Option<i64> {
    match it.lease {
        Lease::Until(at) => Some(at).filter(|_| it.owner.is_some()),
        Lease::Connected | Lease::Untended => None,
    }
}

fn first_end(books: &Books, it: &Incident) -> Option<i64> {
    books.offers_in(it, OfferState::Pending).map(super::books::Offer::ends_at).min()
}

fn wants_somebody(books: &Books, it: &Incident) -> bool {
    !it.round.reached && !books.is_under_way(it)
}

/// Nobody is asked, nobody comes: somebody is to be asked by then.
fn ask_due(books: &Books, it: &Incident) -> Option<i64> {
    let waits = books.offers_in(it, OfferState::Pending).next().is_some();
    let taken_up = it.calls_back && !it.round.decided && it.owner.is_some();
    if waits || taken_up || !wants_somebody(books, it) {
        return None;
    }
    it.round.ask_at.map(|at| at.max(it.round.freed_at))
}

/// A rung that was taken is given up in time, while nobody comes.
fn rung_due(books: &Books, it: &Incident) -> Option<i64> {
    let goes_on = it.has_next_rung() && wants_somebody(books, it);
    it.round.rung_until.filter(|_| goes_on).map(|at| at.max(it.round.freed_at))
}

/// Whoever waits for somebody asks the moment that somebody becomes free, and not when the whole search is repeated.
pub fn asked_in_time(books: &Books, troubles: &Troubles, line: &Line) -> Result<(), String> {
    let (Some(it), responder) = (books.incidents.get(line.text("incident")), line.text("responder")) else {
        return Ok(());
    };
    // Who is asked to turn was not free.
    let turns = line.maybe("turns").is_some();
    let Some(since) = it.round.starved_since.filter(|_| !turns) else { return Ok(()) };
    let by_repeated_search = it.round.ask_at == Some(line.at) && line.maybe("by").is_none();
    let was_free = books.free_since.get(responder).is_some_and(|at| *at < line.at - LATE_MOST_MS);
    let overlooked = by_repeated_search && was_free && !it.asked.contains(responder);
    hold(!overlooked || troubles.touch(since, line.at), || {
        format!("{responder} was free since {:?} and was asked only now", books.free_since.get(responder))
    })
}

/// Whoever was under way gave up so late that the rest of the ladder has not had its time.
fn is_lost_lately(it: &Incident, at: i64) -> bool {
    let rest_ms: i64 = it.patience_ms[it.rung..].iter().sum();
    it.round.lost_at.is_some_and(|lost_at| at < lost_at + rest_ms)
}

pub fn judge(books: &mut Books, troubles: &Troubles, line: &Line) -> Result<Option<Expected>, String> {
    let id = line.text("incident");
    if line.kind == "nobody_available" {
        let it = books.open(id)?;
        it.round.ask_at = line.time("ask_again_at");
        // Whoever could be asked was not, since somebody else is sooner: then the repeated search is what asks them.
        let waits = !line.part("waits_for").is_null();
        it.round.starved_since = if waits { None } else { it.round.starved_since.or(Some(line.at)) };
        it.wait_on_rung(line.at);
        return Ok(None);
    }
    if line.text("clock") != "door" {
        books.open(id)?;
        return Ok(None);
    }
    match line.kind.as_str() {
        "sla_warned" => {
            let it = books.open(id)?;
            it.round.warned_at = Some(line.at);
            Ok(it.has_next_rung().then(|| Expected::Escalation(id.to_owned())))
        }
        "sla_breached" => breached(books, troubles, line).map(|()| None),
        _ => met(books, line).map(|()| None),
    }
}

fn met(books: &mut Books, line: &Line) -> Result<(), String> {
    let it = books.open(line.text("incident"))?;
    it.round.door = Door::Met;
    let in_time = line.time("met_at").is_some_and(|at| at <= it.round.door_due_at);
    hold(in_time && it.round.reached, || "a promise was called met that was not".to_owned())
}

/// Before a promise is missed somebody is warned, in time for one more step, and the step is taken.
fn breached(books: &mut Books, troubles: &Troubles, line: &Line) -> Result<(), String> {
    let it = books.open(line.text("incident"))?;
    let round = &mut it.round;
    round.door = Door::Breached;
    hold(line.at >= round.door_due_at, || "a promise was called missed before it was".to_owned())?;
    let could_at = round.began_at.max(round.corrected_at.unwrap_or(i64::MIN));
    let by = (round.door_due_at - it.last_call_ms).max(could_at);
    let warned_at = round.warned_at.unwrap_or(line.at);
    let in_time =
        !troubles.is_late(by, warned_at) && (round.warned_at.is_some() || troubles.lateness(by, line.at) <= 0);
    hold(in_time, || format!("a promise was missed, and the warning was due at {by} and came at {:?}", round.warned_at))
}

/// At the end, the faults long over: somebody comes or was there, or the last rung is taken and somebody is to do it. Of
/// an incident whose responder gave up only now, that is true when the rest of its ladder has had its time.
pub fn everybody_looked_after(books: &Books, at: i64) -> Result<(), String> {
    for (id, it) in books.incidents.iter().filter(|(_, it)| it.open && !is_lost_lately(it, at)) {
        let last = it.ladder.len() - 1;
        let escalated = it.rung == last && (!it.ladder[last] || it.tasks.contains(&last));
        let looked_after = !wants_somebody(books, it) || escalated;
        hold(looked_after, || format!("nobody looks after incident {id}: it stands on rung {} of {last}", it.rung))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_done_is_not_late_even_where_time_was_set_back() {
        let mut troubles = Troubles::default();
        troubles.add(10_000, 20_000);
        assert_eq!(troubles.lateness(12_000, 21_000), 1_000);
        troubles.add(15_000, 22_000);
        assert_eq!(troubles.lateness(12_000, 23_000), 1_000, "windows that overlap are one");
        // A start at 9 s: what was between 9 and 22 was never lived.
        troubles.add(22_000, 9_000);
        assert_eq!(troubles.lateness(9_000, 12_000), 3_000);
        troubles.add(9_500, 11_500);
        assert_eq!(troubles.lateness(9_000, 12_000), 1_000);
    }
}
