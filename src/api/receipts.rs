//! What the message gateway tells later: delivered, failed, or answered.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;

use super::acts::Done;
use super::auth::Caller;
use super::input::Body;
use super::problem::Problem;
use super::service::Api;
use crate::dispatch::Rejection;
use crate::dispatch::{Asked, Command};
use crate::domain::{Channel, OfferId, ResponderId, Role, TryOutcome};
use crate::engine::{AskError, Lane};
use crate::notify::{Receipt, ReceiptState};

/// What became of a message. The same receipt again changes nothing.
#[utoipa::path(post, path = "/api/v1/gateway/receipts", tag = "gateway", request_body = Receipt,
    responses((status = 200, body = Done), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn receipt(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(receipt): Body<Receipt>,
) -> Result<Reply<Done>, Problem> {
    caller.need(&[Role::Gateway])?;
    let (offer, channel) = offer(&receipt.id)?;
    let handle = api.reach(&caller, offer.district)?;
    let responder = handle.read(|state| state.offer(offer).map(|(_, it)| it.responder.clone()));
    let responder = responder.ok_or_else(unknown)?;
    let command = command(&receipt, offer, channel, responder)?;
    let request =
        api.request(&caller, Some(format!("receipt {} {:?} {:?}", receipt.id, receipt.state, receipt.answer)));
    let asked = Asked { command, by: Some(caller.by()), request };
    match handle.ask(Lane::People, asked, Vec::new()).await {
        Ok(reply) => Ok(Reply(Done { seq: reply.answer.seq })),
        Err(AskError::Refused(Rejection::NothingToDo)) => Ok(Reply(Done { seq: None })),
        Err(why) => Err(why.into()),
    }
}

fn command(receipt: &Receipt, offer: OfferId, channel: Channel, responder: ResponderId) -> Result<Command, Problem> {
    match (receipt.state, receipt.answer.as_deref().map(str::trim)) {
        (ReceiptState::Delivered, _) => Ok(Command::ConfirmShown { offer, responder, channel }),
        (ReceiptState::Failed, _) => Ok(Command::NoteTry { offer, channel, outcome: TryOutcome::Failed }),
        (ReceiptState::Answered, Some("1")) => Ok(Command::AcceptOffer { offer, responder }),
        (ReceiptState::Answered, Some("2")) => Ok(Command::DeclineOffer { offer, responder, reason: None }),
        (ReceiptState::Answered, _) => Err(Problem::invalid("answer", "expected 1 (yes) or 2 (no)")),
    }
}

/// Messages are named OFFER:CHANNEL:KIND.
fn offer(id: &str) -> Result<(OfferId, Channel), Problem> {
    let mut parts = id.split(':');
    let (offer, channel) = (parts.next().unwrap_or_default().parse().ok(), parts.next());
    let channel = [Channel::Sms, Channel::Voice].into_iter().find(|it| Some(it.as_str()) == channel);
    offer.zip(channel).ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::not_found("no_such_message", "no message of this id was sent")
}
