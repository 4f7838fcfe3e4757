//! How often whom says yes: counts by tier and hour of the day, folded from what became of each offer. Old answers fade, so
//! that a village which has found its volunteers is believed within weeks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Tier;

const HOURS: usize = 24;

/// Counts of an hour are halved at so many offers: of what is known half is from the last hundred.
const HALVED_AT: u32 = 200;

/// What is assumed weighs as much as so many answers.
const ASSUMED_AS: u64 = 10;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    by_tier: BTreeMap<Tier, [Tally; HOURS]>,
}

/// What became of offers that were made to such people in such an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub shown: u32,
    pub accepted: u32,
    pub declined: u32,
    pub expired: u32,
}

/// What was heard of an offer. One that was withdrawn tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Shown,
    Yes,
    No,
    Nothing,
}

impl Acceptance {
    /// Of a thousand offers to such people in such an hour, so many are expected to be accepted: as they were, the less
    /// is known the more as at other hours, and the less of those the more as elsewhere.
    pub fn permille(&self, tier: Tier, hour: usize) -> u64 {
        let Some(hours) = self.by_tier.get(&tier) else { return assumed_permille(tier) };
        let all = hours.iter().fold(Tally::default(), |sum, it| sum.with(*it));
        hours[hour % HOURS].permille(all.permille(assumed_permille(tier)))
    }

    pub fn tally(&self, tier: Tier, hour: usize) -> Tally {
        self.by_tier.get(&tier).map_or_else(Tally::default, |hours| hours[hour % HOURS])
    }

    pub(super) fn note(&mut self, tier: Tier, hour: usize, heard: Heard) {
        let it = &mut self.by_tier.entry(tier).or_default()[hour % HOURS];
        match heard {
            Heard::Shown => it.shown += 1,
            Heard::Yes => it.accepted += 1,
            Heard::No => it.declined += 1,
            Heard::Nothing => it.expired += 1,
        }
        if it.ended() >= HALVED_AT {
            let Tally { shown, accepted, declined, expired } = *it;
            *it = Tally { shown: shown / 2, accepted: accepted / 2, declined: declined / 2, expired: expired / 2 };
        }
    }
}

/// Before anything is known. Volunteers accept 17 to 47 % of alerts; the others are assumptions: keyholders are asked for
/// somebody they know, and for staff it is their work.
fn assumed_permille(tier: Tier) -> u64 {
    match tier {
        Tier::Keyholder => 600,
        Tier::Volunteer => 300,
        Tier::Staff => 900,
    }
}

impl Tally {
    fn ended(self) -> u32 {
        self.accepted + self.declined + self.expired
    }

    fn with(self, other: Self) -> Self {
        Self {
            shown: self.shown + other.shown,
            accepted: self.accepted + other.accepted,
            declined: self.declined + other.declined,
            expired: self.expired + other.expired,
        }
    }

    fn permille(self, assumed: u64) -> u64 {
        (u64::from(self.accepted) * 1000 + assumed * ASSUMED_AS) / (u64::from(self.ended()) + ASSUMED_AS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_assumed_gives_way_to_what_was_answered() {
        let mut found = Acceptance::default();
        assert_eq!(found.permille(Tier::Volunteer, 3), 300);
        (0..10).for_each(|_| found.note(Tier::Volunteer, 3, Heard::Nothing));
        assert_eq!(found.permille(Tier::Volunteer, 3), 75, "none of ten, half of 150");
        assert_eq!(found.permille(Tier::Volunteer, 9), 150, "that of the other hours, as far as it is known");
        assert_eq!(found.permille(Tier::Staff, 3), 900);
        (0..30).for_each(|_| found.note(Tier::Volunteer, 3, Heard::Yes));
        assert_eq!(found.permille(Tier::Volunteer, 3), 732);
    }

    #[test]
    fn old_answers_fade_and_the_counts_stay_small() {
        let mut found = Acceptance::default();
        (0..5_000).for_each(|_| found.note(Tier::Staff, 0, Heard::No));
        (0..200).for_each(|_| found.note(Tier::Staff, 0, Heard::Yes));
        assert!(found.tally(Tier::Staff, 0).ended() < HALVED_AT);
        assert!(found.permille(Tier::Staff, 0) > 500, "{:?}", found.tally(Tier::Staff, 0));
    }
}
