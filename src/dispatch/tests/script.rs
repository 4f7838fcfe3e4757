//! Runs a script against the core and writes down what happened. Human commands go before timers of the same instant.

use crate::dispatch::command::*;
use crate::dispatch::event::*;
use crate::dispatch::facts::Row;
use crate::dispatch::invariant;
use crate::dispatch::state::State;
use crate::dispatch::{Facts, Hints, Known, Policy, Rejection, decide};
use crate::domain::private::{Commitment, PrivateId};
use crate::domain::signal::PlaceGiven;
use crate::domain::*;

use super::world::{self, id};

const START_MS: i64 = 1_790_000_000_000;

/// The script yields just this transcript. A line `…` in the transcript stands for any number of lines.
pub fn check(script: &str, expected: &str) {
    let found = transcript(script);
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    let lines: Vec<&str> = found.lines().collect();
    match expected.iter().position(|line| *line == "…") {
        None => assert_eq!(lines, expected, "\n{found}"),
        Some(gap) => {
            let (head, tail) = (&expected[..gap], &expected[gap + 1..]);
            assert_eq!(&lines[..head.len()], head, "\n{found}");
            assert_eq!(&lines[lines.len() - tail.len()..], tail, "\n{found}");
        }
    }
}

pub fn transcript(script: &str) -> String {
    let mut bench = Bench::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (at, rest) = line.split_once(' ').expect("a line is `<seconds> <verb> …`");
        bench.advance(at.parse().expect("seconds"));
        // What is joined by `+` comes in one batch: all of it is taken before anybody is asked.
        rest.split(" + ").for_each(|one| bench.perform(one));
        bench.run_due();
    }
    bench.said.join("\n")
}

struct Bench {
    state: State,
    facts: Facts,
    hints: Hints,
    policy: Policy,
    now: Timestamp,
    privates: u128,
    said: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let now = Timestamp::from_ms(START_MS);
        let mut bench = Self {
            state: State::new(id(world::DISTRICT)),
            facts: world::facts(),
            hints: Hints::default(),
            policy: world::policy(),
            now,
            privates: 0,
            said: Vec::new(),
        };
        for responder in ["R1", "R2", "R3", "R9"] {
            let responder: ResponderId = id(responder);
            bench.hints.link_opened(&responder);
            let on = responder != id("R9");
            let _ = on.then(|| bench.ask(Command::SetDuty { responder, on, via: Via::Link }, None));
        }
        bench.hints.rebuild(&bench.state, &bench.facts, now);
        bench.said.clear();
        bench
    }

    fn advance(&mut self, seconds: f64) {
        let to = Timestamp::from_ms(START_MS + (seconds * 1000.0).round() as i64);
        while let Some(due) = self.state.next_deadline().filter(|due| *due < to) {
            self.now = self.now.max(due);
            self.ask(Command::Tick, None);
        }
        self.now = self.now.max(to);
    }

    fn run_due(&mut self) {
        while self.state.next_deadline().is_some_and(|due| due <= self.now) {
            let before = self.state.seq;
            self.ask(Command::Tick, None);
            assert!(self.state.seq > before, "a tick did nothing about {:?}", self.state.first_due());
        }
    }

    fn ask(&mut self, command: Command, by: Option<By>) {
        let asked = Asked { command, by, request: None };
        let capacity = self.state.capacity;
        match self.decided(&asked) {
            Ok(events) => self.record(events, &asked),
            Err(rejection) => self.refused(&rejection),
        }
        if self.state.capacity > capacity && self.state.is_starved() {
            let again = Asked::plain(Command::AskAgain);
            let events = self.decided(&again).unwrap_or_default();
            self.record(events, &again);
        }
    }

    fn decided(&self, asked: &Asked) -> Result<Vec<Event>, Rejection> {
        let known = Known { state: &self.state, facts: &self.facts, hints: &self.hints, policy: &self.policy };
        decide(&known, asked, self.now)
    }

    fn record(&mut self, events: Vec<Event>, asked: &Asked) {
        for event in events {
            let by = asked.by.as_ref().map(|by| by.account.clone());
            let stamped = Stamped { v: EVENT_VERSION, seq: self.state.seq + 1, at: self.now, by, request: None, event };
            let line = serde_json::to_string(&stamped).unwrap();
            assert_eq!(serde_json::from_str::<Stamped>(&line).unwrap(), stamped, "{line}");
            self.state.apply(&stamped);
            invariant::check(&self.state, &stamped).unwrap();
            if let Some(responder) = stamped.event.responder() {
                self.hints.refresh(responder, &self.state, &self.facts, self.now);
            }
            self.said.push(format!("{} {}", self.seconds(self.now), brief(&stamped.event)));
        }
    }

    fn refused(&mut self, rejection: &Rejection) {
        let what = match rejection {
            Rejection::Repeat(answer) => {
                let incident = answer.incident.map_or("-".to_owned(), |it| it.to_string());
                // Three responders came on duty before the script began.
                format!("repeat {incident} seq {}", answer.seq.unwrap_or(0).saturating_sub(3))
            }
            other => other.code().to_owned(),
        };
        self.said.push(format!("{} ! {what}", self.seconds(self.now)));
    }

    fn seconds(&self, at: Timestamp) -> String {
        let ms = at.ms() - START_MS;
        if ms % 1000 == 0 { (ms / 1000).to_string() } else { format!("{}.{:03}", ms / 1000, ms % 1000) }
    }

    fn private(&mut self) -> PrivateRef {
        self.privates += 1;
        PrivateRef { id: PrivateId(self.privates), commitment: Commitment([7; 32]) }
    }

    fn perform(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["wait"] => {}
            ["press", device, kind, rest @ ..] => self.press(DeviceRef::Known(id(device)), kind, rest),
            ["stranger", number, kind, rest @ ..] => {
                self.press(DeviceRef::Unknown(Fingerprint(number.parse().unwrap())), kind, rest);
            }
            ["shown", offer, who] => {
                self.ask(
                    Command::ConfirmShown { offer: self.offer(offer), responder: id(who), channel: Channel::Link },
                    None,
                );
            }
            ["reached", offer, who] => {
                let (offer, responder) = (self.offer(offer), id(who));
                self.ask(Command::ConfirmShown { offer, responder, channel: Channel::Push }, None);
            }
            ["tried", offer, outcome] => {
                let outcome = serde_json::from_value((*outcome).into()).unwrap();
                self.ask(Command::NoteTry { offer: self.offer(offer), channel: Channel::Push, outcome }, None);
            }
            ["accept", offer, who] => {
                self.ask(Command::AcceptOffer { offer: self.offer(offer), responder: id(who) }, None);
            }
            ["decline", offer, who] => {
                let command = Command::DeclineOffer { offer: self.offer(offer), responder: id(who), reason: None };
                self.ask(command, None);
            }
            ["policy", name] => self.policy.policy = name.parse().unwrap(),
            ["preempt", kind] => self.policy.plans.get_mut(&id(kind)).unwrap().preempt = true,
            ["tier", who, tier] => self.tier(who, tier),
            ["homes", count] => world::more_homes(&mut self.facts, count.parse().unwrap()),
            ["place", who, lat, lon] => self.place(who, lat.parse().unwrap(), lon.parse().unwrap()),
            ["roads"] => self.facts.set_roads(Some(world::roads().into())),
            ["near", who, at_s] => self.near_home(who, at_s.parse().unwrap()),
            ["status", who, incident, progress, rest @ ..] => self.status(who, incident, progress, rest),
            ["duty", who, on] => {
                let (responder, on): (ResponderId, bool) = (id(who), *on == "on");
                self.ask(Command::SetDuty { responder, on, via: Via::Link }, None);
            }
            ["console", who] => {
                let account: AccountName = id(who);
                self.hints.console_opened(&account);
                if self.state.claims_of(&account).next().is_some() {
                    self.ask(Command::ConsoleConnected { account }, None);
                }
            }
            ["console-lost", who] => {
                let account: AccountName = id(who);
                self.hints.console_closed(&account);
                self.ask(Command::ConsoleLost { account }, None);
            }
            ["call", call, event, subject @ ..] => self.call(call, event, subject.first().copied()),
            ["silent", devices @ ..] => {
                let since = self.now.before_s(700);
                let silences = devices.iter().map(|device| Silence { device: id(device), since });
                self.ask(Command::ReportSilence { devices: silences.collect() }, None);
            }
            ["heard", devices @ ..] => {
                self.ask(Command::ReportHeard { devices: devices.iter().map(|it| id(it)).collect() }, None);
            }
            ["renew"] => self.ask(Command::RenewWindows, None),
            [who, words @ ..] => self.person(who, words),
            [] => {}
        }
    }

    fn offer(&self, short: &str) -> OfferId {
        id(&format!("{}-{short}", world::DISTRICT))
    }

    fn press(&mut self, source: DeviceRef, kind: &str, rest: &[&str]) {
        let private = self.private();
        let named = rest.first().filter(|word| **word != "at").map_or(kind, |it| *it);
        let fingerprint = format!("{named}{source:?}{kind}");
        let fingerprint =
            Fingerprint(fingerprint.bytes().fold(17_u128, |sum, byte| sum.wrapping_mul(31) + u128::from(byte)));
        let fix = rest.contains(&"park").then(|| GivenPlace {
            fix: Fix { point: world::park(), accuracy_m: 10, at: self.now },
            private: self.private(),
        });
        if let Some(fix) = &fix {
            self.hints.learn_place(fix.private.id, fix.fix.point);
        }
        let signal = Signal {
            kind: id(kind),
            fingerprint,
            repeat: RepeatRule::Named,
            occurred_at: Some(self.now),
            time_refused: false,
            late: false,
            place: PlaceGiven::None,
            private,
        };
        let it = ReceiveSignals { source, signals: vec![signal], fix, last_known: None, listener: "watch".into() };
        self.ask(Command::ReceiveSignals(Box::new(it)), None);
    }

    /// Their newest position: some metres from P1, at that second.
    fn near_home(&mut self, who: &str, at_s: u64) {
        let at = Timestamp::from_ms(START_MS).after_s(at_s);
        self.hints.locate(&id(who), Fix { point: super::world::point(30.5313, 120.6883), accuracy_m: 8, at });
    }

    fn place(&mut self, who: &str, lat: f64, lon: f64) {
        let who: ResponderId = id(who);
        self.hints.locate(&who, Fix { point: world::point(lat, lon), accuracy_m: 8, at: self.now });
        self.hints.refresh(&who, &self.state, &self.facts, self.now);
    }

    fn tier(&mut self, who: &str, tier: &str) {
        let mut it = (**self.facts.responder(&id(who)).unwrap()).clone();
        it.tier = serde_json::from_value(tier.into()).unwrap();
        self.facts.put(Row::Responder(it));
    }

    fn status(&mut self, who: &str, incident: &str, progress: &str, rest: &[&str]) {
        let at = match rest {
            ["said", seconds] => Some(Timestamp::from_ms(START_MS).after_s(seconds.parse().unwrap())),
            _ => None,
        };
        let scanned = rest == ["scanned"];
        let progress = serde_json::from_value(progress.into()).unwrap();
        let (incident, responder) = (id(incident), id(who));
        self.ask(Command::ReportProgress { incident, responder, progress, at, via: Via::Link, scanned }, None);
    }

    fn call(&mut self, call: &str, event: &str, subject: Option<&str>) {
        let event = match event {
            "ringing" => CallEvent::Ringing,
            "answered" => CallEvent::Answered { operator: None },
            "ended" => CallEvent::Ended,
            _ => CallEvent::Abandoned,
        };
        let from = self.private();
        let subject = subject.map(id);
        self.ask(
            Command::ReportCall(ReportCall { call: id(call), event, from, own_phone: subject.is_some(), subject }),
            None,
        );
    }

    /// `chen` is an operator, `boss*` a supervisor.
    fn person(&mut self, who: &str, words: &[&str]) {
        let by = By { account: id(who.trim_end_matches('*')), supervisor: who.ends_with('*') };
        let note = self.private();
        let command = match words {
            ["claim", it] => Command::Claim { incident: id(it) },
            ["release", it] => Command::Release { incident: id(it) },
            ["note", it] => Command::AddNote { incident: id(it), note },
            ["offer", it] => Command::MakeOffer { incident: id(it), responder: None, parallel: None },
            ["offer", it, many] if many.starts_with('x') => {
                Command::MakeOffer { incident: id(it), responder: None, parallel: many[1..].parse().ok() }
            }
            ["offer", it, named] => Command::MakeOffer { incident: id(it), responder: Some(id(named)), parallel: None },
            ["close", it, disposition, rest @ ..] => Command::Close {
                incident: id(it),
                disposition: serde_json::from_value((*disposition).into()).unwrap(),
                note: None,
                force: rest.contains(&"force"),
            },
            ["reopen", it] => Command::Reopen { incident: id(it), reason: None },
            ["detach", it, device, kind @ ..] => Command::Detach {
                incident: id(it),
                source: DeviceRef::Known(id(device)),
                kind: kind.first().map(|kind| id(kind)),
            },
            ["merge", it, into] => Command::Merge { incident: id(it), into: id(into) },
            ["correct", it, "kind", kind] => {
                let to = Correct { kind: Some(id(kind)), ..Correct::default() };
                Command::Correct { incident: id(it), to: Box::new(to) }
            }
            ["correct", it, "premises", premises] => {
                let to = Correct { premises: Some(id(premises)), ..Correct::default() };
                Command::Correct { incident: id(it), to: Box::new(to) }
            }
            ["call-back", call] => Command::ReturnCall { call: id(call), note: None },
            ["emergency", call, kind] => self.by_hand(Some(call), kind, None),
            ["hand", kind, subject] => self.by_hand(None, kind, Some(subject)),
            other => panic!("the script says `{other:?}`, which is no verb"),
        };
        self.ask(command, Some(by));
    }

    fn by_hand(&self, call: Option<&str>, kind: &str, subject: Option<&str>) -> Command {
        Command::OpenByHand(Box::new(OpenByHand {
            kind: id(kind),
            call: call.map(id),
            subject: subject.map(id),
            premises: None,
            place: None,
            note: None,
        }))
    }
}

/// What a reader of a transcript needs of an event.
#[expect(clippy::too_many_lines, reason = "one word of the script a line")]
fn brief(event: &Event) -> String {
    let json = serde_json::to_value(event).unwrap();
    let text = |key: &str| json[key].as_str().unwrap_or("-").to_owned();
    let short = |key: &str| text(key).trim_start_matches("330481-").to_owned();
    let since = |key: &str| {
        let at: Timestamp = text(key).parse().unwrap();
        (at.ms() - START_MS) / 1000
    };
    let kind = event.type_name();
    match event {
        Event::SignalReceived(_) => format!("{kind} {} {} {}", text("kind"), text("outcome"), text("incident")),
        Event::IncidentOpened(it) => {
            let source = json["place"]["source"].as_str().unwrap_or("-");
            let (subject, premises) = (text("subject"), text("premises"));
            format!(
                "{kind} {} {} u{} {subject} {premises} {source} {}",
                it.incident,
                it.kind,
                it.urgency,
                text("class")
            )
        }
        Event::AlarmAttached { presses, .. } => {
            format!("{kind} {} {} presses {presses}", text("incident"), text("kind"))
        }
        Event::UrgencyRaised { to, .. } => format!("{kind} {} u{to}", text("incident")),
        Event::IncidentClaimed { .. } | Event::ClaimLeaseChanged { .. } | Event::IncidentUnattended { .. } => {
            format!("{kind} {} {}", text("incident"), text("owner"))
        }
        Event::IncidentReleased { .. } => format!("{kind} {} {} {}", text("incident"), text("owner"), text("reason")),
        Event::OfferMade(it) => {
            let turns = it.turns.map_or(String::new(), |_| format!(" turns {}", short("turns")));
            let by = if it.way == Way::Road { format!(" by road in {} s", it.eta_s) } else { String::new() };
            format!("{kind} {} {} {}{by}{turns}", text("incident"), short("offer"), text("responder"))
        }
        Event::NobodyAvailable { waits_for: Some(it), .. } => {
            format!("{kind} {} waits for {}", text("incident"), it.responder)
        }
        Event::OfferExpired { .. } | Event::OfferWithdrawn { .. } => {
            format!("{kind} {} {} {}", short("offer"), text("responder"), text("reason"))
        }
        Event::OfferTried { .. } => format!("{kind} {} {} {}", short("offer"), text("channel"), text("outcome")),
        Event::OfferShown { .. } | Event::OfferAccepted { .. } | Event::OfferDeclined { .. } => {
            format!("{kind} {} {}", short("offer"), text("responder"))
        }
        Event::ResponderAtDoor(it) => match it.proof {
            Some(Proof::Manual) | None => format!("{kind} {}", text("responder")),
            Some(_) => format!("{kind} {} {}", text("responder"), text("proof")),
        },
        Event::ResponderEnRoute(_) | Event::ResponderInside(_) | Event::ResponderClear(_) => {
            format!("{kind} {}", text("responder"))
        }
        Event::SlaWarned { .. } | Event::SlaBreached { .. } => format!("{kind} {} {}", text("incident"), text("clock")),
        Event::SlaMet { .. } if since("met_at") > 500 => {
            format!("{kind} {} {} at {}", text("incident"), text("clock"), since("met_at"))
        }
        Event::SlaMet { .. } => format!("{kind} {} {}", text("incident"), text("clock")),
        Event::IncidentEscalated { .. } => format!("{kind} {} {} {}", text("incident"), text("rung"), text("reason")),
        Event::TaskDue { .. } => format!("{kind} {} {}", text("incident"), text("rung")),
        Event::IncidentCorrected(it) => match it.door_due_at {
            Some(_) => format!("{kind} {} {} door {}", it.incident, text("class"), since("door_due_at")),
            None => format!("{kind} {}", it.incident),
        },
        Event::AlarmDetached { into, .. } => format!("{kind} {} {into}", text("incident")),
        Event::IncidentMerged { into, .. } => format!("{kind} {} {into}", text("incident")),
        Event::IncidentClosed { .. } => format!("{kind} {} {}", text("incident"), text("disposition")),
        Event::IncidentReopened { round, .. } => {
            format!("{kind} {} round {round} door {}", text("incident"), since("door_due_at"))
        }
        Event::CallRinging { .. } => format!("{kind} {} {}", text("call"), text("subject")),
        Event::CallAbandoned { call_back: true, .. } => {
            format!("{kind} {} {} call_back", text("call"), text("incident"))
        }
        Event::CallAbandoned { .. } | Event::CallJoined { .. } => {
            format!("{kind} {} {}", text("call"), text("incident"))
        }
        Event::CallReturned { .. } => format!("{kind} {}", text("call")),
        Event::DeviceOffline { .. } | Event::DeviceRestored { .. } => {
            format!("{kind} {}", json["source"]["known"].as_str().unwrap_or("-"))
        }
        Event::OutageDeclared { .. } => format!("{kind} {} {}", short("outage"), text("kind")),
        Event::OutageOver { .. } => format!("{kind} {}", short("outage")),
        Event::WindowsRenewed { .. } => kind.to_owned(),
        other => format!("{kind} {}", other.incident().map_or("-".to_owned(), |it| it.to_string())),
    }
}
