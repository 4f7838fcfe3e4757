//! Coverage of districts as the map shows it: computed beside the writer and not on its thread, and kept for a while,
//! since a room full of screens asks the same.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::input::Params;
use super::kept::Kept;
use super::problem::Problem;
use super::responders::OfDistrict;
use super::service::Api;
use crate::domain::{Class, Role, Timestamp};
use crate::engine::Handle;
use crate::geo::coverage::{COVERAGE_RESOLUTION, Cover, Covered, coverage};
use crate::geo::{CellIndex, Spot};

/// How long what was computed is good enough: nobody rides through a cell in that time.
const KEPT_MS: u64 = 5_000;

/// What was computed lately.
pub type Coverages = Kept<Found>;

pub fn kept() -> Coverages {
    Kept::new(KEPT_MS)
}

/// A district's cells at a time.
pub struct Found {
    at: Timestamp,
    cells: Vec<Covered>,
}

impl Found {
    pub fn uncovered(&self) -> usize {
        self.cells.iter().filter(|it| it.cover == Cover::Uncovered).count()
    }
}

#[derive(Serialize, ToSchema)]
pub struct Coverage {
    /// When the oldest part of it was true.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Of H3.
    resolution: u8,
    cells: Vec<CellShown>,
}

#[derive(Serialize, ToSchema)]
pub struct CellShown {
    /// H3, in hexadecimal.
    cell: String,
    /// `urban` or `rural`: the shorter promise where homes of both are in it.
    class: Class,
    promise_s: u64,
    /// null where nobody is free.
    #[schema(required)]
    first_s: Option<u64>,
    state: CoverShown,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Cover)]
enum CoverShown {
    Covered,
    /// Over two thirds of the promise.
    Tight,
    Uncovered,
}

/// In how many seconds the first free responder could be in each cell that has homes.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "responders", params(OfDistrict),
    responses((status = 200, body = Coverage), (status = 403), (status = 404)))]
pub async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<OfDistrict>,
) -> Result<Reply<Coverage>, Problem> {
    caller.need(&[Role::Operator, Role::Supervisor, Role::Ops])?;
    let (mut at, mut cells) = (None, Vec::new());
    for handle in api.reached(&caller, query.district)? {
        let found = of_district(&api, &handle).await?;
        at = Some(at.map_or(found.at, |at: Timestamp| at.min(found.at)));
        cells.extend(found.cells.iter().map(cell));
    }
    Ok(Reply(Coverage { at: at.unwrap_or_else(|| api.clock.wall()), resolution: COVERAGE_RESOLUTION, cells }))
}

fn cell(it: &Covered) -> CellShown {
    let state = match it.cover {
        Cover::Covered => CoverShown::Covered,
        Cover::Tight => CoverShown::Tight,
        Cover::Uncovered => CoverShown::Uncovered,
    };
    CellShown { cell: it.cell.to_string(), class: it.class, promise_s: it.promise_s, first_s: it.first_s, state }
}

/// The district's cells, at most some seconds old.
pub async fn of_district(api: &Api, handle: &Handle) -> Result<Arc<Found>, Problem> {
    let now = (api.clock.now_monotonic_ms(), api.facts.get().version);
    api.coverages.or_computed(handle.district(), now, computed(api, handle)).await
}

async fn computed(api: &Api, handle: &Handle) -> Result<Found, Problem> {
    let free: Vec<Spot> = handle.available().await?.into_iter().map(|(_, spot)| spot).collect();
    let (at, district) = (handle.now(), handle.district());
    let (facts, targets) = (api.facts.get(), api.config.policy.sla);
    let computing = tokio::task::spawn_blocking(move || {
        let mut index = CellIndex::new();
        for (number, spot) in free.into_iter().enumerate() {
            index.put(number, spot);
        }
        let cells = facts.cells(district).map(|it| coverage(it, &index, |class| targets.door_s(class)));
        cells.unwrap_or_default()
    });
    let ended = |_| Problem::unavailable("the coverage has not been computed, ask again");
    Ok(Found { at, cells: computing.await.map_err(ended)? })
}
