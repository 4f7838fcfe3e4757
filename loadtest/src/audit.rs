//! What became of it, by the service's own record, read again from the beginning of the run. Pure: events come in, and
//! what they say is held against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::book::{Book, Key};

/// What the audit needs of an event.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Event {
    pub seq: u64,
    #[serde(rename = "type")]
    pub what: String,
    pub incident: Option<String>,
    pub responder: Option<String>,
    pub offer: Option<String>,
    pub device: Option<String>,
    /// The signal's own, where it has one.
    pub id: Option<String>,
    pub occurred_at: Option<String>,
    /// The assignment that ends if the offer is accepted.
    pub turns: Option<String>,
    /// Who is under way elsewhere and had better be waited for.
    pub waits_for: Option<IgnoredAny>,
}

/// A signal as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub seq: u64,
    pub incident: Option<String>,
}

/// An incident as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub seq: u64,
    /// More were neither asked nor under way than incidents waited before it.
    pub was_somebody_free: bool,
    /// By the record it waits for somebody who is free soon and nearer than all who could be asked.
    pub waits: bool,
}

/// The record of a run.
#[derive(Debug, Default)]
pub struct Record {
    pub events: u64,
    /// Numbers that are missing, or came twice.
    pub gaps: u64,
    pub taken: BTreeMap<Key, Vec<Taken>>,
    pub opened: BTreeMap<String, Opened>,
    pub offers: u64,
    pub accepted: u64,
    pub closed: u64,
    /// Devices that were called silent.
    pub offline: u64,
    /// Responders who were asked, or sent, while they were asked or under way.
    pub asked_twice: u64,
    held: BTreeMap<String, BTreeSet<String>>,
    /// Open, and nobody was asked yet.
    waiting: BTreeSet<String>,
    responders: usize,
    last: u64,
}

/// What was acknowledged against what is on record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Findings {
    pub sent: u64,
    pub acknowledged: u64,
    /// Acknowledged, and in no incident.
    pub lost: u64,
    /// In two incidents, or on record more often than it was said.
    pub doubled: u64,
    pub opened: u64,
    pub attached: u64,
}

impl Record {
    /// From after `start` on, in a district of `responders` who are all free.
    pub fn after(start: u64, responders: usize) -> Self {
        Self { last: start, responders, ..Self::default() }
    }

    pub fn put(&mut self, event: Event) {
        self.events += 1;
        self.gaps += u64::from(event.seq != self.last + 1);
        self.last = event.seq;
        match event.what.as_str() {
            "signal_received" | "unknown_device" => self.signal(event),
            "incident_opened" => self.open(event),
            "offer_made" => self.ask(event),
            "offer_accepted" => self.accepted += 1,
            "offer_declined" | "offer_expired" | "offer_withdrawn" | "responder_clear" => self.let_go(event),
            "nobody_available" => self.nobody(event),
            "incident_closed" => self.close(event),
            "device_offline" => self.offline += 1,
            _ => {}
        }
    }

    fn signal(&mut self, event: Event) {
        let Some(device) = event.device else { return };
        let mark = match (device.starts_with("watch:"), event.id, event.occurred_at) {
            (true, _, Some(at)) if at.len() >= 19 => at[..19].to_owned(),
            (_, Some(id), _) => id,
            _ => return,
        };
        let is_second_line = event.what == "unknown_device";
        let all = self.taken.entry(Key { device, mark }).or_default();
        if !(is_second_line && all.iter().any(|it| it.incident == event.incident)) {
            all.push(Taken { seq: event.seq, incident: event.incident });
        }
    }

    fn open(&mut self, event: Event) {
        let busy = self.held.values().filter(|it| !it.is_empty()).count();
        let was_somebody_free = self.responders.saturating_sub(busy) > self.waiting.len();
        if let Some(incident) = event.incident {
            self.waiting.insert(incident.clone());
            self.opened.insert(incident, Opened { seq: event.seq, was_somebody_free, waits: false });
        }
    }

    fn nobody(&mut self, event: Event) {
        let opened = event.incident.filter(|it| self.waiting.contains(it)).and_then(|it| self.opened.get_mut(&it));
        if let Some(opened) = opened {
            opened.waits |= event.waits_for.is_some();
        }
    }

    fn close(&mut self, event: Event) {
        self.closed += 1;
        if let Some(incident) = &event.incident {
            self.waiting.remove(incident);
        }
    }

    fn ask(&mut self, event: Event) {
        if let Some(incident) = &event.incident {
            self.waiting.remove(incident);
        }
        let (Some(responder), Some(offer)) = (event.responder, event.offer) else { return };
        self.offers += 1;
        let held = self.held.entry(responder).or_default();
        // Who is asked to turn holds what they are under way to until they say yes.
        let others = held.iter().filter(|it| Some(*it) != event.turns.as_ref()).count();
        self.asked_twice += u64::from(others > 0);
        held.insert(offer);
    }

    fn let_go(&mut self, event: Event) {
        if let (Some(responder), Some(offer)) = (event.responder, event.offer) {
            self.held.entry(responder).or_default().remove(&offer);
        }
    }

    /// The alarms of `book` against the record.
    pub fn hold_against(&self, book: &Book) -> Findings {
        let mut it = Findings::default();
        let mut said: BTreeMap<&Key, u64> = BTreeMap::new();
        for entry in &book.entries {
            entry.key.get().into_iter().for_each(|key| *said.entry(key).or_default() += 1);
        }
        let mut opens: BTreeSet<&String> = BTreeSet::new();
        for entry in book.alarms() {
            it.sent += 1;
            let is_acknowledged = entry.acked().is_some();
            it.acknowledged += u64::from(is_acknowledged);
            let taken = entry.key.get().and_then(|key| self.taken.get(key));
            let incident = taken.and_then(|all| all.iter().find_map(|it| it.incident.as_ref()));
            match incident {
                Some(incident) if self.opened.contains_key(incident) && opens.insert(incident) => it.opened += 1,
                Some(_) => it.attached += 1,
                None => it.lost += u64::from(is_acknowledged),
            }
        }
        it.doubled = self.taken.iter().filter(|(key, all)| is_doubled(all, said.get(*key).copied())).count() as u64;
        it
    }
}

/// Said by us, and on record more often, or in more than one incident at once.
fn is_doubled(all: &[Taken], said: Option<u64>) -> bool {
    let Some(said) = said else { return false };
    let incidents: BTreeSet<&String> = all.iter().filter_map(|it| it.incident.as_ref()).collect();
    all.len() as u64 > said || incidents.len() as u64 > said
}

#[cfg(test)]
mod tests {
    use tidewatch::domain::SignalKind;

    use super::*;
    use crate::book::Entry;

    fn event(seq: u64, what: &str, fill: impl FnOnce(&mut Event)) -> Event {
        let mut event = Event { seq, what: what.to_owned(), ..Event::default() };
        fill(&mut event);
        event
    }

    fn signal(seq: u64, id: &str, incident: &str) -> Event {
        event(seq, "signal_received", |it| {
            it.device = Some("http:b-1".to_owned());
            it.id = Some(id.to_owned());
            it.incident = Some(incident.to_owned());
        })
    }

    fn of_offer(seq: u64, what: &str, responder: &str, offer: &str) -> Event {
        event(seq, what, |it| {
            it.responder = Some(responder.to_owned());
            it.offer = Some(offer.to_owned());
        })
    }

    fn opened(seq: u64, incident: &str) -> Event {
        event(seq, "incident_opened", |it| it.incident = Some(incident.to_owned()))
    }

    /// A book of alarms that were all acknowledged.
    fn book(ids: &[&str]) -> Book {
        let entries = ids.iter().map(|id| {
            let entry = Entry::new(1, SignalKind::Sos);
            entry.key.get_or_init(|| Key { device: "http:b-1".to_owned(), mark: (*id).to_owned() });
            entry.acknowledged(2);
            entry
        });
        Book::of(entries.collect())
    }

    fn record(events: Vec<Event>) -> Record {
        let mut record = Record::after(0, 2);
        events.into_iter().for_each(|it| record.put(it));
        record
    }

    #[test]
    fn each_alarm_in_its_incident_is_as_it_should_be() {
        let events = vec![opened(1, "i1"), signal(2, "a", "i1"), signal(3, "b", "i1")];
        let found = record(events).hold_against(&book(&["a", "b"]));
        let right = Findings { sent: 2, acknowledged: 2, lost: 0, doubled: 0, opened: 1, attached: 1 };
        assert_eq!(found, right);
    }

    #[test]
    fn an_alarm_on_no_record_is_lost() {
        let found = record(vec![opened(1, "i1"), signal(2, "a", "i1")]).hold_against(&book(&["a", "b"]));
        assert_eq!((found.lost, found.doubled), (1, 0));
    }

    #[test]
    fn an_alarm_that_nobody_acknowledged_is_not_lost() {
        let book = book(&["a"]);
        let unanswered = Book::of(vec![Entry::new(1, SignalKind::Sos)]);
        assert_eq!(record(vec![]).hold_against(&unanswered).lost, 0);
        assert_eq!(record(vec![]).hold_against(&book).lost, 1);
    }

    #[test]
    fn an_alarm_that_is_on_record_twice_is_doubled() {
        let twice = vec![signal(1, "a", "i1"), signal(2, "a", "i2")];
        assert_eq!(record(twice).hold_against(&book(&["a"])).doubled, 1);
        let again = vec![signal(1, "a", "i1"), signal(2, "a", "i1")];
        assert_eq!(record(again).hold_against(&book(&["a"])).doubled, 1);
    }

    #[test]
    fn a_number_that_is_missing_is_a_gap() {
        assert_eq!(record(vec![opened(1, "i1"), opened(3, "i2")]).gaps, 1);
        assert_eq!(record(vec![opened(1, "i1"), opened(1, "i2")]).gaps, 1);
    }

    #[test]
    fn whoever_is_asked_while_they_are_asked_is_asked_twice() {
        let twice = vec![of_offer(1, "offer_made", "r1", "o1"), of_offer(2, "offer_made", "r1", "o2")];
        assert_eq!(record(twice).asked_twice, 1);
        let after = vec![
            of_offer(1, "offer_made", "r1", "o1"),
            of_offer(2, "offer_declined", "r1", "o1"),
            of_offer(3, "offer_made", "r1", "o2"),
            of_offer(4, "offer_accepted", "r1", "o2"),
            of_offer(5, "responder_clear", "r1", "o2"),
            of_offer(6, "offer_made", "r1", "o3"),
        ];
        assert_eq!(record(after).asked_twice, 0);
    }

    fn of_incident(mut event: Event, incident: &str) -> Event {
        event.incident = Some(incident.to_owned());
        event
    }

    #[test]
    fn somebody_is_free_for_an_incident_while_more_are_free_than_incidents_wait() {
        let events = vec![
            opened(1, "i1"),
            of_incident(of_offer(2, "offer_made", "r1", "o1"), "i1"),
            opened(3, "i2"),
            opened(4, "i3"),
            of_incident(of_offer(5, "offer_made", "r2", "o2"), "i2"),
            of_incident(of_offer(6, "offer_declined", "r2", "o2"), "i2"),
            opened(7, "i4"),
        ];
        let record = record(events);
        // One was left when the second opened; it waited when the third did, which itself waits for whoever is free again.
        assert_eq!(["i1", "i2", "i3", "i4"].map(|it| record.opened[it].was_somebody_free), [true, true, false, false]);
    }

    #[test]
    fn who_waits_for_somebody_nearer_is_known() {
        let waits = |seq, incident| {
            event(seq, "nobody_available", |it| {
                it.incident = Some(String::from(incident));
                it.waits_for = Some(IgnoredAny);
            })
        };
        let record = record(vec![opened(1, "i1"), waits(2, "i1"), opened(3, "i2")]);
        assert_eq!(["i1", "i2"].map(|it| record.opened[it].waits), [true, false]);
    }
}
