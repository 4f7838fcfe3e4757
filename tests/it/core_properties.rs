//! What always holds of the core, over journals that the simulation leaves and over made-up commands.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tidewatch::dispatch::command::{ReceiveSignals, RepeatRule, Signal};
use tidewatch::dispatch::event::DeviceRef;
use tidewatch::dispatch::facts::Row;
use tidewatch::dispatch::{
    Asked, Command, Event, Facts, Hints, Known, Policy, Rejection, Stamped, State, decide, invariant,
};
use tidewatch::domain::plan::PolicyName;
use tidewatch::domain::premises::{Device, District, Premises};
use tidewatch::domain::private::{Commitment, PrivateId};
use tidewatch::domain::signal::{PlaceGiven, SignalOutcome};
use tidewatch::domain::subject::Subject;
use tidewatch::domain::*;
use tidewatch::simulate;

/// Runs of the simulation that are looked at: each leaves a journal of about a thousand lines.
const SEEDS: std::ops::Range<u64> = 1..4;

#[test]
fn every_line_reads_back_as_it_was_written() {
    for line in SEEDS.flat_map(simulate::record) {
        let stamped: Stamped = serde_json::from_str(&line).unwrap();
        assert_eq!(serde_json::to_string(&stamped).unwrap(), line);
    }
}

/// `apply` takes a state and an event and nothing else: no facts, no policy, no time.
#[test]
fn a_snapshot_and_its_tail_are_the_whole_wherever_it_was_taken() {
    for seed in SEEDS {
        let events = events(seed);
        let whole = fold(State::new(district()), &events);
        for at in (0..events.len()).step_by(211) {
            let head = fold(State::new(district()), &events[..at]);
            let restored = State::restore(&head.snapshot()).unwrap();
            assert!(restored == head, "seed {seed}: restored after {at}");
            assert!(fold(restored, &events[at..]) == whole, "seed {seed}: snapshot after {at}, and its tail");
        }
    }
}

#[test]
fn the_invariants_hold_after_every_event() {
    for seed in SEEDS {
        let mut state = State::new(district());
        for event in events(seed) {
            state.apply(&event);
            invariant::check(&state, &event).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        }
        invariant::check_all(&state).unwrap();
    }
}

/// What the simulation is to find faults in has to happen in it.
#[test]
fn runs_ask_by_every_policy_and_turn_people() {
    let mut missing: BTreeSet<String> = PolicyName::ALL.iter().map(|it| format!(r#""policy":"{it}","#)).collect();
    missing.extend([r#""reason":"turned""#.to_owned(), r#""reason":"at_door""#.to_owned()]);
    for seed in 1..200 {
        let lines = simulate::record(seed);
        missing.retain(|word| !lines.iter().any(|line| line.contains(word.as_str())));
        if missing.is_empty() {
            return;
        }
    }
    panic!("in 200 runs there was no {missing:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_signal_twice_is_once(kinds in prop::collection::vec(0..14_usize, 1..12), again in 0..12_usize) {
        let facts = facts(&[]);
        let (mut state, hints, policy) = (State::new(district()), Hints::default(), Policy::default());
        for (n, kind) in kinds.iter().enumerate() {
            let asked = signal(SignalKind::ALL[*kind], n as u128);
            let known = Known { state: &state, facts: &facts, hints: &hints, policy: &policy };
            let decided = decide(&known, &asked, at(n)).unwrap();
            stamp(&mut state, decided, at(n));
        }
        let n = again % kinds.len();
        let known = Known { state: &state, facts: &facts, hints: &hints, policy: &policy };
        match decide(&known, &signal(SignalKind::ALL[kinds[n]], n as u128), at(kinds.len())) {
            Err(Rejection::Repeat(answer)) => prop_assert_eq!(answer.outcome, Some(SignalOutcome::Duplicate)),
            other => prop_assert!(false, "taken again: {:?}", other),
        }
    }

    #[test]
    fn who_is_asked_does_not_depend_on_the_order_of_the_hints(
        spots in prop::collection::vec((0..60_u32, 0..60_u32), 1..25),
        order in any::<prop::sample::Index>(),
    ) {
        let facts = facts(&spots);
        let ids: Vec<ResponderId> = (0..spots.len()).map(responder).collect();
        let turned = order.index(ids.len());
        let mut other: Vec<ResponderId> = ids[turned..].iter().chain(&ids[..turned]).cloned().collect();
        other.reverse();
        for policy in PolicyName::ALL {
            prop_assert_eq!(first_asked(&facts, &ids, policy), first_asked(&facts, &other, policy));
        }
    }

    /// One incident at a time is the special case of all together.
    #[test]
    fn matched_alone_is_the_nearest(spots in prop::collection::vec((0..2_000_u32, 0..900_u32), 1..25)) {
        let facts = facts(&spots);
        let ids: Vec<ResponderId> = (0..spots.len()).map(responder).collect();
        let whom = |policy| match first_asked(&facts, &ids, policy).swap_remove(0) {
            Event::OfferMade(it) => (it.responder, it.eta_s, it.candidates),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(whom(PolicyName::Matched), whom(PolicyName::Nearest));
    }
}

fn district() -> DistrictCode {
    "330481".parse().unwrap()
}

fn events(seed: u64) -> Vec<Stamped> {
    simulate::record(seed).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fold(mut state: State, events: &[Stamped]) -> State {
    events.iter().for_each(|event| state.apply(event));
    state
}

fn at(second: usize) -> Timestamp {
    Timestamp::from_ms(1_795_219_200_000 + second as i64 * 1000)
}

fn responder(n: usize) -> ResponderId {
    format!("R-{n}").parse().unwrap()
}

fn facts(responders: &[(u32, u32)]) -> Facts {
    let point = |(lat, lon): (u32, u32)| {
        Point::from_degrees(30.5 + f64::from(lat) / 1e3, 120.6 + f64::from(lon) / 1e3).unwrap()
    };
    let (premises, subject): (PremisesId, SubjectId) = ("P-1".parse().unwrap(), "S-1".parse().unwrap());
    let mut facts = Facts::default();
    facts.put(Row::District(District { code: district(), name: String::new(), hotline: String::new() }));
    facts.put(Row::Premises(Premises {
        id: premises.clone(),
        district: district(),
        village: None,
        class: Class::Urban,
        address: String::new(),
        point: point((30, 30)),
    }));
    let text = format!(r#"{{"id":"{subject}","premises":"{premises}","name":"","phones":[]}}"#);
    facts.put(Row::Subject(serde_json::from_str::<Subject>(&text).unwrap()));
    let name = "http:one".parse().unwrap();
    facts.put(Row::Device(Device { id: "D-1".parse().unwrap(), subject, name, supervision_s: None }));
    for (n, spot) in responders.iter().enumerate() {
        facts.put(Row::Responder(Responder {
            id: responder(n),
            district: district(),
            name: String::new(),
            phone: String::new(),
            tier: Tier::Staff,
            skills: Vec::new(),
            travel: Travel::ALL[n % 3],
            base: point(*spot),
        }));
    }
    facts
}

fn signal(kind: SignalKind, id: u128) -> Asked {
    let private = PrivateRef { id: PrivateId(id), commitment: Commitment([0; 32]) };
    let signal = Signal {
        kind,
        fingerprint: Fingerprint(id),
        repeat: RepeatRule::Named,
        occurred_at: None,
        time_refused: false,
        late: false,
        place: PlaceGiven::None,
        private,
    };
    let source = DeviceRef::Known("D-1".parse().unwrap());
    let message =
        ReceiveSignals { source, signals: vec![signal], fix: None, last_known: None, listener: "http".to_owned() };
    Asked::plain(Command::ReceiveSignals(Box::new(message)))
}

fn stamp(state: &mut State, events: Vec<Event>, at: Timestamp) {
    for event in events {
        let stamped = Stamped { v: 1, seq: state.seq + 1, at, by: None, request: None, event };
        state.apply(&stamped);
    }
}

/// The first offer of an alarm by a policy, with the links opened and the responders put in this order.
fn first_asked(facts: &Facts, order: &[ResponderId], by: PolicyName) -> Vec<Event> {
    let (mut state, mut hints) = (State::new(district()), Hints::default());
    let policy = Policy { policy: by, ..Policy::default() };
    for n in 0..order.len() {
        let via = tidewatch::dispatch::event::Via::Link;
        stamp(&mut state, vec![Event::DutyChanged { responder: responder(n), on: true, via }], at(0));
    }
    for one in order {
        hints.link_opened(one);
        hints.refresh(one, &state, facts, at(0));
    }
    let known = Known { state: &state, facts, hints: &hints, policy: &policy };
    let opened = decide(&known, &signal(SignalKind::Sos, 1), at(1)).unwrap();
    stamp(&mut state, opened, at(1));
    let known = Known { state: &state, facts, hints: &hints, policy: &policy };
    let asked = decide(&known, &Asked::plain(Command::Tick), at(1)).unwrap();
    assert!(matches!(asked.first(), Some(Event::OfferMade(_))), "nobody was asked: {asked:?}");
    asked
}
