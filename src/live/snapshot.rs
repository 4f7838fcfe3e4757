//! Snapshots: the open incidents and the responders of a district at a seq. A thousand consoles that come back at once
//! share one: it may be older than now, as long as the events since then are at hand.

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::channel::Channel;
use super::context::LiveContext;
use super::line::{Sight, lookup};
use super::past::{PastError, Values};
use super::wire::{Eye, IncidentShown, Lookup, ResponderShown};
use crate::dispatch::state::{Incident, State};
use crate::domain::Seq;
use crate::domain::private::PrivateId;
use crate::engine::Handle;

/// A kept snapshot may be this much older than the head: as much as one frame tells. A console that could not keep up
/// would else be sent again all that it could not take.
const STALE_MAX_EVENTS: Seq = 500;

/// The last snapshot of each sight. Whoever makes one makes the others wait for it.
#[derive(Debug, Default)]
pub struct SnapshotCache {
    open: Mutex<Option<Snapshot>>,
    shut: Mutex<Option<Snapshot>>,
}

#[derive(Debug, Clone)]
pub struct Snapshot {
    pub seq: Seq,
    pub text: Utf8Bytes,
}

/// The snapshot for a console that joins now.
pub async fn snapshot(
    context: &LiveContext,
    handle: &Handle,
    channel: &Channel,
    sight: Sight,
) -> Result<Snapshot, PastError> {
    let mut kept = match sight {
        Sight::Open => channel.snapshots.open.lock().await,
        Sight::Shut => channel.snapshots.shut.lock().await,
    };
    let head = handle.read(|state| state.seq);
    let fresh = |it: &&Snapshot| channel.covers(it.seq) && head.saturating_sub(it.seq) <= STALE_MAX_EVENTS;
    if let Some(kept) = kept.as_ref().filter(fresh) {
        return Ok(kept.clone());
    }
    let made = make(context, handle, channel, sight).await?;
    *kept = Some(made.clone());
    Ok(made)
}

async fn make(context: &LiveContext, handle: &Handle, channel: &Channel, sight: Sight) -> Result<Snapshot, PastError> {
    let facts = (context.facts)();
    let (fixes, now) = (channel.all_positions(), handle.now());
    let nothing = |_: PrivateId| None;
    let eye_for = |private| eye(&facts, private, now, sight);
    let (seq, incidents, responders) = handle.read(|state: &State| {
        let eye = eye_for(&nothing);
        let ours = facts.responders().filter(|it| it.district == channel.district);
        let responders: Vec<Value> =
            ours.map(|it| json!(ResponderShown::of(it, state, fixes.get(&it.id), &eye))).collect();
        (state.seq, state.open_incidents().cloned().collect::<Vec<Incident>>(), responders)
    });
    let values = places_of(context, &incidents, sight).await?;
    let private = lookup(&values);
    let eye = eye_for(&private);
    let incidents: Vec<IncidentShown<'_>> = incidents.iter().map(|it| IncidentShown::of(it, &eye)).collect();
    let generation = context.past.generation();
    let shown = json!({"seq": seq, "generation": generation, "incidents": incidents, "responders": responders});
    let text = json!({"district": channel.district, "snapshot": shown}).to_string();
    Ok(Snapshot { seq, text: text.into() })
}

fn eye<'a>(
    facts: &'a crate::dispatch::Facts,
    private: &'a Lookup<'a>,
    now: crate::domain::Timestamp,
    sight: Sight,
) -> Eye<'a> {
    match sight {
        Sight::Open => Eye::open(facts, private, now),
        Sight::Shut => Eye::shut(facts, now),
    }
}

async fn places_of(context: &LiveContext, incidents: &[Incident], sight: Sight) -> Result<Values, PastError> {
    let exact = |it: &Incident| it.place.as_ref().and_then(|place| place.private).map(|private| private.id);
    match sight {
        Sight::Open => context.past.values(incidents.iter().filter_map(exact).collect()).await,
        Sight::Shut => Ok(Values::new()),
    }
}
