//! What help between districts does to the incident that asks for it, and to the one that is opened for it.

use serde::{Deserialize, Serialize};

use crate::dispatch::event::{AidFor, Event, Stamped};
use crate::dispatch::{Found, Helper, Letter, LetterBody, Wanted};
use crate::domain::*;

use super::State;
use super::incident::Incident;

/// Help that was asked of another district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aid {
    pub id: AidId,
    pub of: DistrictCode,
    pub round: u32,
    pub asked_at: Timestamp,
    /// What that district said last, and the event of its own since which it is so.
    pub found: Option<Found>,
    pub heard: Seq,
    /// When it was told that nobody is wanted any more, or said itself that it has closed.
    pub over_at: Option<Timestamp>,
    /// Our event since which what it is to know is so, and the one up to which it has it on its record.
    pub since: Seq,
    pub told: Seq,
}

/// For which other district an incident was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lent {
    pub aid: AidId,
    /// Of that district.
    pub incident: IncidentId,
    /// Its event up to which we have what it said.
    pub heard: Seq,
    /// What it is to know, since which event of ours, and up to which it has it on its record.
    pub found: Found,
    pub since: Seq,
    pub told: Seq,
}

impl Aid {
    pub fn is_open(&self) -> bool {
        self.over_at.is_none()
    }

    pub fn helper(&self) -> Option<&Helper> {
        self.found.as_ref()?.helper.as_ref()
    }

    pub fn is_under_way(&self) -> bool {
        self.is_open() && self.found.as_ref().is_some_and(Found::is_under_way)
    }

    /// A district that has closed by itself needs no word that it is over.
    fn is_to_be_told(&self) -> bool {
        self.since > self.told && !self.found.as_ref().is_some_and(|it| it.over)
    }

    fn letter(&self, it: &Incident) -> Option<Letter> {
        let wanted = || LetterBody::Wanted(Box::new(Wanted::of(it)));
        let body = || if self.is_open() { wanted() } else { LetterBody::Over };
        self.is_to_be_told().then(|| Letter { aid: self.id, to: self.of, seq: self.since, body: body() })
    }
}

impl Lent {
    pub(super) fn new(it: &AidFor, found: Found, seq: Seq) -> Self {
        Self { aid: it.aid, incident: it.incident, heard: it.heard, found, since: seq, told: 0 }
    }

    fn is_to_be_told(&self) -> bool {
        self.since > self.told
    }

    fn letter(&self) -> Option<Letter> {
        let body = || LetterBody::Found(self.found.clone());
        let (aid, to, seq) = (self.aid, self.aid.district, self.since);
        self.is_to_be_told().then(|| Letter { aid, to, seq, body: body() })
    }
}

impl Incident {
    pub(super) fn aid_ids(&self) -> impl Iterator<Item = AidId> {
        self.aids.iter().map(|it| it.id).chain(self.lent.as_ref().map(|it| it.aid))
    }

    pub(super) fn has_letters(&self) -> bool {
        self.aids.iter().any(Aid::is_to_be_told) || self.lent.as_ref().is_some_and(Lent::is_to_be_told)
    }

    /// What other districts have yet to hear of it.
    pub(super) fn letters(&self) -> impl Iterator<Item = Letter> {
        let asked = self.aids.iter().filter_map(|it| it.letter(self));
        asked.chain(self.lent.as_ref().and_then(Lent::letter))
    }

    pub fn aid(&self, id: AidId) -> Option<&Aid> {
        self.aids.iter().find(|it| it.id == id)
    }

    fn aid_mut(&mut self, id: AidId) -> &mut Aid {
        let incident = self.id;
        let found = self.aids.iter_mut().find(|it| it.id == id);
        found.unwrap_or_else(|| panic!("an event names {id}, which {incident} never asked for"))
    }
}

impl State {
    /// What other districts have yet to hear of this one.
    pub fn letters(&self) -> Vec<Letter> {
        self.index.letters.iter().filter_map(|number| self.kept(*number)).flat_map(Incident::letters).collect()
    }

    /// The incident that asks for this aid, or was opened for it.
    pub fn of_aid(&self, id: AidId) -> Option<&Incident> {
        self.kept(*self.index.aids.get(&id)?)
    }

    pub fn next_aid(&self, n: u64) -> AidId {
        AidId { district: self.district, number: self.counters.aids + 1 + n }
    }

    pub(super) fn apply_aid(&mut self, stamped: &Stamped) {
        let (seq, at) = (stamped.seq, stamped.at);
        match &stamped.event {
            Event::AidAsked { incident, aid, of } => {
                self.counters.aids = aid.number;
                self.index.aids.insert(*aid, incident.number);
                let (id, of) = (*aid, *of);
                self.change(*incident, |it| {
                    let round = it.round;
                    let (found, heard, over_at, told) = (None, 0, None, 0);
                    it.aids.push(Aid { id, of, round, asked_at: at, found, heard, over_at, since: seq, told });
                });
            }
            Event::AidReported { incident, aid, heard, found } => self.change(*incident, |it| {
                let was_under_way = it.has_under_way();
                let was_reached = it.was_reached();
                let aid = it.aid_mut(*aid);
                aid.found = Some(found.clone());
                aid.heard = *heard;
                aid.over_at = aid.over_at.or(found.over.then_some(at));
                if it.has_under_way() {
                    it.patient_until = None;
                } else if was_under_way && !was_reached {
                    // They gave up on the way: somebody else has to go.
                    it.ask_at = Some(at);
                    it.wait_on_rung(at);
                }
            }),
            Event::AidWithdrawn { incident, aid, .. } => self.change(*incident, |it| {
                let aid = it.aid_mut(*aid);
                aid.over_at = Some(at);
                aid.since = seq;
            }),
            Event::AidLetterTaken { incident, aid, told } => self.change(*incident, |it| {
                let id = *aid;
                match it.lent.as_mut().filter(|it| it.aid == id) {
                    Some(lent) => lent.told = *told,
                    None => it.aid_mut(id).told = *told,
                }
            }),
            _ => {}
        }
    }

    /// What the other districts of an incident are to hear, once an event of it was folded.
    pub(super) fn tell_others(&mut self, incident: IncidentId, before: Option<&Wanted>) {
        let seq = self.seq;
        let Some(it) = self.kept(incident.number) else { return };
        let found = it.lent.as_ref().map(|lent| (Found::of(it), lent)).filter(|(now, lent)| *now != lent.found);
        let found = found.map(|(now, _)| now);
        let is_other = before.is_some_and(|before| *before != Wanted::of(it));
        if found.is_none() && !is_other {
            return;
        }
        self.change(incident, |it| {
            if let (Some(lent), Some(found)) = (&mut it.lent, found) {
                (lent.found, lent.since) = (found, seq);
            }
            for aid in it.aids.iter_mut().filter(|it| is_other && it.is_open()) {
                aid.since = seq;
            }
        });
    }

    /// What is asked of other districts about an incident, where anything is.
    pub(super) fn wanted(&self, incident: IncidentId) -> Option<Wanted> {
        let it = self.kept(incident.number)?;
        it.open_aids().next().map(|_| Wanted::of(it))
    }
}
