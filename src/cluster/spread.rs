//! Which districts an owner takes, and which it hands to whom. Every owner asks this of the same rows and comes to the
//! same answer; where two have seen different rows, the lease decides. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::DistrictCode;

/// For so long a district that was handed over waits for its heir alone; a lease that has run out waits for nobody.
const HEIRS_OWN_MS: u64 = 2_000;

/// How a district stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Held {
        owner: String,
        /// To whom it is being handed.
        heir: Option<String>,
    },
    Free {
        heir: Option<String>,
        free_ms: u64,
    },
}

impl Standing {
    /// Free, or on its way to another.
    pub fn is_in_motion(&self) -> bool {
        !matches!(self, Self::Held { heir: None, .. })
    }
}

/// One thing to do now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    Take(DistrictCode),
    HandOver { district: DistrictCode, heir: String },
}

/// What `me` does now. `owners`: those who live and may own, `me` too unless it is leaving; who is leaving hands over
/// everything. Otherwise one district moves at a time, and only where that makes loads more even: an owner that is merely
/// slow keeps what it has, for its lease runs on.
pub fn what_to_do(me: &str, owners: &BTreeSet<String>, districts: &BTreeMap<DistrictCode, Standing>) -> Vec<Deed> {
    let mut loads: BTreeMap<&str, usize> = owners.iter().map(|it| (it.as_str(), 0)).collect();
    for standing in districts.values() {
        if let Some(load) = will_own(standing, owners).and_then(|it| loads.get_mut(it)) {
            *load += 1;
        }
    }
    let leaving = !owners.contains(me);
    let mut deeds = Vec::new();
    for (district, standing) in districts {
        match standing {
            Standing::Free { .. } if leaving => {}
            Standing::Free { .. } => {
                let heir = will_own(standing, owners).map(str::to_owned);
                let taker = heir.or_else(|| least(&mut loads));
                if taker.as_deref() == Some(me) {
                    deeds.push(Deed::Take(*district));
                }
            }
            Standing::Held { owner, heir: None } if leaving && owner == me => {
                if let Some(heir) = least(&mut loads) {
                    deeds.push(Deed::HandOver { district: *district, heir });
                }
            }
            Standing::Held { .. } => {}
        }
    }
    if !leaving && is_settled(districts) {
        deeds.extend(even_out(me, &loads, districts));
    }
    deeds
}

/// Whose it is or is about to be, as far as that is said.
fn will_own<'a>(standing: &'a Standing, owners: &BTreeSet<String>) -> Option<&'a str> {
    let lives = |it: &&String| owners.contains(*it);
    match standing {
        Standing::Held { heir: Some(heir), .. } => Some(heir),
        Standing::Held { owner, heir: None } => Some(owner),
        Standing::Free { heir, free_ms } if *free_ms < HEIRS_OWN_MS => heir.as_ref().filter(lives).map(String::as_str),
        Standing::Free { .. } => None,
    }
}

/// The owner with the least to do, who has one more now.
fn least(loads: &mut BTreeMap<&str, usize>) -> Option<String> {
    let (owner, load) = loads.iter_mut().min_by_key(|(owner, load)| (**load, **owner))?;
    *load += 1;
    Some((*owner).to_owned())
}

/// Nothing is free, and nothing is on its way.
fn is_settled(districts: &BTreeMap<DistrictCode, Standing>) -> bool {
    !districts.values().any(Standing::is_in_motion)
}

/// The one with the most gives one to the one with the least, where that has two less.
fn even_out(me: &str, loads: &BTreeMap<&str, usize>, districts: &BTreeMap<DistrictCode, Standing>) -> Option<Deed> {
    let (most, most_load) = loads.iter().max_by_key(|(owner, load)| (**load, **owner))?;
    let (least, least_load) = loads.iter().min_by_key(|(owner, load)| (**load, **owner))?;
    if *most != me || most_load - least_load < 2 {
        return None;
    }
    let mine = |it: &&Standing| matches!(it, Standing::Held { owner, .. } if owner == me);
    let (district, _) = districts.iter().rfind(|(_, it)| mine(it))?;
    Some(Deed::HandOver { district: *district, heir: (*least).to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(n: usize) -> DistrictCode {
        format!("{}", 330_100 + n).parse().unwrap()
    }

    fn free() -> Standing {
        Standing::Free { heir: None, free_ms: 60_000 }
    }

    fn held(owner: &str) -> Standing {
        Standing::Held { owner: owner.to_owned(), heir: None }
    }

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    /// All owners act on the same rows, until nobody does anything; how many districts moved from a living owner.
    fn settle(owners: &BTreeSet<String>, leaving: &[&str], districts: &mut BTreeMap<DistrictCode, Standing>) -> usize {
        let mut moved = 0;
        for _ in 0..200 {
            let acting: Vec<String> = owners.iter().cloned().chain(leaving.iter().map(|it| (*it).to_owned())).collect();
            let deeds: Vec<(String, Deed)> = acting
                .iter()
                .flat_map(|me| what_to_do(me, owners, districts).into_iter().map(move |it| (me.clone(), it)))
                .collect();
            if deeds.is_empty() {
                return moved;
            }
            let mut taken = BTreeSet::new();
            for (me, deed) in deeds {
                match deed {
                    Deed::Take(district) => {
                        assert!(taken.insert(district), "two take {district}");
                        districts.insert(district, held(&me));
                    }
                    Deed::HandOver { district, heir } => {
                        moved += 1;
                        assert_eq!(districts[&district], held(&me), "only the owner hands over");
                        districts.insert(district, Standing::Free { heir: Some(heir), free_ms: 0 });
                    }
                }
            }
        }
        panic!("it does not settle: {districts:?}");
    }

    fn loads(owners: &BTreeSet<String>, districts: &BTreeMap<DistrictCode, Standing>) -> Vec<usize> {
        let of = |name: &String| districts.values().filter(|it| **it == held(name)).count();
        owners.iter().map(of).collect()
    }

    #[test]
    fn a_newcomer_gets_its_share_and_nothing_more_moves() {
        let mut districts: BTreeMap<_, _> = (0..6).map(|n| (code(n), held("a"))).collect();
        let owners = names(&["a", "b"]);
        assert_eq!(settle(&owners, &[], &mut districts), 3);
        assert_eq!(loads(&owners, &districts), [3, 3]);
    }

    #[test]
    fn who_leaves_hands_over_everything() {
        let mut districts: BTreeMap<_, _> = (0..3).map(|n| (code(n), held("a"))).collect();
        districts.insert(code(3), held("b"));
        assert_eq!(settle(&names(&["b", "c"]), &["a"], &mut districts), 3);
        assert_eq!(loads(&names(&["b", "c"]), &districts), [2, 2]);
    }

    #[test]
    fn what_is_handed_to_somebody_is_theirs_for_a_while_and_then_anybodys() {
        let owners = names(&["a", "b"]);
        let handed = |free_ms| [(code(0), Standing::Free { heir: Some("b".to_owned()), free_ms })].into();
        assert_eq!(what_to_do("a", &owners, &handed(HEIRS_OWN_MS - 1)), []);
        assert_eq!(what_to_do("b", &owners, &handed(HEIRS_OWN_MS - 1)), [Deed::Take(code(0))]);
        assert_eq!(what_to_do("a", &owners, &handed(HEIRS_OWN_MS)), [Deed::Take(code(0))]);
        assert_eq!(what_to_do("a", &names(&["a"]), &handed(0)), [Deed::Take(code(0))], "the heir is dead");
    }

    #[test]
    fn an_owner_whose_row_is_old_keeps_what_its_lease_holds() {
        let districts = [(code(0), held("slow")), (code(1), held("a"))].into();
        assert_eq!(what_to_do("a", &names(&["a"]), &districts), []);
    }

    proptest! {
        #[test]
        fn loads_become_even_with_as_few_moves_as_can_be(
            owned in prop::collection::vec(0..5_usize, 0..24),
            living in prop::collection::btree_set(0..5_usize, 1..5),
        ) {
            let name = |n: usize| format!("owner-{n}");
            let owners: BTreeSet<String> = living.iter().map(|n| name(*n)).collect();
            let mut districts: BTreeMap<DistrictCode, Standing> = BTreeMap::new();
            for (n, owner) in owned.iter().enumerate() {
                districts.insert(code(n), if living.contains(owner) { held(&name(*owner)) } else { free() });
            }
            let before = loads(&owners, &districts);
            let moved = settle(&owners, &[], &mut districts);
            let after = loads(&owners, &districts);
            let (most, least) = (after.iter().max().unwrap(), after.iter().min().unwrap());
            prop_assert!(most - least <= 1, "{before:?} became {after:?}");
            prop_assert_eq!(after.iter().sum::<usize>(), owned.len());
            // Nobody gives more than what they have above the even share.
            let share = owned.len() / owners.len();
            let above: usize = before.iter().map(|it| it.saturating_sub(share)).sum();
            prop_assert!(moved <= above, "{moved} moves for {before:?}");
        }
    }
}
