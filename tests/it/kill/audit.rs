//! What the record says, seen from outside: the live feed from the beginning, the incidents, and repeats.
//! A second, simple account of what must be so; it knows nothing of how the service does it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::load::{Answer, Ask, Book, Secrets, again};
use crate::service::Service;
use crate::service::feed::Console;
use crate::service::world::{DISTRICT, bracelet, responder_of, watch_of};

/// Everything the feed has said since event 1.
#[derive(Default)]
pub struct Audit {
    seen: u64,
    /// By device and the device's own name for it: seq and incident.
    signals: BTreeMap<(String, String), (u64, String)>,
    presses: BTreeMap<String, u64>,
    notes: BTreeMap<String, u64>,
    /// Incident of each claim and release.
    claims: BTreeMap<u64, String>,
    /// The offer or assignment that a responder holds.
    held: BTreeMap<String, String>,
    accepted: BTreeMap<String, String>,
}

impl Audit {
    /// After the retries of a round: all that was asked is there once, and is the same when asked again.
    pub async fn round(&mut self, service: &Service, secrets: &Secrets, book: &Book) {
        self.replay(service, secrets).await;
        for (ask, answer) in book.asked() {
            self.check(&ask, &answer.expect("everything was answered by now"));
        }
        for (offer, responder) in book.accepted.lock().unwrap().iter() {
            let of = self.accepted.get(offer);
            assert_eq!(of, Some(&responder_of(DISTRICT, *responder)), "acceptance of {offer} was lost");
        }
        self.repeat(service, secrets, book).await;
    }

    /// From where it had come, by the feed alone.
    async fn replay(&mut self, service: &Service, secrets: &Secrets) {
        let hello = json!({DISTRICT: self.seen});
        let mut console = Console::open(service, &secrets.operator, hello).await;
        let head = console.find("resumed").await["seq"].as_u64().unwrap();
        assert!(head >= self.seen, "the record went back from {} to {head}", self.seen);
        for event in console.events_to(DISTRICT, head).await {
            self.follow(&event);
        }
        self.seen = console.seen[DISTRICT];
    }

    fn follow(&mut self, event: &Value) {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let seq = event["seq"].as_u64().unwrap();
        match event["type"].as_str().unwrap() {
            "signal_received" => {
                let name = if event["id"].is_null() { text("occurred_at") } else { text("id") };
                let before = self.signals.insert((text("device"), name), (seq, text("incident")));
                assert_eq!(before, None, "taken twice: {event}");
                *self.presses.entry(text("incident")).or_default() += 1;
            }
            "incident_claimed" | "incident_released" => drop(self.claims.insert(seq, text("incident"))),
            "note_added" => {
                let before = self.notes.insert(text("note"), seq);
                assert_eq!(before, None, "noted twice: {event}");
            }
            "offer_made" => {
                let before = self.held.insert(text("responder"), text("offer"));
                assert_eq!(before, None, "a responder has two offers: {event}");
            }
            "offer_accepted" => {
                let before = self.accepted.insert(text("offer"), text("responder"));
                assert_eq!(before, None, "accepted twice: {event}");
                assert_eq!(self.held.get(&text("responder")), Some(&text("offer")), "{event}");
            }
            "offer_declined" | "offer_expired" | "offer_withdrawn" | "responder_clear" => {
                let before = self.held.remove(&text("responder"));
                assert_eq!(before, Some(text("offer")), "{event}");
            }
            _ => {}
        }
    }

    fn check(&self, ask: &Ask, answer: &Answer) {
        match (ask, answer) {
            (Ask::Signal { .. } | Ask::Frame { .. }, _) => {
                let taken = self.signals.get(&name(ask)).unwrap_or_else(|| panic!("{ask:?} was lost: {answer:?}"));
                if let Answer::Taken { incident, seq, .. } = answer {
                    assert_eq!(taken, &(*seq, incident.clone()), "{ask:?}");
                }
            }
            (Ask::Note { text, .. }, Answer::Done { seq }) => {
                assert_eq!(self.notes.get(text), seq.as_ref(), "{ask:?} was lost or is another");
            }
            (Ask::Claim { incident, act, .. }, Answer::Done { seq: Some(seq) }) => {
                let there = self.claims.get(seq) == Some(incident);
                assert!(*seq <= self.seen, "{ask:?} was answered with {seq}, and the record ends at {}", self.seen);
                assert!(there || *act == "claim", "{ask:?} was lost");
            }
            (Ask::Claim { .. }, Answer::Refused) => {}
            (Ask::Note { .. } | Ask::Claim { .. }, _) => panic!("{ask:?}: {answer:?}"),
        }
    }

    /// The first answers, again, and nothing new in the record.
    async fn repeat(&mut self, service: &Service, secrets: &Secrets, book: &Book) {
        let asked = book.asked();
        let (gateway, operator) = (secrets.gateway(service), secrets.operator(service));
        for some in asked.chunks(32) {
            join_all(some.iter().map(async |(ask, first)| {
                let answer = again(service, &gateway, &operator, ask).await;
                match (first.as_ref().unwrap(), answer) {
                    (Answer::Taken { incident, seq, .. }, again) => {
                        let (incident, seq) = (incident.clone(), *seq);
                        assert_eq!(again, Answer::Taken { outcome: "duplicate".to_owned(), incident, seq }, "{ask:?}");
                    }
                    (Answer::Refused, _) => {}
                    // Claiming what one owns already changes nothing, and is answered with the head.
                    (Answer::Done { seq: Some(seq) }, _) if self.is_no_change(ask, *seq) => {}
                    (first, again) => assert_eq!(*first, again, "{ask:?}"),
                }
            }))
            .await;
        }
        self.replay(service, secrets).await;
    }

    fn is_no_change(&self, ask: &Ask, seq: u64) -> bool {
        matches!(ask, Ask::Claim { incident, .. } if self.claims.get(&seq) != Some(incident))
    }

    /// Incidents and responders as the board shows them agree with the feed.
    pub async fn end(&mut self, service: &Service, secrets: &Secrets) {
        self.replay(service, secrets).await;
        let operator = secrets.operator(service);
        let mut shown = BTreeSet::new();
        for it in operator.open_incidents().await {
            let incident = operator.incident(&it["id"]).await;
            self.end_of(&incident, &mut shown);
        }
        assert_eq!(shown.len(), self.signals.len(), "signals of the incidents and of the feed");
    }

    fn end_of(&self, incident: &Value, shown: &mut BTreeSet<(String, String)>) {
        let id = incident["id"].as_str().unwrap();
        let signals = incident["signals"].as_array().unwrap();
        for it in signals {
            let own = if it["id"].is_null() { &it["at"] } else { &it["id"] };
            let name = (it["device"].as_str().unwrap().to_owned(), own.as_str().unwrap().to_owned());
            assert_eq!(self.signals.get(&name), Some(&(it["seq"].as_u64().unwrap(), id.to_owned())), "{it}");
            assert!(shown.insert(name), "shown twice: {it}");
        }
        let by_hand = u64::from(incident["opened_by"] == "hand");
        let presses = self.presses.get(id).copied().unwrap_or_default();
        assert_eq!((signals.len() as u64, incident["presses"].as_u64()), (presses, Some(presses + by_hand)), "{id}");
    }
}

/// What the record calls it.
fn name(ask: &Ask) -> (String, String) {
    match ask {
        Ask::Signal { home, id } => (bracelet(DISTRICT, *home), id.clone()),
        Ask::Frame { home, at } => (format!("watch:{}", watch_of(DISTRICT, *home)), rfc3339(at)),
        Ask::Note { .. } | Ask::Claim { .. } => panic!("{ask:?} is no signal"),
    }
}

/// `ddmmyy,hhmmss` as the interface writes it.
fn rfc3339(at: &str) -> String {
    let two = |from: usize| &at[from..from + 2];
    format!("20{}-{}-{}T{}:{}:{}.000Z", two(4), two(2), two(0), two(7), two(9), two(11))
}
