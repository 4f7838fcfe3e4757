//! Where to wait: cells at which some of those who are idle would be missed more than where they are. A proposal for the
//! operator, computed beside the writer; nobody is sent by it.

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
use crate::domain::{ResponderId, Role, Timestamp};
use crate::engine::Handle;
use crate::geo::coverage::COVERAGE_RESOLUTION;
use crate::geo::{Ground, Proposal, Spot, eta_s};

/// How long a proposal is good enough: an operator reads it, thinks, and rings somebody up.
const KEPT_MS: u64 = 30_000;

/// Proposals for a district at most: more is a rearrangement of everybody, which nobody carries out.
const PROPOSALS_MOST: usize = 10;

/// What was proposed lately.
pub type Standbys = Kept<Found>;

/// A district's proposals at a time.
pub struct Found {
    at: Timestamp,
    proposals: Vec<ProposalShown>,
}

pub fn kept() -> Standbys {
    Kept::new(KEPT_MS)
}

#[derive(Serialize, ToSchema)]
pub struct Standby {
    /// When the oldest part of it was true.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Of H3.
    resolution: u8,
    proposals: Vec<ProposalShown>,
}

#[derive(Clone, Serialize, ToSchema)]
pub struct ProposalShown {
    #[schema(value_type = String)]
    responder: ResponderId,
    /// The middle of the cell.
    lat: f64,
    lon: f64,
    /// H3, in hexadecimal.
    cell: String,
    /// Homes that are expected to be covered more; those before it in the list having moved.
    gain_homes: f64,
    /// How long they need to be there.
    eta_s: u64,
}

/// Where idle responders would cover more homes than where they are, the greatest gain first.
#[utoipa::path(get, path = "/api/v1/standby", tag = "responders", params(OfDistrict),
    responses((status = 200, body = Standby), (status = 403), (status = 404)))]
pub async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Params(query): Params<OfDistrict>,
) -> Result<Reply<Standby>, Problem> {
    caller.need(&[Role::Operator, Role::Supervisor, Role::Ops])?;
    let (mut at, mut proposals) = (None, Vec::new());
    for handle in api.reached(&caller, query.district)? {
        let now = (api.clock.now_monotonic_ms(), api.facts.get().version);
        let found = api.standbys.or_computed(handle.district(), now, computed(&api, &handle)).await?;
        at = Some(at.map_or(found.at, |at: Timestamp| at.min(found.at)));
        proposals.extend(found.proposals.iter().cloned());
    }
    Ok(Reply(Standby { at: at.unwrap_or_else(|| api.clock.wall()), resolution: COVERAGE_RESOLUTION, proposals }))
}

async fn computed(api: &Api, handle: &Handle) -> Result<Found, Problem> {
    let idle: Vec<(ResponderId, Spot)> = handle.available().await?;
    let (at, district) = (handle.now(), handle.district());
    let (facts, targets) = (api.facts.get(), api.config.policy.sla);
    let computing = tokio::task::spawn_blocking(move || {
        let Some(cells) = facts.cells(district) else { return Vec::new() };
        let spots: Vec<Spot> = idle.iter().map(|(_, spot)| *spot).collect();
        let proposed = Ground::new(cells, |class| targets.door_s(class)).proposals(&spots, PROPOSALS_MOST);
        proposed.iter().map(|it| shown(it, &idle[it.who])).collect()
    });
    let ended = |_| Problem::unavailable("the proposals have not been computed, ask again");
    Ok(Found { at, proposals: computing.await.map_err(ended)? })
}

fn shown(it: &Proposal, (responder, spot): &(ResponderId, Spot)) -> ProposalShown {
    let middle = it.cell.middle();
    ProposalShown {
        responder: responder.clone(),
        lat: middle.lat(),
        lon: middle.lon(),
        cell: it.cell.to_string(),
        gain_homes: (it.gain_milli_homes / 100) as f64 / 10.0,
        eta_s: eta_s(spot.point, middle, spot.travel),
    }
}
