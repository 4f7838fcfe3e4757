//! The auditor: reads the lines of the journal and hears every answer that is let go, keeps his own books, and says what
//! is wrong. Shares no code with `dispatch`: a mistake that both make alike has to be made twice.

mod books;
mod course;
mod line;
mod offers;
mod promises;

use std::collections::{BTreeMap, BTreeSet};

use books::Books;
use line::Line;
use promises::Troubles;

/// What an actor asked, as far as the actor knows.
#[derive(Debug, Default)]
pub struct Question {
    /// The signals of one message.
    pub signals: Vec<String>,
    pub request: Option<String>,
    /// Offer and responder.
    pub accept: Option<(String, String)>,
}

#[derive(Debug)]
pub struct Said {
    pub seq: Option<u64>,
    pub incident: Option<String>,
    pub repeat: bool,
}

#[derive(Debug)]
pub struct Refusal {
    pub code: String,
    /// An incident and its owner.
    pub names: Option<(String, String)>,
}

#[derive(Debug)]
pub struct Auditor {
    books: Books,
    lines: Vec<Written>,
    raw: Vec<String>,
    last_at: i64,
    supervisors: BTreeSet<String>,
    /// By fingerprint: the line that took the signal.
    signals: BTreeMap<String, u64>,
    /// By request: the first answer.
    answers: BTreeMap<String, u64>,
    troubles: Troubles,
    /// What the next line must be about.
    expected: Option<Expected>,
    complaint: Option<String>,
}

/// What is kept of each line, by seq.
#[derive(Debug)]
struct Written {
    request: Option<String>,
    /// Of the signal that it took.
    incident: Option<String>,
}

/// A line that must follow at once.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    /// The press that a signal makes.
    Press(String),
    /// The rung that is taken when a promise is at risk.
    Escalation(String),
    Task(String),
}

/// After a stop an offer that waits is not over before this: a link needs a moment to come back.
const FRESH_WINDOW_MS: i64 = 5_000;

impl Auditor {
    pub fn new(supervisors: impl Iterator<Item = String>) -> Self {
        Self {
            books: Books::default(),
            lines: Vec::new(),
            raw: Vec::new(),
            last_at: i64::MIN,
            supervisors: supervisors.collect(),
            signals: BTreeMap::new(),
            answers: BTreeMap::new(),
            troubles: Troubles::default(),
            expected: None,
            complaint: None,
        }
    }

    /// The first thing that was found wrong.
    pub fn complaint(&self) -> Option<String> {
        self.complaint.clone()
    }

    pub fn lines_read(&self) -> u64 {
        self.lines.len() as u64
    }

    /// In district time: what could not be done then may be done so much later.
    pub fn trouble(&mut self, from: i64, to: i64) {
        self.troubles.add(from, to);
    }

    /// The service is back: whoever waits for a person waits a little longer.
    pub fn restarted(&mut self, now: i64) {
        for offer in self.books.offers.values_mut() {
            offer.not_over_before = now + FRESH_WINDOW_MS;
        }
    }

    /// Durable lines, in order.
    pub fn read(&mut self, lines: &[String]) {
        for text in lines {
            let judged = Line::read(text).and_then(|line| self.line(&line));
            self.raw.push(text.clone());
            self.complain(judged.map_err(|why| format!("{why}\n  at line {text}")));
        }
    }

    /// All of the disk, after a crash: nothing that was durable may be gone or changed; the rest is new.
    pub fn reread(&mut self, lines: &[String]) {
        let known = self.raw.len();
        if lines.len() < known || lines[..known] != self.raw[..] {
            self.complain(Err(format!("of {known} durable lines some are gone or changed after a crash")));
            return;
        }
        self.read(&lines[known..]);
    }

    /// An answer that the service lets go.
    pub fn answered(&mut self, question: &Question, answer: Result<Said, Refusal>) {
        let judged = match answer {
            Ok(said) => self.acknowledged(question, &said),
            Err(refusal) => self.refused(question, &refusal),
        };
        self.complain(judged.map_err(|why| format!("{why}\n  in the answer to {question:?}")));
    }

    pub fn end(&mut self, now: i64) {
        let judged = promises::overdue(&self.books, &self.troubles, now);
        self.complain(judged.and_then(|()| promises::everybody_looked_after(&self.books, now)));
    }

    fn complain(&mut self, judged: Result<(), String>) {
        if let (None, Err(why)) = (&self.complaint, judged) {
            self.complaint = Some(why);
        }
    }

    fn line(&mut self, line: &Line) -> Result<(), String> {
        let expected = self.lines.len() as u64 + 1;
        hold(line.seq == expected, || format!("seq {} follows {}", line.seq, expected - 1))?;
        hold(line.at >= self.last_at, || "district time runs backwards".to_owned())?;
        self.last_at = line.at;
        promises::overdue(&self.books, &self.troubles, line.at)?;
        if line.kind == "offer_made" {
            promises::asked_in_time(&self.books, &self.troubles, line)?;
        }
        self.follows(line)?;
        let took_signal = line.kind == "signal_received";
        self.lines.push(Written {
            request: line.maybe("request").map(str::to_owned),
            incident: line.maybe("incident").filter(|_| took_signal).map(str::to_owned),
        });
        if took_signal {
            return self.signal(line);
        }
        let next = match line.kind.as_str() {
            kind if kind.starts_with("offer_") || kind.starts_with("responder_") || kind == "duty_changed" => {
                offers::judge(&mut self.books, line)
            }
            "windows_renewed" => Ok(offers::renew(&mut self.books, line)),
            kind if kind.starts_with("sla_") || kind == "nobody_available" => {
                promises::judge(&mut self.books, &self.troubles, line)
            }
            _ => course::judge(&mut self.books, &self.supervisors, line),
        };
        self.expected = next?;
        Ok(())
    }

    /// What one step must bring together is together.
    fn follows(&mut self, line: &Line) -> Result<(), String> {
        let (kind, about) = (line.kind.as_str(), line.text("incident"));
        let by_signal = kind == "incident_opened" && line.text("opened_by") == "signal"
            || kind == "alarm_attached" && !line.part("source").is_null();
        let fits = match &self.expected {
            None => !by_signal,
            Some(Expected::Press(on)) => on == about && (by_signal || kind == "signal_received"),
            Some(Expected::Escalation(on)) => on == about && kind == "incident_escalated",
            Some(Expected::Task(on)) => on == about && kind == "task_due",
        };
        hold(fits, || format!("expected {:?} next", self.expected))?;
        if kind != "signal_received" {
            self.expected = None;
        }
        Ok(())
    }

    fn signal(&mut self, line: &Line) -> Result<(), String> {
        let fingerprint = line.text("fingerprint").to_owned();
        let before = self.signals.insert(fingerprint, line.seq);
        hold(before.is_none(), || format!("a signal was taken twice, first in line {before:?}"))?;
        let Some(incident) = line.maybe("incident") else { return Ok(()) };
        let presses = matches!(line.text("outcome"), "opened" | "attached" | "unknown_device");
        if presses {
            self.expected = Some(Expected::Press(incident.to_owned()));
        }
        Ok(())
    }

    fn acknowledged(&mut self, question: &Question, said: &Said) -> Result<(), String> {
        let head = self.lines.len() as u64;
        if let Some(seq) = said.seq {
            hold(seq <= head, || format!("answered with line {seq}, and only {head} are durable"))?;
        }
        for signal in &question.signals {
            let taken = self.signals.get(signal).copied();
            let Some(line) = taken.and_then(|seq| self.lines.get(seq as usize - 1)) else {
                return Err("a signal was acknowledged and is in no line".to_owned());
            };
            hold(line.incident == said.incident, || {
                format!("a signal of {:?} was answered with another", line.incident)
            })?;
        }
        if let Some(first) = question.signals.first() {
            let taken = self.signals.get(first).copied();
            hold(said.seq == taken, || format!("answered with line {:?}, taken in line {taken:?}", said.seq))?;
        }
        if let Some(id) = said.incident.as_ref() {
            hold(self.books.incidents.contains_key(id), || format!("answered with incident {id}, which never opened"))?;
        }
        self.accepted(question)?;
        self.requested(question, said)
    }

    fn accepted(&self, question: &Question) -> Result<(), String> {
        let Some((offer, responder)) = &question.accept else { return Ok(()) };
        let is_theirs = self.books.offers.get(offer).is_some_and(|it| it.was_accepted && &it.responder == responder);
        hold(is_theirs, || format!("{responder} was told that {offer} is theirs, and the record does not say so"))
    }

    /// The same request has one answer, and its line carries the request.
    fn requested(&mut self, question: &Question, said: &Said) -> Result<(), String> {
        let (Some(request), Some(seq)) = (&question.request, said.seq) else { return Ok(()) };
        let caused = self.lines.get(seq as usize - 1).is_some_and(|it| it.request.as_ref() == Some(request));
        hold(said.repeat || caused, || format!("a request was answered with line {seq}, which another one caused"))?;
        if !caused {
            return Ok(());
        }
        let first = *self.answers.entry(request.clone()).or_insert(seq);
        hold(first == seq, || format!("a request was answered with line {first} and then with {seq}"))
    }

    fn refused(&self, question: &Question, refusal: &Refusal) -> Result<(), String> {
        if let Some((incident, owner)) = &refusal.names {
            let owned = self.books.incidents.get(incident).is_some_and(|it| it.owners.contains(owner));
            hold(owned, || format!("refused because {owner} owns {incident}, and no durable line says so"))?;
        }
        hold(question.signals.is_empty(), || format!("a signal was refused: {}", refusal.code))
    }
}

fn hold(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}
