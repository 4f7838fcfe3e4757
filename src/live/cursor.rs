//! How far one console has come in one district. It is never sent an event twice, nor one after a gap.

use axum::extract::ws::Utf8Bytes;

use super::line::{Frame, Sight};
use crate::domain::Seq;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The event it gets next.
    next: Seq,
}

/// What a frame is for a console.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Send(Utf8Bytes),
    /// It has all of it.
    Skip,
    /// Events between are missing: it must begin anew.
    Gap,
}

impl Cursor {
    /// For a console that has everything up to `seq`.
    pub fn after(seq: Seq) -> Self {
        Self { next: seq + 1 }
    }

    pub fn next(self) -> Seq {
        self.next
    }

    /// The last event it was sent.
    pub fn sent(self) -> Seq {
        self.next - 1
    }

    pub fn take(&mut self, frame: &Frame, sight: Sight) -> Step {
        if frame.to() < self.next {
            return Step::Skip;
        }
        if frame.from() > self.next {
            return Step::Gap;
        }
        let whole = frame.from() == self.next;
        let text = if whole { frame.whole(sight) } else { frame.rest(self.next, sight) };
        self.next = frame.to() + 1;
        Step::Send(text)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::line::Line;
    use super::*;
    use crate::dispatch::{Event, Facts, Stamped};
    use crate::domain::Timestamp;

    proptest! {
        /// However frames overlap, each event comes once and in order; a gap is said to be one.
        #[test]
        fn every_event_comes_once_and_in_order(
            start in 0..10_u64, frames in prop::collection::vec((1..30_u64, 1..6_u64), 1..12)
        ) {
            let mut cursor = Cursor::after(start);
            let mut got = start;
            for (from, count) in frames {
                match cursor.take(&frame(from, count), Sight::Open) {
                    Step::Send(text) => for seq in seqs(&text) {
                        prop_assert_eq!(seq, got + 1);
                        got = seq;
                    },
                    Step::Skip => prop_assert!(from + count - 1 <= got),
                    Step::Gap => prop_assert!(from > got + 1),
                }
                prop_assert_eq!(cursor.sent(), got);
            }
        }
    }

    fn seqs(text: &str) -> Vec<u64> {
        let frame: Value = serde_json::from_str(text).unwrap();
        let events = frame["frame"]["events"].as_array().unwrap();
        let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(
            (frame["frame"]["from"].as_u64(), frame["frame"]["to"].as_u64()),
            (seqs.first().copied(), seqs.last().copied())
        );
        seqs
    }

    fn frame(from: Seq, count: u64) -> Frame {
        let line = |seq| {
            let event = Event::OutageOver { outage: "330481-x1".parse().unwrap() };
            let stamped = Stamped { v: 1, seq, at: Timestamp::EPOCH, by: None, request: None, event };
            Arc::new(Line::write(&stamped, &Facts::default(), &|_| None))
        };
        Frame::of("330481".parse().unwrap(), (from..from + count).map(line).collect()).unwrap()
    }
}
