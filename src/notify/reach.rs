//! Who can be reached how, besides the link: what responders have confirmed and we can carry. The engine hears of every
//! change, for only somebody who can be reached is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Carriers;
use crate::dispatch::Facts;
use crate::domain::{Channel, DistrictCode, ResponderId};
use crate::engine::Hint;
use crate::registry::{ChannelRow, Target};
use crate::sources::{Handles, Source};

/// The ways to each responder.
type Ways = BTreeMap<ResponderId, Vec<(Channel, Target)>>;

pub struct Reach {
    ways: Mutex<Ways>,
    carriers: Arc<Carriers>,
    handles: Source<Handles>,
    facts: Source<Facts>,
}

impl Reach {
    pub fn new(carriers: Arc<Carriers>, handles: Source<Handles>, facts: Source<Facts>) -> Arc<Self> {
        Arc::new(Self { ways: Mutex::default(), carriers, handles, facts })
    }

    /// What the registry says now: after the start, and after each change.
    pub fn learn(&self, rows: &[ChannelRow]) {
        let mut ways = Ways::new();
        for row in rows.iter().filter(|it| it.confirmed_at.is_some() && self.carriers.carry(it.channel)) {
            ways.entry(row.responder.clone()).or_default().push((row.channel, row.target.clone()));
        }
        let before = std::mem::replace(&mut *self.lock(), ways.clone());
        let either: BTreeSet<&ResponderId> = before.keys().chain(ways.keys()).collect();
        for responder in either.into_iter().filter(|it| before.contains_key(*it) != ways.contains_key(*it)) {
            self.tell(responder, ways.contains_key(responder));
        }
    }

    /// A district has come to this process: its engine hears who can be reached.
    pub fn introduce(&self, district: DistrictCode) {
        let reached: Vec<ResponderId> = self.lock().keys().cloned().collect();
        let facts = (self.facts)();
        let ours = |it: &&ResponderId| facts.responder(it).is_some_and(|it| it.district == district);
        reached.iter().filter(ours).for_each(|it| self.tell(it, true));
    }

    pub fn ways(&self, responder: &ResponderId) -> Vec<(Channel, Target)> {
        self.lock().get(responder).cloned().unwrap_or_default()
    }

    fn tell(&self, responder: &ResponderId, reached: bool) {
        let Some(district) = (self.facts)().responder(responder).map(|it| it.district) else { return };
        if let Some(handle) = (self.handles)().get(&district) {
            handle.hint(Hint::ReachedOtherwise(responder.clone(), reached));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ways> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
