//! The course of incidents: opened once, owned by one, escalated rung by rung, closed with nothing left open.

use std::collections::BTreeSet;

use serde_json::Value;

use super::books::{Books, Incident, Lease, OfferState, Round};
use super::line::{Line, millis};
use super::{Expected, hold};

pub fn judge(books: &mut Books, supervisors: &BTreeSet<String>, line: &Line) -> Result<Option<Expected>, String> {
    let id = line.text("incident");
    match line.kind.as_str() {
        "incident_opened" => opened(books, line)?,
        "alarm_attached" => attached(books, line)?,
        "alarm_detached" => {
            let it = books.open(id)?;
            hold(it.presses > 1, || "the only alarm has left".to_owned())?;
            line.maybe("subject").map(|subject| it.subjects.remove(subject));
        }
        "incident_claimed" => claimed(books, supervisors, line)?,
        "claim_lease_changed" => books.open(id)?.lease = lease(line),
        "incident_released" => released(books, line)?,
        "incident_escalated" => return escalated(books, line),
        "task_due" => task(books, line)?,
        "task_confirmed" => {
            let due = books.tasks.remove(line.text("task"));
            hold(due.is_some(), || "a task was confirmed that is not due".to_owned())?;
        }
        "incident_corrected" => corrected(books, line)?,
        "incident_closed" => closed(books, id)?,
        "incident_merged" => merged(books, line)?,
        "incident_reopened" => reopened(books, line)?,
        "urgency_raised" => books.open(id)?.urgency = line.number("to"),
        "alarm_cancelled" | "incident_unattended" => drop(books.open(id)?),
        "call_ringing" => {
            let new = books.calls.insert(line.text("call").to_owned());
            hold(new, || "a call rang twice".to_owned())?;
        }
        kind if kind.starts_with("call_") => {
            hold(books.calls.contains(line.text("call")), || "a call that never rang".to_owned())?;
        }
        _ => {}
    }
    Ok(None)
}

fn opened(books: &mut Books, line: &Line) -> Result<(), String> {
    let id = line.text("incident").to_owned();
    let ladder = line.part("ladder").as_array().cloned().unwrap_or_default();
    let subjects: BTreeSet<String> = line.maybe("subject").map(str::to_owned).into_iter().collect();
    one_incident_each(books, &subjects, &id)?;
    let opened = Incident {
        open: true,
        presses: 1,
        urgency: line.number("urgency"),
        ladder: ladder.iter().map(|rung| rung["action"] == "task").collect(),
        patience_ms: ladder.iter().map(|rung| rung["patience_s"].as_i64().unwrap_or_default() * 1000).collect(),
        calls_back: line.part("plan")["start"] == "call_back",
        subjects,
        last_call_ms: line.part("terms")["last_call_s"].as_i64().unwrap_or_default() * 1000,
        round: round(line, 1),
        ..Incident::default()
    };
    books.open_ids.insert(id.clone());
    let before = books.incidents.insert(id, opened);
    hold(before.is_none(), || "opened twice".to_owned())
}

fn round(line: &Line, number: u64) -> Round {
    Round {
        began_at: line.at,
        number,
        ask_at: line.time("ask_at"),
        freed_at: line.at,
        door_due_at: line.time("door_due_at").unwrap_or(i64::MAX),
        ..Round::default()
    }
}

/// A subject is worked in one open incident.
fn one_incident_each(books: &Books, subjects: &BTreeSet<String>, id: &str) -> Result<(), String> {
    let double =
        books.all_open().find(|(other, it)| *other != id && it.subjects.intersection(subjects).next().is_some());
    hold(double.is_none(), || format!("a subject of {id} is in open incident {} already", double.map_or("", |it| it.0)))
}

fn attached(books: &mut Books, line: &Line) -> Result<(), String> {
    let (id, subject) = (line.text("incident"), line.maybe("subject").map(str::to_owned));
    one_incident_each(books, &subject.iter().cloned().collect(), id)?;
    let it = books.open(id)?;
    it.presses += 1;
    hold(it.presses == line.number("presses"), || format!("that is press {}", it.presses))?;
    it.subjects.extend(subject);
    if let Some(at) = line.time("ask_at") {
        (it.round.ask_at, it.round.starved_since) = (Some(at), None);
    }
    Ok(())
}

fn claimed(books: &mut Books, supervisors: &BTreeSet<String>, line: &Line) -> Result<(), String> {
    let (owner, by) = (line.text("owner"), line.text("by"));
    let it = books.open(line.text("incident"))?;
    if let Some(before) = &it.owner {
        let taken_over = line.maybe("from") == Some(before) && supervisors.contains(by);
        hold(taken_over, || format!("{before} owns it, and {owner} claimed it"))?;
    }
    hold(owner == by, || format!("{by} claimed it for {owner}"))?;
    it.owner = Some(owner.to_owned());
    it.owners.insert(owner.to_owned());
    it.lease = lease(line);
    Ok(())
}

fn lease(line: &Line) -> Lease {
    match line.part("lease") {
        Value::Object(lease) => lease.get("until").and_then(millis).map_or(Lease::Untended, Lease::Until),
        _ => Lease::Connected,
    }
}

fn released(books: &mut Books, line: &Line) -> Result<(), String> {
    let it = books.open(line.text("incident"))?;
    let owner = it.owner.take();
    it.round.freed_at = line.at;
    it.lease = Lease::Connected;
    hold(owner.as_deref() == line.maybe("owner"), || format!("released by {}, owned by {owner:?}", line.text("owner")))
}

fn escalated(books: &mut Books, line: &Line) -> Result<Option<Expected>, String> {
    let index = line.number("index") as usize;
    let it = books.open(line.text("incident"))?;
    let is_task = it.ladder.get(index).copied();
    hold(is_task.is_some(), || format!("the ladder has no rung {index}"))?;
    let by_itself = line.text("reason") != "operator";
    hold(!by_itself || index == it.rung + 1, || format!("rung {index} follows {}", it.rung))?;
    it.rung = it.rung.max(index);
    it.round.starved_since = None;
    it.round.rung_until = line.time("patient_until");
    Ok(is_task.filter(|is_task| *is_task).map(|_| Expected::Task(line.text("incident").to_owned())))
}

fn task(books: &mut Books, line: &Line) -> Result<(), String> {
    let (id, task) = (line.text("incident").to_owned(), line.text("task").to_owned());
    let before = books.tasks.insert(task, id.clone());
    hold(before.is_none(), || "a task is due twice".to_owned())?;
    let it = books.open(&id)?;
    let rung = it.rung;
    it.tasks.insert(rung);
    Ok(())
}

fn corrected(books: &mut Books, line: &Line) -> Result<(), String> {
    let id = line.text("incident");
    let subjects: BTreeSet<String> = line.maybe("subject").map(str::to_owned).into_iter().collect();
    one_incident_each(books, &subjects, id)?;
    let it = books.open(id)?;
    it.subjects.extend(subjects);
    if !line.part("urgency").is_null() {
        it.urgency = line.number("urgency");
    }
    if !line.part("plan").is_null() {
        it.calls_back = line.part("plan")["start"] == "call_back";
    }
    let round = &mut it.round;
    round.ask_at = line.time("ask_at").or(round.ask_at);
    (round.freed_at, round.starved_since) = (line.at, None);
    if let Some(due_at) = line.time("door_due_at") {
        (round.door_due_at, round.corrected_at) = (due_at, Some(line.at));
    }
    Ok(())
}

fn closed(books: &mut Books, id: &str) -> Result<(), String> {
    books.open(id)?;
    let it = &books.incidents[id];
    for state in [OfferState::Pending, OfferState::UnderWay] {
        let open = books.offers_in(it, state).next();
        hold(open.is_none(), || {
            format!("{id} is closed with an offer {state:?} for {}", open.map_or("", |it| &it.responder))
        })?;
    }
    hold(it.owner.is_none(), || format!("{id} is closed and owned by {:?}", it.owner))?;
    books.open(id)?.open = false;
    books.open_ids.remove(id);
    Ok(())
}

fn merged(books: &mut Books, line: &Line) -> Result<(), String> {
    let (id, into) = (line.text("incident"), line.text("into"));
    closed(books, id)?;
    let from = &books.incidents[id];
    let (presses, urgency, subjects) = (from.presses, from.urgency, from.subjects.clone());
    let it = books.open(into)?;
    it.presses += presses;
    it.urgency = it.urgency.min(urgency);
    it.subjects.extend(subjects);
    Ok(())
}

fn reopened(books: &mut Books, line: &Line) -> Result<(), String> {
    let id = line.text("incident");
    let subjects = books.incident(id)?.subjects.clone();
    one_incident_each(books, &subjects, id)?;
    let it = books.incident(id)?;
    hold(!it.open, || format!("{id} was reopened and is open"))?;
    hold(line.number("round") == it.round.number + 1, || format!("round {} follows", it.round.number))?;
    books.open_ids.insert(id.to_owned());
    let it = books.incident(id)?;
    (it.open, it.rung, it.round) = (true, 0, round(line, line.number("round")));
    Ok(())
}
