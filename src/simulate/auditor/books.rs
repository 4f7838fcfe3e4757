//! The auditor's own books: what the lines add up to, kept a second time and in another way than `dispatch` keeps it.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Books {
    pub incidents: BTreeMap<String, Incident>,
    pub offers: BTreeMap<String, Offer>,
    pub on_duty: BTreeSet<String>,
    /// The one open offer or assignment of each responder.
    pub held: BTreeMap<String, String>,
    /// The one offer to turn from what they hold.
    pub turning: BTreeMap<String, String>,
    pub calls: BTreeSet<String>,
    pub tasks: BTreeMap<String, String>,
    /// When a responder last came on duty, or was done with something.
    pub free_since: BTreeMap<String, i64>,
    pub open_ids: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub struct Incident {
    pub open: bool,
    pub owner: Option<String>,
    pub lease: Lease,
    pub owners: BTreeSet<String>,
    pub presses: u64,
    /// 1 is the most urgent.
    pub urgency: u64,
    /// Whether each rung is a task.
    pub ladder: Vec<bool>,
    pub patience_ms: Vec<i64>,
    pub rung: usize,
    /// The rungs for which a task was due.
    pub tasks: BTreeSet<usize>,
    pub calls_back: bool,
    pub subjects: BTreeSet<String>,
    /// Those that are not over.
    pub offers: Vec<String>,
    /// Every responder who was ever asked.
    pub asked: BTreeSet<String>,
    pub last_call_ms: i64,
    pub round: Round,
}

/// How long the claim lasts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    #[default]
    Connected,
    /// Until then, if no console comes back.
    Until(i64),
    /// Prolonged by whatever the owner does.
    Untended,
}

/// What begins anew with a reopening.
#[derive(Debug, Default, Clone)]
pub struct Round {
    pub began_at: i64,
    pub number: u64,
    pub ask_at: Option<i64>,
    /// Nothing that was waited for can have been done before that.
    pub freed_at: i64,
    /// Whoever was under way gave up before the door.
    pub lost_at: Option<i64>,
    /// Somebody was asked.
    pub decided: bool,
    pub reached: bool,
    pub door: Door,
    pub door_due_at: i64,
    pub warned_at: Option<i64>,
    pub corrected_at: Option<i64>,
    /// Asked for, and nobody was there; nothing has changed about the incident since.
    pub starved_since: Option<i64>,
    pub rung_until: Option<i64>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    #[default]
    Running,
    Met,
    Breached,
}

#[derive(Debug)]
pub struct Offer {
    pub incident: String,
    pub responder: String,
    pub round: u64,
    pub state: OfferState,
    pub shown: bool,
    pub expires_at: i64,
    pub deliver_by: i64,
    pub was_accepted: bool,
    pub at_door: bool,
    /// The service came back while it waited: it has time at least until then.
    pub not_over_before: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferState {
    Pending,
    UnderWay,
    Over,
}

impl Books {
    pub fn incident(&mut self, id: &str) -> Result<&mut Incident, String> {
        self.incidents.get_mut(id).ok_or_else(|| format!("incident {id} never opened"))
    }

    pub fn open(&mut self, id: &str) -> Result<&mut Incident, String> {
        let it = self.incident(id)?;
        if it.open { Ok(it) } else { Err(format!("incident {id} is closed")) }
    }

    pub fn all_open(&self) -> impl Iterator<Item = (&String, &Incident)> {
        self.open_ids.iter().filter_map(|id| self.incidents.get_key_value(id))
    }

    /// Offers of an incident in this state.
    pub fn offers_in(&self, incident: &Incident, state: OfferState) -> impl Iterator<Item = &Offer> {
        incident.offers.iter().filter_map(|id| self.offers.get(id)).filter(move |it| it.state == state)
    }

    pub fn is_under_way(&self, incident: &Incident) -> bool {
        self.offers_in(incident, OfferState::UnderWay).next().is_some()
    }
}

impl Incident {
    /// The patience of the present rung begins, if it has not.
    pub fn wait_on_rung(&mut self, at: i64) {
        let until = self.patience_ms.get(self.rung).map(|patience_ms| at + patience_ms);
        self.round.rung_until = self.round.rung_until.or(until);
    }

    pub fn has_next_rung(&self) -> bool {
        self.rung + 1 < self.ladder.len()
    }
}

impl Offer {
    /// When it must have ended, unless somebody says yes or no before.
    pub fn ends_at(&self) -> i64 {
        if self.shown { self.expires_at } else { self.expires_at.min(self.deliver_by) }
    }
}
