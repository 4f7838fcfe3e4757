//! The thread of one district: gives the pure engine the time and what has come, and passes on what it says.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, SyncSender};

use super::OnFatal;
use super::journalist::Job;
use super::keeper::{Keep, Receipt};
use super::publisher::Post;
use crate::clock::Clock;
use crate::dispatch::Rejection;
use crate::domain::Timestamp;
use crate::engine::core::{Engine, Input, Order, Output, Ticket};
use crate::engine::desk::{Desk, STOPPING, Verdict, Waiting, Wish};
use crate::engine::handle::{AskError, Give, Reply};
use crate::engine::lanes::Lane;
use crate::engine::metrics as names;
use crate::engine::supervise::SUPERVISE_EVERY_S;
use crate::journal::Head;

/// Between two questions whether the journal can be written again: as often as a watcher asks for readiness.
const PROBE_EVERY_MS: u64 = 1_000;

pub(super) struct Driver {
    pub desk: Arc<Desk>,
    pub engine: Engine,
    pub clock: Arc<dyn Clock>,
    pub journal: Sender<Job>,
    pub vault: Sender<Keep>,
    /// Of private values that the next append waits for.
    pub keeping: Vec<Receipt>,
    pub publisher: SyncSender<Post>,
    pub on_fatal: OnFatal,
    pub on_lost: OnFatal,
    /// Where the record ends.
    pub head: Head,
    /// Who waits for an answer: as many as there is room in the lanes and two batches.
    pub askers: HashMap<Ticket, Asker>,
    pub tickets: u64,
    pub supervise_at_ms: u64,
    pub shed: u64,
    /// When to ask next whether the journal can be written again; `None` while nothing failed, or that is being asked.
    pub probe_at_ms: Option<u64>,
    /// Why the batch in flight was not written, until the base comes.
    pub failure: Option<String>,
    pub stopped: bool,
}

pub(super) struct Asker {
    give: Give,
    received_us: u64,
}

impl Driver {
    pub fn run(mut self) {
        let begun = self.engine.begin(self.desk.now());
        self.pass_on(begun);
        while !self.stopped {
            let turn = self.desk.turn(self.wish());
            let last = turn.last;
            let now = self.desk.now();
            turn.verdicts.into_iter().for_each(|it| self.verdict(it, now));
            if let Some(facts) = turn.facts {
                self.feed(Input::FactsChanged(facts), now);
            }
            turn.hints.into_iter().for_each(|it| self.feed(Input::Hint(it), now));
            for (look, show) in turn.queries {
                show(Ok(look.see(&self.engine.known(), &self.desk.heard, now)));
            }
            self.decide(turn.round, now);
            self.clockwork(now);
            self.desk.set_health(self.engine.health().map_err(str::to_owned));
            if last && self.engine.is_idle() {
                return;
            }
        }
    }

    fn wish(&self) -> Wish {
        let until_supervision_ms = self.supervise_at_ms.saturating_sub(self.clock.now_monotonic_ms());
        let due_ms = self.engine.next_wake().map_or(u64::MAX, |at| at.since_ms(self.desk.now()));
        let until_probe_ms = match self.probe_at_ms {
            Some(at_ms) if self.wants_probe() => at_ms.saturating_sub(self.clock.now_monotonic_ms()),
            _ => u64::MAX,
        };
        let wait_ms = due_ms.min(until_supervision_ms).min(until_probe_ms);
        Wish { room: self.engine.room(), idle: self.engine.is_idle(), wait_ms }
    }

    fn verdict(&mut self, verdict: Verdict, now: Timestamp) {
        match verdict {
            Verdict::Committed(head) => {
                self.head = head;
                self.feed(Input::Committed(head), now);
            }
            Verdict::NotWritten(why) => {
                self.failure = Some(why);
                self.probe_at_ms = Some(self.clock.now_monotonic_ms() + PROBE_EVERY_MS);
                self.post(Post::NeedBase(self.desk.clone()));
            }
            Verdict::Unknown(why) => self.feed(Input::Unknown { why }, now),
            Verdict::Absent => self.feed(Input::Absent, now),
            Verdict::LeaseLost => self.feed(Input::LeaseLost, now),
            Verdict::Writable(can) => {
                self.probe_at_ms = Some(self.clock.now_monotonic_ms() + PROBE_EVERY_MS);
                if can && self.wants_probe() {
                    self.feed(Input::Writable, now);
                }
            }
            Verdict::Base(base) => {
                let why = self.failure.take().expect("the base is asked for after a failure");
                self.keeping.clear();
                self.feed(Input::Failed { base, why }, now);
            }
        }
    }

    fn decide(&mut self, round: Vec<(Lane, Waiting)>, now: Timestamp) {
        if round.is_empty() {
            return;
        }
        let orders = round.into_iter().map(|(lane, it)| self.order(lane, it)).collect();
        self.feed(Input::Commands(orders), now);
    }

    fn order(&mut self, lane: Lane, it: Waiting) -> Order {
        self.tickets += 1;
        let (ticket, received_us) = (Ticket(self.tickets), it.received_us);
        self.askers.insert(ticket, Asker { give: it.answer, received_us });
        metrics::counter!(names::DECIDED, "lane" => lane.as_str()).increment(1);
        Order { ticket, lane, asked: it.asked, private: it.private, received_us }
    }

    /// What is due by itself, and the look at the devices.
    fn clockwork(&mut self, now: Timestamp) {
        if self.engine.next_wake().is_some_and(|at| at <= now) {
            self.feed(Input::Tick, now);
        }
        let now_ms = self.clock.now_monotonic_ms();
        if self.wants_probe() && self.probe_at_ms.take_if(|at_ms| now_ms >= *at_ms).is_some() {
            let ((keep, keeping), desk) = (Keep::probe(), self.desk.clone());
            self.vault.send(keep).ok();
            self.journal.send(Job::Probe { desk, keeping }).ok();
        }
        if now_ms >= self.supervise_at_ms {
            self.supervise_at_ms = now_ms + SUPERVISE_EVERY_S * 1000;
            let shed = self.desk.shed();
            let shedding = shed != std::mem::replace(&mut self.shed, shed);
            self.feed(Input::Supervise { shedding }, now);
        }
    }

    /// The last append failed and nobody brings another: readiness must not wait for an alarm that is sent elsewhere
    /// because of it.
    fn wants_probe(&self) -> bool {
        self.engine.health().is_err() && self.engine.is_idle()
    }

    fn feed(&mut self, input: Input, now: Timestamp) {
        let outputs = self.engine.handle(input, now);
        self.pass_on(outputs);
    }

    fn pass_on(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Keep(rows) => {
                    let (keep, receipt) = Keep::new(rows);
                    self.vault.send(keep).ok();
                    self.keeping.push(receipt);
                }
                Output::Append(batch) => {
                    let (desk, keeping) = (self.desk.clone(), std::mem::take(&mut self.keeping));
                    self.journal.send(Job::Append { desk, batch, keeping }).ok();
                }
                Output::Settle(batch) => {
                    self.journal.send(Job::Settle { desk: self.desk.clone(), batch }).ok();
                }
                Output::Publish(batch) => {
                    metrics::counter!(names::COMMITTED).increment(batch.events.len() as u64);
                    self.post(Post::Committed { desk: self.desk.clone(), batch, head: self.head });
                }
                Output::Release(answers) => self.release(answers),
                Output::Retry(tickets) => self.retry(&tickets),
                Output::Stop(why) => {
                    self.stopped = true;
                    (self.on_fatal)(&why);
                }
                Output::StepDown => {
                    self.stopped = true;
                    (self.on_lost)(&format!("the lease of district {} is another's", self.desk.district));
                }
            }
        }
    }

    fn release(&mut self, answers: Vec<(Ticket, Result<Reply, Rejection>)>) {
        let now_us = self.desk.monotonic_us();
        let mut out = Vec::with_capacity(answers.len());
        for (ticket, verdict) in answers {
            let Some(asker) = self.askers.remove(&ticket) else { continue };
            let what = match &verdict {
                Ok(Reply { repeat: false, .. }) => "done",
                Ok(Reply { repeat: true, .. }) => "repeat",
                Err(_) => "rejected",
            };
            metrics::counter!(names::RELEASED, "reason" => what).increment(1);
            metrics::histogram!(names::ANSWER_S).record(now_us.saturating_sub(asker.received_us) as f64 / 1e6);
            out.push((asker.give, verdict.map_err(AskError::Refused)));
        }
        self.post(Post::Answers(out));
    }

    fn retry(&mut self, tickets: &[Ticket]) {
        let why = self.engine.health().err().unwrap_or(STOPPING).to_owned();
        metrics::counter!(names::RETRIED).increment(tickets.len() as u64);
        let askers = tickets.iter().filter_map(|it| self.askers.remove(it));
        let out = askers.map(|it| (it.give, Err(AskError::Unavailable { why: why.clone() }))).collect();
        self.post(Post::Answers(out));
    }

    /// Where the publisher has ended the process is ending too.
    fn post(&self, post: Post) {
        self.publisher.send(post).ok();
    }
}
