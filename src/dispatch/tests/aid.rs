//! Help between two districts: letters between two states, in whatever order they come and however often.

use crate::dispatch::command::*;
use crate::dispatch::event::*;
use crate::dispatch::facts::Row;
use crate::dispatch::invariant;
use crate::dispatch::state::{ClockState, Incident, State};
use crate::dispatch::{Facts, Hints, Known, Letter, LetterBody, Policy, Rejection, decide};
use crate::domain::offer::Progress;
use crate::domain::premises::District;
use crate::domain::private::{Commitment, PrivateId};
use crate::domain::signal::PlaceGiven;
use crate::domain::*;

use super::world::{self, id, point};

const ASKING: &str = "330481";
const ASKED: &str = "330402";

/// Beyond the border, near the couple.
const NEIGHBOUR: &str = "N1";

struct Side {
    state: State,
    hints: Hints,
    events: Vec<Event>,
}

struct Border {
    asking: Side,
    asked: Side,
    facts: Facts,
    policy: Policy,
    now: Timestamp,
}

impl Border {
    /// Nobody is on duty where the alarm will be, and somebody is beyond the border.
    fn new() -> Self {
        let mut facts = world::facts();
        facts.put(Row::District(District { code: id(ASKED), name: "南湖区".into(), hotline: "967890".into() }));
        let near = facts.responder(&id("R1")).unwrap();
        let neighbour =
            Responder { id: id(NEIGHBOUR), district: id(ASKED), base: point(30.5330, 120.6895), ..(**near).clone() };
        facts.put(Row::Responder(neighbour));
        let mut policy = world::policy();
        policy.neighbours.insert(id(ASKING), vec![id(ASKED)]);
        let side = |code: &str| Side { state: State::new(id(code)), hints: Hints::default(), events: Vec::new() };
        let now = Timestamp::from_ms(1_790_000_000_000);
        let mut border = Self { asking: side(ASKING), asked: side(ASKED), facts, policy, now };
        border.asked.hints.link_opened(&id(NEIGHBOUR));
        border.there(Command::SetDuty { responder: id(NEIGHBOUR), on: true, via: Via::Link }).unwrap();
        border.asked.hints.rebuild(&border.asked.state, &border.facts, now);
        border
    }

    fn here(&mut self, command: Command) -> Result<(), Rejection> {
        perform(&mut self.asking, (&self.facts, &self.policy), command, self.now)
    }

    fn there(&mut self, command: Command) -> Result<(), Rejection> {
        perform(&mut self.asked, (&self.facts, &self.policy), command, self.now)
    }

    fn press(&mut self) {
        let signal = Signal {
            kind: SignalKind::Sos,
            fingerprint: Fingerprint(1),
            repeat: RepeatRule::Named,
            occurred_at: None,
            time_refused: false,
            late: false,
            place: PlaceGiven::None,
            private: PrivateRef { id: PrivateId(1), commitment: Commitment([7; 32]) },
        };
        let source = DeviceRef::Known(id("D1"));
        let (signals, listener) = (vec![signal], "watch".to_owned());
        let message = ReceiveSignals { source, signals, fix: None, last_known: None, listener };
        self.here(Command::ReceiveSignals(Box::new(message))).unwrap();
        self.run();
    }

    /// What is due in either district.
    fn run(&mut self) {
        let known = (&self.facts, &self.policy);
        for side in [&mut self.asking, &mut self.asked] {
            while side.state.next_deadline().is_some_and(|due| due <= self.now) {
                perform(side, known, Command::Tick, self.now).unwrap();
            }
        }
    }

    /// Second by second, without any letter.
    fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now = self.now.after_s(1);
            self.run();
        }
    }

    /// Until the neighbour is asked.
    fn asks(&mut self) {
        self.press();
        while self.asking.state.letters().is_empty() {
            self.wait(1);
        }
    }

    fn take_here(&mut self, letter: &Letter) -> Result<(), Rejection> {
        self.here(Command::TakeLetter { letter: Box::new(letter.clone()), place: None })
    }

    fn take_there(&mut self, letter: &Letter) -> Result<(), Rejection> {
        self.there(Command::TakeLetter { letter: Box::new(letter.clone()), place: None })
    }

    /// Carries all letters, until neither has anything to tell.
    fn carry(&mut self) {
        loop {
            let (mut ours, theirs) = (self.asking.state.letters(), self.asked.state.letters());
            if ours.is_empty() && theirs.is_empty() {
                return;
            }
            for it in ours.drain(..) {
                self.take_there(&it).ok();
                self.here(Command::NoteLetterTaken { aid: it.aid, told: it.seq }).unwrap();
            }
            for it in theirs {
                self.take_here(&it).ok();
                self.there(Command::NoteLetterTaken { aid: it.aid, told: it.seq }).unwrap();
            }
            self.run();
        }
    }

    fn incident(&self) -> &Incident {
        self.asking.state.incidents().next().unwrap()
    }

    fn lent(&self) -> &Incident {
        self.asked.state.incidents().next().unwrap()
    }

    fn offer(&self) -> OfferId {
        self.lent().pending().next().expect("the neighbour is asked").offer
    }

    /// Somebody of our own comes on duty and is asked.
    fn asks_our_own(&mut self) -> OfferId {
        self.asking.hints.link_opened(&id("R3"));
        self.here(Command::SetDuty { responder: id("R3"), on: true, via: Via::Link }).unwrap();
        self.asking.hints.rebuild(&self.asking.state, &self.facts, self.now);
        let incident = self.incident().id;
        self.here(Command::MakeOffer { incident, responder: Some(id("R3")), parallel: None }).unwrap();
        self.incident().pending().next().unwrap().offer
    }

    fn accept(&mut self) {
        let offer = self.offer();
        self.there(Command::AcceptOffer { offer, responder: id(NEIGHBOUR) }).unwrap();
    }

    fn reports(&mut self, progress: Progress) {
        let (incident, responder) = (self.lent().id, id(NEIGHBOUR));
        let (at, via, scanned) = (None, Via::Link, false);
        self.there(Command::ReportProgress { incident, responder, progress, at, via, scanned }).unwrap();
    }
}

fn perform(
    side: &mut Side,
    (facts, policy): (&Facts, &Policy),
    command: Command,
    now: Timestamp,
) -> Result<(), Rejection> {
    let known = Known { state: &side.state, facts, hints: &side.hints, policy };
    let by = Some(By { account: id("chen"), supervisor: true });
    let events = decide(&known, &Asked { command, by, request: None }, now)?;
    for event in events {
        let stamped = Stamped { v: EVENT_VERSION, seq: side.state.seq + 1, at: now, by: None, request: None, event };
        side.state.apply(&stamped);
        invariant::check(&side.state, &stamped).unwrap();
        // What is stored finds the same letters again.
        assert_eq!(State::restore(&side.state.snapshot()).unwrap(), side.state);
        if let Some(responder) = stamped.event.responder() {
            side.hints.refresh(responder, &side.state, facts, now);
        }
        side.events.push(stamped.event);
    }
    Ok(())
}

#[test]
fn the_neighbours_responder_is_asked_by_the_neighbour_and_keeps_our_promise() {
    let mut border = Border::new();
    border.asks();
    assert_eq!(border.incident().present_rung().unwrap().name, "neighbour");
    assert!(!border.incident().tasks.iter().any(|it| it.rung == "neighbour"), "nobody has to telephone");
    border.carry();
    let lent = border.lent();
    assert_eq!((lent.opened_by, lent.kind, lent.class), (OpenedBy::Aid, SignalKind::Sos, Class::Urban));
    assert_eq!(lent.premises, border.incident().premises);
    assert_eq!(lent.lent.as_ref().unwrap().incident, border.incident().id);
    assert_eq!(border.incident().aids[0].found.as_ref().unwrap().incident, lent.id);

    border.accept();
    border.carry();
    assert_eq!(border.incident().stage(), Stage::Assigned);
    assert_eq!(border.incident().who_is_under_way(), Some(&id(NEIGHBOUR)));
    let due = border.incident().first_due();
    border.reports(Progress::EnRoute);
    border.reports(Progress::AtDoor);
    let at_door = border.now;
    border.carry();
    assert_eq!(border.incident().stage(), Stage::AtDoor);
    assert_eq!(border.incident().door, ClockState::Met(at_door), "{due:?}");
    border.reports(Progress::Clear);
    border.carry();
    assert_eq!(border.incident().stage(), Stage::Waiting);
    assert!(border.incident().first_due().is_none_or(|(at, _)| at > border.now));

    let (incident, note, force) = (border.incident().id, None, false);
    border.here(Command::Close { incident, disposition: Disposition::Helped, note, force }).unwrap();
    border.carry();
    let closure = border.lent().closure.as_ref().expect("closed with ours");
    assert_eq!(closure.disposition, Disposition::HandedOver);
}

#[test]
fn a_letter_that_comes_twice_or_late_changes_nothing() {
    let mut border = Border::new();
    border.asks();
    let [wanted]: [Letter; 1] = border.asking.state.letters().try_into().unwrap();
    border.take_there(&wanted).unwrap();
    assert_eq!(border.take_there(&wanted), Err(Rejection::NothingToDo));
    border.run();
    let [opened]: [Letter; 1] = border.asked.state.letters().try_into().unwrap();
    border.accept();
    let [accepted]: [Letter; 1] = border.asked.state.letters().try_into().unwrap();
    assert!(accepted.seq > opened.seq);
    border.take_here(&accepted).unwrap();
    assert_eq!(border.take_here(&opened), Err(Rejection::NothingToDo));
    assert_eq!(border.incident().stage(), Stage::Assigned, "an old word turned it back");
    // An answer about an old letter does not count for the newer one.
    border.there(Command::NoteLetterTaken { aid: opened.aid, told: opened.seq }).unwrap();
    assert_eq!(border.asked.state.letters(), std::slice::from_ref(&accepted));
    border.there(Command::NoteLetterTaken { aid: accepted.aid, told: accepted.seq }).unwrap();
    assert_eq!(border.asked.state.letters(), []);
    // Nobody is wanted any more, and then the first letter comes once more.
    border.here(Command::NoteLetterTaken { aid: wanted.aid, told: wanted.seq }).unwrap();
    let (incident, note, force) = (border.incident().id, None, true);
    border.here(Command::Close { incident, disposition: Disposition::FalseAlarm, note, force }).unwrap();
    let [over]: [Letter; 1] = border.asking.state.letters().try_into().unwrap();
    assert_eq!(over.body, LetterBody::Over);
    border.take_there(&over).unwrap();
    assert_eq!(border.take_there(&wanted), Err(Rejection::NothingToDo));
    assert!(!border.lent().is_open());
    let responder = border.asked.state.responder(&id(NEIGHBOUR)).unwrap();
    assert_eq!(responder.held, None, "who was called back is free");
}

#[test]
fn who_gives_up_on_the_way_is_told_and_we_go_on_asking() {
    let mut border = Border::new();
    border.asks();
    border.carry();
    border.accept();
    border.carry();
    assert_eq!(border.incident().patient_until, None, "somebody is coming");
    border.reports(Progress::Clear);
    border.carry();
    assert!(border.incident().wants_somebody());
    assert!(border.incident().patient_until.is_some());
    border.wait(181);
    assert!(border.incident().tasks.iter().any(|it| it.rung == "120"), "the ladder stands still");
}

#[test]
fn the_neighbours_yes_is_the_first_and_our_own_are_not_asked_on() {
    let mut border = Border::new();
    border.asks();
    border.carry();
    border.asks_our_own();
    border.accept();
    border.carry();
    assert_eq!(border.incident().pending().count(), 0);
    assert_eq!(border.asking.state.responder(&id("R3")).unwrap().held, None);
}

#[test]
fn the_first_yes_of_our_own_calls_the_neighbour_off() {
    let mut border = Border::new();
    border.asks();
    border.carry();
    let offer = border.asks_our_own();
    border.here(Command::AcceptOffer { offer, responder: id("R3") }).unwrap();
    border.carry();
    assert!(!border.lent().is_open());
    assert_eq!(border.asked.state.responder(&id(NEIGHBOUR)).unwrap().held, None);
    assert_eq!(border.incident().open_aids().count(), 0);
}

#[test]
fn a_correction_reaches_the_neighbour_and_a_reopening_is_ours_alone() {
    let mut border = Border::new();
    border.asks();
    border.carry();
    let incident = border.incident().id;
    let to = Correct { urgency: Some(Urgency::try_from(1).unwrap()), premises: Some(id("P3")), ..Correct::default() };
    border.here(Command::Correct { incident, to: Box::new(to) }).unwrap();
    border.carry();
    assert_eq!(u8::from(border.lent().urgency), 1);
    assert_eq!(border.lent().premises, Some(id("P3")));
    assert_eq!((border.lent().class, border.lent().door_due_at), (Class::Rural, border.incident().door_due_at));
    // They close on their own: we hear it, and the aid is over.
    let lent = border.lent().id;
    let (note, force, disposition) = (None, true, Disposition::Other);
    border.there(Command::Close { incident: lent, disposition, note, force }).unwrap();
    border.carry();
    assert_eq!(border.incident().open_aids().count(), 0);
    let reopened = border.there(Command::Reopen { incident: lent, reason: None });
    assert_eq!(reopened, Err(Rejection::OfAnotherDistrict { incident: lent, of: id(ASKING) }));
}

#[test]
fn without_a_neighbour_that_is_served_here_somebody_has_to_telephone() {
    let mut border = Border::new();
    border.policy.neighbours.insert(id(ASKING), vec![id("330483")]);
    border.press();
    border.wait(600);
    assert!(border.incident().tasks.iter().any(|it| it.rung == "neighbour"));
    assert_eq!(border.asking.state.letters(), []);
}
