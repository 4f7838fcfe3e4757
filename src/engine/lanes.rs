//! Lanes: in what order what waits is taken, and how much may wait. People's decisions first, then alarms and calls,
//! then technical signals, each with a quota per round, so that none starves another. Nothing that is in a lane is ever
//! dropped: a full lane refuses, and the source tries again.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Which queue a command waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// What a person decided: operators and responders.
    People,
    /// Alarms, calls, and what takes them back.
    Alarms,
    Technical,
}

impl Lane {
    pub const ALL: [Lane; 3] = [Self::People, Self::Alarms, Self::Technical];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Alarms => "alarms",
            Self::Technical => "technical",
        }
    }

    /// Commands that may wait. People: each operator and responder of the largest district asks once. Alarms: a burst
    /// of ten thousand in a second, and as many again. Technical: a village whose mains have failed, many times over.
    pub const fn room(self) -> usize {
        match self {
            Self::People => 4_096,
            Self::Alarms => 20_480,
            Self::Technical => 10_240,
        }
    }

    /// Commands taken in one round. An accept that comes during a round waits behind at most the rest of it: the
    /// alarms' and the technical quota, some milliseconds of deciding.
    pub const fn quota(self) -> usize {
        match self {
            Self::People => 128,
            Self::Alarms => 96,
            Self::Technical => 32,
        }
    }

    /// Seconds until a refused source should ask again: by then a full lane has drained at a few thousand a second.
    pub const fn retry_after_s(self) -> u64 {
        match self {
            Self::People => 1,
            Self::Alarms => 2,
            Self::Technical => 10,
        }
    }
}

/// A lane has no room. What was to go in comes back.
#[derive(Debug, PartialEq, Eq)]
pub struct Full<T> {
    pub refused: T,
    pub retry_after_s: u64,
}

#[derive(Debug)]
pub struct Lanes<T> {
    people: VecDeque<T>,
    alarms: VecDeque<T>,
    technical: VecDeque<T>,
}

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        Self { people: VecDeque::new(), alarms: VecDeque::new(), technical: VecDeque::new() }
    }
}

impl<T> Lanes<T> {
    pub fn put(&mut self, lane: Lane, it: T) -> Result<(), Full<T>> {
        let queue = self.lane_mut(lane);
        if queue.len() >= lane.room() {
            return Err(Full { refused: it, retry_after_s: lane.retry_after_s() });
        }
        queue.push_back(it);
        Ok(())
    }

    /// The next round, at most `most` commands: of each lane up to its quota, people first.
    pub fn round(&mut self, most: usize) -> Vec<(Lane, T)> {
        let mut taken = Vec::new();
        for lane in Lane::ALL {
            let queue = self.lane_mut(lane);
            let count = queue.len().min(lane.quota()).min(most - taken.len());
            taken.extend(queue.drain(..count).map(|it| (lane, it)));
        }
        taken
    }

    pub fn len(&self, lane: Lane) -> usize {
        match lane {
            Lane::People => self.people.len(),
            Lane::Alarms => self.alarms.len(),
            Lane::Technical => self.technical.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        Lane::ALL.iter().all(|lane| self.len(*lane) == 0)
    }

    fn lane_mut(&mut self, lane: Lane) -> &mut VecDeque<T> {
        match lane {
            Lane::People => &mut self.people,
            Lane::Alarms => &mut self.alarms,
            Lane::Technical => &mut self.technical,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_lane_refuses_and_says_when_to_ask_again() {
        let mut lanes = Lanes::default();
        for n in 0..Lane::Alarms.room() {
            lanes.put(Lane::Alarms, n).unwrap();
        }
        assert_eq!(lanes.put(Lane::Alarms, 7), Err(Full { refused: 7, retry_after_s: 2 }));
        lanes.put(Lane::People, 8).unwrap();
    }

    #[test]
    fn no_lane_starves_another() {
        let mut lanes = Lanes::default();
        for n in 0..1_000 {
            Lane::ALL.iter().for_each(|lane| lanes.put(*lane, n).unwrap());
        }
        let round = lanes.round(512);
        for lane in Lane::ALL {
            assert_eq!(round.iter().filter(|(it, _)| *it == lane).count(), lane.quota(), "{lane:?}");
        }
    }

    #[test]
    fn a_small_round_is_for_people() {
        let mut lanes = Lanes::default();
        for n in 0..10 {
            Lane::ALL.iter().for_each(|lane| lanes.put(*lane, n).unwrap());
        }
        assert!(lanes.round(10).iter().all(|(lane, _)| *lane == Lane::People));
    }

    proptest! {
        /// Whatever waits, whatever was taken before: an accept waits behind the people before it, and for every
        /// quota of those behind one round's quota of the others.
        #[test]
        fn an_accept_never_waits_behind_more_than_one_rounds_quota_of_others(
            before in prop::collection::vec((0..3_usize, 1..600_usize), 0..12), most in 129..600_usize
        ) {
            let mut lanes = Lanes::default();
            for (lane, count) in before {
                (0..count).for_each(|_| lanes.put(Lane::ALL[lane], "other").unwrap());
            }
            let ahead = lanes.len(Lane::People);
            lanes.put(Lane::People, "accept").unwrap();
            let rounds = ahead / Lane::People.quota();
            let mut others = 0;
            let mut seen = 0;
            loop {
                let round = lanes.round(most);
                seen += 1;
                let place = round.iter().position(|(_, it)| *it == "accept");
                let upto = place.unwrap_or(round.len());
                others += round[..upto].iter().filter(|(lane, _)| *lane != Lane::People).count();
                if place.is_some() {
                    break;
                }
            }
            prop_assert_eq!(seen, rounds + 1);
            prop_assert!(others <= rounds * (Lane::Alarms.quota() + Lane::Technical.quota()));
        }
    }
}
