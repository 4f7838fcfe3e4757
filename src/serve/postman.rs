//! Letters between districts, carried by every process that takes all districts' commands. A letter is part of the record of
//! who wrote it until who it is for has it on theirs: one that is carried twice, or by two, changes nothing the second time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::api::Api;
use crate::dispatch::command::GivenPlace;
use crate::dispatch::{Asked, Command, Letter, LetterBody, State};
use crate::domain::{AidId, DistrictCode, Fix, Seq};
use crate::engine::{AskError, Handle, Lane, exact_place};

/// How often it is looked for letters: nothing beside the minutes that somebody travels.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// By whom, about what, and how new.
type Name = (DistrictCode, AidId, Seq);

/// Those that are being carried.
type UnderWay = Arc<Mutex<BTreeSet<Name>>>;

pub(super) async fn carry(api: Arc<Api>, stop: CancellationToken) {
    let (mut every, tasks, under_way) = (interval(LOOK_EVERY), TaskTracker::new(), UnderWay::default());
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {}
        }
        let handles = api.handles.get();
        for from in handles.values() {
            for letter in from.read(State::letters) {
                let name = (from.district(), letter.aid, letter.seq);
                let Some(to) = handles.get(&letter.to) else { continue };
                if under_way.lock().expect("nobody panics holding it").insert(name) {
                    let (api, from, to, under_way) = (api.clone(), from.clone(), to.clone(), under_way.clone());
                    tasks.spawn(async move {
                        deliver(&api, &from, &to, letter).await;
                        under_way.lock().expect("nobody panics holding it").remove(&name);
                    });
                }
            }
        }
    }
}

/// What does not get through is found again at the next look.
async fn deliver(api: &Api, from: &Handle, to: &Handle, letter: Letter) {
    let (aid, told) = (letter.aid, letter.seq);
    let place = match exact(api, &letter).await {
        Ok(place) => place,
        Err(error) => return warn!(%aid, "A letter waits, since its place cannot be read: {error}"),
    };
    let asked = Asked::plain(Command::TakeLetter { letter: Box::new(letter), place });
    match to.ask(Lane::Alarms, asked, Vec::new()).await {
        // What changes nothing there is known there.
        Ok(_) | Err(AskError::Refused(_)) => {}
        Err(error) => return warn!(%aid, "A letter to district {} waits: {error}", to.district()),
    }
    let noted = from.ask(Lane::Alarms, Asked::plain(Command::NoteLetterTaken { aid, told }), Vec::new()).await;
    if let Err(error @ (AskError::NoRoom { .. } | AskError::Unavailable { .. })) = noted {
        warn!(%aid, "That a letter was taken is not noted yet: {error}");
    }
}

/// Where it is, if not at home. A place that was erased is none.
async fn exact(api: &Api, letter: &Letter) -> Result<Option<GivenPlace>, crate::api::stores::StoreError> {
    let LetterBody::Wanted(wanted) = &letter.body else { return Ok(None) };
    let Some((place, private)) = wanted.place.as_ref().and_then(|it| Some((it, it.private?))) else { return Ok(None) };
    let values = api.stores.values(vec![private.id]).await?;
    let point = values.get(&private.id).and_then(|it| exact_place(it));
    Ok(point.map(|point| GivenPlace { fix: Fix { point, accuracy_m: 0, at: place.at }, private }))
}
