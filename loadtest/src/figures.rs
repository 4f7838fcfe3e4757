//! What a run came to, in the shape of the contract's reports, and what its expectations are held against.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use serde_json::{Value, json};
use tidewatch::scenario::{Expect, Limit, Measure};
pub use tidewatch::simulate::figures::Judged;

use crate::audit::{Findings, Record};
use crate::book::{Book, Entry, read};
use crate::consoles::{Seen, Wall};
use crate::floor::Floor;
use crate::moment::{Us, ms};
use crate::service::Used;
use crate::stage::Stage;

/// Everything that was measured in one run.
pub struct Outcome {
    pub findings: Findings,
    pub record: Record,
    pub stages: Stages,
    pub consoles: ConsoleFigures,
    pub floors: Floors,
    pub counts: Counts,
    pub used: Option<Used>,
}

/// From the moment at which the scenario wanted the alarm said.
#[derive(Debug, Default)]
pub struct Stages {
    /// The source has its answer.
    pub ack: Stage,
    /// The same of those meant before heartbeats began, and beside them.
    pub ack_before: Stage,
    pub ack_beside: Stage,
    /// The first offer rang on a phone; of incidents that opened while somebody was free.
    pub offer: Stage,
    /// It came in at a console: every alarm at every console.
    pub console: Stage,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ConsoleFigures {
    pub consoles: u64,
    /// Frames that skipped a number, or told one again.
    pub gaps: u64,
    pub twice: u64,
    /// Times that one was too slow and was sent a new snapshot.
    pub resyncs: u64,
    /// Times that one lost its line and came back.
    pub reconnects: u64,
    /// Consoles that did not come to the end of the record.
    pub behind: u64,
    pub frames: u64,
    pub bytes: u64,
    /// While the plan was played, all consoles together.
    pub bytes_s: f64,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Floors {
    /// `None` of a service that runs elsewhere: its disk is not ours.
    pub fdatasync_ms: Option<Floor>,
    pub echo_ms: Floor,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Counts {
    pub refusals: u64,
    pub wrong_answers: u64,
    pub reconnects: u64,
    pub said_again: u64,
    pub restarts: u64,
    pub heartbeats_sent: u64,
    pub heartbeats_answered: u64,
    pub calls: u64,
    /// How late the latest was handed to its sender.
    pub generator_behind_ms: f64,
    /// From the first alarm meant to the last answered.
    pub all_answered_s: f64,
}

impl Stages {
    /// `bells`: when each incident's first offer rang. `seen`: what each console saw of the district.
    /// `heartbeats`: when they begin.
    pub fn of(
        book: &Book,
        record: &Record,
        bells: &BTreeMap<String, Us>,
        seen: &[Seen],
        heartbeats: Option<Us>,
    ) -> Self {
        let mut it = Self::default();
        let mut shown: Vec<(u64, &Entry)> = Vec::new();
        let mut first_of: BTreeMap<&String, &Entry> = BTreeMap::new();
        for entry in book.alarms() {
            if let Some(at) = entry.acked() {
                it.acknowledged(entry.intended, book.took(entry, at), heartbeats);
            }
            let taken = entry.key.get().and_then(|key| record.taken.get(key)).and_then(|all| all.first());
            let Some(taken) = taken else { continue };
            shown.push((taken.seq, entry));
            if let Some(incident) = &taken.incident {
                let first = first_of.entry(incident).or_insert(entry);
                if entry.intended < first.intended {
                    *first = entry;
                }
            }
        }
        for (incident, entry) in first_of {
            let was_free = record.opened.get(incident).is_some_and(|it| it.was_somebody_free && !it.waits);
            if let Some(at) = bells.get(incident).filter(|_| was_free) {
                it.offer.note(entry.intended, book.took(entry, *at));
            }
        }
        shown.sort_unstable_by_key(|(seq, _)| *seq);
        seen.iter().for_each(|seen| it.shown(book, &shown, seen));
        it
    }

    fn acknowledged(&mut self, intended: Us, took: Us, heartbeats: Option<Us>) {
        self.ack.note(intended, took);
        let beside = heartbeats.is_some_and(|from| from <= intended);
        if beside { self.ack_beside.note(intended, took) } else { self.ack_before.note(intended, took) }
    }

    /// Times by which the p99 of acknowledgements is longer beside the heartbeats.
    fn growth(&self) -> Option<f64> {
        Some(self.ack_beside.latency().p99? / self.ack_before.latency().p99?)
    }

    /// Both in the order of their numbers: the first frame that reaches so far showed it.
    fn shown(&mut self, book: &Book, alarms: &[(u64, &Entry)], seen: &Seen) {
        let mut frames = seen.frames.iter().peekable();
        for (seq, entry) in alarms {
            while frames.next_if(|it| it.to < *seq).is_some() {}
            let Some(frame) = frames.peek() else { return };
            self.console.note(entry.intended, book.took(entry, frame.at));
        }
    }
}

impl ConsoleFigures {
    /// `played`: from when and until when the plan was.
    pub fn of(wall: &Wall, seen: &[Seen], head: u64, played: Range<Us>) -> Self {
        let sum = |of: fn(&Seen) -> u64| seen.iter().map(of).sum();
        let frames = || seen.iter().flat_map(|it| &it.frames);
        let meanwhile: u64 = frames().filter(|it| played.contains(&it.at)).map(|it| it.bytes).sum();
        Self {
            consoles: seen.len() as u64,
            gaps: sum(|it| it.gaps),
            twice: sum(|it| it.twice),
            resyncs: sum(|it| it.resyncs),
            reconnects: read(&wall.reconnects),
            behind: seen.iter().filter(|it| it.last.unwrap_or(0) < head).count() as u64,
            frames: frames().count() as u64,
            bytes: frames().map(|it| it.bytes).sum(),
            bytes_s: meanwhile as f64 * 1e6 / (played.end - played.start).max(1) as f64,
        }
    }
}

impl Outcome {
    fn found(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Lost => Some(self.findings.lost as f64),
            Measure::Doubled => Some((self.findings.doubled + self.record.asked_twice) as f64),
            Measure::AckP99Ms => self.stages.ack.latency().p99,
            Measure::AckMaxMs => self.stages.ack.latency().max,
            Measure::AckP99Growth => self.stages.growth(),
            Measure::OfferP99Ms => self.stages.offer.latency().p99,
            Measure::ConsoleP99Ms => self.stages.console.latency().p99,
            // Doors, calls and cover are matters of hours: the simulator measures them.
            _ => None,
        }
    }

    /// Every expectation against what was found; and what must hold whatever a scenario says.
    pub fn judge(&self, expect: &Expect) -> Vec<Judged> {
        let judged = |limit: &Limit| {
            let found = self.found(limit.measure);
            let ok = found.is_none_or(|it| limit.holds(it));
            Judged { name: limit.measure.as_str(), limit: limit.limit, found, ok }
        };
        let never =
            |(name, found): (&'static str, u64)| Judged { name, limit: 0.0, found: Some(found as f64), ok: found == 0 };
        let unanswered = self.findings.sent - self.findings.acknowledged;
        let implied = [
            ("unanswered", unanswered),
            ("wrong_answers", self.counts.wrong_answers),
            ("record_gaps", self.record.gaps),
            ("feed_gaps", self.consoles.gaps + self.consoles.twice),
            ("consoles_behind", self.consoles.behind),
            ("called_silent", if self.counts.restarts == 0 { self.record.offline } else { 0 }),
        ];
        expect.limits.iter().map(judged).chain(implied.map(never)).collect()
    }

    /// As the contract has it; what is not measured over so short a time is null.
    pub fn json(&self, scenario: &str, seed: u64, command: &str, judged: &[Judged]) -> Value {
        let it = &self.findings;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        json!({
            "scenario": scenario, "seed": seed, "policy": null, "command": command,
            "machine": {"os": std::env::consts::OS, "arch": std::env::consts::ARCH, "cores": cores},
            "alarms": {"sent": it.sent, "acknowledged": it.acknowledged, "lost": it.lost, "doubled": it.doubled,
                "opened": it.opened, "attached": it.attached},
            "assignments": {"made": self.record.accepted, "double": self.record.asked_twice, "unassigned": null,
                "offers": self.record.offers},
            "door_sla": null, "arrival_s": null, "late_fraction": null, "lower_bound": null,
            "latency_ms": {"ack": self.stages.ack.latency(), "offer": self.stages.offer.latency(),
                "console": self.stages.console.latency()},
            "seconds": {"ack": self.stages.ack.seconds(), "offer": self.stages.offer.seconds(),
                "console": self.stages.console.seconds()},
            "floor": self.floors, "consoles": self.consoles, "counts": self.counts, "events": self.record.events,
            "service": self.used.map(|it| json!({"peak_mb": it.peak_mb, "cpu_s": it.cpu_s})),
            "expectations": judged,
        })
    }
}

impl Counts {
    pub fn of(book: &Book, restarts: u64, behind: Us) -> Self {
        let first = book.alarms().map(|it| it.intended).min().unwrap_or(0);
        let last = book.alarms().filter_map(|it| Some(it.intended + book.took(it, it.acked()?))).max().unwrap_or(first);
        Self {
            refusals: read(&book.refusals),
            wrong_answers: read(&book.wrong),
            reconnects: read(&book.reconnects),
            said_again: book.entries.iter().map(|it| u64::from(it.tries().saturating_sub(1))).sum(),
            restarts,
            heartbeats_sent: read(&book.heartbeats_sent),
            heartbeats_answered: read(&book.heartbeats_answered),
            calls: read(&book.calls),
            generator_behind_ms: ms(behind),
            all_answered_s: ms(last.saturating_sub(first)) / 1000.0,
        }
    }
}
