//! Decisions: what a command does to a district, as events; or why it does nothing. One file a decision.

mod aid;
mod alarm;
mod assignment;
mod call;
mod claim;
mod close;
mod correct;
mod due;
mod escalate;
mod offer;
mod open;
mod responder;
mod supervise;
mod turn;

use crate::domain::{IncidentId, Timestamp};

use super::state::Incident;
use super::{Asked, By, Command, Event, Facts, Hints, Policy, Rejection, State};

/// Everything a decision may look at, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub state: &'a State,
    pub facts: &'a Facts,
    pub hints: &'a Hints,
    pub policy: &'a Policy,
}

/// The events that `asked` causes at `now`, in order; or the reason why there are none.
pub fn decide(known: &Known<'_>, asked: &Asked, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let by = asked.by.as_ref();
    match &asked.command {
        Command::ReceiveSignals(it) => alarm::receive(known, it, now),
        Command::ReportCall(it) => call::report(known, it, now),
        Command::ReturnCall { call, note } => call::returned(known, call, *note),
        Command::OpenByHand(it) => open::by_hand(known, it, by, now),
        Command::Claim { incident } => claim::claim(known, *incident, by, now),
        Command::Release { incident } => claim::release(known, *incident, by),
        Command::ReleaseAll { account } => claim::release_all(known, account),
        Command::ConsoleConnected { account } => claim::console_connected(known, account),
        Command::ConsoleLost { account } => claim::console_lost(known, account, now),
        Command::Correct { incident, to } => correct::correct(known, *incident, to, now),
        Command::Merge { incident, into } => correct::merge(known, *incident, *into, by, now),
        Command::Detach { incident, source, kind } => correct::detach(known, *incident, source, *kind, by, now),
        Command::MakeOffer { incident, responder, parallel } => {
            offer::make(known, *incident, responder.as_ref(), *parallel, by, now)
        }
        Command::WithdrawOffer { incident, offer } => offer::withdraw(known, *incident, *offer, by, now),
        Command::Escalate { incident, rung } => escalate::by_hand(known, *incident, rung.as_deref(), by, now),
        Command::ConfirmTask { incident, task, note } => escalate::confirm(known, *incident, *task, *note),
        Command::TakeLetter { letter, .. } => aid::take(known, letter, now),
        Command::NoteLetterTaken { aid, told } => aid::taken(known, *aid, *told),
        Command::AddNote { incident, note } => close::note(known, *incident, *note),
        Command::Close { incident, disposition, note, force } => close::close(
            known,
            *incident,
            close::Closing { disposition: *disposition, note: *note, force: *force },
            by,
            now,
        ),
        Command::Reopen { incident, reason } => close::reopen(known, *incident, *reason, now),
        Command::ConfirmShown { offer, responder, channel } => assignment::shown(known, *offer, responder, *channel),
        Command::NoteTry { offer, channel, outcome } => assignment::tried(known, *offer, *channel, *outcome),
        Command::AcceptOffer { offer, responder } => assignment::accept(known, *offer, responder, now),
        Command::DeclineOffer { offer, responder, reason } => {
            assignment::decline(known, *offer, responder, *reason, now)
        }
        Command::ReportProgress { incident, responder, progress, at, via, scanned } => {
            let said = assignment::Said { progress: *progress, at: *at, via: *via, scanned: *scanned };
            assignment::progress(known, *incident, responder, said, now)
        }
        Command::SetDuty { responder, on, via } => responder::set_duty(known, responder, *on, *via),
        Command::PredictArrival { incident, responder, eta_s, way } => {
            assignment::predict(known, *incident, responder, (*eta_s, *way), now)
        }
        Command::AskAgain => offer::ask_again(known, now),
        Command::ReportSilence { devices } => supervise::silence(known, devices, now),
        Command::ReportHeard { devices } => supervise::heard(known, devices),
        Command::Tick => due::tick(known, now),
        Command::RenewWindows => due::renew(known, now),
    }
}

impl<'a> Known<'a> {
    fn incident(&self, id: IncidentId) -> Result<&'a Incident, Rejection> {
        self.state.incident(id).ok_or(Rejection::NoSuchIncident(id))
    }

    fn open_incident(&self, id: IncidentId) -> Result<&'a Incident, Rejection> {
        let incident = self.incident(id)?;
        if incident.is_open() { Ok(incident) } else { Err(Rejection::IncidentClosed { incident: id }) }
    }
}

/// A person must stand behind this command.
fn person(by: Option<&By>) -> &By {
    by.expect("a command of a person names the account it comes from")
}
