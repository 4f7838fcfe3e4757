//! Everything above some starts with the time to it: the climb from there. Where a climb from one place and a climb back
//! from another meet, there is a way between them, and the shortest way is among those (Geisberger et al. 2008).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::hierarchy::Climb;

/// By rank, ascending.
#[derive(Debug, Clone, Default)]
pub(super) struct Label(Vec<(u32, u64)>);

impl Label {
    /// `starts` are ranks with the milliseconds until there; what takes longer than `limit_ms` is left out. Ranks only
    /// rise on the way, so that going through them in their order has seen all ways to each when its turn comes.
    pub(super) fn climb(climb: &Climb, starts: impl Iterator<Item = (u32, u64)>, limit_ms: u64) -> Self {
        let mut open: BinaryHeap<Reverse<(u32, u64)>> = starts.map(Reverse).collect();
        let mut reached: Vec<(u32, u64)> = Vec::new();
        while let Some(Reverse((rank, ms))) = open.pop() {
            if reached.last().is_some_and(|(last, _)| *last == rank) {
                continue;
            }
            reached.push((rank, ms));
            let higher = climb.from(rank).iter().map(|up| (up.rank, ms + u64::from(up.ms)));
            open.extend(higher.filter(|(_, ms)| *ms <= limit_ms).map(Reverse));
        }
        Self(reached)
    }

    /// The milliseconds by the best place where both meet.
    pub(super) fn meet(&self, other: &Self) -> Option<u64> {
        let (mut ours, mut theirs) = (self.0.as_slice(), other.0.as_slice());
        let mut best = None;
        while let ([(rank, ms), our_rest @ ..], [(other_rank, other_ms), their_rest @ ..]) = (ours, theirs) {
            if rank == other_rank {
                let ms = ms + other_ms;
                best = Some(best.map_or(ms, |best: u64| best.min(ms)));
            }
            (ours, theirs) = (
                if rank <= other_rank { our_rest } else { ours },
                if other_rank <= rank { their_rest } else { theirs },
            );
        }
        best
    }
}
