//! The pure loop as scripts: `MS WORD ARGS…` a line, and beside each line what came out of it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::dispatch::event::Lease;
use crate::dispatch::{Command, Stamped};
use crate::domain::{Fingerprint, Fix};
use crate::engine::world_for_tests as world;
use crate::journal::{AppendError, EventLog, EventReader, Failure, MemoryDisk, MemoryLog, Settled};

#[test]
fn an_alarm_is_answered_after_its_commit_and_its_offer_is_in_the_same_batch() {
    check(
        "0 duty R1        | append duty_changed\n\
         0 commit         | publish 1 +0, release #1 done\n\
         0 link R1        |\n\
         5 sos D1 1       | append signal_received incident_opened offer_made\n\
         6 commit         | publish 3 +1, release #2 done 330481-1",
    );
}

#[test]
fn a_repeat_waits_for_the_first_to_be_committed() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         1 sos D1 1       |\n\
         2 commit         | publish 5 +0, release #1 done 330481-1 #2 repeat 330481-1\n\
         3 sos D1 1       | release #3 repeat 330481-1",
    );
}

#[test]
fn a_refusal_waits_for_the_head_it_was_decided_on() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         0 commit         | publish 5 +0, release #1 done 330481-1\n\
         1 claim ann 1    | append incident_claimed sla_met\n\
         1 claim bob 1    |\n\
         2 commit         | publish 2 +0, release #2 done 330481-1 #3 claimed\n\
         3 claim bob 1    | release #4 claimed",
    );
}

#[test]
fn what_is_decided_during_a_commit_goes_together_in_the_next() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         0 sos D2 2       |\n\
         0 sos D3 3       |\n\
         1 commit         | append signal_received incident_opened nobody_available incident_escalated task_due signal_received \
                            incident_opened nobody_available incident_escalated task_due, publish 5 +0, release #1 done 330481-1\n\
         2 commit         | publish 10 +0, release #2 done 330481-2 #3 done 330481-3",
    );
}

#[test]
fn what_was_not_written_never_was_and_everybody_asks_again() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         1 sos D1 1       |\n\
         1 claim ann 1    |\n\
         1 claim bob 1    |\n\
         2 fail           | retry #1 #2 #3 #4, unready\n\
         3 claim bob 1    | release #5 no_such_incident, unready\n\
         4 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due, unready\n\
         5 commit         | publish 5 +0, release #6 done 330481-1",
    );
}

#[test]
fn after_a_failure_what_is_due_by_itself_is_tried_again_after_a_pause() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         0 commit         | publish 5 +0, release #1 done 330481-1\n\
         15000 tick       | append sla_breached\n\
         15001 fail       | unready\n\
         15500 tick       | unready\n\
         16001 tick       | append sla_breached, unready\n\
         16002 commit     | publish 1 +0",
    );
}

#[test]
fn a_repeated_request_gets_the_first_answer() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         0 commit         | publish 5 +0, release #1 done 330481-1\n\
         1 note ann 1 77  | append note_added\n\
         1 note ann 1 77  |\n\
         2 commit         | publish 1 +0, release #2 done 330481-1 #3 repeat 330481-1\n\
         3 note ann 1 78  | append note_added",
    );
}

#[test]
fn somebody_who_becomes_reachable_is_asked_at_once_for_whom_nobody_was_found() {
    check(
        "0 duty R1        | append duty_changed\n\
         0 commit         | publish 1 +0, release #1 done\n\
         1 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         1 commit         | publish 5 +0, release #2 done 330481-1\n\
         2 link R1        | append offer_made\n\
         2 commit         | publish 1 +1",
    );
}

#[test]
fn an_offer_that_expires_is_followed_by_the_next_in_one_batch() {
    check(
        "0 duty R1        | append duty_changed\n\
         0 duty R2        |\n\
         0 commit         | append duty_changed, publish 1 +0, release #1 done\n\
         0 commit         | publish 1 +0, release #2 done\n\
         0 link R1        |\n\
         0 link R2        |\n\
         1 sos D1 1       | append signal_received incident_opened offer_made\n\
         1 commit         | publish 3 +1, release #3 done 330481-1\n\
         2 shown R1 1     | append offer_shown\n\
         2 commit         | publish 1 +0, release #4 done 330481-1\n\
         15000 tick       | \n\
         30001 tick       | append sla_breached offer_expired offer_made",
    );
}

#[test]
fn a_claim_follows_the_consoles_of_its_owner() {
    check(
        "0 sos D1 1       | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         0 commit         | publish 5 +0, release #1 done 330481-1\n\
         1 console ann    |\n\
         1 claim ann 1    | append incident_claimed sla_met\n\
         1 commit         | publish 2 +0, release #2 done 330481-1\n\
         2 console ann    |\n\
         3 unconsole ann  |\n\
         3 unconsole ann  | append claim_lease_changed\n\
         4 fail           | unready\n\
         1004 tick        | append claim_lease_changed, unready\n\
         1005 commit      | publish 1 +0\n\
         1006 console ann | append claim_lease_changed",
    );
}

#[test]
fn an_unknown_append_that_is_in_the_record_is_taken_as_committed() {
    check(
        "0 sos D1 1         | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         1 unknown written  | retry #1, settle, unready\n\
         2 sos D1 1         | unready\n\
         3 settle           | publish 5 +0, release #2 repeat 330481-1\n\
         4 sos D1 1         | release #3 repeat 330481-1",
    );
}

#[test]
fn an_unknown_append_that_is_not_in_the_record_is_appended_again_byte_by_byte() {
    check(
        "0 sos D1 1         | append signal_received incident_opened nobody_available incident_escalated task_due\n\
         0 sos D2 2         |\n\
         1 unknown absent   | retry #1 #2, settle, unready\n\
         2 still            | settle, unready\n\
         3 sos D1 1         | unready\n\
         4 still            | retry #3, settle, unready\n\
         5 settle           | append signal_received incident_opened nobody_available incident_escalated task_due, unready\n\
         6 sos D1 1         | unready\n\
         7 commit           | append signal_received incident_opened nobody_available incident_escalated task_due, publish 5 +0\n\
         8 commit           | publish 5 +0, release #4 repeat 330481-1",
    );
}

#[test]
fn an_unknown_append_over_which_another_has_written_ends_the_engine() {
    let disk = MemoryDisk::new("g");
    let mut rig = Rig::new(&disk, 0);
    rig.step("0 sos D1 1");
    rig.step("1 unknown absent");
    let body = rig.pending.as_ref().unwrap().entries[0].body.clone();
    let taken = crate::journal::Entry { district: world::district(), seq: 1, body };
    disk.log().append(&[taken]).unwrap();
    assert_eq!(rig.step("2 settle"), "step down, unready");
    assert_eq!(rig.step("3 sos D1 1"), "unready");
}

#[test]
fn a_store_that_cannot_be_trusted_and_a_lost_lease_stop_everything() {
    check(
        "0 sos D1 1 | append signal_received incident_opened nobody_available incident_escalated task_due\n1 break | retry #1, stop\n2 sos D1 1 |",
    );
    check("0 lose | step down\n1 sos D1 1 |");
}

#[test]
fn only_private_values_that_an_event_names_are_kept() {
    let mut rig = Rig::new(&MemoryDisk::new("g"), 0);
    let order = |ticket, device, key, private: &[u128]| Order {
        ticket: Ticket(ticket),
        lane: Lane::Alarms,
        asked: world::sos(device, key),
        private: private.iter().map(|key| world::private(*key)).collect(),
        received_us: ticket,
    };
    let out = rig.engine.handle(Input::Commands(vec![order(1, "D1", 1, &[1, 8]), order(2, "D1", 1, &[1])]), at(0));
    let [Output::Keep(kept), Output::Append(batch)] = &out[..] else { panic!("{out:?}") };
    assert_eq!(*kept, [world::private(1)]);
    assert_eq!(batch.content.private, *kept);
    assert_eq!(batch.content.received_us, Some(1));
    // The next batch's are kept while this one is written.
    let out = rig.engine.handle(Input::Commands(vec![order(3, "D2", 2, &[2])]), at(0));
    assert_eq!(out, [Output::Keep(vec![world::private(2)])]);
}

#[test]
fn a_full_batch_takes_nothing_more_until_the_commit() {
    let mut rig = Rig::new(&MemoryDisk::new("g"), 0);
    rig.step("0 sos D1 1");
    let asked = world::sos("D1", 1);
    let order =
        |n| Order { ticket: Ticket(n), lane: Lane::Alarms, asked: asked.clone(), private: Vec::new(), received_us: 0 };
    assert_eq!(rig.engine.room(), 512);
    assert_eq!(rig.engine.handle(Input::Commands((0..512).map(order).collect()), at(1)), []);
    assert_eq!((rig.engine.room(), rig.engine.next_wake()), (0, None));
    rig.step("2 commit");
    assert_eq!(rig.engine.room(), 512);
    assert!(rig.engine.is_idle());
}

#[test]
fn an_arrival_is_estimated_anew_from_positions_and_told_where_it_moved() {
    let mut rig = Rig::new(&MemoryDisk::new("g"), 0);
    for line in ["0 duty R1", "0 commit", "0 link R1", "1 sos D1 1", "1 commit", "2 accept R1 1", "2 commit"] {
        rig.step(line);
    }
    rig.step("2 claim ann 1");
    rig.step("2 commit");
    let located = |rig: &mut Rig, s: i64, lon: f64| {
        let point = Point::from_degrees(30.5001, lon).unwrap();
        let fix = Fix { point, accuracy_m: 10, at: at(s * 1000) };
        let hint = Hint::Located { responder: "R1".parse().unwrap(), fix };
        rig.feed(Input::Hint(hint), at(s * 1000))
    };
    assert_eq!(located(&mut rig, 3, 120.63), "append arrival_predicted");
    rig.step("4000 commit");
    assert_eq!(located(&mut rig, 20, 120.62), "", "estimated a moment ago");
    assert_eq!(located(&mut rig, 33, 120.61), "append arrival_predicted");
    rig.step("33000 commit");
    assert_eq!(located(&mut rig, 70, 120.61), "", "nothing to speak of");
}

#[test]
fn alarms_that_come_together_are_all_taken_before_anybody_is_asked() {
    let mut rig = Rig::new(&MemoryDisk::new("g"), 0);
    for line in ["0 duty R1", "0 commit", "0 link R1", "0 duty R2", "0 commit", "0 link R2"] {
        rig.step(line);
    }
    let order = |number: u64| Order {
        ticket: Ticket(90 + number),
        lane: Lane::Alarms,
        asked: world::sos(&format!("D{number}"), number.into()),
        private: Vec::new(),
        received_us: 0,
    };
    let taken = "signal_received incident_opened signal_received incident_opened offer_made offer_made";
    assert_eq!(rig.feed(Input::Commands(vec![order(1), order(2)]), at(5)), format!("append {taken}"));
}

#[test]
fn a_place_is_known_as_long_as_its_incident_is_kept() {
    use crate::dispatch::command::{Command, GivenPlace};
    let mut rig = Rig::new(&MemoryDisk::new("g"), 0);
    let point = Point::from_degrees(30.9, 120.9).unwrap();
    let mut asked = world::sos("D1", 1);
    let Command::ReceiveSignals(it) = &mut asked.command else { unreachable!() };
    let given =
        |key| GivenPlace { fix: Fix { point, accuracy_m: 10, at: at(0) }, private: world::private(key).reference() };
    (it.fix, it.last_known) = (Some(given(50)), Some(given(51)));
    rig.ask(Lane::Alarms, asked, at(0));
    let place = |rig: &Rig, key| rig.engine.known().hints.place(world::private(key).id);
    assert_eq!((place(&rig, 50), place(&rig, 51)), (Some(point), None));
    rig.step("1 fail");
    assert_eq!(place(&rig, 50), None);
}

#[test]
fn after_a_start_windows_are_renewed_and_offers_sent_again() {
    let disk = MemoryDisk::new("g");
    let mut rig = Rig::new(&disk, 0);
    for line in ["0 duty R1", "0 commit", "0 link R1", "1 sos D1 1", "1 commit", "2 claim ann 1", "2 commit"] {
        rig.step(line);
    }
    let mut rig = Rig::new(&disk, 3_600_000);
    let ladder = "incident_escalated task_due sla_warned incident_escalated task_due sla_breached";
    assert_eq!(rig.begun, format!("append windows_renewed {ladder}, publish 0 +1"));
    rig.step("3600000 commit");
    let claim = rig.committed.incident(world::incident(1)).unwrap().claim.clone().unwrap();
    assert!(!matches!(claim.lease, Lease::WhileConnected));
    assert_eq!(rig.step("3600001 sos D1 1"), "release #1 repeat 330481-1");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever is asked, and however appends end: who was told that something is done finds it in the record, and who
    /// asks again gets the same answer; the fold of the record is what was published.
    #[test]
    fn nothing_that_was_answered_is_lost(steps in prop::collection::vec((0..14_u8, 1..5_u8, 0..4_u128), 1..60)) {
        let disk = MemoryDisk::new("g");
        let (mut rig, mut now) = (Rig::new(&disk, 0), 0);
        let mut told: BTreeMap<u128, Seq> = BTreeMap::new();
        for (what, device, key) in steps {
            now += 700;
            let line = match what {
                0..=3 => format!("{now} sos D{device} {key}"),
                4 => format!("{now} duty R{device}"),
                5 => format!("{now} link R{device}"),
                6 => format!("{now} tick"),
                7 => format!("{now} accept R{device} {}", key + 1),
                9 if rig.unsettled.is_some() => {
                    rig = Rig::new(&disk, now);
                    continue;
                }
                _ if rig.unsettled.is_some() && what >= 8 => match key {
                    0 => format!("{now} still"),
                    _ => format!("{now} settle"),
                },
                12..=13 if rig.pending.is_some() => {
                    format!("{now} unknown {}", if key % 2 == 0 { "written" } else { "absent" })
                }
                8 if rig.pending.is_some() => format!("{now} fail"),
                9 if rig.pending.is_some() => {
                    let inside = Failure::CrashInside { written: key % 2 == 0 };
                    disk.script([Some([inside, Failure::CrashBefore, Failure::CrashAfter, inside][key as usize])]);
                    let batch = rig.pending.take().unwrap();
                    rig.log.append(&batch.entries).ok();
                    rig = Rig::new(&disk, now);
                    continue;
                }
                _ if rig.unsettled.is_none() && rig.pending.is_some() => format!("{now} commit"),
                _ => format!("{now} claim ann {device}"),
            };
            rig.step(&line);
            for (key, seq) in rig.told.drain(..) {
                let first = *told.entry(key).or_insert(seq);
                prop_assert_eq!(first, seq, "{} was answered differently", key);
            }
            let kept = fold(&disk.log());
            if rig.unsettled.is_none() {
                prop_assert_eq!(&rig.committed, &kept);
            }
            for (key, seq) in &told {
                let seen = kept.memory().signal(Fingerprint(*key));
                prop_assert_eq!(seen.map(|it| it.seq), Some(*seq), "{} is lost", key);
            }
        }
    }
}

/// Runs a script against one engine; each line tells what must come of it.
fn check(script: &str) {
    let mut rig = Rig::new(&MemoryDisk::new("g"), 0);
    for line in script.lines() {
        let (step, expected) = line.split_once('|').expect("a line has a `|`");
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(rig.step(step), expected.join(" "), "after `{}`", step.trim());
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(1_800_000_000_000 + ms)
}

/// An engine, a log, and the fold of what the log has committed.
struct Rig {
    engine: Engine,
    log: MemoryLog,
    committed: State,
    pending: Option<Arc<Batch>>,
    /// Of whose append nobody knows.
    unsettled: Option<Arc<Batch>>,
    tickets: u64,
    keys: BTreeMap<Ticket, u128>,
    /// Keys of alarms that were answered, with the seq they were told.
    told: Vec<(u128, Seq)>,
    begun: String,
}

impl Rig {
    fn new(disk: &MemoryDisk, ms: i64) -> Self {
        let log = disk.log();
        let committed = fold(&log);
        let (facts, policy) = (world::facts(5, 5), Arc::new(Policy::default()));
        let engine = Engine::new(committed.clone(), facts, policy, Arc::default(), at(ms));
        let (keys, told) = (BTreeMap::new(), Vec::new());
        let mut rig = Self {
            engine,
            log,
            committed,
            pending: None,
            unsettled: None,
            tickets: 0,
            keys,
            told,
            begun: String::new(),
        };
        let begun = rig.engine.begin(at(ms));
        rig.begun = rig.take(begun);
        rig
    }

    fn step(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let now = at(words[0].parse().unwrap());
        let number = |n: usize| -> u64 { words[n].parse().unwrap() };
        let responder = || words[2].parse().unwrap();
        match words[1] {
            "sos" => {
                self.keys.insert(Ticket(self.tickets + 1), number(3).into());
                self.ask(Lane::Alarms, world::sos(words[2], number(3).into()), now)
            }
            "duty" => self.ask(Lane::People, world::duty(words[2], true), now),
            "claim" => {
                let command = Command::Claim { incident: world::incident(number(3)) };
                self.ask(Lane::People, world::by(words[2], command), now)
            }
            "note" => {
                let mut asked = world::by(words[2], world::note(world::incident(number(3)), 9));
                asked.request = Some(Fingerprint(number(4).into()));
                self.ask(Lane::People, asked, now)
            }
            "accept" | "shown" => {
                let offer = crate::domain::OfferId { district: world::district(), number: number(3) };
                let responder = words[2].parse().unwrap();
                let command = match words[1] {
                    "accept" => Command::AcceptOffer { offer, responder },
                    _ => Command::ConfirmShown { offer, responder, channel: crate::domain::Channel::Link },
                };
                self.ask(Lane::People, Asked::plain(command), now)
            }
            "link" => {
                let hint = Hint::LinkOpened(responder());
                self.feed(Input::Hint(hint), now)
            }
            "console" => self.feed(Input::Hint(Hint::ConsoleOpened(words[2].parse().unwrap())), now),
            "unconsole" => self.feed(Input::Hint(Hint::ConsoleClosed(words[2].parse().unwrap())), now),
            "tick" => self.feed(Input::Tick, now),
            "lose" => self.feed(Input::LeaseLost, now),
            "break" => self.feed(Input::Broken { why: "a sync has failed".to_owned() }, now),
            "unknown" => self.append(Some(Failure::Unknown { written: words[2] == "written" }), now),
            "still" => {
                self.unsettled.take().expect("something is to be settled");
                self.feed(Input::Unknown { why: "the line is still lost".to_owned() }, now)
            }
            "settle" => self.settle(now),
            "commit" => self.append(None, now),
            "fail" => self.append(Some(Failure::Definite), now),
            word => panic!("no such word: {word}"),
        }
    }

    fn ask(&mut self, lane: Lane, asked: Asked, now: Timestamp) -> String {
        self.tickets += 1;
        let order = Order { ticket: Ticket(self.tickets), lane, asked, private: Vec::new(), received_us: 0 };
        self.feed(Input::Commands(vec![order]), now)
    }

    fn append(&mut self, failure: Option<Failure>, now: Timestamp) -> String {
        let batch = self.pending.take().expect("a batch is in flight");
        self.log.disk().script([failure]);
        let input = match self.log.append(&batch.entries) {
            Ok(heads) => Input::Committed(heads[&world::district()]),
            Err(AppendError::Definite(why)) => {
                Input::Failed { base: Box::new(self.committed.clone()), why: why.to_string() }
            }
            Err(AppendError::Unknown(why)) => {
                self.pending = Some(batch);
                Input::Unknown { why: why.to_string() }
            }
            Err(why) => panic!("{why}"),
        };
        self.feed(input, now)
    }

    fn settle(&mut self, now: Timestamp) -> String {
        let batch = self.unsettled.take().expect("something is to be settled");
        let input = match self.log.settle(&batch.entries) {
            Ok(Settled::Written(head)) => {
                self.pending = None;
                Input::Committed(head)
            }
            Ok(Settled::Absent) => Input::Absent,
            Err(AppendError::Refused(_)) => Input::LeaseLost,
            Err(why) => panic!("{why}"),
        };
        self.feed(input, now)
    }

    fn feed(&mut self, input: Input, now: Timestamp) -> String {
        let outputs = self.engine.handle(input, now);
        self.take(outputs)
    }

    fn take(&mut self, outputs: Vec<Output>) -> String {
        let mut told: Vec<String> = outputs.into_iter().map(|it| self.tell(it)).collect();
        if self.engine.health().is_err() {
            told.push("unready".to_owned());
        }
        told.join(", ")
    }

    fn tell(&mut self, output: Output) -> String {
        match output {
            Output::Keep(rows) => format!("keep {}", rows.len()),
            Output::Append(batch) => {
                let again = self.pending.take();
                assert!(again.is_none_or(|it| it.entries == batch.entries), "two appends in flight");
                let names: Vec<&str> = batch.content.events.iter().map(|it| it.event.type_name()).collect();
                self.pending = Some(batch);
                format!("append {}", names.join(" "))
            }
            Output::Settle(batch) => {
                assert_eq!(self.pending.as_ref().map(|it| &it.entries), Some(&batch.entries));
                self.unsettled = Some(batch);
                "settle".to_owned()
            }
            Output::Publish(batch) => {
                batch.events.iter().for_each(|event| self.committed.apply(event));
                format!("publish {} +{}", batch.events.len(), batch.effects.len())
            }
            Output::Release(answers) => {
                let told: Vec<String> =
                    answers.into_iter().map(|(ticket, verdict)| self.told(ticket, verdict)).collect();
                format!("release {}", told.join(" "))
            }
            Output::Retry(tickets) => {
                format!("retry {}", tickets.iter().map(|it| format!("#{}", it.0)).collect::<Vec<_>>().join(" "))
            }
            Output::Stop(_) => "stop".to_owned(),
            Output::StepDown => "step down".to_owned(),
        }
    }

    fn told(&mut self, ticket: Ticket, verdict: Result<Reply, Rejection>) -> String {
        let what = match &verdict {
            Ok(reply) => {
                let seq = reply.answer.seq.expect("an answer has a seq");
                assert!(seq <= self.committed.seq, "#{} hears of {seq} before it is committed", ticket.0);
                self.told.extend(self.keys.get(&ticket).map(|key| (*key, seq)));
                let word = if reply.repeat { "repeat" } else { "done" };
                reply.answer.incident.map_or(word.to_owned(), |incident| format!("{word} {incident}"))
            }
            Err(why) => why.code().to_owned(),
        };
        format!("#{} {what}", ticket.0)
    }
}

/// The fold of everything on the disk.
fn fold(log: &MemoryLog) -> State {
    let mut state = State::new(world::district());
    log.read(world::district(), 1, &mut |record| {
        let event: Stamped = serde_json::from_str(&record.body).unwrap();
        state.apply(&event);
        ControlFlow::Continue(())
    })
    .unwrap();
    state
}
