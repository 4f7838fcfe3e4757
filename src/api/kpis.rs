//! The figures of today for the wall and the board: what is open now from the committed state, what was kept today from
//! the history.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::coverage;
use super::input::Params;
use super::problem::Problem;
use super::responders::OfDistrict;
use super::service::Api;
use crate::dispatch::State as DistrictState;
use crate::domain::{Role, Timestamp};
use crate::history::{Doors, Tally};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

#[derive(Serialize, ToSchema)]
pub struct Kpis {
    #[schema(value_type = String)]
    at: Timestamp,
    /// Open incidents by urgency, `1` to `5`.
    open: BTreeMap<String, u64>,
    /// Open and nobody's.
    unowned: u64,
    /// Since when the oldest waits that nobody has claimed or answered.
    #[schema(required)]
    oldest_unanswered_s: Option<u64>,
    door: DoorKpis,
    calls: CallKpis,
    responders: ResponderKpis,
    /// Cells in which nobody free could keep the promise.
    uncovered_cells: u64,
}

/// Promises at the door that were kept or broken today.
#[derive(Serialize, ToSchema)]
pub struct DoorKpis {
    urban: DoorKpi,
    rural: DoorKpi,
}

#[derive(Default, Serialize, ToSchema)]
pub struct DoorKpi {
    n: u64,
    met: u64,
}

#[derive(Serialize, ToSchema)]
pub struct CallKpis {
    /// Calls that rang today and were answered or given up.
    n: u64,
    answered_in_time: u64,
    target_s: u64,
}

#[derive(Default, Serialize, ToSchema)]
pub struct ResponderKpis {
    on_duty: u64,
    /// On duty, and neither asked nor under way.
    free: u64,
}

/// How the day goes. A day begins at local midnight (`console.utc_offset_min`).
#[utoipa::path(get, path = "/api/v1/kpis", tag = "operations", params(OfDistrict),
    responses((status = 200, body = Kpis), (status = 403), (status = 404)))]
pub async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<OfDistrict>,
) -> Result<Reply<Kpis>, Problem> {
    caller.need(&[Role::Operator, Role::Supervisor, Role::Ops])?;
    let answer_s = api.config.policy.sla.answer_s;
    let since = midnight(api.clock.wall(), api.config.console.utc_offset_min);
    let mut kpis = Kpis::empty(api.clock.wall(), answer_s);
    for handle in api.reached(&caller, query.district)? {
        handle.read(|state| kpis.add_state(state, handle.now()));
        kpis.add_tally(api.history.tally(handle.district(), since, answer_s));
        kpis.uncovered_cells += coverage::of_district(&api, &handle).await?.uncovered() as u64;
    }
    Ok(Reply(kpis))
}

/// The last midnight where the clocks are so many minutes ahead of UTC.
fn midnight(now: Timestamp, utc_offset_min: u64) -> Timestamp {
    let ahead_ms = i64::try_from(utc_offset_min).unwrap_or(0) * MINUTE_MS;
    Timestamp::from_ms((now.ms() + ahead_ms).div_euclid(DAY_MS) * DAY_MS - ahead_ms)
}

impl Kpis {
    fn empty(at: Timestamp, target_s: u64) -> Self {
        Self {
            at,
            open: (1..=5).map(|urgency| (urgency.to_string(), 0)).collect(),
            unowned: 0,
            oldest_unanswered_s: None,
            door: DoorKpis { urban: DoorKpi::default(), rural: DoorKpi::default() },
            calls: CallKpis { n: 0, answered_in_time: 0, target_s },
            responders: ResponderKpis::default(),
            uncovered_cells: 0,
        }
    }

    fn add_state(&mut self, state: &DistrictState, now: Timestamp) {
        for it in state.open_incidents() {
            *self.open.entry(u8::from(it.urgency).to_string()).or_default() += 1;
            self.unowned += u64::from(it.owner().is_none());
            if it.answered_at.is_none() {
                self.oldest_unanswered_s = self.oldest_unanswered_s.max(Some(now.since_s(it.round_at)));
            }
        }
        for (_, it) in state.responders().filter(|(_, it)| it.duty) {
            self.responders.on_duty += 1;
            self.responders.free += u64::from(it.is_free());
        }
    }

    fn add_tally(&mut self, tally: Tally) {
        self.door.urban.add(tally.urban);
        self.door.rural.add(tally.rural);
        self.calls.n += tally.calls;
        self.calls.answered_in_time += tally.answered_in_time;
    }
}

impl DoorKpi {
    fn add(&mut self, doors: Doors) {
        self.n += doors.decided;
        self.met += doors.met;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_midnight_of_the_place() {
        let hour_ms = 60 * MINUTE_MS;
        for (now_h, offset_min, expected_h) in [(20, 0, 0), (20, 480, 16), (15, 480, -8), (16, 480, 16), (40, 480, 40)]
        {
            let found = midnight(Timestamp::from_ms(now_h * hour_ms + 7), offset_min);
            assert_eq!(found, Timestamp::from_ms(expected_h * hour_ms), "{now_h} h, {offset_min} min ahead");
        }
    }
}
