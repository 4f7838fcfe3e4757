//! Deciding: a command becomes events, events become the next state, and whatever is due then is decided in the same
//! batch, so that an alarm and its first offer are one commit.

use super::super::handle::Reply;
use super::super::lanes::Lane;
use super::{Engine, Order};
use crate::dispatch::command::Command;
use crate::dispatch::event::{DeviceRef, EVENT_VERSION, Lease};
use crate::dispatch::{Answer, Asked, Event, Rejection, Stamped, State, decide, invariant};
use crate::domain::{AccountName, Timestamp};

impl Engine {
    pub(super) fn take_all(&mut self, orders: Vec<Order>, now: Timestamp) {
        self.renew_if_owed(now);
        // An accept that waits with others goes before the expiry of the same instant. Alarms that come together are all
        // taken before anybody is asked: who is asked for which may be decided about all of them.
        let mut settled = false;
        for order in orders {
            if order.lane != Lane::People && !std::mem::replace(&mut settled, true) {
                self.settle(now);
            }
            self.take(order, now);
        }
    }

    fn take(&mut self, order: Order, now: Timestamp) {
        self.open.count_command();
        self.note_heard(&order.asked.command, now);
        let first = self.open.len();
        let verdict = self.answer(&order.asked, now);
        if self.open.len() > first {
            self.open.keep_private(order.private, first, order.received_us);
        }
        self.barrier.wait(self.state.seq, order.ticket, verdict);
    }

    fn answer(&mut self, asked: &Asked, now: Timestamp) -> Result<Reply, Rejection> {
        let before = asked.request.and_then(|it| self.state.memory().request(it));
        if let Some(answer) = before {
            return Ok(Reply { answer: answer.clone(), repeat: true });
        }
        let given = self.places.learn(&asked.command, &mut self.hints);
        let done = self.enact(asked, now);
        self.places.forget_unused(&given, &mut self.hints);
        match done {
            Ok(answer) => Ok(Reply { answer, repeat: false }),
            Err(Rejection::Repeat(answer)) => Ok(Reply { answer, repeat: true }),
            Err(why) => Err(why),
        }
    }

    /// Nobody asked and nobody hears: that there is nothing to do is fine. True if there was.
    pub(super) fn by_itself(&mut self, command: Command, now: Timestamp) -> bool {
        self.enact(&Asked::plain(command), now).is_ok_and(|answer| answer.seq.is_some())
    }

    fn enact(&mut self, asked: &Asked, now: Timestamp) -> Result<Answer, Rejection> {
        let events = decide(&self.known(), asked, now)?;
        let mut answer = Answer::default();
        for event in events {
            let stamped = self.stamp(event, asked, now);
            self.apply(&stamped, now);
            answer.absorb(&stamped);
            self.open.push(self.state.district, stamped);
        }
        Ok(answer)
    }

    fn stamp(&self, event: Event, asked: &Asked, now: Timestamp) -> Stamped {
        let by = asked.by.as_ref().map(|by| by.account.clone());
        Stamped { v: EVENT_VERSION, seq: self.state.seq + 1, at: now, by, request: asked.request, event }
    }

    fn apply(&mut self, stamped: &Stamped, now: Timestamp) {
        self.state.apply(stamped);
        check(&self.state, stamped);
        if let Some(responder) = stamped.event.responder() {
            self.hints.refresh(responder, &self.state, &self.facts, now);
        }
        self.places.follow(stamped, &self.state, &mut self.hints);
    }

    /// Decides whatever is due, as far as the batch has room.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.is_paused(now) && self.open.is_empty() {
            return;
        }
        self.renew_if_owed(now);
        self.reconcile_consoles(now);
        while self.open.room() > 0 {
            if self.state.next_deadline().is_some_and(|at| at <= now) {
                self.tick(now);
            } else if !self.ask_again(now) {
                return;
            }
        }
    }

    fn tick(&mut self, now: Timestamp) {
        let before = self.state.seq;
        self.by_itself(Command::Tick, now);
        if self.state.seq == before {
            let (incident, at, due) = self.state.first_due().expect("a deadline belongs to an incident");
            panic!("{:?} of incident {} is due since {at} and nothing comes of it", due, incident.id);
        }
    }

    /// Somebody became free or reachable: is somebody waiting for that? True if anything came of it.
    fn ask_again(&mut self, now: Timestamp) -> bool {
        let supply = self.state.capacity + self.arrivals;
        if supply == self.asked_for {
            return false;
        }
        self.asked_for = supply;
        self.state.is_starved() && self.by_itself(Command::AskAgain, now)
    }

    /// After a failed append a lease may say something else than the consoles that are open.
    fn reconcile_consoles(&mut self, now: Timestamp) {
        if !std::mem::take(&mut self.consoles_unsure) {
            return;
        }
        let claims = self.state.open_incidents().filter_map(|it| it.claim.as_ref());
        let mut unsure: Vec<(AccountName, bool)> = claims
            .map(|it| (it.owner.clone(), matches!(it.lease, Lease::WhileConnected)))
            .filter(|(owner, connected)| self.hints.has_console(owner) != *connected)
            .collect();
        unsure.sort_unstable();
        unsure.dedup();
        for (account, connected) in unsure {
            let command =
                if connected { Command::ConsoleLost { account } } else { Command::ConsoleConnected { account } };
            self.by_itself(command, now);
        }
    }

    /// Whoever was asked before the stop could not answer meanwhile.
    pub(super) fn renew_windows(&mut self, now: Timestamp) {
        if self.has_windows() && self.by_itself(Command::RenewWindows, now) {
            self.renewed = self.state.seq;
        }
    }

    /// The append that was to renew them failed.
    fn renew_if_owed(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.renewal_owed) {
            self.renew_windows(now);
        }
    }

    /// What the last run left that a person or a device has to be given time for.
    pub(super) fn has_windows(&self) -> bool {
        let mut open = self.state.open_incidents();
        self.state.pending_offers().next().is_some()
            || open.any(|it| it.claim.is_some())
            || self.state.silent().next().is_some()
    }

    fn note_heard(&self, command: &Command, now: Timestamp) {
        if let Command::ReceiveSignals(it) = command
            && let DeviceRef::Known(device) = &it.source
        {
            self.heard.note(device, now);
        }
    }
}

/// In tests and simulations every event is held against what always holds.
fn check(state: &State, event: &Stamped) {
    if cfg!(debug_assertions)
        && let Err(broken) = invariant::check(state, event)
    {
        panic!("{broken}");
    }
}
