//! Hints: positions and links, as they are in memory now. They are never journalled; what a decision used of them is
//! written into its event. Losing them costs better choices, never a fact.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::private::PrivateId;
use crate::domain::*;
use crate::geo::{CellIndex, Spot};

use super::Facts;
use super::state::State;

/// A position older than this says little about where somebody is; their base says more.
pub const FIX_FRESH_S: u64 = 900;

#[derive(Debug, Clone, Default)]
pub struct Hints {
    fixes: BTreeMap<ResponderId, Fix>,
    links: BTreeMap<ResponderId, u32>,
    /// Those who have confirmed another channel than the link.
    reached_otherwise: BTreeSet<ResponderId>,
    consoles: BTreeMap<AccountName, u32>,
    /// Exact places of open incidents, by the reference that events carry.
    places: BTreeMap<PrivateId, Point>,
    /// Everybody of the district, wherever they were last.
    everybody: CellIndex<ResponderId>,
    /// Those who could be asked now.
    available: CellIndex<ResponderId>,
    /// Those who are under way to a door, or at it.
    under_way: CellIndex<ResponderId>,
}

impl Hints {
    /// From nothing: after a start, a change of the registry, or when speculation was thrown away.
    pub fn rebuild(&mut self, state: &State, facts: &Facts, now: Timestamp) {
        self.everybody = CellIndex::new();
        self.available = CellIndex::new();
        self.under_way = CellIndex::new();
        let ours: Vec<ResponderId> =
            facts.responders().filter(|it| it.district == state.district).map(|it| it.id.clone()).collect();
        for responder in &ours {
            self.refresh(responder, state, facts, now);
        }
    }

    /// Puts one responder where they belong now: after each event and each hint about them.
    pub fn refresh(&mut self, responder: &ResponderId, state: &State, facts: &Facts, now: Timestamp) {
        let known = facts.responder(responder).filter(|it| it.district == state.district);
        let Some(it) = known else {
            self.everybody.remove(responder);
            self.available.remove(responder);
            self.under_way.remove(responder);
            return;
        };
        let spot = Spot { point: self.whereabouts(it, now).0, travel: it.travel };
        self.everybody.put(responder.clone(), spot);
        if self.is_reachable(responder) && state.responder(responder).is_some_and(|it| it.is_free()) {
            self.available.put(responder.clone(), spot);
        } else {
            self.available.remove(responder);
        }
        if is_under_way(responder, state) {
            self.under_way.put(responder.clone(), spot);
        } else {
            self.under_way.remove(responder);
        }
    }

    /// Positions that have grown old give way to the base: to be called now and then.
    pub fn forget_stale(&mut self, state: &State, facts: &Facts, now: Timestamp) {
        let before = now.before_s(FIX_FRESH_S);
        let stale: Vec<ResponderId> =
            self.fixes.iter().filter(|(_, fix)| fix.at < before).map(|(id, _)| id.clone()).collect();
        for responder in stale {
            self.refresh(&responder, state, facts, now);
        }
    }

    /// Where they are taken to be, and the age of that in seconds; `None` for the base.
    pub fn whereabouts(&self, responder: &Responder, now: Timestamp) -> (Point, Option<u64>) {
        match self.fixes.get(&responder.id) {
            Some(fix) if now.since_s(fix.at) <= FIX_FRESH_S => (fix.point, Some(now.since_s(fix.at))),
            _ => (responder.base, None),
        }
    }

    /// The newest wins; an older one changes nothing and is answered `false`.
    pub fn locate(&mut self, responder: &ResponderId, fix: Fix) -> bool {
        let newer = self.fixes.get(responder).is_none_or(|old| old.at <= fix.at);
        if newer {
            self.fixes.insert(responder.clone(), fix);
        }
        newer
    }

    pub fn fix(&self, responder: &ResponderId) -> Option<&Fix> {
        self.fixes.get(responder)
    }

    /// A position is kept only while on duty or on a job.
    pub fn forget_fix(&mut self, responder: &ResponderId) {
        self.fixes.remove(responder);
    }

    pub fn link_opened(&mut self, responder: &ResponderId) {
        *self.links.entry(responder.clone()).or_default() += 1;
    }

    pub fn link_closed(&mut self, responder: &ResponderId) {
        close_one(&mut self.links, responder);
    }

    /// Whether another channel than the link is confirmed.
    pub fn set_reached_otherwise(&mut self, responder: &ResponderId, reached: bool) {
        if reached {
            self.reached_otherwise.insert(responder.clone());
        } else {
            self.reached_otherwise.remove(responder);
        }
    }

    pub fn is_reachable(&self, responder: &ResponderId) -> bool {
        self.links.contains_key(responder) || self.reached_otherwise.contains(responder)
    }

    /// True if it is the account's first.
    pub fn console_opened(&mut self, account: &AccountName) -> bool {
        let count = self.consoles.entry(account.clone()).or_default();
        *count += 1;
        *count == 1
    }

    /// True if it was the account's last.
    pub fn console_closed(&mut self, account: &AccountName) -> bool {
        close_one(&mut self.consoles, account)
    }

    pub fn has_console(&self, account: &AccountName) -> bool {
        self.consoles.contains_key(account)
    }

    pub fn learn_place(&mut self, private: PrivateId, point: Point) {
        self.places.insert(private, point);
    }

    pub fn forget_place(&mut self, private: PrivateId) {
        self.places.remove(&private);
    }

    pub fn place(&self, private: PrivateId) -> Option<Point> {
        self.places.get(&private).copied()
    }

    pub fn available(&self) -> &CellIndex<ResponderId> {
        &self.available
    }

    pub fn everybody(&self) -> &CellIndex<ResponderId> {
        &self.everybody
    }

    pub fn under_way(&self) -> &CellIndex<ResponderId> {
        &self.under_way
    }
}

fn is_under_way(responder: &ResponderId, state: &State) -> bool {
    let held = state.responder(responder).and_then(|it| it.held);
    held.and_then(|(offer, _)| state.offer(offer)).is_some_and(|(_, it)| it.state.is_under_way())
}

/// True if it was the last.
fn close_one<K: Ord + Clone>(counts: &mut BTreeMap<K, u32>, key: &K) -> bool {
    let Some(count) = counts.get_mut(key) else { return false };
    *count -= 1;
    let last = *count == 0;
    if last {
        counts.remove(key);
    }
    last
}
