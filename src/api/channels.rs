//! How a responder can be reached besides the link: set up, tested, and confirmed by what arrived.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::input::Body;
use super::problem::Problem;
use super::service::Api;
use crate::domain::{Channel, ResponderId, Role, Timestamp, TryOutcome};
use crate::notify::Browser;
use crate::registry::{ChannelRow, Target};

#[derive(Serialize, ToSchema)]
pub struct PushKey {
    /// What a browser subscribes with: P-256, uncompressed, base64url.
    public_key: String,
}

/// The key of our pushes.
#[utoipa::path(get, path = "/api/v1/push/key", tag = "responders", responses((status = 200, body = PushKey), (status = 404)))]
pub async fn push_key(State(api): State<Arc<Api>>, caller: Caller) -> Result<Reply<PushKey>, Problem> {
    caller.need(&[Role::Responder])?;
    let key = api.carriers.pusher.as_ref().map(crate::notify::Pusher::public_key);
    let public_key = key.ok_or_else(|| Problem::not_found("push_off", "push.contact is empty: there is no push"))?;
    Ok(Reply(PushKey { public_key }))
}

/// What `PushSubscription.toJSON()` gives.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Subscription {
    endpoint: String,
    keys: SubscriptionKeys,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub struct SubscriptionKeys {
    p256dh: String,
    auth: String,
}

#[derive(Serialize, ToSchema)]
pub struct Tested {
    /// `sent`, `no_answer`, `refused`, `gone` or `failed`.
    outcome: TryOutcome,
}

/// A browser asks to be told. It is sent a test at once, and counts when the test was confirmed.
#[utoipa::path(post, path = "/api/v1/push/subscriptions", tag = "responders", request_body = Subscription,
    responses((status = 200, body = Tested), (status = 403), (status = 422)))]
pub async fn subscribe(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(subscription): Body<Subscription>,
) -> Result<Reply<Tested>, Problem> {
    let responder = responder(&caller)?;
    let text = serde_json::to_string(&subscription).expect("texts are JSON");
    Browser::read(&text, &api.carriers.services).map_err(|bad| Problem::invalid(bad.field, bad.to_string()))?;
    begin(&api, responder, Channel::Push, Target::Browser(text)).await
}

#[derive(Serialize, ToSchema)]
pub struct Channels {
    channels: Vec<ChannelState>,
}

#[derive(Serialize, ToSchema)]
pub struct ChannelState {
    /// `link`, `push`, `sms` or `voice`.
    channel: Channel,
    /// Whether the service can use it at all.
    available: bool,
    confirmed: bool,
    #[schema(value_type = Option<String>, required)]
    last_ok: Option<Timestamp>,
    /// What the last try came to, where it failed.
    #[schema(required)]
    last_error: Option<TryOutcome>,
}

/// On which channels the caller can be reached.
#[utoipa::path(get, path = "/api/v1/channels", tag = "responders", responses((status = 200, body = Channels), (status = 403)))]
pub async fn list(State(api): State<Arc<Api>>, caller: Caller) -> Result<Reply<Channels>, Problem> {
    let responder = responder(&caller)?;
    let rows = api.stores.registry(|it| it.channels()).await?;
    let ours: Vec<ChannelRow> = rows.into_iter().filter(|it| it.responder == responder).collect();
    let channels = Channel::ALL.into_iter().map(|channel| state(&api, channel, &ours)).collect();
    Ok(Reply(Channels { channels }))
}

/// Of several browsers the best.
fn state(api: &Api, channel: Channel, rows: &[ChannelRow]) -> ChannelState {
    let of_it = || rows.iter().filter(|it| it.channel == channel);
    ChannelState {
        channel,
        available: api.carriers.carry(channel),
        confirmed: channel.is_link() || of_it().any(|it| it.confirmed_at.is_some()),
        last_ok: of_it().filter_map(|it| it.last_ok_at).max(),
        last_error: of_it().find_map(|it| it.last_fault),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestOf {
    /// `push`, `sms` or `voice`.
    channel: Channel,
}

/// Send a test: a push to every browser of the caller, or a code to the telephone.
#[utoipa::path(post, path = "/api/v1/channels/test", tag = "responders", request_body = TestOf,
    responses((status = 200, body = Tested), (status = 403), (status = 409), (status = 422)))]
pub async fn test(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(TestOf { channel }): Body<TestOf>,
) -> Result<Reply<Tested>, Problem> {
    let responder = responder(&caller)?;
    if channel.is_link() || !api.carriers.carry(channel) {
        let detail = format!("{} is no channel that can be tested here", channel.as_str());
        return Err(Problem::invalid("channel", detail));
    }
    let rows = api.stores.registry(|it| it.channels()).await?;
    let target = match channel {
        Channel::Sms | Channel::Voice => Some(Target::Phone),
        Channel::Push | Channel::Link => {
            let of_it = rows.into_iter().filter(|it| it.responder == responder && it.channel == channel);
            of_it.max_by_key(|it| it.last_ok_at).map(|it| it.target)
        }
    };
    let target = target.ok_or_else(|| Problem::conflict("no_subscription", "no browser has subscribed yet"))?;
    begin(&api, responder, channel, target).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrived {
    /// What the test said.
    token: String,
}

#[derive(Serialize, ToSchema)]
pub struct Confirmed {
    channel: Channel,
}

/// The test arrived: from now on the channel counts.
#[utoipa::path(post, path = "/api/v1/channels/confirm", tag = "responders", request_body = Arrived,
    responses((status = 200, body = Confirmed), (status = 403), (status = 409)))]
pub async fn confirm(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(Arrived { token }): Body<Arrived>,
) -> Result<Reply<Confirmed>, Problem> {
    let (responder, now) = (responder(&caller)?, api.clock.wall());
    let confirmed = api.stores.change(move |it| it.confirm_channel(&responder, token.trim(), now)).await?;
    let channel = confirmed.ok_or_else(|| Problem::conflict("no_such_test", "no test with this code is on its way"))?;
    api.learn_channels().await?;
    Ok(Reply(Confirmed { channel }))
}

async fn begin(api: &Api, responder: ResponderId, channel: Channel, target: Target) -> Result<Reply<Tested>, Problem> {
    let (answer, now) = (answer(channel), api.clock.wall());
    let (who, end, kept) = (responder.clone(), target.clone(), answer.clone());
    api.stores.change(move |it| it.begin_channel_test(&who, channel, &end, &kept, now)).await?;
    let outcome = api.outbox.test(&responder, channel, &target, &answer, now).await;
    Ok(Reply(Tested { outcome }))
}

/// What comes back from a push by itself may be long; what a person types is six digits.
fn answer(channel: Channel) -> String {
    let mut rng = rand::rng();
    match channel {
        Channel::Push | Channel::Link => format!("{:032x}", rng.random::<u128>()),
        Channel::Sms | Channel::Voice => format!("{:06}", rng.random_range(0..1_000_000)),
    }
}

fn responder(caller: &Caller) -> Result<ResponderId, Problem> {
    caller.need(&[Role::Responder])?;
    let nobody = || Problem::not_found("no_such_responder", "the account belongs to no responder");
    caller.account.responder.clone().ok_or_else(nobody)
}
