//! Pages of the record that many consoles ask for at once: after a restart all of them come back from about the same number.
//! Each page is read and serialised once; whoever reads one makes the others wait for it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::line::Frame;
use super::past::PastError;
use crate::dispatch::Facts;
use crate::domain::Seq;

/// Events of a page.
pub const PAGE: Seq = 500;

/// Pages that are kept of a district: consoles that come back together are not farther apart.
const KEPT: usize = 64;

#[derive(Default)]
pub struct Pages(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By which they were written: names change, and who was erased is in no page any more.
    facts: Option<Arc<Facts>>,
    /// By number, the oldest first.
    frames: VecDeque<(Seq, Arc<Frame>)>,
}

impl Pages {
    /// The page of that number, which is whole in the record; `read` where it is not kept.
    pub async fn get(
        &self,
        number: Seq,
        facts: &Arc<Facts>,
        read: impl Future<Output = Result<Frame, PastError>>,
    ) -> Result<Arc<Frame>, PastError> {
        let mut kept = self.0.lock().await;
        if !kept.facts.as_ref().is_some_and(|it| Arc::ptr_eq(it, facts)) {
            *kept = Kept { facts: Some(Arc::clone(facts)), frames: VecDeque::new() };
        }
        if let Some((_, frame)) = kept.frames.iter().find(|(it, _)| *it == number) {
            return Ok(Arc::clone(frame));
        }
        let frame = Arc::new(read.await?);
        if kept.frames.len() >= KEPT {
            kept.frames.pop_front();
        }
        kept.frames.push_back((number, Arc::clone(&frame)));
        Ok(frame)
    }
}

/// Which page an event is on, and the first and last event of that page.
pub fn page_of(seq: Seq) -> (Seq, Seq, Seq) {
    let number = (seq - 1) / PAGE;
    (number, number * PAGE + 1, (number + 1) * PAGE)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::line::{Line, lookup};
    use super::*;
    use crate::dispatch::{Event, Stamped};
    use crate::domain::Timestamp;

    fn frame(from: Seq) -> Frame {
        let event = Event::OutageOver { outage: "330481-x1".parse().unwrap() };
        let stamped = Stamped { v: 1, seq: from, at: Timestamp::EPOCH, by: None, request: None, event };
        let (facts, nothing) = (Facts::default(), Default::default());
        Frame::of("330481".parse().unwrap(), vec![Arc::new(Line::write(&stamped, &facts, &lookup(&nothing)))]).unwrap()
    }

    #[test]
    fn a_page_holds_its_first_and_its_last() {
        assert_eq!([1, 500, 501].map(page_of), [(0, 1, 500), (0, 1, 500), (1, 501, 1000)]);
    }

    #[tokio::test]
    async fn a_page_is_read_once_until_the_registry_changes_and_the_oldest_is_let_go() {
        let (pages, reads) = (Pages::default(), AtomicU64::new(0));
        let (facts, others) = (Arc::new(Facts::default()), Arc::new(Facts::default()));
        let get = async |number: Seq, facts: &Arc<Facts>| {
            let read = async {
                reads.fetch_add(1, Ordering::Relaxed);
                Ok(frame(number * PAGE + 1))
            };
            let frame = pages.get(number, facts, read).await.unwrap();
            assert_eq!(frame.from(), number * PAGE + 1);
            reads.load(Ordering::Relaxed)
        };
        assert_eq!((get(3, &facts).await, get(3, &facts).await), (1, 1));
        assert_eq!((get(4, &facts).await, get(3, &facts).await), (2, 2));
        assert_eq!(get(3, &others).await, 3);
        for number in 100..100 + KEPT as u64 {
            get(number, &others).await;
        }
        assert_eq!(get(3, &others).await, 3 + KEPT as u64 + 1);
    }
}
