//! What a gateway has asked and not had answered. Each is asked again until it is answered, or its time is over; each is
//! answered once. Pure: whoever asks brings the time.

use std::collections::BTreeMap;

use super::wire::Number;
use crate::domain::DistrictCode;
use crate::engine::{AskError, Give, Lane, Show};

/// An owner that has not answered by then is asked again: above what a commit takes under load.
const AGAIN_MS: u64 = 1_500;

/// How an answer reaches whoever waits for it.
pub(super) enum Waits {
    Reply(Give),
    Seen(Show),
}

impl Waits {
    pub fn refuse(self, why: AskError) {
        match self {
            Self::Reply(give) => give(Err(why)),
            Self::Seen(show) => show(Err(why)),
        }
    }
}

struct One {
    district: DistrictCode,
    /// `None` for a look.
    lane: Option<Lane>,
    sealed: Vec<u8>,
    waits: Waits,
    /// On the monotonic clock.
    sent_ms: u64,
    until_ms: u64,
}

#[derive(Default)]
pub(super) struct Pending {
    last: Number,
    all: BTreeMap<Number, One>,
    in_lane: BTreeMap<(DistrictCode, Lane), usize>,
}

/// What is to be sent again, and who is told that it was not done.
#[derive(Default)]
pub(super) struct Due {
    pub again: Vec<(DistrictCode, Vec<u8>)>,
    pub over: Vec<Waits>,
}

impl Pending {
    pub fn number(&mut self) -> Number {
        self.last += 1;
        self.last
    }

    /// As many may wait here as in the owner's lane.
    pub fn has_room(&self, district: DistrictCode, lane: Lane) -> bool {
        self.in_lane.get(&(district, lane)).copied().unwrap_or(0) < lane.room()
    }

    pub fn put(
        &mut self,
        number: Number,
        (district, lane): (DistrictCode, Option<Lane>),
        sealed: Vec<u8>,
        waits: Waits,
        (sent_ms, until_ms): (u64, u64),
    ) {
        if let Some(lane) = lane {
            *self.in_lane.entry((district, lane)).or_default() += 1;
        }
        self.all.insert(number, One { district, lane, sealed, waits, sent_ms, until_ms });
    }

    /// Whoever waited for it. `None`: it was answered before, or given up.
    pub fn answered(&mut self, number: Number) -> Option<(DistrictCode, Waits)> {
        let one = self.all.remove(&number)?;
        self.leave(one.district, one.lane);
        Some((one.district, one.waits))
    }

    /// Has everything of the district sent again: it has another owner.
    pub fn hurry(&mut self, district: DistrictCode) {
        self.all.values_mut().filter(|it| it.district == district).for_each(|it| it.sent_ms = 0);
    }

    pub fn due(&mut self, now_ms: u64) -> Due {
        let mut due = Due::default();
        let over: Vec<Number> = self.all.iter().filter(|(_, it)| it.until_ms <= now_ms).map(|(it, _)| *it).collect();
        due.over.extend(over.into_iter().filter_map(|it| self.answered(it)).map(|(_, waits)| waits));
        for one in self.all.values_mut().filter(|it| it.sent_ms == 0 || it.sent_ms + AGAIN_MS <= now_ms) {
            one.sent_ms = now_ms.max(1);
            due.again.push((one.district, one.sealed.clone()));
        }
        due
    }

    /// Everybody who waits, told at the end.
    pub fn all(&mut self) -> Vec<Waits> {
        self.in_lane.clear();
        std::mem::take(&mut self.all).into_values().map(|it| it.waits).collect()
    }

    fn leave(&mut self, district: DistrictCode, lane: Option<Lane>) {
        if let Some(count) = lane.and_then(|lane| self.in_lane.get_mut(&(district, lane))) {
            *count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn district() -> DistrictCode {
        "330481".parse().unwrap()
    }

    fn put(pending: &mut Pending, sent_ms: u64, until_ms: u64) -> Number {
        let number = pending.number();
        let waits = Waits::Reply(Box::new(|_| ()));
        pending.put(number, (district(), Some(Lane::People)), vec![number as u8], waits, (sent_ms, until_ms));
        number
    }

    #[test]
    fn what_is_not_answered_is_sent_again_until_its_time_is_over() {
        let mut pending = Pending::default();
        put(&mut pending, 100, 5_000);
        assert!(pending.due(100 + AGAIN_MS - 1).again.is_empty());
        assert_eq!(pending.due(100 + AGAIN_MS).again, [(district(), vec![1])]);
        assert!(pending.due(100 + AGAIN_MS + 1).again.is_empty(), "it was just sent");
        let due = pending.due(5_000);
        assert_eq!((due.over.len(), due.again.len()), (1, 0));
        assert!(pending.answered(1).is_none());
    }

    #[test]
    fn each_is_answered_once_and_gives_its_room_back() {
        let mut pending = Pending::default();
        for _ in 0..Lane::People.room() {
            put(&mut pending, 0, 9_000);
        }
        assert!(!pending.has_room(district(), Lane::People) && pending.has_room(district(), Lane::Alarms));
        assert!(pending.answered(7).is_some() && pending.answered(7).is_none());
        assert!(pending.has_room(district(), Lane::People));
    }

    #[test]
    fn another_owner_is_asked_at_once() {
        let mut pending = Pending::default();
        put(&mut pending, 100, 9_000);
        pending.hurry(district());
        assert_eq!(pending.due(101).again.len(), 1);
        assert_eq!(pending.due(102).again.len(), 0);
    }
}
