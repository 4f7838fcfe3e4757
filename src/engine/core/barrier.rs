//! The commit barrier: every answer waits until the head it was decided on is committed. A repeat and a refusal wait
//! too: else a retry could be told "17 has it", and 17 never reach the disk.

use std::collections::VecDeque;

use super::super::handle::Reply;
use super::{Output, Ticket};
use crate::dispatch::Rejection;
use crate::domain::Seq;

/// Bounded by the room of two batches: the one in flight and the one that gathers.
#[derive(Debug, Default)]
pub(super) struct Barrier {
    /// In the order of their heads, which is the order of deciding.
    waiting: VecDeque<(Seq, Ticket, Result<Reply, Rejection>)>,
}

impl Barrier {
    /// `head` is the last event that was decided when this was.
    pub fn wait(&mut self, head: Seq, ticket: Ticket, verdict: Result<Reply, Rejection>) {
        assert!(self.waiting.back().is_none_or(|(last, ..)| *last <= head), "decided out of order");
        self.waiting.push_back((head, ticket, verdict));
    }

    pub fn release(&mut self, committed: Seq, out: &mut Vec<Output>) {
        let count = self.waiting.partition_point(|(head, ..)| *head <= committed);
        if count > 0 {
            let free = self.waiting.drain(..count).map(|(_, ticket, verdict)| (ticket, verdict));
            out.push(Output::Release(free.collect()));
        }
    }

    /// The heads they wait for will never be.
    pub fn give_up(&mut self, out: &mut Vec<Output>) {
        if !self.waiting.is_empty() {
            out.push(Output::Retry(self.waiting.drain(..).map(|(_, ticket, _)| ticket).collect()));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
